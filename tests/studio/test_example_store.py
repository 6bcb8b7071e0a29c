"""Trainers edit the example files: only their lines change, nobody's work is lost, and every save can be undone."""

from __future__ import annotations

import difflib
import errno
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.staff.access import NotAllowed, Staff
from assistant.store import AuditEntry, Database
from assistant.studio import example_store
from assistant.studio.example_store import ChangedMeanwhile, ExampleStore, SaveRefused, Seen
from assistant.studio.history import Save, latest_saves
from assistant.studio.library import Entry, Library, begin_folder
from assistant.studio.writing import BadDraft, Draft, read_draft
from intents.catalogue import Catalogue, load_catalogue
from intents.context import Context
from intents.examples import load_examples
from tests.review.talks import hired
from tests.studio.files import GREET, RETURNS, write_examples


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_examples(tmp_path / "examples")


@pytest.fixture
def store(folder: Path, own_sqlite: Database, catalogue: Catalogue) -> ExampleStore:
    return ExampleStore(Library(folder, catalogue, folder.parent / "cache"), own_sqlite, folder.parent / "locks")


@pytest.fixture
def tess(own_sqlite: Database) -> Staff:
    return hired(own_sqlite, "tess", "trainer")


def entry(store: ExampleStore, text: str) -> Entry:
    return next(one for one in store.library.entries() if one.example.text == text)


def seen(store: ExampleStore, text: str) -> Seen:
    found = entry(store, text)
    return Seen(found.file, found.line, found.version)


def draft(store: ExampleStore, message: str, intent: str = "", commands: str = "", **context: str) -> Draft:
    return read_draft(store.library.catalogue, message, intent, commands, Context(**context))


def changed(before: str, path: Path) -> list[str]:
    """The lines that differ, as a diff shows them."""
    lines = difflib.unified_diff(before.splitlines(), path.read_text("utf-8").splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def history(store: ExampleStore) -> list[Save]:
    with store.database.reading() as session:
        return latest_saves(session)


def test_every_example_is_known_with_its_lines(store: ExampleStore) -> None:
    found = {one.example.text: (one.file, one.line, one.end) for one in store.library.entries()}
    assert len(found) == 8
    assert found["where is W2378156"] == ("greet.yml", 11, 11)
    assert found['send it back, it\'s "broken"'] == ("returns.yml", 5, 7)
    assert found["i want to return the lamp"] == ("returns.yml", 9, 10)
    assert entry(store, "where is W2378156").written == "where is [W2378156](order_id)"


def test_a_folder_in_a_fresh_volume_begins_with_the_shipped_examples_and_is_left_alone_then(
    tmp_path: Path, folder: Path, catalogue: Catalogue
) -> None:
    (folder / "catalogue.py").write_text("no examples", "utf-8")
    fresh = tmp_path / "data" / "intents"
    begin_folder(fresh, folder)
    assert sorted(path.name for path in fresh.iterdir()) == ["greet.yml", "returns.yml"]
    assert [path.name for path in fresh.parent.iterdir()] == ["intents"]
    assert len(Library(fresh, catalogue).entries()) == len(Library(folder, catalogue).entries())
    (fresh / "greet.yml").unlink()
    begin_folder(fresh, folder)
    assert [path.name for path in fresh.iterdir()] == ["returns.yml"]


def test_what_was_parsed_once_is_read_from_the_cache(store: ExampleStore, catalogue: Catalogue) -> None:
    first = store.library.entries()
    again = Library(store.library.folder, catalogue, store.library.cache)
    assert again.entries() == first
    (store.library.folder / "greet.yml").write_text(GREET.replace("good morning", "good evening"))
    assert "good evening" in {one.example.text for one in again.entries()}


def test_an_addition_stands_below_its_like_and_is_the_only_line_that_changes(
    store: ExampleStore, folder: Path, tess: Staff
) -> None:
    store.add(tess, draft(store, "any news of [W11](order_id)", "track_order"))
    assert changed(GREET, folder / "greet.yml") == ["+    - any news of [W11](order_id)"]
    asked = {"bot": "Which order?", "task": "track_order", "asked": "order_id"}
    store.add(tess, draft(store, "the big one", "track_order", **asked))
    assert changed(GREET, folder / "greet.yml")[-1] == "+    - the big one"
    assert (folder / "returns.yml").read_text() == RETURNS
    assert entry(store, "the big one").example.context == Context(**asked)


def test_what_has_no_like_goes_to_the_studios_own_file(store: ExampleStore, folder: Path, tess: Staff) -> None:
    store.add(tess, draft(store, 'thanks, "mate"\\', "thank"))
    store.add(
        tess, draft(store, "W1, and thanks", "", 'inform(order_id="W1"); thank()', bot='Which? "any"', asked="order_id")
    )
    first, second = load_examples([folder / "studio.yml"], store.library.catalogue)
    assert (first.text, first.commands[0].intent) == ('thanks, "mate"\\', "thank")
    assert (second.context.bot, len(second.commands)) == ('Which? "any"', 2)


def test_an_edit_changes_its_line_alone(store: ExampleStore, folder: Path, tess: Staff) -> None:
    store.edit(tess, seen(store, "where is W2378156"), draft(store, "where's [W2](order_id)", "track_order"))
    assert changed(GREET, folder / "greet.yml") == [
        "-    - where is [W2378156](order_id)",
        "+    - where's [W2](order_id)",
    ]
    quoted = draft(store, "it's broken", "", 'return_items(item="it")', bot="Anything else?")
    store.edit(tess, seen(store, 'send it back, it\'s "broken"'), quoted)
    assert "# in the middle of a task" in (folder / "returns.yml").read_text()
    assert [line for line in changed(RETURNS, folder / "returns.yml") if "lamp" in line] == []
    assert entry(store, "it's broken").example.context.bot == "Anything else?"


def test_an_example_of_another_intent_moves_there(store: ExampleStore, folder: Path, tess: Staff) -> None:
    store.edit(tess, seen(store, "good morning"), draft(store, "good morning", "track_order"))
    assert entry(store, "good morning").example.commands[0].intent == "track_order"
    assert changed(GREET, folder / "greet.yml") == ["-    - good morning", "+    - good morning"]
    store.undo(tess, history(store)[0].number)
    assert (folder / "greet.yml").read_text() == GREET


def test_a_deletion_takes_its_lines_and_a_block_keeps_one(store: ExampleStore, folder: Path, tess: Staff) -> None:
    store.delete(tess, seen(store, "hello there"))
    assert changed(GREET, folder / "greet.yml") == ["-    - hello there"]
    with pytest.raises(SaveRefused, match="last example of its block"):
        store.delete(tess, seen(store, "good morning"))


def test_every_save_is_in_the_history_and_can_be_undone_and_redone(
    store: ExampleStore, folder: Path, tess: Staff
) -> None:
    store.delete(tess, seen(store, "hello there"))
    store.add(tess, draft(store, "hi", "greet"))
    store.edit(
        tess, seen(store, "i want to return the lamp"), draft(store, "lamp back", "", 'return_items(item="lamp")')
    )
    saves = history(store)
    assert [save.who for save in saves] == ["tess"] * 3
    assert (saves[1].changes[0].before, saves[1].changes[0].after) == ("", "    - hi")
    for save in saves:
        store.undo(tess, save.number)
    assert ((folder / "greet.yml").read_text(), (folder / "returns.yml").read_text()) == (GREET, RETURNS)
    with pytest.raises(SaveRefused, match="undone already"):
        store.undo(tess, saves[0].number)
    store.undo(tess, history(store)[0].number)
    assert changed(GREET, folder / "greet.yml") == ["-    - hello there"]
    with store.database.reading() as session:
        assert set(session.scalars(select(AuditEntry.action))) == {"examples.saved"}


def test_a_save_whose_place_is_gone_is_not_undone(store: ExampleStore, folder: Path, tess: Staff) -> None:
    save = store.add(tess, draft(store, "hi", "greet"))
    store.edit(tess, seen(store, "hi"), draft(store, "hi hi", "greet"))
    with pytest.raises(SaveRefused, match="changed since"):
        store.undo(tess, save)


def test_of_two_trainers_the_slower_is_told_and_nothing_is_lost(store: ExampleStore, folder: Path, tess: Staff) -> None:
    other = hired(store.database, "ann", "trainer")
    both_saw = seen(store, "hello there")
    store.add(other, draft(store, "hey", "greet"))  # lines below move, and that hurts nobody
    store.edit(other, both_saw, draft(store, "hello you", "greet"))
    after = (folder / "greet.yml").read_text()
    for act in (
        lambda: store.edit(tess, both_saw, draft(store, "hello me", "greet")),
        lambda: store.delete(tess, both_saw),
    ):
        with pytest.raises(ChangedMeanwhile, match=r"Last there was ann"):
            act()
    assert (folder / "greet.yml").read_text() == after


def test_an_example_that_moved_down_is_still_found(store: ExampleStore, folder: Path, tess: Staff) -> None:
    earlier = seen(store, "good morning")
    store.library.folder.joinpath("greet.yml").write_text(GREET.replace("# how", "# one\n# two\n# how"))
    store.edit(tess, earlier, draft(store, "good day", "greet"))
    assert entry(store, "good day").line == 9


def test_many_savers_at_once_lose_nothing(store: ExampleStore, tess: Staff, catalogue: Catalogue) -> None:
    refused: list[Exception] = []

    def save(number: int) -> None:
        own = ExampleStore(
            Library(store.library.folder, catalogue), store.database, store.library.folder.parent / "locks"
        )
        try:
            own.add(tess, draft(own, f"hello number {number}", "greet"))
        except SaveRefused as error:
            refused.append(error)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    texts = {one.example.text for one in store.library.entries()}
    assert refused == []
    assert {f"hello number {number}" for number in range(6)} <= texts


@pytest.mark.parametrize(
    ("message", "intent", "commands", "problem"),
    [
        ("hello there", "greet", "", "repeats"),
        ("hello there", "track_order", "", "contradicts"),
        ("ship it", "", 'track_order(order_id="W9")', "does not stand in the message"),
        ("ship it", "", "teleport()", "unknown intent"),
        ("where is [it](sizzle)", "track_order", "", "takes no slot"),
    ],
)
def test_what_would_not_be_read_is_refused_and_nothing_is_written(
    store: ExampleStore, folder: Path, tess: Staff, message: str, intent: str, commands: str, problem: str
) -> None:
    with pytest.raises(SaveRefused, match=problem):
        store.add(tess, draft(store, message, intent, commands))
    assert sorted(path.name for path in folder.iterdir()) == ["greet.yml", "returns.yml"]
    assert (folder / "greet.yml").read_text() == GREET
    assert history(store) == []


@pytest.mark.parametrize(
    ("message", "intent", "commands", "problem"),
    [
        ("", "greet", "", "1 to 500"),
        ("where is [it(order_id)", "track_order", "", "does not close"),
        ("hi", "", "", "Choose an intent"),
        ("hi", "", "greet(", "Expected"),
    ],
)
def test_a_draft_that_is_no_example_is_refused(
    store: ExampleStore, message: str, intent: str, commands: str, problem: str
) -> None:
    with pytest.raises(BadDraft, match=problem):
        draft(store, message, intent, commands)


def test_what_cannot_be_written_whole_is_not_written_at_all(
    store: ExampleStore, folder: Path, tess: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(example_store.os, "fsync", broken)
    with pytest.raises(SaveRefused, match="cannot be written: disk full"):
        store.add(tess, draft(store, "hi", "greet"))
    monkeypatch.undo()
    assert sorted(path.name for path in folder.iterdir()) == ["greet.yml", "returns.yml"]
    assert (folder / "greet.yml").read_text() == GREET
    assert history(store) == []


def test_a_folder_that_takes_no_file_is_told_of_in_a_sentence(
    store: ExampleStore, folder: Path, tess: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    wanted = draft(store, "hi", "greet")
    monkeypatch.setattr(Path, "write_text", refused)  # the tests may run as root, whom no file mode stops
    with pytest.raises(SaveRefused, match=r"cannot be written: Permission denied\. Whoever runs the shop"):
        store.add(tess, wanted)
    assert history(store) == []


def test_an_agent_saves_nothing(store: ExampleStore, folder: Path) -> None:
    with pytest.raises(NotAllowed):
        store.add(hired(store.database, "kim", "agent"), draft(store, "hi", "greet"))
    assert (folder / "greet.yml").read_text() == GREET
