"""Which pairs a short epoch learns: what is new to the adapter that it goes on from, and a rehearsal of the rest."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence

from finetune.dataset import Pair
from finetune.settings import TrainSettings
from finetune.taught import example_hash

DEV_PART = 4  # a sample is judged by a quarter as many development pairs


def draw(pairs: Sequence[Pair], size: int | None, taught: Collection[int] | None, chance: random.Random) -> list[Pair]:
    """All pairs without a `size`. Else all that are new, and of the others up to `size`, and at least as many as new.

    `taught` has the hashes of the examples that the adapter knows; None where nobody wrote them down.
    """
    if size is None or size >= len(pairs):
        return list(pairs)
    new: list[Pair] = []
    old: list[Pair] = []
    for pair in pairs:
        (new if is_new(pair, taught) else old).append(pair)
    return [*new, *chance.sample(old, min(len(old), max(size - len(new), len(new))))]


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
