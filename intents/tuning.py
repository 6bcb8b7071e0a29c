"""What was chosen on validation messages for one adapter: how far the index is heeded, the confidence, the thresholds.

Kept as `tuning.json` beside the adapter, because it holds for that adapter only. An adapter without the file is served
with the defaults: no calibration, and thresholds that nobody chose.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intents.confidence import BadCalibration, Calibration, Thresholds
from intents.fusion import UNTUNED_FUSION, Fusion

TUNING_FILE = "tuning.json"
UNTUNED = Thresholds(ask_back_below=0.5, hand_over_below=0.0)  # as likely wrong as right; never at once to a person


@dataclass(frozen=True)
class Tuning:
    fusion: Fusion = UNTUNED_FUSION
    calibration: Calibration | None = None  # None: the confidence is the tokens' geometric mean
    thresholds: Thresholds = UNTUNED


def write_tuning(path: Path, tuning: Tuning, record: Mapping[str, Any]) -> None:
    """Keep it as JSON. `record` says what the numbers come from, for people: it is not read back."""
    calibration = tuning.calibration
    data = {
        "fusion": vars(tuning.fusion),
        "calibration": calibration and {"intercept": calibration.intercept, "weights": dict(calibration.weights)},
        "thresholds": vars(tuning.thresholds),
        "record": dict(record),
    }
    path.write_text(json.dumps(data, indent=1) + "\n", "utf-8")


def read_tuning(path: Path) -> Tuning:
    """What `write_tuning` wrote; the defaults where there is no such file. Raises BadCalibration."""
    if not path.is_file():
        return Tuning()
    try:
        data = json.loads(path.read_text("utf-8"))
        weights = data["calibration"]
        return Tuning(
            Fusion(**{name: float(value) for name, value in data["fusion"].items()}),
            weights and Calibration(float(weights["intercept"]), {n: float(w) for n, w in weights["weights"].items()}),
            Thresholds(**{name: float(value) for name, value in data["thresholds"].items()}),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadCalibration(f"{path} cannot be used ({error!r}). Calibrate the adapter again.") from error
