"""Choose on validation messages how one adapter is used: how far the index is heeded, the confidence, the thresholds.

`tune` reads every message once, both ways where model and index differ, and tries all settings on those readings. The
messages must be neither in the training examples nor in the index, and figures on them are no test.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

from finetune.calibrate import Costs, calibrate
from finetune.evaluate import frame_right, intents_right
from intents.examples import Example
from intents.fusion import Fusion
from intents.recogniser import Doubt, Recogniser, Understanding
from intents.tuning import Tuning

BATCH = 16  # messages read at once; more gains nothing on two cores
WEIGHTS = tuple(step / 20 for step in range(0, 20))
OBJECTIONS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
ALONE = Fusion(weight=0.0, objects_above=1.1)  # the model, whatever the index says
INDEX_ALONE = Fusion(weight=1.0, objects_above=0.0)  # the index names the first intent, the model writes the rest


@dataclass(frozen=True)
class Tuned:
    tuning: Tuning
    readings: tuple[Understanding, ...]  # of the messages, so tuned
    record: dict[str, Any]  # what it comes from, for people


def tune(recogniser: Recogniser, examples: Sequence[Example], costs: Costs) -> Tuned:
    """The tuning of least mistakes, then of least cost.

    Raises EngineError, and CannotCalibrate for too few examples.
    """
    doubts = weigh_all(recogniser.tuned(Tuning(Fusion(0.0, min(OBJECTIONS)))), examples)
    fusion = choose_fusion(recogniser, examples, doubts)
    readings = decide_all(recogniser, doubts, fusion)
    known = [
        (read.signals, frame_right(example, read))
        for example, read in zip(examples, readings, strict=True)
        if read.signals
    ]
    found = calibrate([signals for signals, _ in known], [right for _, right in known], costs)
    tuning = Tuning(fusion, found.calibration, found.operation.thresholds)
    tuned = recogniser.tuned(tuning)
    ablation = {"model alone": ALONE, "index alone": INDEX_ALONE, "fused": fusion}
    return Tuned(
        tuning,
        tuple(tuned.decide(doubt) for doubt in doubts),
        {
            **found.record(),
            "ablation": {name: _right(recogniser, examples, doubts, one) for name, one in ablation.items()},
        },
    )


def weigh_all(recogniser: Recogniser, examples: Sequence[Example]) -> list[Doubt]:
    """Every message with both opinions, in batches. Raises EngineError."""
    doubts = []
    starts = range(0, len(examples), BATCH)
    for start in tqdm(starts, desc="reading", unit="batch", file=sys.stderr):
        doubts += recogniser.weigh([(one.text, one.context) for one in examples[start : start + BATCH]])
    return doubts


def decide_all(recogniser: Recogniser, doubts: Sequence[Doubt], fusion: Fusion) -> list[Understanding]:
    """What each doubt comes to under a fusion, with the uncalibrated confidence."""
    fused = recogniser.tuned(Tuning(fusion))
    return [fused.decide(doubt) for doubt in doubts]


def choose_fusion(recogniser: Recogniser, examples: Sequence[Example], doubts: Sequence[Doubt]) -> Fusion:
    """The one with most whole frames right, then most intents; among equals the one that heeds the index least."""
    if not any(doubt.opinion for doubt in doubts):
        return ALONE
    tried = [Fusion(weight, above) for weight in WEIGHTS for above in reversed(OBJECTIONS)]

    def worth(fusion: Fusion) -> tuple[float, float]:
        right = _right(recogniser, examples, doubts, fusion)
        return right["frames_exact"], right["intents_exact"]

    return max(tried, key=worth)  # the first of the best


def _right(
    recogniser: Recogniser, examples: Sequence[Example], doubts: Sequence[Doubt], fusion: Fusion
) -> dict[str, float]:
    pairs = list(zip(examples, decide_all(recogniser, doubts, fusion), strict=True))
    tests = {"intents_exact": intents_right, "frames_exact": frame_right}
    return {name: round(sum(test(*pair) for pair in pairs) / len(pairs), 4) for name, test in tests.items()}
