"""Fuse two opinions on a message, the example index's and the model's, and choose how: weight and threshold.

    log p = (1 - w) log p_index + w log p_model

over the index's best intents, each scored by the model; serving, which asks the model for one more reading at most, is
in intents/fusion.py. p is the confidence too: it is low where either doubts, and below the threshold a message
counts as out of scope. Pure; weight and threshold are to be chosen on validation data only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy

from finetune.evaluate import OUT_OF_SCOPE

CANDIDATES = 5  # of the index's best, as in the trial that the design reports
SMALLEST = 1e-9  # the index's probabilities are kept above this before their logarithm is taken
WEIGHTS = tuple(round(0.05 * step, 2) for step in range(21))  # of the model, for choosing
WANTED_RECALL = 0.85  # of out-of-scope messages, on validation data: of a hundred, so the bar of 0.8 needs a margin


@dataclass(frozen=True)
class Outcome:
    """Shares are 0..1."""

    accuracy: float  # of the messages in scope
    out_of_scope_recall: float | None  # None where a benchmark has no such messages
    refused: float  # of the messages in scope


@dataclass(frozen=True)
class Reading:
    """How one system read a split: an intent and a confidence for each message, and which intent was meant."""

    meant: numpy.ndarray  # str (n,)
    read: numpy.ndarray  # str (n,)
    sure: numpy.ndarray  # float (n,), 0..1

    def outcome(self, threshold: float) -> Outcome:
        """With what is less sure than the threshold refused as out of scope."""
        beyond = self.meant == OUT_OF_SCOPE
        given = numpy.where(self.sure < threshold, OUT_OF_SCOPE, self.read)
        right = given == self.meant
        recall = float(right[beyond].mean()) if beyond.any() else None
        return Outcome(float(right[~beyond].mean()), recall, float((given[~beyond] == OUT_OF_SCOPE).mean()))


@dataclass(frozen=True)
class Opinions:
    """What the index and the model say of one split."""

    meant: numpy.ndarray  # str (n,)
    intents: numpy.ndarray  # str (intents,)
    index: numpy.ndarray  # probabilities (n, intents)
    model: numpy.ndarray  # log-probabilities (n, k) of the index's best

    def fused(self, weight: float) -> Reading:
        columns, sure = fuse(self.index, self.model, weight)
        return Reading(self.meant, self.intents[columns], sure)


def best(index: numpy.ndarray, number: int = CANDIDATES) -> numpy.ndarray:
    """Columns of the index's likeliest intents, the likeliest first: probabilities (n, intents) to int (n, k)."""
    return numpy.argsort(-index, axis=1, kind="stable")[:, :number]


def fuse(index: numpy.ndarray, model: numpy.ndarray, weight: float) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The chosen column of each row and how sure it is, 0..1: a weighted geometric mean of both probabilities.

    index: probabilities (n, intents); model: log-probabilities (n, k) of the columns that `best` names.
    """
    columns = best(index, model.shape[1])
    opinions = numpy.log(numpy.maximum(numpy.take_along_axis(index, columns, 1), SMALLEST))
    fused = (1 - weight) * opinions + weight * model
    chosen = fused.argmax(1)[:, None]
    return numpy.take_along_axis(columns, chosen, 1)[:, 0], numpy.exp(numpy.take_along_axis(fused, chosen, 1)[:, 0])


def choose_threshold(reading: Reading) -> float:
    """The lowest that finds the wanted share of out-of-scope messages; 0 where there are none."""
    if not (reading.meant == OUT_OF_SCOPE).any():
        return 0.0
    beyond = numpy.where(reading.read == OUT_OF_SCOPE, 0.0, reading.sure)[reading.meant == OUT_OF_SCOPE]
    found = numpy.sort(beyond)[int(numpy.ceil(WANTED_RECALL * len(beyond))) - 1]
    return float(numpy.nextafter(found, 1.0)) if found > 0 else 0.0


def choose_weight(opinions: Opinions, weights: Sequence[float]) -> float:
    """The middle one of the weights that read about as many validation messages right as the best, each at its own
    threshold: those within a standard error of it (Breiman et al. 1984), which chance could put first as well."""
    right = []
    for weight in weights:
        reading = opinions.fused(weight)
        right.append(reading.outcome(choose_threshold(reading)).accuracy)
    most = max(right)
    error = numpy.sqrt(most * (1 - most) / max(1, (opinions.meant != OUT_OF_SCOPE).sum()))
    equal = [weight for weight, share in zip(weights, right, strict=True) if share >= most - error]
    return equal[len(equal) // 2]
