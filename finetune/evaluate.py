"""Measure the recogniser on labelled messages: intents, whole frames, slots, what lies beyond the shop, the confidence.

`evaluate` takes messages and their readings, and is pure; `write_report` keeps what it found. A frame is right when the
intents and all slots are, whatever their order; slot texts are compared without case, outer punctuation and leading
article.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from finetune.pictures import draw_confusion, draw_reliability, draw_risk_coverage
from finetune.reliability import area_under, calibration_error, reliability_bins, risk_coverage
from finetune.report import Beyond, Group, Report, Score, as_json, markdown
from intents.commands import Command, SlotValue
from intents.confidence import Thresholds
from intents.examples import Example
from intents.recogniser import Understanding

OUT_OF_SCOPE = "out_of_scope"

Pair = tuple[Example, Understanding]
Kind = Callable[[Sequence[Command]], bool]
Parts = Callable[[Sequence[Command]], Counter[tuple[str, SlotValue]]]


def evaluate(
    examples: Sequence[Example], readings: Sequence[Understanding], supported: Collection[str] | None = None
) -> Report:
    """Compare readings with what was meant. `supported` are the intents that the shop serves, where that is known."""
    pairs = list(zip(examples, readings, strict=True))
    sure = [read.confidence for _, read in pairs]
    frames, intents = [frame_right(*pair) for pair in pairs], [intents_right(*pair) for pair in pairs]
    bins, curve = reliability_bins(sure, frames), risk_coverage(sure, frames)
    whole = group(pairs)
    wrong = [pair for pair, right in zip(pairs, frames, strict=True) if not right]
    return Report(
        n=whole.n,
        intents_exact=whole.intents_exact,
        frames_exact=whole.frames_exact,
        slot_f1=slot_f1(pairs),
        ece_frames=calibration_error(bins),
        ece_intents=calibration_error(reliability_bins(sure, intents)),
        risk_area=area_under(curve),
        groups=groups(pairs, supported),
        by_tag={tag: group([pair for pair in pairs if tag in pair[0].tags]) for tag in _tags(examples)},
        by_intent=scores(pairs, lambda commands: Counter((one.intent, "") for one in commands)),
        by_slot=scores(pairs, _slots),
        foreign=beyond(pairs, is_foreign, supported),
        unsupported=None if supported is None else beyond(pairs, is_unsupported(supported), supported),
        confusion=dict(Counter((one.commands[0].intent, read.commands[0].intent) for one, read in pairs)),
        bins=bins,
        curve=curve,
        mistakes=tuple(sorted(wrong, key=lambda pair: -pair[1].confidence)),
    )


def write_report(report: Report, out: Path, title: str, thresholds: Thresholds | None = None) -> None:
    """evaluation.json, evaluation.md and the pictures, into a folder that exists."""
    pictures = {
        "confusion.png": "which first intent was taken for which",
        "reliability.png": "accuracy against confidence",
        "risk_coverage.png": "wrong frames against the share acted on",
    }
    page = markdown(report, title)
    if report.n:
        draw_confusion(out / "confusion.png", report.confusion)
        draw_reliability(out / "reliability.png", report.bins)
        draw_risk_coverage(out / "risk_coverage.png", report.curve, thresholds)
        page += "\n" + "\n".join(f"![{says}]({name})" for name, says in pictures.items()) + "\n"
    (out / "evaluation.json").write_text(json.dumps(as_json(report), indent=1) + "\n", "utf-8")
    (out / "evaluation.md").write_text(page, "utf-8")


def intents_right(example: Example, read: Understanding) -> bool:
    return intents_of(example.commands) == intents_of(read.commands)


def frame_right(example: Example, read: Understanding) -> bool:
    return Counter(map(_frame, example.commands)) == Counter(map(_frame, read.commands))


def intents_of(commands: Sequence[Command]) -> Counter[str]:
    return Counter(command.intent for command in commands)


def group(pairs: Sequence[Pair]) -> Group:
    return Group(
        len(pairs), _share(intents_right(*pair) for pair in pairs), _share(frame_right(*pair) for pair in pairs)
    )


def groups(pairs: Sequence[Pair], supported: Collection[str] | None) -> dict[str, Group]:
    """The kinds of message that are told apart; those that do not occur are left out, but for messages in context."""
    kinds: dict[str, Callable[[Example], bool]] = {
        "in context": lambda one: not one.context.is_empty,
        "without context": lambda one: one.context.is_empty,
        "one command": lambda one: len(one.commands) == 1,
        "several commands": lambda one: len(one.commands) > 1,
        "foreign topics": lambda one: is_foreign(one.commands),
    }
    if supported is not None:
        kinds["unsupported requests"] = lambda one: is_unsupported(supported)(one.commands)
    found = {name: group([pair for pair in pairs if kind(pair[0])]) for name, kind in kinds.items()}
    return {name: one for name, one in found.items() if one.n or name == "in context"}


def is_foreign(commands: Sequence[Command]) -> bool:
    return any(command.intent == OUT_OF_SCOPE for command in commands)


def is_unsupported(supported: Collection[str]) -> Kind:
    """Whether some command is in scope, but none that the shop serves."""
    return lambda commands: any(one.intent != OUT_OF_SCOPE and one.intent not in supported for one in commands)


def beyond(pairs: Sequence[Pair], kind: Kind, supported: Collection[str] | None) -> Beyond:
    """How messages of a kind that the shop cannot serve were read, and which others were taken for them."""
    them = [read.commands for example, read in pairs if kind(example.commands)]
    others = [read.commands for example, read in pairs if not kind(example.commands)]
    lacks = is_unsupported(supported) if supported is not None else (lambda _: False)
    return Beyond(
        n=len(them),
        recognised=_share(map(kind, them)),
        acted_on=_share(not is_foreign(read) and not lacks(read) for read in them),
        false_alarms=_share(map(kind, others)),
    )


def slot_f1(pairs: Sequence[Pair]) -> float:
    """Micro F1 over (slot, value)."""
    right, meant, found = _counts(pairs, _slots)
    total = meant.total() + found.total()
    return 2 * right.total() / total if total else 1.0


def scores(pairs: Sequence[Pair], parts: Parts) -> dict[str, Score]:
    """The score of each name, of intents or of slots; a part is right when the same was meant in that message."""
    right, meant, found = _counts(pairs, parts)
    return {name: _score(right[name], meant[name], found[name]) for name in sorted(meant | found)}


def _counts(pairs: Sequence[Pair], parts: Parts) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """How often each name was right, was meant and was read."""
    right: Counter[str] = Counter()
    meant: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for example, read in pairs:
        wanted, got = parts(example.commands), parts(read.commands)
        for counter, part in ((right, wanted & got), (meant, wanted), (found, got)):
            for (name, _), n in part.items():
                counter[name] += n
    return right, meant, found


def _slots(commands: Sequence[Command]) -> Counter[tuple[str, SlotValue]]:
    return Counter((name, _same(value)) for command in commands for name, value in command.slots)


def _score(right: int, meant: int, found: int) -> Score:
    precision = right / found if found else 0.0
    recall = right / meant if meant else 0.0
    f1 = 2 * right / (meant + found) if meant + found else 0.0
    return Score(round(precision, 4), round(recall, 4), round(f1, 4), meant)


def _share(right: Iterable[bool]) -> float:
    each = list(right)
    return sum(each) / len(each) if each else 0.0


def _tags(examples: Sequence[Example]) -> list[str]:
    return sorted({tag for one in examples for tag in one.tags})


def _frame(command: Command) -> tuple[str, frozenset[tuple[str, SlotValue]]]:
    return command.intent, frozenset((name, _same(value)) for name, value in command.slots)


def _same(value: SlotValue) -> SlotValue:
    if not isinstance(value, str):
        return float(value)
    words = value.casefold().strip(" .,!?;:\"'#").split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in ("a", "an", "the") else words)
