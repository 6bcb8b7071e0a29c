"""A second opinion on what a message means: the example index beside the generative model.

Where the index puts another intent first, the model is asked to read the message as that intent too, and the reading
with the better sum of both log-probabilities stands. The generative model writes the slots either way. Scores are
fused as in log-linear pooling (Genest and Zidek 1986); that a linear head on sentence vectors and a fine-tuned
generator err differently shows in the table of docs/benchmarks.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from intents.commands import Command
from intents.context import Context

LEAST_CHANCE = 1e-4  # a probability below it is rounding


@dataclass(frozen=True)
class Steer:
    """Where examples lead a message that the model was not taught: to an intent, or to these very commands."""

    intent: str
    commands: tuple[Command, ...] | None = None


class Index(Protocol):
    """What `intents.example_index` gives."""

    @property
    def intents(self) -> Sequence[str]: ...

    def scores(self, messages: Sequence[tuple[str, Context]]) -> np.ndarray:
        """The probability of each intent, float (n, intents)."""
        ...


@runtime_checkable
class SteeringIndex(Index, Protocol):
    """What `intents.fresh_examples` gives."""

    def steer(self, messages: Sequence[tuple[str, Context]]) -> tuple[np.ndarray, list[Steer | None]]:
        """The same, and where each message is led."""
        ...


@dataclass(frozen=True)
class Fusion:
    """How far the index is heeded; chosen on validation messages."""

    weight: float  # of the index's log-probability; the rest is the model's
    objects_above: float  # probability of another intent from which the model is asked again

    def objection(self, commands: Sequence[Command], opinion: Mapping[str, float]) -> str | None:
        """The intent that the index would have, if that is none of those read and it is sure enough."""
        first = max(opinion, key=lambda name: opinion[name])
        if first in {command.intent for command in commands} or opinion[first] < self.objects_above:
            return None
        return first

    def score(self, commands: Sequence[Command], name_logprob: float, opinion: Mapping[str, float]) -> float:
        """How well a reading stands with both; `name_logprob` is the model's, of the first intent's name."""
        index = math.log(max(opinion.get(commands[0].intent, 0.0), LEAST_CHANCE))
        return (1 - self.weight) * name_logprob + self.weight * index

    def ranking(self, read: Mapping[str, float], opinion: Mapping[str, float]) -> list[tuple[str, float]]:
        """Every intent with its share of both opinions, best first; `read` has the log-probabilities the model gave.

        What the model leaves over is spread over the intents that it was not asked for, as the index would have it.
        """
        chances = {name: math.exp(min(logprob, 0.0)) for name, logprob in read.items()}
        left = max(1.0 - sum(chances.values()), LEAST_CHANCE)
        others = sum(chance for name, chance in opinion.items() if name not in chances) or 1.0
        fused = {}
        for name, chance in opinion.items():
            model = chances.get(name, left * chance / others)
            fused[name] = max(model, LEAST_CHANCE) ** (1 - self.weight) * max(chance, LEAST_CHANCE) ** self.weight
        total = sum(fused.values()) or 1.0
        return sorted(((name, share / total) for name, share in fused.items()), key=lambda one: -one[1])


UNTUNED_FUSION = Fusion(weight=0.5, objects_above=0.3)
