"""The reference engine: the base and the adapter unmerged, in transformers with peft, on the CPU.

It is the oracle in the tests and the plain baseline of the benchmarks, and it serves bases that OpenVINO cannot read.
torch is imported when an engine is made. Grammars are kept by llguidance: https://github.com/guidance-ai/llguidance."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.engines.pieces import Pieces, ends
from finetune.base_model import load_base
from intents.engine import Completion, EngineError, OnText

if TYPE_CHECKING:
    import torch


class TransformersEngine:
    """`intents.engine.Engine` in plain transformers. One call at a time; others wait."""

    name = "transformers"

    def __init__(self, base: Path, adapter: Path | None, model: str, threads: int, dtype: str = "float32"):
        """Load base and adapter, the base in `dtype` as load_base knows it. Raises BaseModelError or EngineError."""
        import torch

        torch.set_num_threads(threads)
        self.model = model
        self._lm: Any
        self._tokenizer: Any
        self._lm, self._tokenizer = load_base(base, dtype)
        self._tokenizer.padding_side = "left"
        self._end = self._tokenizer.eos_token_id
        if adapter is not None:
            self._lm = _with_adapter(self._lm, adapter)
        self._lock = threading.Lock()
        self._grammar_tokenizer = lru_cache(1)(self._make_grammar_tokenizer)
        self._lark = lru_cache(16)(_to_lark)

    def generate(
        self,
        prompts: Sequence[str],
        *,
        grammar: str | None = None,
        max_tokens: int = 64,
        temperature: float = 0.0,
        on_text: OnText | None = None,
    ) -> list[Completion]:
        """See `intents.engine.Engine`. Log-probabilities are the model's own, before the grammar's mask."""
        import torch

        batch = self._tokenizer(list(prompts), add_special_tokens=False, padding=True, return_tensors="pt")
        length = batch["input_ids"].shape[1]
        options: dict[str, Any] = {"do_sample": False}
        if temperature > 0:
            options = {"do_sample": True, "temperature": temperature, "top_k": 0}
        if grammar is not None:
            options["logits_processor"] = [_GrammarMask(self._matchers(grammar, len(prompts)), length, self._end)]
        pieces = Pieces(self._decode, on_text) if on_text is not None else None
        if pieces is not None:
            options["streamer"] = _Streamer(pieces)
            options["stopping_criteria"] = [_HasEnough(pieces)]
        with self._lock, torch.inference_mode():
            written = self._lm.generate(
                input_ids=batch["input_ids"],
                attention_mask=batch["attention_mask"],
                max_new_tokens=max_tokens,
                eos_token_id=self._end,
                pad_token_id=self._tokenizer.pad_token_id,
                return_dict_in_generate=True,
                output_logits=True,
                **options,
            )
        logprobs = [torch.log_softmax(logits.float(), dim=-1) for logits in written.logits]  # a step: (B, vocabulary)
        rows = enumerate(written.sequences[:, length:].tolist())
        completions = [self._completion(tokens, [step[row] for step in logprobs]) for row, tokens in rows]
        if pieces is not None and pieces.enough:
            return [replace(completions[0], text=pieces.text, finished=True)]
        if pieces is not None:
            pieces.finish(completions[0].text)
        return completions

    def _completion(self, tokens: list[int], logprobs: list[torch.Tensor]) -> Completion:
        finished = self._end in tokens
        if finished:
            tokens = tokens[: tokens.index(self._end) + 1]  # padding follows
        own = tuple(float(step[token]) for step, token in zip(logprobs, tokens, strict=False))
        return Completion(self._decode(tokens).strip(), own, finished, ends(self._decode, tokens))

    def _decode(self, tokens: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(tokens), skip_special_tokens=True))

    def _matchers(self, grammar: str, number: int) -> list[Any]:
        from llguidance import LLMatcher

        matchers = [LLMatcher(self._grammar_tokenizer(), self._lark(grammar)) for _ in range(number)]
        for matcher in matchers:
            if matcher.is_error():
                raise EngineError(f"The grammar cannot be used: {matcher.get_error()}")
        return matchers

    def _make_grammar_tokenizer(self) -> Any:
        from llguidance.hf import from_tokenizer

        return from_tokenizer(self._tokenizer, n_vocab=self._lm.config.vocab_size, eos_token=self._end)


class _GrammarMask:
    """A logits processor: tokens that the grammar does not allow next become impossible."""

    def __init__(self, matchers: list[Any], prompt_length: int, end: int):
        self._matchers = matchers
        self._end = end
        self._read = prompt_length  # how far the matchers have followed the sequences

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """input_ids int64 (B, T), scores float (B, vocabulary)."""
        import torch

        new = input_ids[:, self._read :].tolist()
        self._read = input_ids.shape[1]
        rows = zip(self._matchers, new, strict=True)
        allowed = np.stack([_allowed(matcher, tokens, scores.shape[1], self._end) for matcher, tokens in rows])
        return scores.masked_fill(~torch.from_numpy(allowed), -torch.inf)


class _Streamer:
    """What transformers calls with the prompt, then with each new token."""

    def __init__(self, pieces: Pieces[int]):
        self._pieces = pieces
        self._tokens: list[int] | None = None

    def put(self, value: torch.Tensor) -> None:
        if self._tokens is None:  # the prompt
            self._tokens = []
            return
        self._tokens.extend(value.flatten().tolist())
        self._pieces.add(self._tokens)

    def end(self) -> None:
        """The last piece is sent when the text is whole."""


class _HasEnough:
    """A stopping criterion of transformers: the reader of the text has enough of it."""

    def __init__(self, pieces: Pieces[int]):
        self._pieces = pieces

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **more: Any) -> torch.Tensor:
        """input_ids int64 (B, T), scores float (B, vocabulary); which of the B to stop."""
        import torch

        return torch.full((len(input_ids),), self._pieces.enough)


def _allowed(matcher: Any, tokens: list[int], vocabulary: int, end: int) -> np.ndarray:
    """Which tokens may follow, bool (vocabulary,). When the grammar has come to its end, only the end token may."""
    if not matcher.is_stopped():
        matcher.consume_tokens(tokens)
    if matcher.is_stopped():
        return np.arange(vocabulary) == end
    bits = np.frombuffer(matcher.compute_bitmask(), np.uint8)
    return np.unpackbits(bits, bitorder="little")[:vocabulary].astype(bool)


def _to_lark(grammar: str) -> str:
    """llguidance reads Lark, and converts the EBNF dialect that xgrammar and llama.cpp share."""
    from llguidance.gbnf_to_lark import GbnfToLarkError, gbnf_to_lark

    try:
        return gbnf_to_lark(grammar)
    except GbnfToLarkError as error:
        raise EngineError(f"The grammar cannot be read: {error}") from error


def _with_adapter(model: Any, adapter: Path) -> Any:
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(model, adapter).eval()
    except (OSError, ValueError, RuntimeError) as error:
        raise EngineError(f"The adapter in {adapter} does not fit the base model: {error}") from error
