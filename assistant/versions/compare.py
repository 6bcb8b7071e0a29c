"""A candidate beside the live version: figures, intents that got better or worse, conversations won and lost. Pure.

`compare` makes the value, `regressions` says in sentences what got worse, `markdown` shows it all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assistant.versions.pages import line
from finetune.evaluate import evaluate, frame_right
from finetune.report import Report
from intents.commands import format_commands
from intents.examples import Example
from intents.recogniser import Understanding

WATCHED = {  # figures of which less is worse
    "intents_exact": "messages whose intents are right",
    "frames_exact": "messages that are right whole",
    "out_of_scope_recall": "foreign topics recognised",
}
NOISE = 1  # messages of an intent that may be lost on balance before it counts as worse
LONGEST = 160  # characters of a message that are shown
Faults = Mapping[str, Sequence[str]]  # of each conversation by name, empty where it went as written


@dataclass(frozen=True)
class Flip:
    """A message that one version reads right and the other does not."""

    text: str
    asked: str  # what was asked before, if anything
    meant: str
    live: str
    candidate: str


@dataclass(frozen=True)
class IntentChange:
    """Messages of an intent (their first) that are right, whole; `mended` and `broken` by the candidate."""

    intent: str
    n: int
    live: int
    candidate: int
    mended: tuple[Flip, ...]
    broken: tuple[Flip, ...]


@dataclass(frozen=True)
class Comparison:
    live: str
    candidate: str
    messages: str  # the name of the set
    figures: dict[str, tuple[float, float]]  # live, candidate
    intents: tuple[IntentChange, ...]  # those with a difference, the worst first
    conversations: int
    lost: dict[str, tuple[str, ...]]  # as written with the live version, and not with the candidate: what differs
    won: tuple[str, ...]
    unheld: dict[str, tuple[str, ...]]  # corrected at the desk, and read wrongly by the candidate as well: what differs

    @property
    def regressions(self) -> tuple[str, ...]:
        """What got worse, or is still as wrong as it was when staff corrected it, a sentence each; empty is good."""
        return (
            *_worse_figures(self), *_worse_intents(self), *_lost_conversations(self), *_unheld_corrections(self)
        )  # fmt: skip


def compare(
    names: tuple[str, str],
    messages: str,
    examples: Sequence[Example],
    live: Sequence[Understanding],
    candidate: Sequence[Understanding],
    conversations: tuple[Faults, Faults],
    supported: frozenset[str],
    corrected: frozenset[str] = frozenset(),
) -> tuple[Comparison, Report]:
    """The comparison, and the candidate's own evaluation. Pairs hold what is of the live version first; `corrected`
    names the conversations in which staff corrected a turn."""
    before, after = (evaluate(examples, readings, supported) for readings in (live, candidate))
    ours, theirs = before.figures(), after.figures()
    was, now = conversations
    found = Comparison(
        names[0],
        names[1],
        messages,
        {name: (value, theirs[name]) for name, value in ours.items() if name in theirs},
        intent_changes(examples, live, candidate),
        len(now),
        {name: tuple(now[name]) for name in now if now[name] and not was[name]},
        tuple(name for name in now if was[name] and not now[name]),
        {name: tuple(now[name]) for name in now if name in corrected and now[name] and was[name]},
    )
    return found, after


def intent_changes(
    examples: Sequence[Example], live: Sequence[Understanding], candidate: Sequence[Understanding]
) -> tuple[IntentChange, ...]:
    counts: Counter[tuple[str, str]] = Counter()
    flips: dict[tuple[str, str], list[Flip]] = {}
    for example, old, new in zip(examples, live, candidate, strict=True):
        intent, was, now = example.commands[0].intent, frame_right(example, old), frame_right(example, new)
        counts.update([(intent, "n"), *([(intent, "live")] * was), *([(intent, "candidate")] * now)])
        if was != now:
            flips.setdefault((intent, "broken" if was else "mended"), []).append(_flip(example, old, new))
    found = [
        IntentChange(
            intent,
            counts[intent, "n"],
            counts[intent, "live"],
            counts[intent, "candidate"],
            tuple(flips.get((intent, "mended"), ())),
            tuple(flips.get((intent, "broken"), ())),
        )
        for intent in {intent for intent, _ in flips}
    ]
    return tuple(sorted(found, key=lambda one: (one.candidate - one.live, one.intent)))


def _flip(example: Example, live: Understanding, candidate: Understanding) -> Flip:
    said = (format_commands(commands) for commands in (example.commands, live.commands, candidate.commands))
    return Flip(example.text[:LONGEST], (example.context.bot or "")[-LONGEST:], *said)


def _worse_figures(one: Comparison) -> list[str]:
    return [
        f"{title}: {one.figures[name][1]:.1%}, not {one.figures[name][0]:.1%}"
        for name, title in WATCHED.items()
        if name in one.figures and one.figures[name][1] < one.figures[name][0]
    ]


def _worse_intents(one: Comparison) -> list[str]:
    return [
        f"{change.intent}: {change.candidate} of {change.n} messages are right, not {change.live}"
        for change in one.intents
        if change.candidate < change.live - NOISE
    ]


def _lost_conversations(one: Comparison) -> list[str]:
    return [f"the conversation {name!r} no longer goes as it was written" for name in one.lost]


def _unheld_corrections(one: Comparison) -> list[str]:
    return [f"the conversation {name!r} does not go as it was corrected" for name in one.unheld]


def as_json(one: Comparison) -> dict[str, Any]:
    return {**asdict(one), "regressions": list(one.regressions)}


def markdown(one: Comparison) -> str:
    """The comparison as a page."""
    worse = [f"- {line(told)}" for told in one.regressions] or ["Nothing regressed."]
    figures = [
        f"| {name.replace('_', ' ')} | {old:g} | {new:g} | {new - old:+.4f} |"
        for name, (old, new) in one.figures.items()
    ]
    parts = [
        f"# {one.candidate} beside {one.live}",
        "## What got worse",
        *worse,
        f"## Figures on {one.messages}",
        "\n".join([f"| | {one.live} | {one.candidate} | change |", "|---|---|---|---|", *figures]),
        "## Intents",
        "\n\n".join(map(_intent_markdown, one.intents)) or "No message is read differently right or wrong.",
        f"## Conversations: {one.conversations} played, {len(one.lost)} lost, {len(one.won)} won",
        *(_differs_markdown("lost", *differing) for differing in one.lost.items()),
        *(_differs_markdown("not as corrected", *differing) for differing in one.unheld.items()),
        *(f"- won: {name}" for name in one.won),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _differs_markdown(how: str, name: str, faults: tuple[str, ...]) -> str:
    return "\n".join([f"- {how}: {line(name)}", *(f"  - {line(fault)}" for fault in faults)])


def _intent_markdown(change: IntentChange) -> str:
    lines = [f"### {change.intent}: {change.live} of {change.n} right, now {change.candidate}"]
    for kind, flips in (("broken", change.broken), ("mended", change.mended)):
        for flip in flips:
            asked = f' (after "{line(flip.asked)}")' if flip.asked else ""
            told = f"meant `{line(flip.meant)}`, live `{line(flip.live)}`, candidate `{line(flip.candidate)}`"
            lines.append(f'- {kind}: "{line(flip.text)}"{asked}: {told}')
    return "\n".join(lines)
