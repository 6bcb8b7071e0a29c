"""What a few examples bring before any training, and what they break: new intents given 5 and 10 examples each.

aisle evaluate at-once --data DIR           before any training
aisle evaluate at-once --data DIR --train   and after the studio's short training on those examples

The new intents are topics that no adapter of ours was taught, written by others: ten of BANKING77 and CLINC150. Their
examples are the first of the public training files, their messages of the test files. All of them are given at once,
so that they also compete with each other. The old intents are measured on messages of the shop's own, before and
after. Beside the recogniser stands the example index alone, which needs no model. A trained adapter is read with the
fusion, calibration and thresholds of the one that it goes on from.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from assistant.at_once_training import index_of, train_on
from assistant.engines import open_engine
from assistant.opening_examples import open_index
from assistant.settings import Settings
from assistant.studio.live_examples import LiveExamples
from assistant.training import VALIDATION, apart, commit
from assistant.understanding import adapter_tuning
from finetune.benchmarks import load_benchmark
from finetune.card import read_manifest
from finetune.evaluate import frame_right, intents_right
from finetune.tuning import weigh_all
from intents.catalogue import Catalogue, Intent, load_catalogue
from intents.engine import EngineError
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
    training_s: float | None = None  # None before a training

    def row(self) -> str:
        shown = [self.new_right, self.new_acted_on, self.old_intents, self.old_frames, self.old_taken]
        shares = ["-" if one is None else f"{one:.1%}" for one in (*shown, self.index_new, self.index_old)]
        first, last = f"{self.examples}", "-"
        if self.training_s is not None:
            first, last = f"{self.examples}, trained", f"{self.training_s:.0f} s"
        return f"| {' | '.join([first, *shares, last])} |"


HEAD = (
    "| examples of each | new: read right | and acted on | old: intents | old: frames | old read as new "
    "| index alone, new | index alone, old | training |\n|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Trial:
    """What there is to learn and what it is measured on."""

    ours: Catalogue
    catalogue: Catalogue  # with the new intents
    examples: list[list[Example]]  # by new intent
    messages: list[Example]  # of the new intents
    old: list[Example]

    def given(self, count: int) -> list[Example]:
        return [one for of_intent in self.examples for one in of_intent[:count]]


def evaluate_at_once(
    settings: Settings,
    data: Path,
    out: Path,
    old: Path | None,
    limit: int | None,
    training: Mapping[str, Any] | None = None,
) -> None:
    """A table on stdout and one JSON line; both in `out` as well. `limit` is of the old messages. With the settings
    of a `training` it is measured after that too, and the adapters are left in `out`.

    Raises BadExamples, EngineError, NoIndex or BadIndex.
    """
    started = time.monotonic()
    if training and settings.engine == "openai":
        raise EngineError("A model server has its own model: set AISLE_ENGINE=openvino to measure what is trained.")
    ours = load_catalogue()
    live = open_index(settings, ours)
    if live is None:
        raise NoIndex("The figure needs the example index: set AISLE_INDEX=true, and mend the examples.")
    trial = Trial(ours, *new_intents(ours, data), load_jsonl(old or VALIDATION, ours)[:limit])
    rows = []
    after = after_training(settings, live, trial, out, training) if training else ()
    for row in chain(before_training(settings, live, trial), after):
        print(row, file=sys.stderr)
        rows.append(row)
    figures = {
        "bench": "at once", "new_intents": sum(map(len, NEW.values())), "new_messages": len(trial.messages),
        "old": (old or VALIDATION).name, "old_messages": len(trial.old), "given": [vars(row) for row in rows],
        "training": training and dict(training),
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


def before_training(settings: Settings, live: LiveExamples, trial: Trial) -> Iterator[Given]:
    """The adapter in use, the new examples on top of its index. Raises EngineError or BadIndex."""
    engine, tuning = open_engine(settings), adapter_tuning(settings, has_index=True)
    for count in (0, *GIVEN):
        index = with_examples(live, trial.catalogue, trial.given(count))
        recogniser = Recogniser(engine, trial.catalogue if count else trial.ours, index, tuning)
        yield measured(recogniser, index, count, trial.messages if count else [], trial.old)


def after_training(
    settings: Settings, live: LiveExamples, trial: Trial, out: Path, training: Mapping[str, Any]
) -> Iterator[Given]:
    """An adapter that was taught the new examples, its index fitted to them as to all others: nothing lies on top.

    Raises EngineError or BadIndex; exits where a training does.
    """
    tuning = adapter_tuning(settings, has_index=True)
    for count in GIVEN:
        given, adapter = trial.given(count), out / f"adapter-{count}"
        apart(train_on, settings, adapter, trial.catalogue, given, training)
        engine = open_engine(settings.model_copy(update={"adapter": adapter}))
        index = index_of([*live.library.examples(), *given], trial.catalogue, live.base)
        row = measured(Recogniser(engine, trial.catalogue, index, tuning), index, count, trial.messages, trial.old)
        yield replace(row, training_s=read_manifest(adapter)["seconds"])


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
