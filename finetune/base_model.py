"""Load the base model for training and for the reference engine: plain dense weights and their tokenizer.

A base is a .gguf file or a folder in the Hugging Face layout, as `assistant.fetch` finds it. torch and transformers
are imported here only when a model is loaded; nothing is asked of any other host."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.unpacked import MOST_KEPT, Part, keep, may_be_kept, unpacked

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

END = "<|im_end|>"  # the chat format's end of a turn, where every completion stops
DIGITS = set("0123456789")


class BaseModelError(RuntimeError):
    """The base model cannot be used."""


def load_base(base: Path, dtype: str = "float32") -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The dense model, in evaluation mode and `dtype` ("float32" or "bfloat16"), and its tokenizer.

    Raises BaseModelError if it cannot be read, or if its tokenizer does not know the chat format.
    """
    if base.suffix == ".gguf" and dtype != "float32" and may_be_kept(base) and not unpacked(base, "weights"):
        _weights(base, "float32")  # what is kept is exact
    model = _weights(base, dtype)
    # peft copies this into adapter_config.json, where a folder of this machine would mean nothing to others
    model.name_or_path = model.config.name_or_path = base.parent.name if base.suffix == ".gguf" else base.name
    return model.eval(), load_tokenizer(base)


def _weights(base: Path, dtype: str) -> Any:
    """The model. transformers is to read it in `dtype`: cast afterwards, its positions would be rounded too."""
    import torch
    from transformers import AutoModelForCausalLM, GgufConfig

    folder, options = _source(base, "weights")
    packed = "gguf_file" in options
    if packed:
        # left to itself transformers keeps the weights packed where it can, and packed weights cannot be trained
        options["quantization_config"] = GgufConfig(dequantize=True)
    try:
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype), **options)
    except (OSError, ValueError) as error:
        raise BaseModelError(f"Cannot load the base model {base}: {error}") from error
    _forget_quantisation(model)
    if packed and dtype == "float32" and model.get_memory_footprint() < MOST_KEPT:
        keep(base, "weights", model.save_pretrained)
    return model


def load_tokenizer(base: Path) -> PreTrainedTokenizerBase:
    """The base's tokenizer, its end token being the chat format's. Raises BaseModelError."""
    from transformers import AutoTokenizer

    folder, options = _source(base, "tokenizer")
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **options)
    except (OSError, ValueError) as error:
        raise BaseModelError(f"Cannot load the tokenizer of {base}: {error}") from error
    if END not in tokenizer.get_vocab():
        raise BaseModelError(f"The tokenizer of {base} has no {END}; Aisle's prompts need a model that knows ChatML.")
    if options.get("gguf_file"):
        _split_digits(tokenizer)
        keep(base, "tokenizer", tokenizer.save_pretrained)
    tokenizer.eos_token = END
    if tokenizer.pad_token is None:
        tokenizer.pad_token = END
    return tokenizer


def _source(base: Path, part: Part) -> tuple[Path, dict[str, Any]]:
    """What `from_pretrained` takes to read this part of the base, from this machine alone."""
    options: dict[str, Any] = {"local_files_only": True}
    if base.suffix != ".gguf":
        return base, options
    if base.is_file() and (kept := unpacked(base, part)):
        return kept, options
    return base.parent, options | {"gguf_file": base.name}


def _split_digits(tokenizer: PreTrainedTokenizerBase) -> None:
    """Take every digit alone before looking for words, if the vocabulary was made so, as SmolLM's was.

    transformers forgets that step when it reads a GGUF file, and training would then see other tokens than serving
    does ("  2" in three pieces, not two).
    """
    from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence

    backend = tokenizer.backend_tokenizer
    words = set(tokenizer.get_vocab()) - {token.content for token in tokenizer.added_tokens_decoder.values()}
    joins_digits = any(len(word) > 1 and not DIGITS.isdisjoint(word) for word in words)
    if isinstance(backend.pre_tokenizer, ByteLevel) and not joins_digits:
        steps = [Digits(individual_digits=True), ByteLevel(add_prefix_space=False, use_regex=True)]
        backend.pre_tokenizer = Sequence(steps)


def _forget_quantisation(model: PreTrainedModel) -> None:
    """The weights are dense now; with these marks left on, peft and `save_pretrained` would take them for packed."""
    for mark in ("hf_quantizer", "is_quantized", "quantization_method"):
        if hasattr(model, mark):
            delattr(model, mark)
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
