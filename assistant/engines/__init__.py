"""The model engines that `intents.engine.Engine` describes; `open_engine` opens the one that the settings name."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

from assistant.fetch import BadBase, BaseMissing, find_base
from assistant.settings import Settings
from finetune.base_model import BaseModelError
from finetune.merge import MergeError, merged_model
from intents.engine import Engine, EngineError


def open_engine(settings: Settings) -> Engine:
    """The engine, loaded and ready; the first start with a new adapter merges it, in some 5 s.

    Raises EngineError, saying which command makes what is missing.
    """
    if settings.engine == "openai":
        return _open_openai(settings)
    try:
        base = find_base(settings.cache, settings.base)
        if settings.engine.startswith("transformers"):
            return _open_transformers(base, settings)
        if settings.engine == "openvino":
            return _open_openvino(base, settings)
        return _open_llama_cpp(base, settings)
    except (BaseMissing, BadBase, BaseModelError, MergeError) as error:
        raise EngineError(str(error)) from error


def model_label(base: Path, adapter: Path | None) -> str:
    """What is kept with every turn as the model that read it: "SmolLM2-135M-Instruct.Q4_1+shipped@1f2e3d4c"."""
    if adapter is None:
        return base.stem
    weights = adapter / "adapter_model.safetensors"
    if not weights.is_file():
        raise EngineError(
            f"No LoRA adapter in {adapter}. Train one with `aisle train`, or set AISLE_ADAPTER to a folder that holds "
            "one, or to `none` for the bare base model."
        )
    return f"{base.stem}+{adapter.name}@{hashlib.sha256(weights.read_bytes()).hexdigest()[:8]}"


def _open_openvino(base: Path, settings: Settings) -> Engine:
    from assistant.engines.openvino import OpenVinoEngine

    label = model_label(base, settings.adapter)
    return OpenVinoEngine(partial(merged_model, settings.cache, base, settings.adapter), label, settings.threads)


def _open_llama_cpp(base: Path, settings: Settings) -> Engine:
    try:
        from assistant.engines.llama_cpp import LlamaCppEngine
    except ImportError as error:  # not installed, or the system has no libgomp, which it needs
        raise EngineError(
            f"The engine llama.cpp is not there ({error}). Install it: pip install 'aisle[llama-cpp]', and libgomp1 of "
            "the system; or set AISLE_ENGINE=openvino."
        ) from error
    label = model_label(base, settings.adapter)
    return LlamaCppEngine(partial(merged_model, settings.cache, base, settings.adapter), label, settings.threads)


def _open_transformers(base: Path, settings: Settings) -> Engine:
    from assistant.engines.transformers import TransformersEngine

    dtype = "bfloat16" if settings.engine == "transformers-bfloat16" else "float32"
    return TransformersEngine(base, settings.adapter, model_label(base, settings.adapter), settings.threads, dtype)


def _open_openai(settings: Settings) -> Engine:
    from assistant.engines.openai import ModelServer, OpenAiEngine

    if settings.openai_model is None:
        raise EngineError(
            "The engine openai needs the name of a model: set AISLE_OPENAI_MODEL to what the server calls it, "
            f"as {settings.openai_url}/models lists them."
        )
    key = settings.openai_key.get_secret_value() if settings.openai_key else None
    return OpenAiEngine(
        ModelServer(
            settings.openai_url.rstrip("/"),
            settings.openai_model,
            key,
            settings.openai_grammar,
            settings.openai_timeout_s,
            settings.openai_retries,
        )
    )
