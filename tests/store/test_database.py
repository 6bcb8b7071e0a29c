"""Opening, checking and migrating a database, and sessions that join one another."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from assistant.store import Base, Conversation, Customer, Database, DatabaseNotReady, migrate


def ids(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.scalars(select(Conversation.id)))


def test_migrated_schema_is_the_one_the_models_describe(database: Database) -> None:
    options = {"include_name": migrate.described_by_models, "compare_type": True}
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_downgrade_leaves_nothing_behind_and_upgrade_brings_all_back(own_database: Database) -> None:
    with own_database.engine.begin() as connection:
        command.downgrade(migrate.config(connection), "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    with pytest.raises(DatabaseNotReady, match=r"no tables yet. Run `aisle up`"):
        own_database.check()
    own_database.upgrade()
    own_database.check()


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    with database.session() as session:
        session.add(Conversation(id="mia"))
    database.upgrade()
    assert ids(database) == ["mia"]


def test_a_missing_file_is_named_with_the_command_that_makes_it_and_is_not_created(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/deep/shop.db")
    with pytest.raises(DatabaseNotReady, match=r"There is no database sqlite:///.*shop\.db yet\. Run `aisle up`"):
        database.check()
    assert list(tmp_path.iterdir()) == []
    database.upgrade()
    database.check()
    database.close()


def test_a_database_without_tables_is_not_ready(new_database_url: Callable[..., str]) -> None:
    database = Database(new_database_url("postgresql"))
    with pytest.raises(DatabaseNotReady, match=r"has no tables yet\. Run `aisle up`"):
        database.check()
    database.close()


def test_a_database_of_a_newer_version_is_refused(own_database: Database) -> None:
    with own_database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for ask in (own_database.check, own_database.upgrade):
        with pytest.raises(DatabaseNotReady, match="version 9999, which this version of Aisle does not know"):
            ask()


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_text("Dear diary, " * 1000)
    database = Database(f"sqlite:///{tmp_path}/shop.db")
    with pytest.raises(DatabaseNotReady, match=r"Cannot open the database .*: file is not a database"):
        database.check()
    database.close()


def test_a_server_that_does_not_answer_is_refused_without_showing_the_password() -> None:
    database = Database("postgresql://aisle:hunter2@127.0.0.1:9/aisle")
    with pytest.raises(
        DatabaseNotReady, match=r"Cannot open the database postgresql\+psycopg://aisle:\*\*\*@"
    ) as refusal:
        database.check()
    assert "hunter2" not in str(refusal.value)
    database.close()


@pytest.mark.parametrize("url", ["shop.db", "mysql://root@localhost/shop", ""])
def test_a_url_of_another_kind_is_refused_with_examples(url: str) -> None:
    with pytest.raises(DatabaseNotReady, match="Write it like sqlite:///"):
        Database(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_uses_psycopg_3(scheme: str) -> None:
    assert Database(f"{scheme}://aisle:pw@host/aisle").safe_url == "postgresql+psycopg://aisle:***@host/aisle"


def test_an_inner_session_is_the_outer_one_and_commits_with_it(database: Database) -> None:
    with database.session() as outer:
        with database.session() as inner:
            assert inner is outer
            inner.add(Conversation(id="mia"))
        assert outer.in_transaction()
    assert ids(database) == ["mia"]


def test_an_error_after_the_inner_session_rolls_back_both(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.session():
        with database.session() as inner:
            inner.add(Conversation(id="mia"))
        raise ZeroDivisionError
    assert ids(database) == []


def test_code_under_asyncio_run_joins_the_session_of_its_caller(database: Database) -> None:
    async def action() -> None:
        with database.session() as session:
            session.add(Conversation(id="mia"))

    with pytest.raises(ZeroDivisionError), database.session():
        asyncio.run(action())
        raise ZeroDivisionError
    assert ids(database) == []
    with database.session():
        asyncio.run(action())
    assert ids(database) == ["mia"]


def test_sessions_of_two_databases_do_not_join(database: Database, new_database: Callable[[str], Database]) -> None:
    other = new_database("sqlite")
    with database.session() as session, other.session() as another:
        assert session is not another
        another.add(Conversation(id="mia"))
    assert (ids(database), ids(other)) == ([], ["mia"])


def test_a_context_copied_within_a_session_starts_a_new_one_after_its_end(database: Database) -> None:
    with database.session():
        copied = contextvars.copy_context()

    def later() -> None:
        with database.session() as session:
            session.add(Conversation(id="mia"))

    copied.run(later)
    assert ids(database) == ["mia"]


def test_another_thread_may_not_join(database: Database) -> None:
    refusals: list[str] = []

    def join() -> None:
        try:
            with database.session():
                pass
        except RuntimeError as refusal:
            refusals.append(str(refusal))

    with database.session():
        thread = threading.Thread(target=contextvars.copy_context().run, args=(join,))
        thread.start()
        thread.join()
    assert refusals == ["A database session cannot be joined from another thread; open one there of its own."]


def test_reading_sees_what_the_session_around_it_wrote_and_may_not_write(database: Database) -> None:
    with database.session() as session:
        session.add(Conversation(id="mia"))
        session.flush()
        assert ids(database) == ["mia"]
    with database.reading(), pytest.raises(RuntimeError, match="This code writes"), database.session():
        pass


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    seen: list[list[str]] = []
    with database.session() as session:
        session.add(Conversation(id="mia"))
        session.flush()
        reader = threading.Thread(target=lambda: seen.append(ids(database)))
        reader.start()
        reader.join(timeout=5)
    assert seen == [[]]


def test_writers_that_read_first_wait_their_turn_and_lose_no_update(database: Database) -> None:
    with database.session() as session:
        session.add(Conversation(id="mia"))

    def count_up() -> None:
        for _ in range(10):
            with database.session() as session:
                conversation = session.scalars(select(Conversation).with_for_update()).one()
                conversation.event_count += 1

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert session.scalars(select(Conversation.event_count)).one() == 40


def test_many_writers_of_one_process_queue_for_as_long_as_it_takes(
    new_database_url: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite lets a writer wait for its time-out only, and 64 shoppers at once took longer."""
    monkeypatch.setattr("assistant.store.database.BUSY_TIMEOUT_MS", 20)
    crowded = Database(new_database_url("sqlite"))
    crowded.upgrade()
    failures: list[Exception] = []

    def write(number: int) -> None:
        try:
            with crowded.session() as session:
                session.add(Customer(id=str(number), email=f"{number}@example.com", first_name="A", last_name="B"))
                session.flush()
                threading.Event().wait(0.02)
        except Exception as error:
            failures.append(error)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with crowded.reading() as session:
        assert (failures, len(session.scalars(select(Customer)).all())) == ([], 12)
    crowded.close()


def test_an_error_of_the_database_tells_no_values(database):
    with pytest.raises(IntegrityError) as error, database.session() as session:
        for _ in range(2):
            session.execute(insert(Customer).values(id="c", email="mia@example.com", first_name="Mia", last_name="L"))
    assert "mia@example.com" not in str(error.value).partition("[SQL:")[2]
