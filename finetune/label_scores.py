"""Score candidate readings by the model's log-probability of them: the generative half of the fused reading.

Writing freely the model commits itself to a first token; here it weighs whole readings that the example index proposes
against each other. `LabelScorer` reads a prompt once and the candidates after it in one batch; opinions.py weighs both
opinions.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
import torch
from peft import PeftModel
from tqdm import tqdm

from finetune.base_model import load_base
from finetune.train import compute_dtype
from intents.prompts import END

BATCH = 16  # prompts of like length read at once
ROWS = 8  # candidates whose logits are in memory at once


class LabelScorer:
    """The base and the adapter in transformers, as training left them."""

    def __init__(self, base: Path, adapter: Path) -> None:
        """Raises BaseModelError."""
        model, self.tokenizer = load_base(base, compute_dtype())
        self.tokenizer.padding_side = "left"
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = PeftModel.from_pretrained(model, adapter).eval().to(self.device)
        self.decoder: Any = self.model.get_base_model()

    def scores(self, prompts: Sequence[str], candidates: Sequence[Sequence[str]]) -> numpy.ndarray:
        """Natural log-probabilities, float64 (n, k), of the k candidates after each prompt, their ends included."""
        found = numpy.empty((len(prompts), len(candidates[0]) if candidates else 0))
        by_length = sorted(range(len(prompts)), key=lambda number: len(prompts[number]))
        with tqdm(total=len(prompts), desc="scoring", unit="message", file=sys.stderr) as bar:
            for start in range(0, len(prompts), BATCH):
                rows = by_length[start : start + BATCH]
                found[rows] = self._batch([prompts[row] for row in rows], [candidates[row] for row in rows])
                bar.update(len(rows))
        return found

    @torch.inference_mode()
    def _batch(self, prompts: Sequence[str], candidates: Sequence[Sequence[str]]) -> numpy.ndarray:
        number = len(candidates[0])
        read = self._tokens(prompts, "left")
        labels = self._tokens([label + END for row in candidates for label in row], "right")
        ids, there = labels["input_ids"], labels["attention_mask"]
        # positions need no care: they are relative, and a row's padding stands before all of it
        before = self.decoder.model(**read, use_cache=True)
        first = self._logprobs(before.last_hidden_state[:, -1:].expand(-1, number, -1), ids[:, 0].view(-1, number))
        cache = before.past_key_values
        cache.batch_repeat_interleave(number)
        mask = torch.cat([read["attention_mask"].repeat_interleave(number, 0), there[:, :-1]], 1)
        after = self.decoder.model(input_ids=ids[:, :-1], attention_mask=mask, past_key_values=cache)
        rest = (self._logprobs(after.last_hidden_state, ids[:, 1:]) * there[:, 1:]).sum(1)
        return (first + rest.view(-1, number)).double().cpu().numpy()

    def _logprobs(self, hidden: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """The log-probability of each token of ids (n, T), float32, after hidden states (n, T, d); a few rows at once,
        since a row's logits are 49,152 numbers a token."""
        found = []
        for states, tokens in zip(hidden.split(ROWS), ids.split(ROWS), strict=True):
            logits = self.decoder.lm_head(states).float()
            found.append(logits.gather(-1, tokens[..., None])[..., 0] - logits.logsumexp(-1))
        return torch.cat(found)

    def _tokens(self, texts: Sequence[str], side: str) -> dict[str, Any]:
        """input_ids and attention_mask, int64 (n, T), padded on this side."""
        made = self.tokenizer(
            list(texts), add_special_tokens=False, padding=True, padding_side=side, return_tensors="pt"
        )
        return {name: made[name].to(self.device) for name in ("input_ids", "attention_mask")}
