"""`aisle tune` on a tiny real model."""

import pytest

from assistant import training
from intents.confidence import BadCalibration
from intents.tuning import TUNING_FILE, read_tuning

pytestmark = pytest.mark.usefixtures("one_thread")
ENOUGH = 160  # messages; fewer than 50 readings that came to an end are refused, and this model ends few


def test_a_tuning_that_cannot_be_read_is_mended_by_tuning_again(aisle, tiny, tmp_path, monkeypatch):
    """It is what the error says to do."""
    from peft import LoraConfig, get_peft_model

    lines = training.VALIDATION.read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "validation.jsonl").write_text("".join(lines[:ENOUGH]), "utf-8")
    monkeypatch.setattr(training, "VALIDATION", tmp_path / "validation.jsonl")
    monkeypatch.setenv("AISLE_INDEX", "false")
    adapter = tmp_path / "adapter"
    get_peft_model(tiny, LoraConfig(r=2, target_modules=["q_proj"])).save_pretrained(adapter)
    (adapter / TUNING_FILE).write_text("{", "utf-8")
    with pytest.raises(BadCalibration, match="Calibrate the adapter again"):
        read_tuning(adapter / TUNING_FILE)

    status, record, said = aisle("tune --adapter adapter")
    assert status == 0, said
    assert record["readings"] <= ENOUGH
    assert read_tuning(adapter / TUNING_FILE).calibration is not None
    assert (adapter / "validation" / "evaluation.md").is_file()
