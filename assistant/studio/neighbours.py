"""Which examples a message is like, and where they stand; what a trainer should know before saving an example.

Warnings forbid nothing: what a file may not hold is refused when it is saved (example_store.py).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rapidfuzz import fuzz, process

from assistant.masking import ADDRESS_MARK, CARD_MARK, EMAIL_MARK, NAME_MARK, PHONE_MARK
from assistant.studio.library import Entry, Library
from assistant.studio.live_examples import LiveExamples
from assistant.studio.writing import Draft
from intents.catalogue import Catalogue
from intents.commands import format_commands
from intents.context import Context
from intents.examples import BadExamples, invented
from intents.jsonl import load_jsonl

MASKS = (EMAIL_MARK, PHONE_MARK, CARD_MARK, ADDRESS_MARK, NAME_MARK)
NEARLY_SAME = 0.93  # likeness; of the same wording it is 1
CONFLICTS = 0.88  # with an example of another meaning
LEAKS = 92  # rapidfuzz ratio of the words to a message that is measured on
SHORT = 2  # words; "yes" and "never mind" are said by everybody
NEAREST = 6
Key = tuple[str, str | None, str | None, str | None, bool]


@dataclass(frozen=True)
class Neighbour:
    """An example that a message is like; 1 is the same message in the same context."""

    entry: Entry
    likeness: float
    is_fresh: bool  # not trained yet

    @property
    def meaning(self) -> str:
        return format_commands(self.entry.example.commands)


class Neighbours:
    """Safe to use from many threads. `live` gives None where the assistant does without the example index."""

    def __init__(self, library: Library, live: Callable[[], LiveExamples | None], measured_on: Sequence[Path]) -> None:
        self.library = library
        self.live = live
        self._measured_on = measured_on
        self._lock = threading.Lock()
        self._of: tuple[Entry, ...] = ()
        self._by_key: dict[Key, Entry] = {}

    def nearest(self, text: str, context: Context, most: int = NEAREST) -> list[Neighbour]:
        live = self.live()
        if live is None:
            return []
        entries = self._entries()
        near = live().nearest((text, context), most)
        return [
            Neighbour(entries[key], one.likeness, one.is_fresh)
            for one in near
            if (key := _key(one.text, one.context)) in entries
        ]

    def warnings(self, draft: Draft, editing: Entry | None = None) -> list[str]:
        """What speaks against this example, in sentences; the worst first."""
        found = wrong_with(self.library.catalogue, draft)
        leak = self.leak(draft.text)
        if leak:
            found.append(f"“{leak}” is in the messages that the assistant is measured on. Teach something else.")
        intents = {command.intent for command in draft.commands}
        for near in self.nearest(draft.text, draft.context):
            example = near.entry.example
            if near.entry == editing:
                continue
            meant = {command.intent for command in example.commands}
            if near.likeness >= CONFLICTS and not meant & intents:
                found.append(f"“{example.text}” is like it and means {near.meaning} ({example.source}).")
            elif near.likeness >= NEARLY_SAME:
                found.append(f"“{example.text}” is nearly the same ({example.source}): it would teach little.")
        return found

    def leak(self, text: str) -> str | None:
        """The message of a validation or held-out set that this one is, or nearly is."""
        words = said(text)
        if len(words.split()) <= SHORT:
            return None
        found = process.extractOne(words, self._measured.keys(), scorer=fuzz.ratio, score_cutoff=LEAKS)
        return self._measured[found[0]] if found else None

    @cached_property
    def _measured(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for path in self._measured_on:
            try:
                found |= {said(one.text): one.text for one in load_jsonl(path, self.library.catalogue)}
            except BadExamples:  # of another catalogue: nothing of it is measured on
                continue
        return found

    def _entries(self) -> dict[Key, Entry]:
        entries = self.library.entries()
        with self._lock:
            if entries is not self._of:
                self._by_key = {_key(one.example.text, one.example.context): one for one in entries}
                self._of = entries
            return self._by_key


def wrong_with(catalogue: Catalogue, draft: Draft) -> list[str]:
    """What would be refused: unknown intents and slots, values that were not said; and marks of masked words."""
    found = [fault for command in draft.commands for fault in catalogue.problems(command)]
    found += [fault for command in draft.commands for fault in invented(command, draft.text, catalogue)]
    masks = [mark for mark in MASKS if mark in draft.text]
    if masks:
        found.append(f"{masks[0]} stands for something personal. Write something made up in its place.")
    return found


def measured_sets() -> list[Path]:
    """The validation messages, and the held-out sets where the tests stand beside the code."""
    root = Path(__file__).parents[2]
    return [root / "finetune" / "validation.jsonl", *sorted((root / "tests" / "held_out").glob("*.jsonl"))]


def said(text: str) -> str:
    """The words alone."""
    return " ".join("".join(char if char.isalnum() else " " for char in text.lower()).split())


def _key(text: str, context: Context) -> Key:
    return (text, context.bot, context.task, context.asked, bool(context.shown))
