"""How far to trust a reading: signals of the model and of the example index in, a calibrated confidence out.

`read_signals` gathers what is known about one reading. A `Calibration`, fitted on validation messages, turns it into
the chance that the whole frame is right: a logistic regression on few features (Platt 1999, with several scores in
place of one), on the log odds of each probability, so that 0.99 and 0.999 lie apart. `Thresholds` say below which
confidence the assistant asks back, and below which it hands over to a person.

Plain Python: the server applies this to every message.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FEATURES = ("mean_log_odds", "min_log_odds", "log_tokens", "intent_log_odds", "index_log_odds", "index_agrees")
LEAST_CHANCE = 1e-4  # probabilities are kept this far from 0 and 1: beyond it they are rounding, and outliers in a fit


class BadCalibration(ValueError):
    """A calibration cannot be read, or needs a signal that the recogniser does not give."""


@dataclass(frozen=True)
class Signals:
    """What is known about one reading. Logprobs are natural logarithms; None is a signal that was not taken."""

    mean_logprob: float  # of the tokens written
    min_logprob: float  # of the least likely token
    tokens: int  # how many were written: each is one more that can be wrong
    intent_logprob: float | None = None  # of the tokens that name the first intent, together
    index_probability: float | None = None  # that the example index gives to the first intent written
    index_agrees: bool | None = None  # whether that intent is the index's first

    def features(self) -> dict[str, float]:
        """The numbers that a calibration weighs; a signal that was not taken is left out."""
        found = {
            "mean_log_odds": _log_odds(self.mean_logprob),
            "min_log_odds": _log_odds(self.min_logprob),
            "log_tokens": math.log(self.tokens),
        }
        if self.intent_logprob is not None:
            found["intent_log_odds"] = _log_odds(self.intent_logprob)
        if self.index_probability is not None:
            found["index_log_odds"] = _log_odds(math.log(max(self.index_probability, LEAST_CHANCE)))
        if self.index_agrees is not None:
            found["index_agrees"] = float(self.index_agrees)
        return found


@dataclass(frozen=True)
class Calibration:
    """A weight for each feature used, and the intercept. Raises BadCalibration for others."""

    intercept: float
    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        unknown = set(self.weights) - set(FEATURES)
        if unknown or not all(map(math.isfinite, (self.intercept, *self.weights.values()))):
            raise BadCalibration(
                f"A calibration weighs {sorted(unknown) or 'by what is no number'}; it takes {list(FEATURES)}."
            )

    def confidence(self, signals: Signals) -> float:
        """The chance that the whole frame is right, 0..1. Raises BadCalibration where a signal is missing."""
        features = signals.features()
        missing = [name for name in self.weights if name not in features]
        if missing:
            raise BadCalibration(
                f"This calibration weighs {', '.join(missing)}, which the recogniser does not give. "
                "Calibrate again as it is now, or give it the example index."
            )
        return _sigmoid(self.intercept + sum(weight * features[name] for name, weight in self.weights.items()))


@dataclass(frozen=True)
class Thresholds:
    """What to do with a reading: hand over below the one, ask back below the other, else act on it."""

    ask_back_below: float
    hand_over_below: float

    def __post_init__(self) -> None:
        if not 0 <= self.hand_over_below <= self.ask_back_below <= 1:
            raise BadCalibration(
                f"Thresholds lie in 0 to 1, and handing over below asking back: not {self.hand_over_below} and "
                f"{self.ask_back_below}."
            )


def read_signals(
    logprobs: Sequence[float],
    intent: str,
    intent_logprob: float | None = None,  # of the tokens that name the first intent
    index: Mapping[str, float] | None = None,  # the example index's probability of each intent
) -> Signals:
    """The signals of one reading that begins with `intent`. Raises ValueError where no token was written."""
    if not logprobs:
        raise ValueError("A reading of no tokens has no signals; its confidence is 0.")
    return Signals(
        mean_logprob=sum(logprobs) / len(logprobs),
        min_logprob=min(logprobs),
        tokens=len(logprobs),
        intent_logprob=intent_logprob,
        index_probability=None if index is None else index.get(intent, 0.0),
        index_agrees=None if index is None else max(index, key=lambda name: index[name], default=None) == intent,
    )


def _log_odds(logprob: float) -> float:
    chance = min(max(math.exp(min(logprob, 0.0)), LEAST_CHANCE), 1 - LEAST_CHANCE)
    return math.log(chance / (1 - chance))


def _sigmoid(score: float) -> float:
    if score >= 0:
        return 1 / (1 + math.exp(-score))
    return math.exp(score) / (1 + math.exp(score))  # exp(-score) would overflow
