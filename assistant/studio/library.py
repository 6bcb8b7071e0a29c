"""The example files as trainers see them: every example with where it stands and how it is written there.

`Library.entries` reads what changed since it was last asked, file by file: parsing all of them takes seconds, so what a
file holds is also kept in the cache, under the hash of its content. A file with problems gives none of its examples and
its problems instead; the others are read all the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from uuid import uuid4

from intents.catalogue import Catalogue
from intents.commands import Command, format_commands
from intents.context import Context
from intents.examples import BadExamples, Example, Problem, load_examples

CACHE_VERSION = "2"  # of the form in which parsed files are kept


Stamp = tuple[tuple[str, int, int], ...]  # each file's name, when it was changed, its size


@dataclass(frozen=True)
class Entry:
    """An example in its file. `line` and `end` count from 1 and are its first and its last."""

    example: Example
    file: str  # name in the folder
    line: int
    end: int
    raw: str  # its lines as they stand in the file

    @property
    def is_annotated(self) -> bool:
        """Whether it is one line of `examples: |`, rather than an item of `messages:`."""
        return not self.raw.lstrip().startswith("- text:")

    @property
    def written(self) -> str:
        """The annotated message; of an item of `messages:` the plain one."""
        return self.raw.strip().removeprefix("- ").strip() if self.is_annotated else self.example.text

    @cached_property
    def version(self) -> str:
        """Of what it says. Whoever edits it states the version that they saw."""
        parts = [self.file, self.raw, format_commands(self.example.commands), repr(self.example.context)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]


@dataclass(frozen=True)
class _File:
    digest: str
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    lines: tuple[str, ...]


def begin_folder(folder: Path, shipped: Path) -> None:
    """A folder that is not there yet, as in a fresh volume, begins as a copy of the shipped examples, whole."""
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f".{folder.name}.{uuid4().hex}.part")
    try:
        part.mkdir()
        for path in shipped.glob("*.yml"):
            shutil.copy(path, part)
        part.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another server was quicker
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


class Library:
    """Safe to use from many threads."""

    def __init__(self, folder: Path, catalogue: Catalogue, cache: Path | None = None) -> None:
        self.folder = folder
        self.catalogue = catalogue
        self.cache = cache
        self._catalogue_digest = hashlib.sha256(repr(catalogue).encode()).hexdigest()
        self._lock = threading.Lock()
        self._stamps: dict[str, tuple[int, int]] = {}  # modified, size
        self._files: dict[str, _File] = {}
        self._entries: tuple[Entry, ...] = ()

    def stamp(self) -> Stamp:
        """What tells whether anything changed, without reading it."""
        found = []
        for path in sorted(self.folder.glob("*.yml")):
            with suppress(FileNotFoundError):  # it went between the two looks
                stat = path.stat()
                found.append((path.name, stat.st_mtime_ns, stat.st_size))
        return tuple(found)

    def entries(self) -> tuple[Entry, ...]:
        """Every example, file by file, as the files are now."""
        with self._lock:
            self._refresh()
            return self._entries

    def examples(self) -> list[Example]:
        return [entry.example for entry in self.entries()]

    def problems(self) -> tuple[Problem, ...]:
        """What keeps files from being read."""
        with self._lock:
            self._refresh()
            return tuple(problem for name in sorted(self._files) for problem in self._files[name].problems)

    def lines(self, file: str) -> tuple[str, ...]:
        """A file's lines as they are now; none of a file that is not there."""
        with self._lock:
            self._refresh()
            return self._files[file].lines if file in self._files else ()

    def parsed(self, file: str, text: str) -> tuple[Entry, ...]:
        """What a file would hold if this were its text. Raises BadExamples, the problems naming the file."""
        part = self.folder / f".{file}.{os.getpid()}-{threading.get_ident()}.part"
        try:
            part.write_text(text, "utf-8")
            examples = load_examples([part], self.catalogue)
        except BadExamples as error:
            renamed = [replace(one, source=one.source.replace(str(part), file)) for one in error.problems]
            raise BadExamples([replace(one, message=one.message.replace(str(part), file)) for one in renamed]) from None
        finally:
            part.unlink(missing_ok=True)
        return _entries(file, text.split("\n"), examples)

    def _refresh(self) -> None:
        stamps = {name: (modified, size) for name, modified, size in self.stamp()}
        if stamps == self._stamps:
            return
        files = {name: self._files[name] for name in stamps if self._stamps.get(name) == stamps[name]}
        for name in stamps.keys() - files.keys():
            files[name] = self._read(name)
        self._files, self._stamps = files, stamps
        self._entries = tuple(entry for name in sorted(files) for entry in files[name].entries)

    def _read(self, name: str) -> _File:
        content = (self.folder / name).read_bytes()
        digest = hashlib.sha256("\0".join([CACHE_VERSION, self._catalogue_digest]).encode() + content).hexdigest()
        lines = tuple(content.decode("utf-8", "replace").split("\n"))
        if not _holds_examples(lines):
            return _File(digest, (), (), lines)
        kept = self.cache / f"{digest[:24]}.json" if self.cache else None
        if kept and kept.is_file():
            return _File(digest, _entries(name, lines, _from_json(kept.read_text("utf-8"))), (), lines)
        try:
            examples = load_examples([self.folder / name], self.catalogue)
        except BadExamples as error:
            return _File(digest, (), tuple(error.problems), lines)
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            part = kept.with_suffix(f".{os.getpid()}.part")
            part.write_text(_as_json(examples), "utf-8")
            part.replace(kept)
        return _File(digest, _entries(name, lines, examples), (), lines)


def _holds_examples(lines: Sequence[str]) -> bool:
    """Other YAML may stand in the folder: the catalogue does."""
    return any(line.startswith("nlu:") for line in lines)


def _entries(file: str, lines: Sequence[str], examples: Iterable[Example]) -> tuple[Entry, ...]:
    return tuple(_entry(file, lines, example) for example in examples)


def _entry(file: str, lines: Sequence[str], example: Example) -> Entry:
    line = int(example.source.rpartition(":")[2])
    end = _last_line(lines, line)
    raw = "\n".join(lines[line - 1 : end])
    return Entry(replace(example, source=f"{file}:{line}"), file, line, end, raw)


def _last_line(lines: Sequence[str], line: int) -> int:
    """The last line of what begins at `line`: those below that are indented further belong to it."""
    indent = _indent(lines[line - 1])
    end = line
    for number in range(line + 1, len(lines) + 1):
        below = lines[number - 1]
        if below.strip() and _indent(below) <= indent:
            break
        if below.strip() and not below.lstrip().startswith("#"):
            end = number
    return end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _as_json(examples: Iterable[Example]) -> str:
    return json.dumps([
        [one.text, [[command.intent, command.slots] for command in one.commands],
         one.context.bot, one.context.task, one.context.asked, one.context.shown, int(one.source.rpartition(":")[2])]
        for one in examples
    ])  # fmt: skip


def _from_json(text: str) -> list[Example]:
    contexts: dict[tuple, Context] = {}  # many examples share one
    found = []
    for said, commands, bot, task, asked, shown, line in json.loads(text):
        key = (bot, task, asked, tuple(shown))
        context = contexts.setdefault(key, Context(bot, task, asked, tuple(shown)))
        meant = tuple(Command(intent, tuple(map(tuple, slots))) for intent, slots in commands)
        found.append(Example(said, meant, context, f":{line}"))
    return found
