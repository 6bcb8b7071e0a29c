"""Whether a confidence can be trusted: reliability bins, calibration error, and risk against coverage.

Each function takes the confidences of some readings and whether each was right. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy

BINS = 10


@dataclass(frozen=True)
class Bin:
    """Readings of like confidence."""

    n: int
    confidence: float  # their mean, 0..1
    right: float  # the share of them that was right


@dataclass(frozen=True)
class RiskPoint:
    """What comes of acting on the readings of at least this confidence alone."""

    confidence: float
    coverage: float  # the share of all readings that is acted on
    risk: float  # the share of those that is wrong


def reliability_bins(confidences: Sequence[float], right: Sequence[bool]) -> tuple[Bin, ...]:
    """Ten bins of equal mass, the least sure first (Nguyen and O'Connor 2015): as most readings are very sure, bins of
    equal width would be nearly empty. Equal confidences share a bin, so that the order of the messages is nothing."""
    if not len(confidences):
        return ()
    sure, hit = _sorted(confidences, right)
    cuts = numpy.searchsorted(sure, [sure[len(sure) * part // BINS] for part in range(1, BINS)])
    parts = zip(numpy.split(sure, cuts), numpy.split(hit, cuts), strict=True)
    return tuple(Bin(len(one), float(one.mean()), float(share.mean())) for one, share in parts if len(one))


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: how far confidence and accuracy lie apart, the mean over the readings.

    Guo et al. 2017, https://arxiv.org/abs/1706.04599, equation 3, here on bins of equal mass."""
    n = sum(one.n for one in bins)
    return sum(one.n * abs(one.right - one.confidence) for one in bins) / n if n else 0.0


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> tuple[RiskPoint, ...]:
    """The curve, the surest readings first: one point for each confidence that occurs."""
    if not len(confidences):
        return ()
    sure, hit = (values[::-1] for values in _sorted(confidences, right))
    acted = numpy.arange(1, len(sure) + 1)
    risk = 1 - numpy.cumsum(hit) / acted
    last = numpy.append(sure[1:] != sure[:-1], True)  # equal confidences are acted on together
    rows = zip(sure[last], acted[last] / len(sure), risk[last], strict=True)
    return tuple(RiskPoint(float(one), float(coverage), float(share)) for one, coverage, share in rows)


def area_under(curve: Sequence[RiskPoint]) -> float:
    """The mean risk over all coverages (AURC; Geifman et al. 2019, https://arxiv.org/abs/1805.08206): 0 is best."""
    area, before = 0.0, 0.0
    for point in curve:
        area += point.risk * (point.coverage - before)
        before = point.coverage
    return area


def risk_at(curve: Sequence[RiskPoint], coverage: float) -> float:
    """The risk when at least this share of the readings is acted on."""
    return next((point.risk for point in curve if point.coverage >= coverage - 1e-9), 0.0)


def _sorted(confidences: Sequence[float], right: Sequence[bool]) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Both as floats (N,), by rising confidence."""
    sure, hit = numpy.asarray(confidences, float), numpy.asarray(right, float)
    if sure.shape != hit.shape:
        raise ValueError(f"{len(sure)} confidences do not go with {len(hit)} readings")
    order = numpy.argsort(sure, kind="stable")
    return sure[order], hit[order]
