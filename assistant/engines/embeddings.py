"""Sentence vectors by all-MiniLM-L6-v2, run with OpenVINO. Never imports torch.

The network is six plain BERT layers, so it is put together here from OpenVINO's operations and the weights as they were
fetched, as fast as a converted file would load: there is nothing to convert and nothing more to keep in the cache.
Start at `Embedder`; `build_network` and what follows it are the layers, in the order of a forward pass. The matrices
are kept in 8 bits and multiplied as they are: 90 MiB less, and vectors at a cosine of 0.9998 to the full ones.

Two vectors come of one reading. `embed` gives the model's own, which tells what a text is about: for search. What a
shopper wants done hangs on wording that it was trained to look past ("is it in" and "put it in"), and which the layers
below still hold: `embed_wording` gives them side by side, and finds 82 intents of 100 where the last layer finds 77."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

# OpenVINO's tools report every use to an analytics service on the internet, unless this module cannot be imported
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
import openvino  # noqa: E402
from openvino import opset13 as ops  # noqa: E402

from assistant.engines.plugin import FEW_SHAPES  # noqa: E402

LAYERS, HEADS, DIMENSIONS, EPSILON = 6, 12, 384, 1e-12
CONFIG = {
    "model_type": "bert", "hidden_act": "gelu", "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
    "hidden_size": DIMENSIONS, "layer_norm_eps": EPSILON, "position_embedding_type": "absolute",
}  # fmt: skip
LONGEST = 256  # tokens; the model's own limit, what a longer text says after them is not read
BATCH = 32  # texts of like length: 64 took just twice as long on two cores
WORDING = (0, 2, 4, 6)  # of the word embeddings, 0, and the layers after them
GROUP, MOST = 64, 127  # weights that share a scale, as one scale a row costs five times the error; a signed 8 bits
HIDDEN = -1e4  # added to the attention paid to padding; exp of it is 0
_opening = threading.Lock()  # one model, whoever asks first

Weights = Mapping[str, np.ndarray]
Change = Callable[[Weights], Weights]
Node = Any  # openvino.Node, whose module is not typed


class EmbeddingsError(RuntimeError):
    """The embeddings cannot be loaded; the message says from where and what to do."""


class Embedder:
    """Texts to vectors. Safe to call from many threads."""

    def __init__(self, folder: Path, threads: int, changed: Change = lambda weights: weights) -> None:
        """Load what `assistant.fetch.find_embeddings` found, in about half a second, `changed` as an adapter has it.
        Raises EmbeddingsError."""
        _check_config(folder)
        self._tokenizer = _open_tokenizer(folder)
        try:
            network = build_network(changed(load_file(folder / "model.safetensors")))
        except (OSError, SafetensorError, KeyError) as error:
            raise EmbeddingsError(_cannot_load(folder, repr(error))) from error
        speed = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads,
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,  # what is multiplied with the weights stays in float32
            **FEW_SHAPES,
        }
        self._model = openvino.Core().compile_model(network, "CPU", speed)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """What each text is about: one vector of length 1 each, float32 (n, 384)."""
        return self._read(texts, 0, DIMENSIONS)

    def embed_wording(self, texts: Sequence[str]) -> np.ndarray:
        """What each text is about and how it is said: one vector of length 1 each, float32 (n, 1536)."""
        return self._read(texts, 1, len(WORDING) * DIMENSIONS)

    def _read(self, texts: Sequence[str], output: int, width: int) -> np.ndarray:
        """One of the network's outputs for all texts; those of like length are read together."""
        vectors = np.empty((len(texts), width), np.float32)
        by_length = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for start in range(0, len(texts), BATCH):
            batch = by_length[start : start + BATCH]
            vectors[batch] = self._read_batch([texts[number] for number in batch], output)
        return vectors

    def _read_batch(self, texts: list[str], output: int) -> np.ndarray:
        encoded = self._tokenizer.encode_batch(texts)
        tokens = np.array([one.ids for one in encoded], np.int64)
        mask = np.array([one.attention_mask for one in encoded], np.float32)
        found: np.ndarray = self._model.create_infer_request().infer([tokens, mask])[
            output
        ]  # a request is one thread's
        return found


def _check_config(folder: Path) -> None:
    """Another model's weights would run all the same, and give vectors that mean nothing."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise EmbeddingsError(_cannot_load(folder, repr(error))) from error
    other = {key: config.get(key) for key, value in CONFIG.items() if config.get(key) != value}
    if other:
        raise EmbeddingsError(_cannot_load(folder, f"its config.json is not all-MiniLM-L6-v2's: {other}"))


def _open_tokenizer(folder: Path) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # tokenizers raises nothing more precise
        raise EmbeddingsError(_cannot_load(folder, repr(error))) from error
    tokenizer.enable_truncation(LONGEST)
    tokenizer.enable_padding()
    return tokenizer


def _cannot_load(folder: Path, reason: str) -> str:
    return f"Cannot load the embeddings in {folder}: {reason}. Delete that folder and run `aisle fetch` again."


def shared_embedder(folder: Path, threads: int) -> Embedder:
    """One for all who ask for the same, also at the same time: it takes 105 MiB. Raises EmbeddingsError."""
    with _opening:
        return _opened(folder, threads)


@cache
def _opened(folder: Path, threads: int) -> Embedder:
    return Embedder(folder, threads)


def build_network(weights: Weights) -> openvino.Model:
    """Token ids, int64 (B, T), and their mask, float32 (B, T), to both vectors, float32 (B, 384) and (B, 1536)."""
    tokens = ops.parameter([-1, -1], np.int64, "tokens")
    mask = ops.parameter([-1, -1], np.float32, "mask")
    attended = ops.unsqueeze((mask - _number(1)) * _number(-HIDDEN), _axes(1, 2))  # (B, 1, 1, T): 0 or HIDDEN
    states = [_embeddings(tokens, weights)]
    for layer in range(LAYERS):
        states.append(_layer(states[-1], attended, weights, f"encoder.layer.{layer}"))
    about = _pooled(states[-1], mask)
    wording = ops.concat([_pooled(states[layer], mask) for layer in WORDING], axis=1) * _number(len(WORDING) ** -0.5)
    return openvino.Model([about, wording], [tokens, mask], "all-MiniLM-L6-v2")


def _pooled(states: Node, mask: Node) -> Node:
    """The tokens' mean, of length 1, (B, 384); their sum points the same way."""
    said = ops.reduce_sum(states * ops.unsqueeze(mask, _axes(2)), _axes(1))
    return ops.normalize_l2(said, _axes(1), EPSILON, "max")


def _embeddings(tokens: Node, weights: Weights) -> Node:
    """Each token's word and place, (B, T, 384); all are of one sentence, BERT's first."""
    length = ops.gather(ops.shape_of(tokens), ops.constant(1), ops.constant(0))
    positions = ops.range(ops.constant(0), length, ops.constant(1), "i64")
    words = ops.gather(_matrix(weights["embeddings.word_embeddings.weight"]), tokens, ops.constant(0))
    sentence = weights["embeddings.token_type_embeddings.weight"][0]
    places = _constant(weights["embeddings.position_embeddings.weight"] + sentence)
    return _norm(words + ops.gather(places, positions, ops.constant(0)), weights, "embeddings.LayerNorm")


def _layer(states: Node, attended: Node, weights: Weights, name: str) -> Node:
    query, key, value = (
        _split_heads(_dense(states, weights, f"{name}.attention.self.{part}")) for part in ("query", "key", "value")
    )
    seen = _join_heads(ops.scaled_dot_product_attention(query, key, value, attended))
    seen = _dense(seen, weights, f"{name}.attention.output.dense")
    states = _norm(states + seen, weights, f"{name}.attention.output.LayerNorm")
    wide = ops.gelu(_dense(states, weights, f"{name}.intermediate.dense"), "erf")
    return _norm(states + _dense(wide, weights, f"{name}.output.dense"), weights, f"{name}.output.LayerNorm")


def _split_heads(states: Node) -> Node:
    """(B, T, 384) to (B, 12, T, 32)"""
    split = ops.reshape(states, _axes(0, 0, HEADS, DIMENSIONS // HEADS), special_zero=True)  # 0: as it is
    return ops.transpose(split, _axes(0, 2, 1, 3))


def _join_heads(states: Node) -> Node:
    """(B, 12, T, 32) to (B, T, 384)"""
    return ops.reshape(ops.transpose(states, _axes(0, 2, 1, 3)), _axes(0, 0, DIMENSIONS), special_zero=True)


def _dense(states: Node, weights: Weights, name: str) -> Node:
    product = ops.matmul(states, _matrix(weights[f"{name}.weight"]), transpose_a=False, transpose_b=True)
    return product + _constant(weights[f"{name}.bias"])


def _norm(states: Node, weights: Weights, name: str) -> Node:
    scaled = ops.mvn(states, _axes(-1), normalize_variance=True, eps=EPSILON, eps_mode="inside_sqrt")
    return scaled * _constant(weights[f"{name}.weight"]) + _constant(weights[f"{name}.bias"])


def _matrix(values: np.ndarray) -> Node:
    """(rows, columns) in 8 bits, a scale for each group of a row: in this form OpenVINO knows compressed weights, and
    keeps them so."""
    rows, columns = values.shape
    groups = values.reshape(rows, columns // GROUP, GROUP)
    largest = np.maximum(groups.max(axis=2, keepdims=True), -groups.min(axis=2, keepdims=True))
    scale = np.maximum(largest / MOST, np.float32(EPSILON))
    steps = groups / scale
    rounded = ops.constant(np.rint(steps, out=steps).astype(np.int8))
    whole = ops.convert(rounded, "f32") * ops.constant(scale)
    return ops.reshape(whole, _axes(rows, columns), special_zero=False)


def _constant(values: np.ndarray) -> Node:
    return ops.constant(values)


def _number(value: float) -> Node:
    return ops.constant(np.full(1, value, np.float32))


def _axes(*numbers: int) -> Node:
    return ops.constant(np.array(numbers, np.int64))
