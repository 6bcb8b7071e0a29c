"""A taught encoder as it is served: MiniLM with its adapter merged, and the head over it. Never imports torch.

`finetune.encoder` writes the folder, `open_head` reads it. LoRA (https://arxiv.org/abs/2106.09685) is merged by numpy:
W' = W + alpha / r * B @ A.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from assistant.engines.embeddings import Embedder, EmbeddingsError, Weights
from intents.head import HEAD_FILE, RECORD_FILE, Head

ADAPTER, CONFIG = "adapter_model.safetensors", "adapter_config.json"
PREFIX, A, B = "base_model.model.", ".lora_A.weight", ".lora_B.weight"


def open_head(base: Path, folder: Path, threads: int) -> Head:
    """The head in `folder` over the embeddings in `base`, in about half a second. Raises EmbeddingsError."""
    try:
        intents = json.loads((folder / RECORD_FILE).read_text("utf-8"))["intents"]
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        head, layers = load_file(folder / HEAD_FILE), load_file(folder / ADAPTER)
        scale = np.float32(config["lora_alpha"] / config["r"])
        encoder = Embedder(base, threads, lambda weights: merged(weights, layers, scale))
        taught = frozenset(head["taught"].tolist())
        return Head(tuple(intents), head["weights"], head["bias"], encoder.embed, taught)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise EmbeddingsError(
            f"Cannot load the encoder in {folder}: {error!r}. Delete that folder to do without it, or train it again."
        ) from error


def merged(weights: Weights, layers: Weights, scale: np.float32) -> Weights:
    """The base's weights with each pair of LoRA's matrices added to its layer. Raises KeyError for an unknown layer."""
    changed = dict(weights)
    for name in layers:
        if name.endswith(A):
            layer = name.removeprefix(PREFIX).removesuffix(A)
            update = layers[name.removesuffix(A) + B].astype(np.float32) @ layers[name].astype(np.float32)
            changed[f"{layer}.weight"] = changed[f"{layer}.weight"] + scale * update
    return changed
