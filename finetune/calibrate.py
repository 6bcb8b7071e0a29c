"""Make the confidence mean something, on validation readings: fit it, then choose when to ask back and to hand over.

`calibrate` does it all. The fit is a ridge logistic regression by Newton's method, its targets smoothed as in Platt
(1999), so that a few hundred readings do not make it certain. The thresholds are those of least cost, by what the shop
says a wrong answer, a question back and a hand-over cost (Chow 1970), on confidences fitted without the reading itself.

Pure; `intents.confidence` holds what the server applies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy

from finetune.reliability import calibration_error, reliability_bins
from intents.confidence import FEATURES, Calibration, Signals, Thresholds

FOLDS = 5
LEAST_READINGS = 50  # fewer say too little about seven numbers
RIDGE = 1.0  # on weights of features of unit variance: as a normal prior of that width
STEPS = 50  # Newton needs about six
CLOSE = 1e-10


class CannotCalibrate(ValueError):
    """There are too few validation readings."""


@dataclass(frozen=True)
class Costs:
    """What the shop says each thing costs, a right answer being free. Only their proportions matter.

    A question back offers the reading ("do you mean …?"), so it settles more where the reading was right; what it does
    not settle goes to a person. Were both chances one, asking would cost the same at any confidence, and of asking and
    handing over one would never be best. The defaults are a guess, to be replaced by counting a shop's own
    conversations: a hand-over is some minutes of a person, a wrong answer is that and a shopper who trusts less.
    """

    wrong: float = 1.0
    ask_back: float = 0.25
    hand_over: float = 0.6
    settled_if_right: float = 0.95  # the chance that a question back is enough, where the reading was right
    settled_if_wrong: float = 0.3  # and where it was wrong: the shopper says it in other words

    def __post_init__(self) -> None:
        if not all(0 <= cost < math.inf for cost in (self.wrong, self.ask_back, self.hand_over)):
            raise ValueError(f"Costs are numbers from 0: {self}")
        if not 0 <= self.settled_if_wrong <= self.settled_if_right <= 1:
            raise ValueError(f"Chances lie in 0 to 1, and a right reading is settled no less often: {self}")


@dataclass(frozen=True)
class Operation:
    """What comes of two thresholds on some readings. Shares are of all readings, costs are per reading."""

    thresholds: Thresholds
    answered: float
    asked_back: float
    handed_over: float
    wrong_of_answered: float
    cost: float
    cost_of_answering_all: float


@dataclass(frozen=True)
class Calibrated:
    """A fit, with what it does to validation readings that had no part in it."""

    calibration: Calibration
    operation: Operation
    costs: Costs
    readings: int
    right: float
    ece_before: float  # of the geometric mean of the token probabilities
    ece: float
    confidences: tuple[float, ...]  # of the readings, in their order

    def record(self) -> dict[str, Any]:
        """For the file beside the adapter: what the numbers come from."""
        figures = {name: round(getattr(self, name), 4) for name in ("readings", "right", "ece_before", "ece")}
        operation = {name: round(value, 4) for name, value in vars(self.operation).items() if name != "thresholds"}
        return {**figures, "costs": asdict(self.costs), "operation": operation}


def calibrate(signals: Sequence[Signals], right: Sequence[bool], costs: Costs) -> Calibrated:
    """Fit a confidence to whether the frame was right, and choose thresholds. Raises CannotCalibrate."""
    if len(signals) < LEAST_READINGS:
        raise CannotCalibrate(f"{len(signals)} validation readings are too few; label at least {LEAST_READINGS}.")
    sure = out_of_fold(signals, right)
    before = [math.exp(one.mean_logprob) for one in signals]
    return Calibrated(
        calibration=fit(signals, right),
        operation=operate(sure, right, choose_thresholds(sure, right, costs), costs),
        costs=costs,
        readings=len(signals),
        right=sum(right) / len(right),
        ece_before=calibration_error(reliability_bins(before, right)),
        ece=calibration_error(reliability_bins(sure, right)),
        confidences=tuple(sure),
    )


def fit(signals: Sequence[Signals], right: Sequence[bool]) -> Calibration:
    """A weight for each feature that all readings have."""
    rows = [one.features() for one in signals]
    names = [name for name in FEATURES if all(name in row for row in rows)]
    values = numpy.array([[row[name] for name in names] for row in rows])  # (N, features)
    centre, width = values.mean(axis=0), values.std(axis=0)
    width[width < CLOSE] = 1.0  # a feature that is the same everywhere gets no weight from the ridge
    solved = _logistic((values - centre) / width, _smoothed(numpy.array(right, dtype=bool)))
    weights = solved[1:] / width
    intercept = float(solved[0] - weights @ centre)
    return Calibration(intercept, dict(zip(names, weights.tolist(), strict=True)))


def out_of_fold(signals: Sequence[Signals], right: Sequence[bool]) -> list[float]:
    """The confidence of each reading by a fit on the other folds. Every fifth is a fold: files go intent by intent."""
    found = [0.0] * len(signals)
    for fold in range(FOLDS):
        others = [at for at in range(len(signals)) if at % FOLDS != fold]
        calibration = fit([signals[at] for at in others], [right[at] for at in others])
        for at in range(fold, len(signals), FOLDS):
            found[at] = calibration.confidence(signals[at])
    return found


def choose_thresholds(confidences: Sequence[float], right: Sequence[bool], costs: Costs) -> Thresholds:
    """The thresholds of least cost on these readings; among equals the lowest, so that more is answered."""
    order = numpy.argsort(confidences, kind="stable")
    sure, hit = numpy.asarray(confidences, float)[order], numpy.asarray(right, bool)[order]
    places, levels = _cuts(sure)
    answer, ask, hand = _costs_below(hit, costs)
    # with the least sure `low` handed over and those up to `high` asked: hand[low] + ask[high] - ask[low] + the rest
    below = (hand - ask)[places]
    above = (ask - answer)[places]
    best_below = numpy.minimum.accumulate(below)
    high = _first_least(best_below + above)
    low = _first_least(below[: high + 1])
    return Thresholds(ask_back_below=float(levels[high]), hand_over_below=float(levels[low]))


def operate(confidences: Sequence[float], right: Sequence[bool], thresholds: Thresholds, costs: Costs) -> Operation:
    """What these thresholds do to these readings."""
    sure, hit = numpy.asarray(confidences, float), numpy.asarray(right, bool)
    handed = sure < thresholds.hand_over_below
    asked = ~handed & (sure < thresholds.ask_back_below)
    answered = ~handed & ~asked
    cost = numpy.select([handed, asked], [costs.hand_over, _asking(hit, costs)], _answering(hit, costs))
    return Operation(
        thresholds=thresholds,
        answered=float(answered.mean()),
        asked_back=float(asked.mean()),
        handed_over=float(handed.mean()),
        wrong_of_answered=float((~hit[answered]).mean()) if answered.any() else 0.0,
        cost=float(cost.mean()),
        cost_of_answering_all=float(_answering(hit, costs).mean()),
    )


def _answering(hit: numpy.ndarray, costs: Costs) -> numpy.ndarray:
    return numpy.where(hit, 0.0, costs.wrong)


def _asking(hit: numpy.ndarray, costs: Costs) -> numpy.ndarray:
    settled = numpy.where(hit, costs.settled_if_right, costs.settled_if_wrong)
    return costs.ask_back + (1 - settled) * costs.hand_over


def _costs_below(hit: numpy.ndarray, costs: Costs) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """What answering, asking and handing over the first 0, 1, … N readings costs, each (N + 1,)."""
    each = (_answering(hit, costs), _asking(hit, costs), numpy.full(len(hit), costs.hand_over))
    answer, ask, hand = (numpy.concatenate(([0.0], numpy.cumsum(one))) for one in each)
    return answer, ask, hand


def _cuts(sure: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Where sorted confidences can be cut: how many lie below, and the threshold, which the next one just reaches."""
    places = numpy.concatenate(([0], numpy.flatnonzero(sure[1:] > sure[:-1]) + 1))
    levels = [0.0, *sure[places[1:]]]
    if len(sure) and sure[-1] < 1:
        places, levels = numpy.append(places, len(sure)), [*levels, 1.0]
    return places, numpy.array(levels)


def _first_least(costs: numpy.ndarray) -> int:
    """The first of the least, sums of the same numbers in another order counting as equal."""
    return int(numpy.flatnonzero(costs <= costs.min() + 1e-9)[0])


def _smoothed(hit: numpy.ndarray) -> numpy.ndarray:
    """Platt's targets: not 1 and 0, but what one more reading of each kind would leave of them."""
    n_right, n_wrong = hit.sum(), (~hit).sum()
    return numpy.where(hit, (n_right + 1) / (n_right + 2), 1 / (n_wrong + 2))


def _logistic(values: numpy.ndarray, targets: numpy.ndarray) -> numpy.ndarray:
    """The intercept and weights (features + 1,) of least ridge log loss, by Newton's method with halved steps."""
    inputs = numpy.column_stack([numpy.ones(len(values)), values])
    ridge = numpy.diag([CLOSE, *[RIDGE] * values.shape[1]])  # next to none on the intercept

    def loss(weights: numpy.ndarray) -> float:
        scores = inputs @ weights
        return float((numpy.logaddexp(0, scores) - targets * scores).sum() + weights @ ridge @ weights / 2)

    weights = numpy.zeros(inputs.shape[1])
    for _ in range(STEPS):
        chances = 1 / (1 + numpy.exp(-inputs @ weights))
        slope = inputs.T @ (chances - targets) + ridge @ weights
        bend = (inputs * (chances * (1 - chances))[:, None]).T @ inputs + ridge
        step = numpy.linalg.solve(bend, slope)
        while loss(weights - step) > loss(weights) + CLOSE and numpy.abs(step).max() > CLOSE:
            step = step / 2
        weights = weights - step
        if numpy.abs(step).max() < CLOSE:
            break
    return weights
