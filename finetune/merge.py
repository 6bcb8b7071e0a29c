"""Merge an adapter into a GGUF base and write the sum as Q8_0, the one file that openvino and llama.cpp serve.

    LoRA      W' = W + scale * B @ A          scale = alpha / r, or alpha / sqrt(r) for rank-stabilised LoRA
    AdaLoRA   W' = W + scale * B @ (E * A)    scale = alpha / the rank that it began with
    DoRA      LoRA's W', each row then given the length that was learnt for it

Start at `merged_model`, which merges only when the base or the adapter changed. numpy does it all, so serving never
imports torch. Eight bits, because four drowned the adapter in our trials. Norms and other vectors stay as they are.
LoRA: https://arxiv.org/abs/2106.09685, AdaLoRA: https://arxiv.org/abs/2303.10512, DoRA: https://arxiv.org/abs/2402.09353."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import gguf
import numpy as np
import safetensors

RECIPE = "q8_0-1"  # part of a merged file's name: raise it when this module writes other numbers
MOST_MERGED = 3  # files kept in the cache, 140 MB each: the one served, the one before, a candidate
NAMES = {  # peft's module: GGUF's tensor in a block
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
PERMUTED = {"llama"}  # architectures whose q and k rows llama.cpp's converter reorders
PLAIN = {"qwen2", "qwen3"}  # and those whose rows it leaves alone; these three are what OpenVINO GenAI reads

Array = np.ndarray


class MergeError(RuntimeError):
    """The adapter cannot be merged into this base."""


@dataclass(frozen=True)
class Lora:
    """One layer's update, `scale * b @ a`."""

    a: Array  # float32 (r, in)
    b: Array  # float32 (out, r)
    scale: float
    lengths: Array | None = None  # float32 (out,), of the rows of the sum: DoRA

    def delta(self) -> Array:
        """float32 (out, in)."""
        return np.float32(self.scale) * (self.b @ self.a)


class _Reader(gguf.GGUFReader):
    """Cuts plain arrays, not numpy's mapped ones, which take three times as long: a tokenizer has 150,000 values."""

    @property
    def data(self) -> Any:
        return self._data

    @data.setter
    def data(self, mapped: np.memmap) -> None:
        self._data = np.asarray(mapped)


def merged_model(cache: Path, base: Path, adapter: Path | None) -> Path:
    """The merged file of this base and adapter in the cache, made now if it is not there. Raises MergeError."""
    source = sources_hash(base, adapter)
    out = cache / "merged" / f"{source[:16]}.gguf"
    if not out.exists():
        merge(base, adapter, out)
        _keep_newest(out.parent)
    return out


def merge(base_gguf: Path, adapter_dir: Path | None, out: Path) -> Path:
    """Write base + adapter to `out` as Q8_0, whole or not at all; without an adapter, the base alone.

    Raises MergeError if the base is no GGUF file, or the adapter is none of LoRA's kind on its linear layers.
    """
    if base_gguf.suffix != ".gguf":
        raise MergeError(
            f"The engines openvino and llama.cpp need a GGUF base, and {base_gguf} is none. "
            "Give a .gguf file as the base, or set AISLE_ENGINE=transformers."
        )
    loras = read_adapter(adapter_dir) if adapter_dir is not None else {}  # before the base, which takes seconds
    reader = _Reader(base_gguf)
    _check_targets(reader, loras)
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.{uuid4().hex}.part")
    try:
        _write(reader, loras, sources_hash(base_gguf, adapter_dir), part)
        os.replace(part, out)
    finally:
        part.unlink(missing_ok=True)
    return out


def sources_hash(base: Path, adapter: Path | None) -> str:
    """SHA-256 over all that a merged file depends on; also kept in its metadata as `aisle.sources`."""
    digest = hashlib.sha256(RECIPE.encode())
    for path in [base, *(_adapter_files(adapter) if adapter is not None else ())]:
        if not path.is_file():
            raise MergeError(f"Cannot merge: {path} is not a file.")
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def read_adapter(folder: Path) -> dict[str, Lora]:
    """A peft adapter by GGUF tensor name ("blk.0.attn_q.weight"). Raises MergeError if it cannot be merged."""
    config_file, weights_file = _adapter_files(folder)
    config = json.loads(config_file.read_text(encoding="utf-8"))
    _check_mergeable(folder, config)
    weights = {name: _float32(tensor) for name, tensor in safetensors.deserialize(weights_file.read_bytes())}
    modules = sorted({name.partition(".lora_")[0] for name in weights})
    read = _adalora if config["peft_type"] == "ADALORA" else _lora
    try:
        return {_tensor_name(module, folder): read(weights, module, config) for module in modules}
    except KeyError as error:
        raise MergeError(f"{weights_file} has no {error}; was its writing cut short?") from error


def _lora(weights: Mapping[str, Array], module: str, config: Mapping[str, Any]) -> Lora:
    a, b = weights[f"{module}.lora_A.weight"], weights[f"{module}.lora_B.weight"]
    rank = a.shape[0]
    scale = config["lora_alpha"] / (rank**0.5 if config.get("use_rslora") else rank)
    return Lora(a, b, scale, weights[f"{module}.lora_magnitude_vector"] if config.get("use_dora") else None)


def _adalora(weights: Mapping[str, Array], module: str, config: Mapping[str, Any]) -> Lora:
    """The layer may have lost its whole rank: then the update is zero."""
    a = weights[f"{module}.lora_A"] * weights[f"{module}.lora_E"]
    return Lora(a, weights[f"{module}.lora_B"], config["lora_alpha"] / (config["init_r"] + 1e-5))  # peft adds 1e-5


def permute_rows(weight: Array, heads: int) -> Array:
    """Reorder each head's rows from Hugging Face's halves to GGUF's pairs, as llama.cpp's converter does.

    (heads * head_dim, anything) in and out. https://github.com/ggml-org/llama.cpp, convert_hf_to_gguf.py `permute`.
    """
    rows = weight.shape[0]
    return weight.reshape(heads, 2, rows // heads // 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def _adapter_files(folder: Path) -> tuple[Path, Path]:
    files = folder / "adapter_config.json", folder / "adapter_model.safetensors"
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise MergeError(
            f"No LoRA adapter in {folder}: {' and '.join(missing)} missing. Train one with `aisle train`, or set "
            "AISLE_ADAPTER to a folder that holds one."
        )
    return files


def _check_mergeable(folder: Path, config: Mapping[str, object]) -> None:
    kind = config.get("peft_type")
    if kind not in ("LORA", "ADALORA"):
        raise MergeError(
            f"{folder} holds a {kind} adapter, which is no change of the base's weights and cannot be merged into "
            "them. Set AISLE_ENGINE=transformers, which runs it beside the base, or train with the method lora."
        )
    odd = [name for name in ("alpha_pattern", "modules_to_save", "fan_in_fan_out") if config.get(name)]
    if config.get("bias", "none") != "none":
        odd.append("bias")
    if odd:
        raise MergeError(
            f"{folder} is not LoRA alone: it has {', '.join(odd)}. Train it without, or set AISLE_ENGINE=transformers."
        )


def _tensor_name(module: str, folder: Path) -> str:
    """ "base_model.model.model.layers.3.mlp.up_proj" -> "blk.3.ffn_up.weight" """
    layer, _, inner = module.rpartition("layers.")[2].partition(".")
    if not layer.isdigit() or inner not in NAMES:
        raise MergeError(f"{folder} adapts {module}; only the linear layers of attention and MLP can be merged.")
    return f"blk.{layer}.{NAMES[inner]}.weight"


def _float32(tensor: Mapping[str, object]) -> Array:
    """numpy has no bfloat16: its 16 bits are the upper half of a float32."""
    data, shape, dtype = tensor["data"], tensor["shape"], tensor["dtype"]
    assert isinstance(data, bytes | bytearray) and isinstance(shape, list)
    if dtype == "BF16":
        wide = np.frombuffer(data, np.uint16).astype(np.uint32) << 16
        return wide.view(np.float32).reshape(shape)
    kinds = {"F16": np.float16, "F32": np.float32}
    if dtype not in kinds:
        raise MergeError(f"Adapter weights of type {dtype} are not read; save them as F32, F16 or BF16.")
    return np.frombuffer(data, kinds[str(dtype)]).astype(np.float32).reshape(shape)


def _check_targets(reader: gguf.GGUFReader, loras: Mapping[str, Lora]) -> None:
    architecture = _field(reader, "general.architecture")
    if architecture not in PERMUTED | PLAIN:
        raise MergeError(f"Cannot merge into a GGUF of architecture {architecture}; use {sorted(PERMUTED | PLAIN)}.")
    shapes = {tensor.name: tuple(int(size) for size in reversed(tensor.shape)) for tensor in reader.tensors}
    for name, lora in loras.items():
        shape = (lora.b.shape[0], lora.a.shape[1])
        if shapes.get(name) != shape:
            raise MergeError(
                f"The adapter's {name} is {shape}, the base's {shapes.get(name)}: was it for another base?"
            )


def _field(reader: gguf.GGUFReader, key: str) -> object:
    field = reader.get_field(key)
    return None if field is None else field.contents()


def _write(reader: gguf.GGUFReader, loras: Mapping[str, Lora], source: str, out: Path) -> None:
    writer = gguf.GGUFWriter(out, arch=str(_field(reader, "general.architecture")))
    _copy_metadata(reader, writer)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_string("aisle.sources", source)
    for tensor in reader.tensors:
        data, kind = _merged(reader, tensor, loras.get(tensor.name))
        writer.add_tensor(tensor.name, data, raw_dtype=kind)
    try:
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()


def _copy_metadata(reader: gguf.GGUFReader, writer: gguf.GGUFWriter) -> None:
    """All of it: the tokenizer and the licence travel in these fields. The architecture is the writer's own already."""
    ours = {"general.architecture", "general.file_type"}
    for field in reader.fields.values():
        if field.name in ours or field.name.startswith("GGUF."):
            continue
        inner = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), field.types[0], sub_type=inner)


def _merged(
    reader: gguf.GGUFReader, tensor: gguf.ReaderTensor, lora: Lora | None
) -> tuple[Array, gguf.GGMLQuantizationType]:
    """The tensor's new bytes and their type. Vectors and what is Q8_0 already pass through untouched."""
    q8 = gguf.GGMLQuantizationType.Q8_0
    if lora is None and (len(tensor.shape) == 1 or tensor.tensor_type == q8):
        return tensor.data, tensor.tensor_type
    weight = gguf.dequantize(tensor.data, tensor.tensor_type)
    if lora is not None:
        weight = weight + _permuted(reader, tensor.name, lora.delta())
    if lora is not None and lora.lengths is not None:
        lengths = _permuted(reader, tensor.name, lora.lengths) / np.linalg.norm(weight, axis=1)
        weight = weight * lengths[:, None]
    return gguf.quantize(weight, q8), q8


def _permuted(reader: gguf.GGUFReader, name: str, rows: Array) -> Array:
    """One value, or one row of them, for each row of the tensor, in the file's order."""
    architecture = str(_field(reader, "general.architecture"))
    keys = {"attn_q": "attention.head_count", "attn_k": "attention.head_count_kv"}
    key = keys.get(name.split(".")[2])
    if architecture not in PERMUTED or key is None:
        return rows
    heads = _field(reader, f"{architecture}.{key}") or _field(reader, f"{architecture}.attention.head_count")
    assert isinstance(heads, int)
    return permute_rows(rows, heads)


def _keep_newest(folder: Path) -> None:
    merged = sorted(folder.glob("[!.]*.gguf"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in merged[MOST_MERGED:]:
        old.unlink(missing_ok=True)
