"""Change the example files: add, edit, move, delete, undo. Only the lines of the example change; all else stays.

Each save is checked before it is written: the file must still be read without a problem, and no message may stand twice
or with two meanings. It is written whole or not at all, under a lock that every process of this machine respects, and
kept in the history in the same transaction. Whoever edits states the version that they saw: if a colleague was quicker,
the save is refused and nothing is lost.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.staff.access import Staff
from assistant.staff.audit import record
from assistant.store import Database, ExampleChange, now
from assistant.studio.library import Entry, Library
from assistant.studio.writing import NEW_FILE, STUDIO_FILE, Draft, annotated_line, message_lines
from intents.examples import BadExamples, conflicts

LOCK_WAIT_S = 10


class SaveRefused(ValueError):
    """Nothing was written; the message says why and what to do."""


class ChangedMeanwhile(SaveRefused):
    """The example is no longer as the trainer saw it."""


@dataclass(frozen=True)
class Seen:
    """An example as a trainer saw it when they began to edit."""

    file: str
    line: int
    version: str


@dataclass(frozen=True)
class Splice:
    """Lines of a file that are replaced by others; `line` counts from 1."""

    file: str
    line: int
    before: tuple[str, ...]
    after: tuple[str, ...]


class ExampleStore:
    """Safe to use from many threads and processes."""

    def __init__(self, library: Library, database: Database, locks: Path) -> None:
        self.library = library
        self.database = database
        locks.mkdir(parents=True, exist_ok=True)
        of_folder = hashlib.sha256(str(library.folder.resolve()).encode()).hexdigest()[:16]
        self._lock = FileLock(locks / f"examples-{of_folder}.lock", timeout=LOCK_WAIT_S, thread_local=False)

    def find(self, seen: Seen) -> Entry:
        """The example as it is now. Raises ChangedMeanwhile when it is not as it was seen."""
        same = [one for one in self.library.entries() if one.file == seen.file and one.version == seen.version]
        if not same:
            raise ChangedMeanwhile(self._what_happened(seen))
        return min(same, key=lambda one: abs(one.line - seen.line))

    def add(self, staff: Staff, draft: Draft) -> str:
        """Write a new example where its like stand. Returns the number of the save. Raises SaveRefused."""
        return self._save(staff, lambda: [self._addition(draft)])

    def edit(self, staff: Staff, seen: Seen, draft: Draft) -> str:
        """Replace an example; one of another intent or context moves to where its like stand. Raises SaveRefused."""
        return self._save(staff, lambda: self._replacement(self.find(seen), draft))

    def delete(self, staff: Staff, seen: Seen) -> str:
        """Raises SaveRefused."""
        return self._save(staff, lambda: [self._removal(self.find(seen))])

    def undo(self, staff: Staff, save: str) -> str:
        """Take a save back, which is a save of its own. Raises SaveRefused."""
        with self.database.reading() as session:
            chosen = select(ExampleChange).where(ExampleChange.save == save, ExampleChange.undone_at.is_(None))
            changes = session.scalars(chosen.order_by(ExampleChange.id.desc())).all()
        if not changes:
            raise SaveRefused("This save has been undone already.")
        return self._save(staff, lambda: [self._inverse(change) for change in changes], undone=save)

    # what a save changes

    def _addition(self, draft: Draft) -> Splice:
        entries = self.library.entries()
        like = [one for one in entries if draft.belongs_to(one)]
        if like:
            own_file = f"{draft.commands[0].intent}.yml"
            chosen = max(like, key=lambda one: (one.file == own_file, one.file == like[0].file, one.line))
            return Splice(chosen.file, chosen.end + 1, (), (annotated_line(draft, chosen),))
        last = [one for one in entries if one.file == STUDIO_FILE]
        if last:
            return Splice(STUDIO_FILE, last[-1].end + 1, (), message_lines(draft))
        lines = self.library.lines(STUDIO_FILE)
        return Splice(STUDIO_FILE, 1, lines, (*NEW_FILE, *message_lines(draft), ""))

    def _replacement(self, entry: Entry, draft: Draft) -> list[Splice]:
        if entry.is_annotated and not draft.belongs_to(entry):
            return [self._removal(entry), self._addition(draft)]
        lines = (annotated_line(draft, entry),) if entry.is_annotated else message_lines(draft, entry)
        return [Splice(entry.file, entry.line, tuple(entry.raw.split("\n")), lines)]

    def _removal(self, entry: Entry) -> Splice:
        neighbours = [one for one in self.library.entries() if one.file == entry.file and one is not entry]
        same_block = [one for one in neighbours if one.is_annotated == entry.is_annotated]
        if not any(_shares_block(one, entry, self.library.lines(entry.file)) for one in same_block):
            raise SaveRefused(
                f"It is the last example of its block in {entry.file}, which would be left empty: delete the block "
                "there by hand, or add another example first."
            )
        return Splice(entry.file, entry.line, tuple(entry.raw.split("\n")), ())

    def _inverse(self, change: ExampleChange) -> Splice:
        lines = self.library.lines(change.file)
        before, after = _split(change.before), _split(change.after)
        place = _find(lines, after, change.line) if after else _below(lines, change.above, change.line)
        if place is None:
            raise SaveRefused(
                f"{change.file} was changed since, so this save cannot be undone by itself. Undo the later ones first."
            )
        return Splice(change.file, place, after, before)

    # writing

    def _save(self, staff: Staff, splices: Callable[[], Sequence[Splice]], undone: str | None = None) -> str:
        """Find out under the lock what changes, and write it."""
        staff.need("studio")
        try:
            with self._lock:
                return self._write(staff, splices(), undone)
        except Timeout:
            raise SaveRefused("Somebody else is saving just now. Try again in a moment.") from None
        except OSError as error:
            raise SaveRefused(
                f"The examples in {self.library.folder} cannot be written: {error.strerror or error}. Whoever runs the "
                "shop can set AISLE_EXAMPLES to a folder that the server may write to."
            ) from error

    def _write(self, staff: Staff, splices: Sequence[Splice], undone: str | None) -> str:
        texts = self._spliced(splices)
        self._check(texts)
        save = uuid.uuid4().hex
        earlier: dict[Path, bytes] = {}
        try:
            with self.database.session() as session:
                self._note(session, staff, save, splices, undone)
                for file, text in texts.items():
                    path = self.library.folder / file
                    content = _content(path)
                    _put(path, text.encode())
                    earlier[path] = content
        except BaseException:
            for path, content in earlier.items():
                _put(path, content)
            raise
        return save

    def _spliced(self, splices: Sequence[Splice]) -> dict[str, str]:
        """Each file's new text. Of one file the lower splice comes first, so that the line numbers still hold."""
        texts: dict[str, list[str]] = {}
        for one in sorted(splices, key=lambda one: -one.line):
            lines = texts.setdefault(one.file, list(self.library.lines(one.file)))
            if tuple(lines[one.line - 1 : one.line - 1 + len(one.before)]) != one.before:
                raise SaveRefused(f"{one.file} changed while it was being saved. Try again.")
            lines[one.line - 1 : one.line - 1 + len(one.before)] = one.after
        return {file: "\n".join(lines) for file, lines in texts.items()}

    def _check(self, texts: dict[str, str]) -> None:
        """Raises SaveRefused with what is wrong."""
        others = [one.example for one in self.library.entries() if one.file not in texts]
        try:
            saved = [one.example for file, text in texts.items() if text for one in self.library.parsed(file, text)]
        except BadExamples as error:
            raise SaveRefused(" ".join(problem.message for problem in error.problems[:3])) from None
        wrong = conflicts([*others, *saved])
        if wrong:
            raise SaveRefused(wrong[0].message)

    def _note(self, session: Session, staff: Staff, save: str, splices: Sequence[Splice], undone: str | None) -> None:
        for one in splices:
            lines = self.library.lines(one.file)
            above = lines[one.line - 2] if 2 <= one.line <= len(lines) + 1 else ""
            before, after = "\n".join(one.before), "\n".join(one.after)
            session.add(
                ExampleChange(
                    save=save, staff_id=staff.id, file=one.file, line=one.line, above=above, before=before, after=after
                )
            )
            record(session, staff, "examples.saved", one.file, save=save, line=one.line)
        if undone:
            for change in session.scalars(select(ExampleChange).where(ExampleChange.save == undone)):
                change.undone_at = now()
        session.flush()

    def _what_happened(self, seen: Seen) -> str:
        with self.database.reading() as session:
            chosen = select(ExampleChange).where(ExampleChange.file == seen.file).order_by(ExampleChange.id.desc())
            last = session.scalars(chosen.limit(1)).first()
            who = f" Last there was {last.staff.name}." if last and last.staff else ""
        return (
            f"This example was changed or removed in {seen.file} since you opened it.{who} Look at it again, then save."
        )


def _shares_block(one: Entry, other: Entry, lines: Sequence[str]) -> bool:
    """Whether nothing but examples and comments stands between the two."""
    first, last = sorted((one, other), key=lambda entry: entry.line)
    between = lines[first.end : last.line - 1]
    return not any(line.lstrip().startswith(("- intent:", "- messages:")) for line in between)


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()


def _find(lines: Sequence[str], wanted: tuple[str, ...], near: int) -> int | None:
    """The line, from 1, where `wanted` stands: `near`, else the only place."""
    places = [at for at in range(1, len(lines) + 1) if tuple(lines[at - 1 : at - 1 + len(wanted)]) == wanted]
    return near if near in places else places[0] if len(places) == 1 else None


def _below(lines: Sequence[str], above: str, near: int) -> int | None:
    """The line after `above`."""
    place = _find(lines, (above,), near - 1)
    return None if place is None else place + 1


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; no content is no file."""
    if not content:
        path.unlink(missing_ok=True)
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.is_file():
            part.chmod(path.stat().st_mode & 0o777)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
