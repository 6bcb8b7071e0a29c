"""Curves for TensorBoard: written where the package is, and a plain sentence where it is not."""

from __future__ import annotations

import math
import sys

import pytest

from finetune import train as training
from finetune.board import NoTensorBoard
from finetune.settings import TrainSettings
from tests.finetune.conftest import tiny_llama


def test_without_the_package_nothing_is_trained_and_its_name_is_said(pairs, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(NoTensorBoard, match="pip install tensorboard"):
        settings = TrainSettings(tensorboard=str(tmp_path / "curves"))
        training.train(tmp_path / "base", pairs, pairs, tmp_path / "new", settings)
    assert list(tmp_path.iterdir()) == []


def test_losses_and_learning_rate_are_drawn_at_each_step(tokenizer, pairs, tmp_path, monkeypatch, one_thread):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    monkeypatch.setattr(training, "load_base", lambda path, dtype: (tiny_llama(len(tokenizer)), tokenizer))
    settings = TrainSettings(epochs=2, rank=4, batch_tokens=60, tensorboard=str(tmp_path / "curves"))
    log = training.train(tmp_path / "base", pairs, pairs, tmp_path / "new", settings)
    events = EventAccumulator(str(tmp_path / "curves")).Reload()
    drawn = {name: [(event.step, event.value) for event in events.Scalars(name)] for name in events.Tags()["scalars"]}
    steps = [number for number, _ in log.steps]
    rates = list(zip(steps, log.learning_rates, strict=True))
    for name, expected in {"loss": log.steps, "development_loss": log.epochs, "learning_rate": rates}.items():
        assert [step for step, _ in drawn[name]] == [step for step, _ in expected]
        assert all(math.isclose(a, b, rel_tol=1e-5) for (_, a), (_, b) in zip(drawn[name], expected, strict=True))
    assert "tensorboard" not in training.manifest(settings, log)["settings"]
