"""An adapter that looks like a trained one, and a registry of versions without any."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.versions.registry import Registry
from tests.finetune.conftest import one_thread, tiny_base, tokenizer  # noqa: F401 - fixtures


@pytest.fixture
def trained(tmp_path: Path) -> Callable[[str], Path]:
    """Call it with a word for an adapter folder that holds it."""

    def make(weights: str) -> Path:
        folder = tmp_path / "trained" / weights
        folder.mkdir(parents=True)
        (folder / "adapter_config.json").write_text("{}", "utf-8")
        (folder / "adapter_model.safetensors").write_text(weights, "utf-8")
        (folder / "manifest.json").write_text(json.dumps({"dev_loss": 0.5, "weights": weights}), "utf-8")
        return folder

    return make


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models", tmp_path / "shipped")
