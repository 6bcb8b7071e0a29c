"""Teach the sentence encoder a shop's intents: LoRA on MiniLM, and a linear head over its vectors.

The head begins at the intents' mean vectors and both learn by cross-entropy with smoothed labels (Szegedy et al. 2016).
An encoder of 11 million parameters without a prompt reads a message an order of magnitude faster than the base model,
so it takes minutes. `teach` writes a folder that `assistant.engines.taught_encoder` serves without torch.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from safetensors.numpy import save_file
from torch.nn.functional import cross_entropy, normalize
from tqdm import tqdm
from transformers import AutoTokenizer, BertModel

from intents.example_index import shares_of
from intents.examples import Example
from intents.head import HEAD_FILE, RECORD_FILE, as_text, example_key

LINEAR = ("query", "key", "value", "dense")
LONGEST = 128  # tokens; of 20,000 examples with their contexts a handful are longer
BUCKET = 20  # batches whose messages are sorted by length together

Vary = Callable[[Example, int], Example]  # another of the same meaning, for an epoch


@dataclass(frozen=True)
class EncoderSettings:
    """As in the trial of docs/log.md, which compared only the layers that learn."""

    epochs: int = 5
    rank: int = 16
    alpha: int = 32
    learning_rate: float = 1e-3
    head_rate: float = 1e-2
    warmup_share: float = 0.1
    weight_decay: float = 0.01
    batch: int = 64  # messages
    smoothing: float = 0.1
    scale: float = 20.0  # of the head's rows at the start, over vectors of length 1
    seed: int = 7


def teach(
    base: Path,
    examples: Sequence[Example],
    intents: Sequence[str],
    out: Path,
    settings: EncoderSettings = EncoderSettings(),
    vary: Vary | None = None,
) -> dict[str, Any]:
    """Teach the encoder in `base` to tell `intents` apart, write it to `out`, whole or not at all, and give its record.

    Raises BadIndex for an example of an unknown intent, and OSError where `base` cannot be read.
    """
    torch.manual_seed(settings.seed)
    targets = torch.from_numpy(shares_of(examples, tuple(intents)))
    reader = _Reader(base, settings)
    texts = [as_text((one.text, one.context)) for one in examples]
    head = _head(reader.vectors(texts), targets, settings)
    losses = list(_epochs(reader, head, examples, targets, settings, vary))
    record = {"intents": list(intents), "examples": len(examples), "losses": losses, **vars(settings)}
    part = out.with_name(f".{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    reader.net.half().save_pretrained(part)
    (part / "README.md").unlink(missing_ok=True)  # peft's, with nothing in it
    weights, bias = (one.detach().numpy().astype(np.float32) for one in (head.weight, head.bias))
    keys = np.array(sorted(map(example_key, examples)), np.uint64)
    save_file({"weights": weights, "bias": bias, "taught": keys}, part / HEAD_FILE)
    (part / RECORD_FILE).write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    shutil.rmtree(out, ignore_errors=True)
    part.rename(out)
    return record


class _Reader:
    """Texts to vectors of length 1, float32 (n, 384), through layers that learn."""

    def __init__(self, base: Path, settings: EncoderSettings) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
        net = BertModel.from_pretrained(base, add_pooling_layer=False, local_files_only=True)
        net.name_or_path = net.config.name_or_path = base.name  # peft writes it down
        lora = LoraConfig(r=settings.rank, lora_alpha=settings.alpha, target_modules=list(LINEAR))
        self.net: Any = get_peft_model(net, lora)

    def read(self, texts: Sequence[str]) -> torch.Tensor:
        given = self.tokenizer(list(texts), padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
        states = self.net(**given).last_hidden_state
        return normalize((states * given["attention_mask"][..., None]).sum(1), dim=1)

    @torch.no_grad()
    def vectors(self, texts: Sequence[str]) -> torch.Tensor:
        """Of many texts, without learning."""
        self.net.eval()
        found = torch.empty(len(texts), self.net.config.hidden_size)
        by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(texts), 64):
            places = by_length[start : start + 64]
            found[places] = self.read([texts[place] for place in places])
        return found


def _head(vectors: torch.Tensor, targets: torch.Tensor, settings: EncoderSettings) -> torch.nn.Linear:
    """From each intent's mean vector."""
    head = torch.nn.Linear(vectors.shape[1], targets.shape[1])
    with torch.no_grad():
        head.weight.copy_(normalize(targets.T @ vectors, dim=1) * settings.scale)
        head.bias.zero_()
    return head


def _epochs(
    reader: _Reader,
    head: torch.nn.Linear,
    examples: Sequence[Example],
    targets: torch.Tensor,
    settings: EncoderSettings,
    vary: Vary | None,
) -> Iterator[float]:
    """The mean loss of each."""
    steps = settings.epochs * math.ceil(len(examples) / settings.batch)
    layers = [one for one in reader.net.parameters() if one.requires_grad]
    groups = [{"params": layers, "lr": settings.learning_rate}, {"params": head.parameters(), "lr": settings.head_rate}]
    optimiser = torch.optim.AdamW(groups, weight_decay=settings.weight_decay)
    warmup = max(1, round(settings.warmup_share * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / warmup) * 0.5 * (1 + math.cos(math.pi * min(1, step / steps)))
    )
    chance = np.random.default_rng(settings.seed)
    with tqdm(total=steps, desc="encoder", unit="step", file=sys.stderr) as bar:
        for epoch in range(settings.epochs):
            seen = [vary(one, epoch) for one in examples] if vary else examples
            texts = [as_text((one.text, one.context)) for one in seen]
            reader.net.train()
            losses = []
            for places in _batches(texts, settings.batch, chance):
                vectors = reader.read([texts[place] for place in places])
                loss = cross_entropy(head(vectors), targets[places], label_smoothing=settings.smoothing)
                optimiser.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(layers, 1.0)
                optimiser.step()
                schedule.step()
                losses.append(loss.item())
                bar.update()
            yield round(float(np.mean(losses)), 4)
    reader.net.eval()


def _batches(texts: Sequence[str], batch: int, chance: np.random.Generator) -> list[list[int]]:
    """Places of texts, in an order drawn anew, those of like length together."""
    order = chance.permutation(len(texts))
    made = []
    for start in range(0, len(order), BUCKET * batch):
        bucket = sorted(map(int, order[start : start + BUCKET * batch]), key=lambda place: len(texts[place]))
        made += [bucket[at : at + batch] for at in range(0, len(bucket), batch)]
    return [made[place] for place in chance.permutation(len(made))]
