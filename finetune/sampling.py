"""Which pairs a short epoch learns: what is new to the adapter that it goes on from, and a rehearsal of the rest."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from finetune.dataset import Pair
from finetune.settings import TrainSettings
from finetune.taught import example_hash
from intents.examples import Example

DEV_PART = 4  # a sample is judged by a quarter as many development pairs
SCARCE = 20  # examples; a new one of an intent that has fewer is learnt several times in an epoch
OFTEN_ENOUGH = 40  # times that an epoch has a scarce intent, all its examples together


def draw(pairs: Sequence[Pair], size: int | None, taught: Collection[int] | None, chance: random.Random) -> list[Pair]:
    """All pairs without a `size`. Else all that are new, and of the others up to `size`, and at least as many as new.

    `taught` has the hashes of the examples that the adapter knows; None where nobody wrote them down. New examples of a
    scarce intent come several times: once each teaches an adapter of five no more than that they exist.
    """
    if size is None or size >= len(pairs):
        return list(pairs)
    new: list[Pair] = []
    old: list[Pair] = []
    for pair in pairs:
        (new if is_new(pair, taught) else old).append(pair)
    rehearsed = chance.sample(old, min(len(old), max(size - len(new), len(new))))
    return [*new, *rehearsed, *_again(new, pairs)]


def scarce_intents(examples: Iterable[Example]) -> dict[str, int]:
    """Intents of few examples, and of how many; an example counts for its first command's."""
    counts = Counter(one.commands[0].intent for one in examples)
    return {name: count for name, count in counts.items() if count < SCARCE}


def _again(new: Sequence[Pair], pairs: Sequence[Pair]) -> list[Pair]:
    """The further times that new examples of scarce intents are learnt."""
    scarce = scarce_intents(pair.example for pair in pairs if pair.example)
    counts = [scarce.get(pair.example.commands[0].intent) if pair.example else None for pair in new]
    return [pair for pair, count in zip(new, counts, strict=True) if count for _ in range(OFTEN_ENOUGH // count - 1)]


def chance_of(settings: TrainSettings, epoch: int) -> random.Random:
    """What an epoch's sample is drawn with."""
    return random.Random(f"{settings.seed}/{epoch}")


def learnt(pairs: Sequence[Pair], settings: TrainSettings, taught: Collection[int] | None) -> list[Pair]:
    """What an adapter knows after a training: what was drawn for some epoch, and what it was taught before."""
    epochs = range(1, settings.epochs + 1)
    drawn = {id(one) for epoch in epochs for one in draw(pairs, settings.sample, taught, chance_of(settings, epoch))}
    return [pair for pair in pairs if id(pair) in drawn or (taught is not None and not is_new(pair, taught))]


def draw_dev(pairs: Sequence[Pair], size: int | None, chance: random.Random) -> list[Pair]:
    """The development pairs, or for a sample so few that judging it takes no longer than learning it."""
    most = len(pairs) if size is None else max(1, size // DEV_PART)
    return list(pairs) if most >= len(pairs) else chance.sample(pairs, most)


def is_new(pair: Pair, taught: Collection[int] | None) -> bool:
    return taught is not None and pair.example is not None and example_hash(pair.example) not in taught
