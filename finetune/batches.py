"""Pairs as token ids, in batches of like length, and the loss on their completions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from finetune.dataset import Pair
from finetune.methods import prefix_inputs
from intents.prompts import END

IGNORE = -100  # label of a token that is not learnt


@dataclass(frozen=True)
class Encoded:
    ids: list[int]
    learnt: int  # how many tokens at the end are the completion


def encode(tokenizer: Any, pair: Pair) -> Encoded:
    """Token ids of prompt + completion + end token."""
    prompt = tokenizer(pair.prompt, add_special_tokens=False)["input_ids"]
    completion = tokenizer(pair.completion + END, add_special_tokens=False)["input_ids"]
    return Encoded(prompt + completion, len(completion))


def collate(batch: Sequence[Encoded], pad_id: int = 0) -> dict[str, torch.Tensor]:
    """Pad to the longest example. input_ids, attention_mask, labels: int64 (B, T); labels are -100 on prompt and
    padding, so only the completion is learnt. Raises ValueError on an empty batch."""
    if not batch:
        raise ValueError("An empty batch has no shape.")
    longest = max(len(one.ids) for one in batch)
    ids = torch.full((len(batch), longest), pad_id)
    mask = torch.zeros((len(batch), longest), dtype=torch.long)
    labels = torch.full((len(batch), longest), IGNORE)
    for row, one in enumerate(batch):
        length = len(one.ids)
        ids[row, :length] = torch.tensor(one.ids)
        mask[row, :length] = 1
        labels[row, length - one.learnt : length] = torch.tensor(one.ids[-one.learnt :])
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def completion_loss(model: Any, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Mean cross-entropy over the completion tokens. Logits are made for those positions only: at 49,152 words the
    head would otherwise be a fifth of the work."""
    decoder = model.get_base_model()
    inputs = prefix_inputs(model, batch["attention_mask"])
    hidden = decoder.model(input_ids=batch["input_ids"], **inputs).last_hidden_state
    targets = batch["labels"][:, 1:]
    learnt = targets != IGNORE
    logits = decoder.lm_head(hidden[:, :-1][learnt])
    return cross_entropy(logits.float(), targets[learnt])


def make_batches(examples: Sequence[Encoded], batch_tokens: int) -> list[list[Encoded]]:
    """Examples of like length together, at most `batch_tokens` a batch with padding; at least one example."""
    batches: list[list[Encoded]] = []
    current: list[Encoded] = []
    for one in sorted(examples, key=lambda e: len(e.ids)):
        if current and len(one.ids) * (len(current) + 1) > batch_tokens:
            batches.append(current)
            current = []
        current.append(one)
    return [*batches, current] if current else batches
