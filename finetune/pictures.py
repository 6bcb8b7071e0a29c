"""Pictures of an evaluation: the confusion matrix, the reliability diagram, the risk-coverage curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy

from finetune.reliability import Bin, RiskPoint, calibration_error
from intents.confidence import Thresholds

BLUE, RED, GREY = "#2f5d8a", "#c2552d", "#c9d3df"
DPI = 110
INCHES_A_NAME = 0.22  # of the matrix's sides, so that 43 intents can be read


def draw_confusion(path: Path, confusion: Mapping[tuple[str, str], int]) -> None:
    """A row for each intent meant, a column for each read; the shade is the share of the row, the number a count."""
    names = sorted({name for pair in confusion for name in pair})
    at = {name: place for place, name in enumerate(names)}
    counts = numpy.zeros((len(names), len(names)))
    for (meant, read), n in confusion.items():
        counts[at[meant], at[read]] = n
    shares = counts / numpy.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 3 + INCHES_A_NAME * len(names)
    pyplot = _pyplot()
    figure, axes = pyplot.subplots(figsize=(side, side), layout="constrained")
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in zip(*counts.nonzero(), strict=True):
        shade = "white" if shares[row, column] > 0.5 else RED if row != column else "black"
        axes.text(column, row, f"{counts[row, column]:.0f}", ha="center", va="center", fontsize=6, color=shade)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set(xlabel="first intent read", ylabel="first intent meant")
    _save(figure, path)


def draw_reliability(path: Path, bins: Sequence[Bin]) -> None:
    """Where the confidence is calibrated, the points lie on the diagonal; a point's area is its number of readings."""
    pyplot = _pyplot()
    figure, axes = pyplot.subplots(figsize=(5, 5), layout="constrained")
    axes.plot([0, 1], [0, 1], "--", color=GREY, label="calibrated")
    sure, right = [one.confidence for one in bins], [one.right for one in bins]
    largest = max(one.n for one in bins)
    axes.plot(sure, right, color=BLUE, linewidth=1)
    areas = [20 + 100 * one.n / largest for one in bins]
    axes.scatter(sure, right, areas, color=BLUE, label=f"readings (ECE {calibration_error(bins):.3f})")
    axes.set(xlabel="mean confidence", ylabel="share of frames right", xlim=(0, 1.03), ylim=(0, 1.03))
    axes.legend(frameon=False, loc="upper left")
    _save(figure, path)


def draw_risk_coverage(path: Path, curve: Sequence[RiskPoint], thresholds: Thresholds | None = None) -> None:
    """Wrong frames among the surest readings, by how many are acted on; the thresholds are points of the curve."""
    pyplot = _pyplot()
    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    axes.plot([one.coverage for one in curve], [one.risk for one in curve], color=BLUE, label="all readings so sure")
    if thresholds:
        for name, level, colour in (
            ("answered", thresholds.ask_back_below, RED),
            ("answered or asked back", thresholds.hand_over_below, "black"),
        ):
            above = [one for one in curve if one.confidence >= level]
            if above:
                label = f"{name}: confidence from {level:.2f}"
                axes.plot(above[-1].coverage, above[-1].risk, "o", color=colour, label=label)
    axes.set(xlabel="share of readings acted on, the surest first", ylabel="share of wrong frames among them")
    axes.set(xlim=(0, 1.02), ylim=(0, None))
    axes.legend(frameon=False, loc="upper left")
    _save(figure, path)


def _pyplot() -> Any:
    import matplotlib  # here, because a third of a second is long for a command's --help

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=DPI)
    _pyplot().close(figure)
