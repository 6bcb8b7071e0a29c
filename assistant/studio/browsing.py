"""Find examples: by words, by intent, by slot, by file, those that are not trained yet. Paged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.studio.library import Entry
from assistant.texts import fold
from intents.examples import Example

PAGE_ROWS = 30


@dataclass(frozen=True)
class Looked:
    """What to look for; all of it must hold."""

    words: str = ""  # each of them somewhere in the message, its commands or its file's name
    intent: str = ""
    untrained: bool = False


@dataclass(frozen=True)
class Page:
    rows: tuple[Entry, ...]
    number: int
    total: int

    @property
    def is_last(self) -> bool:
        return (self.number + 1) * PAGE_ROWS >= self.total


def find_entries(
    entries: Sequence[Entry], looked: Looked, is_fresh: Callable[[Example], bool], number: int = 0
) -> Page:
    words = fold(looked.words).split()
    found = [one for one in entries if _fits(one, looked, words) and (not looked.untrained or is_fresh(one.example))]
    number = max(0, min(number, (len(found) - 1) // PAGE_ROWS))
    return Page(tuple(found[number * PAGE_ROWS : (number + 1) * PAGE_ROWS]), number, len(found))


def counts(entries: Sequence[Entry]) -> Counter[str]:
    """How many examples each intent has."""
    return Counter(intent for one in entries for intent in {command.intent for command in one.example.commands})


def _fits(entry: Entry, looked: Looked, words: Sequence[str]) -> bool:
    if looked.intent and looked.intent not in {command.intent for command in entry.example.commands}:
        return False
    if not words:
        return True
    where = fold(f"{entry.raw} {entry.file}")
    return all(word in where for word in words)
