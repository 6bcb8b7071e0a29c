"""What a few examples bring before any training, and what they break: new intents given 5 and 10 examples each.

aisle evaluate at-once --data DIR

The new intents are topics that no adapter of ours was taught, written by others: ten of BANKING77 and CLINC150. Their
examples are the first of the public training files, their messages of the test files. All of them are given at once,
so that they also compete with each other. The old intents are measured on messages of the shop's own, before and
after. Beside the recogniser stands the example index alone, which needs no model.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.engines import open_engine
from assistant.settings import Settings
from assistant.studio.live_examples import LiveExamples
from assistant.training import VALIDATION, commit
from assistant.understanding import adapter_tuning, open_index
from finetune.benchmarks import load_benchmark
from finetune.evaluate import frame_right, intents_right
from finetune.tuning import weigh_all
from intents.catalogue import Catalogue, Intent, load_catalogue
from intents.examples import Example
from intents.fresh_examples import FreshIndex
from intents.jsonl import load_jsonl
from intents.recogniser import Recogniser, Understanding

NEW = {
    "banking77": ("exchange_rate", "lost_or_stolen_card", "passcode_forgotten", "age_limit", "contactless_not_working"),
    "clinc150": ("calories", "translate", "travel_alert", "oil_change_when", "pto_request"),
}
GIVEN = (5, 10)
MESSAGES = 20  # of each new intent


class NoIndex(RuntimeError):
    """The example index is off or cannot be read."""


@dataclass(frozen=True)
class Given:
    """How messages are read after so many examples of each new intent. Shares are 0..1."""

    examples: int
    new_right: float | None  # new messages whose intent is read
    new_acted_on: float | None  # that are so read, and surely enough to act on
    old_intents: float
    old_frames: float
    old_taken: float  # old messages that are read as a new intent
    index_new: float | None  # the example index alone: its first intent
    index_old: float

    def row(self) -> str:
        shown = [self.new_right, self.new_acted_on, self.old_intents, self.old_frames, self.old_taken]
        cells = [*shown, self.index_new, self.index_old]
        return f"| {self.examples} | " + " | ".join("-" if one is None else f"{one:.1%}" for one in cells) + " |"


HEAD = (
    "| examples of each | new: read right | and acted on | old: intents | old: frames | old read as new "
    "| index alone, new | index alone, old |\n|---|---|---|---|---|---|---|---|"
)


def evaluate_at_once(settings: Settings, data: Path, out: Path, old: Path | None, limit: int | None) -> None:
    """A table on stdout and one JSON line; both in `out` as well. `limit` is of the old messages.

    Raises BadExamples, EngineError or NoIndex.
    """
    started = time.monotonic()
    ours = load_catalogue()
    live = open_index(settings, ours)
    if live is None:
        raise NoIndex("The figure needs the example index: set AISLE_INDEX=true, and mend the examples.")
    catalogue, examples, messages = new_intents(ours, data)
    old_messages = load_jsonl(old or VALIDATION, ours)[:limit]
    engine = open_engine(settings)
    tuning = adapter_tuning(settings, has_index=True)
    rows = []
    for count in (0, *GIVEN):
        index = with_examples(live, catalogue, [one for of_intent in examples for one in of_intent[:count]])
        recogniser = Recogniser(engine, catalogue if count else ours, index, tuning)
        rows.append(measured(recogniser, index, count, messages if count else [], old_messages))
        print(rows[-1], file=sys.stderr)
    figures = {
        "bench": "at once", "new_intents": sum(map(len, NEW.values())), "new_messages": len(messages),
        "old": (old or VALIDATION).name, "old_messages": len(old_messages), "given": [vars(row) for row in rows],
        "commit": commit(), "seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    table = "\n".join([HEAD, *(row.row() for row in rows)])
    (out / "at_once.md").write_text(table + "\n", "utf-8")
    (out / "at_once.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(table)
    print(json.dumps(figures))


def new_intents(ours: Catalogue, data: Path) -> tuple[Catalogue, list[list[Example]], list[Example]]:
    """The catalogue with the new intents, their examples by intent, and their messages."""
    examples, messages = [], []
    for benchmark, names in NEW.items():
        found = load_benchmark(benchmark, data)
        for name in names:
            examples.append([one for one in found.train if one.commands[0].intent == name][: max(GIVEN)])
            messages += [one for one in found.test if one.commands[0].intent == name][:MESSAGES]
    new = {name: Intent(name, name.replace("_", " "), {}) for names in NEW.values() for name in names}
    return Catalogue({**ours.intents, **new}), examples, messages


def with_examples(live: LiveExamples, catalogue: Catalogue, examples: Sequence[Example]) -> FreshIndex:
    return FreshIndex.fit(live.base, [*live.fresh, *examples], catalogue.intents, sorted(live().gone))


def measured(
    recogniser: Recogniser, index: FreshIndex, count: int, new: Sequence[Example], old: Sequence[Example]
) -> Given:
    names = {one.commands[0].intent for one in new}
    read_new, read_old = (read_all(recogniser, messages) for messages in (new, old))
    sure = recogniser.tuning.thresholds.ask_back_below
    right = [intents_right(*pair) for pair in zip(new, read_new, strict=True)]
    acted = [hit and read.confidence >= sure for hit, read in zip(right, read_new, strict=True)]
    return Given(
        examples=count,
        new_right=_share(right) if new else None,
        new_acted_on=_share(acted) if new else None,
        old_intents=_share([intents_right(*pair) for pair in zip(old, read_old, strict=True)]),
        old_frames=_share([frame_right(*pair) for pair in zip(old, read_old, strict=True)]),
        old_taken=_share([bool({one.intent for one in read.commands} & names) for read in read_old]),
        index_new=index_share(index, new) if new else None,
        index_old=index_share(index, old),
    )


def read_all(recogniser: Recogniser, messages: Sequence[Example]) -> list[Understanding]:
    return [recogniser.decide(doubt) for doubt in weigh_all(recogniser, messages)] if messages else []


def index_share(index: FreshIndex, messages: Sequence[Example]) -> float:
    """How often the index's first intent is among those meant."""
    best = [int(row.argmax()) for row in index.scores([(one.text, one.context) for one in messages])]
    meant = [{command.intent for command in one.commands} for one in messages]
    return _share([index.intents[at] in intents for at, intents in zip(best, meant, strict=True)])


def _share(right: Sequence[Any]) -> float:
    return round(float(np.mean([bool(one) for one in right])), 4) if right else 0.0
