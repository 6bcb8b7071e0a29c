"""An evaluation as a value, as JSON and as a Markdown page. `finetune.evaluate` makes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finetune.reliability import Bin, RiskPoint, risk_at
from intents.commands import format_commands
from intents.examples import Example
from intents.recogniser import Understanding

WORST_SHOWN = 30
CONFUSIONS_SHOWN = 30
COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.5)
GROUPED = {"without context": "without_context", "several commands": "several"}  # that the headline names too


@dataclass(frozen=True)
class Score:
    """Precision, recall and F1 of one intent or slot; `support` is how often it was meant."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Group:
    """How well the messages of one kind were read."""

    n: int
    intents_exact: float
    frames_exact: float


@dataclass(frozen=True)
class Beyond:
    """Messages that the shop cannot serve, of one kind: foreign topics, or requests without a flow."""

    n: int
    recognised: float  # of them, read as of this kind
    acted_on: float  # of them, read as a request that the shop serves: the worst that can come of them
    false_alarms: float  # of all other messages, read as of this kind


@dataclass(frozen=True)
class Report:
    """Shares are 0..1."""

    n: int
    intents_exact: float
    frames_exact: float
    slot_f1: float
    ece_frames: float  # expected calibration error of the confidence, against whole frames
    ece_intents: float  # and against intents
    risk_area: float  # the mean share of wrong frames over all coverages
    groups: dict[str, Group]  # those that have messages; "in context" is always there
    by_tag: dict[str, Group]
    by_intent: dict[str, Score]
    by_slot: dict[str, Score]
    foreign: Beyond
    unsupported: Beyond | None  # None where nobody said what the shop supports
    confusion: dict[tuple[str, str], int]  # (first intent meant, first intent read) -> how often
    bins: tuple[Bin, ...]  # of the confidence against whole frames, the least sure first
    curve: tuple[RiskPoint, ...]  # of whole frames, the surest first
    mistakes: tuple[tuple[Example, Understanding], ...]  # the surest first

    def figures(self) -> dict[str, float]:
        """The headline figures, rounded to four places."""
        found: dict[str, float] = {
            "n": self.n,
            "intents_exact": self.intents_exact,
            "frames_exact": self.frames_exact,
            "slot_f1": self.slot_f1,
            "out_of_scope_recall": self.foreign.recognised,
            "false_refusals": self.foreign.false_alarms,  # of messages in scope, read as out of scope
            "in_context_intents_exact": self.groups["in context"].intents_exact,
            "in_context_frames_exact": self.groups["in context"].frames_exact,
        }
        for group, name in GROUPED.items():
            if group in self.groups:
                found[f"{name}_intents_exact"] = self.groups[group].intents_exact
                found[f"{name}_frames_exact"] = self.groups[group].frames_exact
        if self.unsupported and self.unsupported.n:
            found["unsupported_recall"] = self.unsupported.recognised
        found |= {"ece_frames": self.ece_frames, "ece_intents": self.ece_intents, "risk_area": self.risk_area}
        return {name: round(value, 4) for name, value in found.items()}

    def confusions(self) -> list[tuple[str, str, int]]:
        """First intents taken for others, the most frequent first: meant, read, how often."""
        wrong = [(meant, read, n) for (meant, read), n in self.confusion.items() if meant != read]
        return sorted(wrong, key=lambda one: (-one[2], one))


def as_json(report: Report) -> dict[str, Any]:
    beyond = {"foreign": report.foreign, "unsupported": report.unsupported}
    return {
        **report.figures(),
        "groups": _plain(report.groups),
        "by_tag": _plain(report.by_tag),
        "beyond": _plain({kind: one for kind, one in beyond.items() if one}),
        "by_intent": _plain(report.by_intent),
        "by_slot": _plain(report.by_slot),
        "confusions": [list(one) for one in report.confusions()],
        "reliability": [_rounded(vars(one)) for one in report.bins],
        "risk_at_coverage": {str(share): round(risk_at(report.curve, share), 4) for share in COVERAGES},
    }


def markdown(report: Report, title: str) -> str:
    """The report as a page: figures, each kind of message, each intent and slot, confidence, the worst mistakes."""
    parts = (
        f"# {title}",
        _table("figure | value", ((name.replace("_", " "), value) for name, value in report.figures().items())),
        "## Kinds of message",
        _table("messages | n | intents exact | frames exact", _groups(report)),
        "What the shop cannot serve should be recognised as such, and must not be acted on. Foreign topics are no "
        "shop's business; unsupported requests are, but not yet this one's.",
        _table("beyond the shop | n | recognised | acted on | false alarms", _beyond(report)),
        "## Confidence",
        _table("readings, by confidence | n | mean confidence | frames exact", _bins(report.bins)),
        _table(
            "surest share acted on | wrong frames among them",
            ((f"{share:.0%}", f"{risk_at(report.curve, share):.3f}") for share in COVERAGES),
        ),
        "## Intents",
        _table("intent | precision | recall | F1 | support", _scores(report.by_intent)),
        _table("first intent meant | read as | times", report.confusions()[:CONFUSIONS_SHOWN]),
        "## Slots",
        _table("slot | precision | recall | F1 | support", _scores(report.by_slot)),
        f"## The {WORST_SHOWN} surest mistakes",
        _table("confidence | message | meant | read", _mistakes(report)),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _groups(report: Report) -> Iterable[Sequence[object]]:
    kinds = [*report.groups.items(), *((f"tagged {tag}", group) for tag, group in report.by_tag.items())]
    return ((kind, one.n, f"{one.intents_exact:.3f}", f"{one.frames_exact:.3f}") for kind, one in kinds)


def _beyond(report: Report) -> Iterable[Sequence[object]]:
    for kind, one in (("foreign topics", report.foreign), ("unsupported requests", report.unsupported)):
        if one:
            yield kind, one.n, f"{one.recognised:.3f}", f"{one.acted_on:.3f}", f"{one.false_alarms:.3f}"


def _bins(bins: Sequence[Bin]) -> Iterable[Sequence[object]]:
    return ((place, one.n, f"{one.confidence:.3f}", f"{one.right:.3f}") for place, one in enumerate(bins, 1))


def _scores(scores: Mapping[str, Score]) -> Iterable[Sequence[object]]:
    return (
        (name, f"{one.precision:.2f}", f"{one.recall:.2f}", f"{one.f1:.2f}", one.support)
        for name, one in scores.items()
    )


def _mistakes(report: Report) -> Iterable[Sequence[object]]:
    for example, read in report.mistakes[:WORST_SHOWN]:
        meant, found = format_commands(example.commands), format_commands(read.commands)
        yield f"{read.confidence:.2f}", example.text, f"`{meant}`", f"`{found}`"


def _table(header: str, rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; nothing where it has no rows."""
    lines = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    return "\n".join([f"| {header} |", "|---" * (header.count("|") + 1) + "|", *lines]) if lines else ""


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _plain(values: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    return {name: _rounded(vars(one)) for name, one in values.items()}


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}
