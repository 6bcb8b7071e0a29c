"""The real base model, and an adapter of random weights large enough to change what it says."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from assistant.fetch import find_base
from assistant.settings import Settings
from finetune.base_model import load_base

RANK, ALPHA, LAYERS = 4, 8, 30
SHAPES = {  # of SmolLM2-135M's linear layers, (out, in)
    "self_attn.q_proj": (576, 576),
    "self_attn.k_proj": (192, 576),
    "self_attn.v_proj": (192, 576),
    "self_attn.o_proj": (576, 576),
    "mlp.gate_proj": (1536, 576),
    "mlp.up_proj": (1536, 576),
    "mlp.down_proj": (576, 1536),
}


@pytest.fixture(scope="session")
def base() -> Path:
    """Fetched before: without it these tests say `aisle fetch`."""
    return find_base(Settings().cache)


@pytest.fixture(scope="session")
def loaded(base):
    """The base as training gets it, (model, tokenizer)."""
    return load_base(base)


@pytest.fixture(scope="session")
def adapter(tmp_path_factory) -> Path:
    """An adapter as peft saves it, with weights of a trained one's size."""
    return write_adapter(tmp_path_factory.mktemp("adapter"))


def write_adapter(folder: Path, **changes) -> Path:
    random = np.random.default_rng(7)
    weights = {}
    for layer in range(LAYERS):
        for module, (out, inner) in SHAPES.items():
            name = f"base_model.model.model.layers.{layer}.{module}"
            weights[f"{name}.lora_A.weight"] = random.normal(0, 0.05, (RANK, inner)).astype(np.float16)
            weights[f"{name}.lora_B.weight"] = random.normal(0, 0.02, (out, RANK)).astype(np.float16)
    save_file(weights, folder / "adapter_model.safetensors")
    modules = [module.split(".")[1] for module in SHAPES]
    config = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": ALPHA, "target_modules": modules}
    (folder / "adapter_config.json").write_text(json.dumps(config | changes), encoding="utf-8")
    return folder
