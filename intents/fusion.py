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
from typing import Protocol

import numpy as np

from intents.commands import Command
from intents.context import Context

LEAST_CHANCE = 1e-4  # a probability below it is rounding


class Index(Protocol):
    """What `intents.example_index` gives."""

    @property
    def intents(self) -> Sequence[str]: ...

    def scores(self, messages: Sequence[tuple[str, Context]]) -> np.ndarray:
        """The probability of each intent, float (n, intents)."""
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


UNTUNED_FUSION = Fusion(weight=0.5, objects_above=0.3)
