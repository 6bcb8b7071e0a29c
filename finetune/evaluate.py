"""Measure the recogniser on labelled messages: intents exact, whole frames, slots, out of scope, each intent.

Pure: `evaluate` takes messages and their readings. A frame is right when the intents and all slots are, whatever their
order; slot texts are compared without case, outer punctuation and leading article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from intents.commands import Command, SlotValue, format_commands
from intents.examples import Example
from intents.recogniser import Understanding

OUT_OF_SCOPE = "out_of_scope"
WORST_SHOWN = 30


@dataclass(frozen=True)
class Score:
    """Precision, recall and F1 of one intent; `support` is how often it was meant."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Report:
    """Shares are 0..1."""

    n: int
    intents_exact: float
    frames_exact: float
    slot_f1: float
    out_of_scope_recall: float
    false_refusals: float  # of messages in scope, read as out of scope
    in_context_intents_exact: float
    in_context_frames_exact: float
    by_intent: dict[str, Score]
    mistakes: tuple[tuple[Example, Understanding], ...]  # the surest first

    def figures(self) -> dict[str, float]:
        """The headline figures, rounded to four places."""
        names = (
            "n intents_exact frames_exact slot_f1 out_of_scope_recall false_refusals in_context_intents_exact "
            "in_context_frames_exact"
        )
        return {name: round(getattr(self, name), 4) for name in names.split()}


def evaluate(examples: Sequence[Example], readings: Sequence[Understanding]) -> Report:
    """Compare readings with what was meant."""
    pairs = list(zip(examples, readings, strict=True))
    in_context = [pair for pair in pairs if not pair[0].context.is_empty]
    in_scope = [pair for pair in pairs if OUT_OF_SCOPE not in intents_of(pair[0].commands)]
    beyond = [pair for pair in pairs if OUT_OF_SCOPE in intents_of(pair[0].commands)]
    wrong = [pair for pair in pairs if not frame_right(*pair)]
    return Report(
        n=len(pairs),
        intents_exact=_share(pairs, intents_right),
        frames_exact=_share(pairs, frame_right),
        slot_f1=slot_f1(pairs),
        out_of_scope_recall=_share(beyond, lambda _, read: OUT_OF_SCOPE in intents_of(read.commands)),
        false_refusals=_share(in_scope, lambda _, read: OUT_OF_SCOPE in intents_of(read.commands)),
        in_context_intents_exact=_share(in_context, intents_right),
        in_context_frames_exact=_share(in_context, frame_right),
        by_intent=intent_scores(pairs),
        mistakes=tuple(sorted(wrong, key=lambda pair: -pair[1].confidence)),
    )


def intents_right(example: Example, read: Understanding) -> bool:
    return intents_of(example.commands) == intents_of(read.commands)


def frame_right(example: Example, read: Understanding) -> bool:
    return Counter(map(_frame, example.commands)) == Counter(map(_frame, read.commands))


def intents_of(commands: Sequence[Command]) -> Counter[str]:
    return Counter(command.intent for command in commands)


def slot_f1(pairs: Sequence[tuple[Example, Understanding]]) -> float:
    """Micro F1 over (slot, value)."""
    meant = [Counter(_slots(example.commands)) for example, _ in pairs]
    found = [Counter(_slots(read.commands)) for _, read in pairs]
    right = sum((one & other).total() for one, other in zip(meant, found, strict=True))
    total = sum(one.total() for one in meant) + sum(one.total() for one in found)
    return 2 * right / total if total else 1.0


def intent_scores(pairs: Sequence[tuple[Example, Understanding]]) -> dict[str, Score]:
    right: Counter[str] = Counter()
    meant: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for example, read in pairs:
        wanted, got = intents_of(example.commands), intents_of(read.commands)
        right += wanted & got
        meant += wanted
        found += got
    return {name: _score(right[name], meant[name], found[name]) for name in sorted(meant | found)}


def markdown(report: Report, title: str) -> str:
    """The report as a page: figures, each intent, the worst mistakes."""
    figures = "\n".join(f"| {name.replace('_', ' ')} | {value} |" for name, value in report.figures().items())
    intents = "\n".join(
        f"| {name} | {one.precision:.2f} | {one.recall:.2f} | {one.f1:.2f} | {one.support} |"
        for name, one in report.by_intent.items()
    )
    mistakes = "\n".join(
        f"| {read.confidence:.2f} | {_cell(example.text)} | `{_cell(format_commands(example.commands))}` "
        f"| `{_cell(format_commands(read.commands))}` |"
        for example, read in report.mistakes[:WORST_SHOWN]
    )
    return (
        f"# {title}\n\n| figure | value |\n|---|---|\n{figures}\n\n"
        f"| intent | precision | recall | F1 | support |\n|---|---|---|---|---|\n{intents}\n\n"
        f"| confidence | message | meant | read |\n|---|---|---|---|\n{mistakes}\n"
    )


def as_json(report: Report) -> dict[str, Any]:
    scores = {name: vars(score) for name, score in report.by_intent.items()}
    return {**report.figures(), "by_intent": scores}


def _share(pairs: Sequence[tuple[Example, Understanding]], right: Any) -> float:
    return sum(bool(right(*pair)) for pair in pairs) / len(pairs) if pairs else 0.0


def _score(right: int, meant: int, found: int) -> Score:
    precision = right / found if found else 0.0
    recall = right / meant if meant else 0.0
    f1 = 2 * right / (meant + found) if meant + found else 0.0
    return Score(round(precision, 4), round(recall, 4), round(f1, 4), meant)


def _frame(command: Command) -> tuple[str, frozenset[tuple[str, SlotValue]]]:
    return command.intent, frozenset((name, _same(value)) for name, value in command.slots)


def _slots(commands: Sequence[Command]) -> list[tuple[str, SlotValue]]:
    return [(name, _same(value)) for command in commands for name, value in command.slots]


def _same(value: SlotValue) -> SlotValue:
    if not isinstance(value, str):
        return float(value)
    words = value.casefold().strip(" .,!?;:\"'#").split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in ("a", "an", "the") else words)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
