"""A backup taken while shoppers write is whole, and restores into a database of either kind."""

from __future__ import annotations

import hashlib
import itertools
import json
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from people import BOOT, fill
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import IntegrityError

from assistant.conversations import append_turn
from assistant.operations.archive import BadArchive, archived_tables
from assistant.operations.backup import back_up
from assistant.operations.restore import NotEmpty, restore
from assistant.staff.audit import record
from assistant.store import (
    AuditEntry,
    Cart,
    Conversation,
    Database,
    Event,
    OrderItem,
    Product,
    SearchEntry,
    matching,
    migrate,
)
from dialogues.messages import BotMessage

EARLIER = "0005"  # before the desk's tables
NewDatabase = Callable[[str], Database]
OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


def furnish(database: Database) -> None:
    fill(database)
    write_turn(database, "mia", 1)


def write_turn(database: Database, sender: str, number: int) -> None:
    """A turn as the assistant commits one: its events and a change of the shop together."""
    said = {"event": "user", "text": f"Wüstenstiefel, number {number}", "message_id": f"m{number}"}
    reply = BotMessage(f"Reply {number}", "utter_greet").to_event()
    with database.session() as session:
        before = session.get(Conversation, sender)
        append_turn(session, sender, before.event_count if before else 0, number, [said, reply], f"m{number}")
        if number == 1:
            session.add(Cart(conversation_id=sender))
        record(session, None, "test.turn", sender, number=number)


def rows(database: Database) -> dict[str, list[tuple]]:
    with database.reading() as session:
        return {
            table.name: [
                tuple(value.tolist() if isinstance(value, np.ndarray) else value for value in row)
                for row in session.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in archived_tables()
        }


@contextmanager
def shoppers_writing(database: Database, shoppers: int = 3) -> Iterator[list[int]]:
    """Turns that go on while the block runs, and end with it. Hands over how many each has made."""
    over, made = threading.Event(), [0] * shoppers

    def write(place: int) -> None:
        for number in itertools.count(1):
            write_turn(database, f"shopper-{place}", number)
            made[place] = number
            if over.is_set():
                return

    threads = [threading.Thread(target=write, args=(place,)) for place in range(shoppers)]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_a_backup_restores_into_the_other_kind_row_by_row(own_database: Database, new_database, tmp_path: Path) -> None:
    furnish(own_database)
    target = new_database(OTHER[own_database.engine.dialect.name])
    written = back_up(own_database, tmp_path / "shop.zip")
    assert restore(target, tmp_path / "shop.zip") == written
    assert rows(target) == rows(own_database)
    target.check()


def test_what_no_backup_holds_is_made_again_and_new_rows_get_new_numbers(
    own_database: Database, new_database: NewDatabase, tmp_path: Path
) -> None:
    furnish(own_database)
    target = new_database(own_database.engine.dialect.name)
    restore(target, back_up_to(own_database, tmp_path))
    write_turn(target, "mia", 2)
    with target.session() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (SearchEntry, Product)]
        found = session.execute(matching(session, "wustenstiefel", "word")).scalars().all()
        session.add(OrderItem(order_id="#W1000001", variant_id=BOOT, name="x", price_cents=1))
    assert counts == [1, 1]
    assert set(found) == {"mia"}


def back_up_to(database: Database, folder: Path) -> Path:
    back_up(database, folder / "shop.zip")
    return folder / "shop.zip"


def test_a_backup_under_load_has_every_turn_whole(
    own_database: Database, new_database: NewDatabase, tmp_path: Path
) -> None:
    fill(own_database)
    with shoppers_writing(own_database) as made:
        while min(made) < 3:
            threading.Event().wait(0.01)
        before = list(made)
        back_up(own_database, tmp_path / "shop.zip")
        after = [number + 1 for number in made]
    target = new_database("sqlite")
    restore(target, tmp_path / "shop.zip")
    with target.reading() as session:
        lengths = dict(session.execute(select(Conversation.id, Conversation.event_count)).all())
        audited = dict(session.execute(select(AuditEntry.subject, func.count()).group_by(AuditEntry.subject)).all())
        numbers = {
            sender: session.scalars(select(Event.seq).where(Event.conversation_id == sender).order_by(Event.seq)).all()
            for sender in lengths
        }
        carts = set(session.scalars(select(Cart.conversation_id)))
    assert set(lengths) == carts == {f"shopper-{place}" for place in range(3)}
    for place in range(3):
        turns = audited[f"shopper-{place}"]
        assert before[place] <= turns <= after[place]
        assert lengths[f"shopper-{place}"] == 2 * turns
        assert numbers[f"shopper-{place}"] == list(range(2 * turns))


def test_rows_that_are_there_are_not_lost_unless_asked(
    own_database: Database, new_database: NewDatabase, tmp_path: Path
) -> None:
    furnish(own_database)
    archive = back_up_to(own_database, tmp_path)
    write_turn(own_database, "mia", 2)
    write_turn(own_database, "yusuf", 1)
    kept = rows(own_database)
    with pytest.raises(NotEmpty, match=r"holds [\d,]+ rows already .* --replace"):
        restore(own_database, archive)
    assert rows(own_database) == kept
    restore(own_database, archive, replace=True)
    assert len(rows(own_database)["conversations"]) == 1


def test_a_backup_of_an_earlier_version_is_migrated(own_sqlite: Database, new_database, tmp_path: Path) -> None:
    furnish(own_sqlite)
    target = new_database("sqlite")
    older = as_of(EARLIER, back_up_to(own_sqlite, tmp_path), new_database("sqlite"))
    restore(target, older)
    target.check()
    assert rows(target)["events"] == rows(own_sqlite)["events"]
    assert [row[0] for row in rows(target)["conversation_facts"]] == ["mia"], "made again by the backfill"


def as_of(revision: str, archive: Path, scratch: Database) -> Path:
    """The archive as that revision would have written it: without the tables and columns that came later."""
    with scratch.engine.begin() as connection:
        migrate.move(connection, revision)
        known = inspect(connection)
        columns = {name: {one["name"] for one in known.get_columns(name)} for name in known.get_table_names()}
    changed = archive.with_name("older.zip")
    with zipfile.ZipFile(archive) as read, zipfile.ZipFile(changed, "w") as write:
        manifest = json.loads(read.read("manifest.json"))
        manifest["revision"] = revision
        manifest["tables"] = [one for one in manifest["tables"] if one["name"] in columns]
        for table in manifest["tables"]:
            kept = [place for place, (name, _) in enumerate(table["columns"]) if name in columns[table["name"]]]
            old = [json.loads(line) for line in read.read(f"{table['name']}.jsonl").splitlines()]
            content = b"".join(json.dumps([row[place] for place in kept]).encode() + b"\n" for row in old)
            table["columns"] = [table["columns"][place] for place in kept]
            table["sha256"] = hashlib.sha256(content).hexdigest()
            write.writestr(f"{table['name']}.jsonl", content)
        write.writestr("manifest.json", json.dumps(manifest))
    return changed


def rewritten(archive: Path, change: Callable[[str], str]) -> Path:
    """A copy of the archive with another manifest."""
    changed = archive.with_name(f"{archive.stem}-changed.zip")
    with zipfile.ZipFile(archive) as read, zipfile.ZipFile(changed, "w") as write:
        for name in read.namelist():
            content = read.read(name)
            write.writestr(name, change(content.decode()) if name == "manifest.json" else content)
    return changed


def test_a_damaged_backup_changes_nothing_and_says_where(own_sqlite: Database, tmp_path: Path) -> None:
    furnish(own_sqlite)
    archive = back_up_to(own_sqlite, tmp_path)
    kept = rows(own_sqlite)
    with zipfile.ZipFile(archive) as read, zipfile.ZipFile(tmp_path / "cut.zip", "w") as write:
        for name in read.namelist():
            content = read.read(name)
            write.writestr(name, content[: len(content) // 2] if name == "order_items.jsonl" else content)
    (tmp_path / "half.zip").write_bytes(archive.read_bytes()[:5000])
    (tmp_path / "diary.zip").write_text("Dear diary")
    for name, said in {
        "cut.zip": "order_items.jsonl is not what was backed up",
        "half.zip": "only part of one",
        "diary.zip": "is no backup of Aisle's",
        "absent.zip": "There is no file",
    }.items():
        with pytest.raises(BadArchive, match=said):
            restore(own_sqlite, tmp_path / name, replace=True)
    assert rows(own_sqlite) == kept


@pytest.mark.parametrize(
    ("name", "said"),
    [("events.jsonl", r"is damaged: events\.jsonl cannot be read"), ("manifest.json", "is no backup of Aisle's")],
)
def test_a_backup_whose_disk_lost_some_bytes_is_refused_by_name(
    own_sqlite: Database, tmp_path: Path, name: str, said: str
) -> None:
    furnish(own_sqlite)
    archive = back_up_to(own_sqlite, tmp_path)
    kept, content = rows(own_sqlite), bytearray(archive.read_bytes())
    with zipfile.ZipFile(archive) as read:
        header = read.getinfo(name).header_offset
    begins = header + 30 + sum(int.from_bytes(content[header + at : header + at + 2], "little") for at in (26, 28))
    content[begins : begins + 8] = b"\xff" * 8
    archive.write_bytes(content)
    with pytest.raises(BadArchive, match=said):
        restore(own_sqlite, archive, replace=True)
    assert rows(own_sqlite) == kept


def test_a_backup_of_a_newer_version_is_refused(own_sqlite: Database, new_database, tmp_path: Path) -> None:
    furnish(own_sqlite)
    newer = rewritten(
        back_up_to(own_sqlite, tmp_path), lambda text: text.replace(f'"{migrate.head_revision()}"', '"9999"')
    )
    with pytest.raises(BadArchive, match="version 9999, which this version of Aisle does not know"):
        restore(new_database("sqlite"), newer)


def test_a_restore_that_fails_in_the_middle_leaves_the_database_as_it_was(
    own_sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(own_sqlite)
    archive = back_up_to(own_sqlite, tmp_path)
    write_turn(own_sqlite, "mia", 2)
    kept = rows(own_sqlite)

    def fail(session: object) -> None:
        raise IntegrityError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr("assistant.operations.restore.reindex", fail)
    with pytest.raises(IntegrityError):
        restore(own_sqlite, archive, replace=True)
    assert rows(own_sqlite) == kept


def test_only_its_owner_may_read_a_backup_and_no_part_is_left(own_sqlite: Database, tmp_path: Path) -> None:
    furnish(own_sqlite)
    archive = back_up_to(own_sqlite, tmp_path)
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["shop.zip"]
