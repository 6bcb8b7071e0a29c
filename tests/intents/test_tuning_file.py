"""What was chosen for an adapter, and the file beside it that holds it."""

import json
import math

import pytest

from intents.confidence import BadCalibration, Calibration, Thresholds
from intents.fusion import Fusion
from intents.tuning import Tuning, read_tuning, write_tuning

TUNING = Tuning(Fusion(0.3, 0.4), Calibration(-0.1, {"mean_log_odds": 0.5, "index_agrees": 1.5}), Thresholds(0.6, 0.2))


def test_a_tuning_reads_back_as_written(tmp_path):
    for number, written in enumerate((TUNING, Tuning())):
        write_tuning(tmp_path / f"{number}.json", written, {"readings": 300})
        assert read_tuning(tmp_path / f"{number}.json") == written


@pytest.mark.parametrize(
    "change",
    [
        {"calibration": {"intercept": 0, "weights": {"mood": 1.0}}},
        {"calibration": {"intercept": 0, "weights": {"log_tokens": math.inf}}},
        {"calibration": {"intercept": 0, "weights": []}},
        {"calibration": {"intercept": "much", "weights": {}}},
        {"thresholds": {"ask_back_below": 0.1, "hand_over_below": 0.2}},
        {"thresholds": {"ask_back_below": 0.1}},
        {"fusion": {"weight": 1}},
        {"fusion": None},
    ],
)
def test_a_file_that_is_no_tuning_is_named(tmp_path, change):
    path = tmp_path / "tuning.json"
    write_tuning(path, TUNING, {})
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **change}), "utf-8")
    with pytest.raises(BadCalibration, match=r"tuning\.json"):
        read_tuning(path)


def test_an_adapter_without_the_file_is_served_with_the_defaults(tmp_path):
    assert read_tuning(tmp_path / "tuning.json") == Tuning()
