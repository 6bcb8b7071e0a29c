"""Train a LoRA adapter on pairs of prompt and completion.

`train` is the whole of it: batches by length, loss on the completion only, cosine learning rate with warm-up, early
stopping on the development loss, the best epoch kept. The adapter is written to a folder beside its destination and
moved there at the end, so an interrupted run leaves the old adapter in use. LoRA: Hu et al. 2021, https://arxiv.org/abs/2106.09685.
"""

from __future__ import annotations

import math
import random
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from finetune.base_model import load_base
from finetune.dataset import Pair
from intents.prompts import END

IGNORE = -100  # label of a token that is not learnt
ALL_LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@dataclass(frozen=True)
class TrainSettings:
    """Rank and targets as in the design; rate and epochs as commonly used for LoRA on models of this size."""

    epochs: int = 3
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.0  # on a CPU 0.05 costs two thirds of the speed
    learning_rate: float = 1e-3
    warmup_share: float = 0.06
    weight_decay: float = 0.01
    batch_tokens: int = 1500  # padding included
    patience: int = 2  # epochs without a better development loss before stopping
    seed: int = 7


@dataclass
class TrainLog:
    """What happened, step by step; kept in the manifest and drawn as the loss curve."""

    steps: list[tuple[int, float]] = field(default_factory=list)  # (step, training loss)
    epochs: list[tuple[int, float]] = field(default_factory=list)  # (step, development loss)
    best_epoch: int = 0
    tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Encoded:
    ids: list[int]
    learnt: int  # how many tokens at the end are the completion


class NothingToLearn(ValueError):
    """The training or the development set is empty."""


class OutIsNoAdapter(ValueError):
    """The folder to write to holds something else, which would be deleted."""


class TrainingDiverged(RuntimeError):
    """No epoch had a development loss that is a number; there is no adapter to keep."""


def train(
    base: Path, train_pairs: Sequence[Pair], dev_pairs: Sequence[Pair], out: Path, settings: TrainSettings
) -> TrainLog:
    """Train on `train_pairs` and write the adapter to `out`, in place of the adapter there.

    Raises NothingToLearn, OutIsNoAdapter or TrainingDiverged.
    """
    if not train_pairs or not dev_pairs:
        raise NothingToLearn(f"{len(train_pairs)} training and {len(dev_pairs)} development pairs; add examples.")
    if out.exists() and not (out / "adapter_config.json").is_file() and (not out.is_dir() or any(out.iterdir())):
        raise OutIsNoAdapter(f"{out} holds something other than an adapter. Choose another --out, or empty it.")
    torch.manual_seed(settings.seed)
    model, tokenizer = load_base(base, compute_dtype())
    model = with_adapter(model, settings)
    train_set, dev_set = ([encode(tokenizer, pair) for pair in pairs] for pairs in (train_pairs, dev_pairs))
    trainer = Trainer(model, settings, train_set, dev_set)
    unfinished = out.with_name(out.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    log = trainer.run(unfinished)
    if not log.best_epoch:
        raise TrainingDiverged(
            f"The development losses were {log.epochs}. Choose a lower learning rate or more epochs."
        )
    shutil.rmtree(out, ignore_errors=True)
    unfinished.rename(out)
    return log


def with_adapter(model: Any, settings: TrainSettings) -> Any:
    """The base with a fresh adapter on all linear layers; only the adapter's weights learn."""
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=ALL_LINEAR,
        task_type="CAUSAL_LM",
    )
    # in the base's own dtype: a float32 adapter on a bfloat16 base learns at 40 % of the speed, for the casts
    return get_peft_model(model, config, autocast_adapter_dtype=False)


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
    hidden = decoder.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state
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


def compute_dtype() -> str:
    """bfloat16 where the hardware multiplies it, else float32."""
    if torch.cuda.is_available() or torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return "bfloat16"
    return "float32"


class MasterWeights:
    """AdamW on float32 copies of the adapter's weights: in bfloat16 alone, small steps would round away."""

    def __init__(self, model: Any, settings: TrainSettings) -> None:
        self.weights = [weight for weight in model.parameters() if weight.requires_grad]
        self.masters = [weight.detach().float().clone() for weight in self.weights]
        self.adamw = torch.optim.AdamW(self.masters, settings.learning_rate, weight_decay=settings.weight_decay)

    def step(self) -> None:
        """Clip the gradients to norm 1, step, copy the result back, forget the gradients."""
        for weight, master in zip(self.weights, self.masters, strict=True):
            master.grad = None if weight.grad is None else weight.grad.float()
            weight.grad = None
        torch.nn.utils.clip_grad_norm_(self.masters, 1.0)
        self.adamw.step()
        with torch.no_grad():
            for weight, master in zip(self.weights, self.masters, strict=True):
                weight.copy_(master)


class Trainer:
    """One run over the data: optimiser, schedule, progress, the best adapter so far on disk."""

    def __init__(self, model: Any, settings: TrainSettings, train_set: list[Encoded], dev_set: list[Encoded]) -> None:
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = model.to(self.device)
        self.settings = settings
        self.train_set = train_set
        self.dev_batches = make_batches(dev_set, settings.batch_tokens * 2)
        self.steps = settings.epochs * len(make_batches(train_set, settings.batch_tokens))
        self.weights = MasterWeights(self.model, settings)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.weights.adamw, self.learning_rate_share)
        self.log = TrainLog()

    def learning_rate_share(self, step: int) -> float:
        """Linear warm-up, then a cosine down to zero."""
        warmup = max(1, int(self.steps * self.settings.warmup_share))
        if step < warmup:
            return (step + 1) / warmup
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, self.steps - warmup)))

    def run(self, out: Path) -> TrainLog:
        started = time.monotonic()
        best = math.inf
        with tqdm(total=self.steps, unit="step", file=sys.stderr, desc="training") as bar:
            for epoch in range(1, self.settings.epochs + 1):
                self.one_epoch(epoch, bar)
                loss = self.dev_loss()
                self.log.epochs.append((len(self.log.steps), loss))
                bar.write(f"epoch {epoch}: development loss {loss:.4f}", file=sys.stderr)
                if loss < best:
                    best, self.log.best_epoch = loss, epoch
                    self.model.save_pretrained(out, save_embedding_layers=False)
                elif epoch - self.log.best_epoch >= self.settings.patience:
                    break
        self.log.seconds = time.monotonic() - started
        return self.log

    def one_epoch(self, epoch: int, bar: Any) -> None:
        self.model.train()
        started, tokens = time.monotonic(), 0
        for batch in self.shuffled(epoch):
            loss = completion_loss(self.model, self.on_device(batch))
            loss.backward()
            self.weights.step()
            self.schedule.step()
            tokens += sum(len(one.ids) for one in batch)
            self.log.steps.append((len(self.log.steps) + 1, loss.item()))
            bar.set_postfix(loss=f"{loss.item():.3f}", tokens_s=f"{tokens / (time.monotonic() - started):.0f}")
            bar.update()
        self.log.tokens += tokens

    def shuffled(self, epoch: int) -> Iterator[list[Encoded]]:
        """Batches in an order of this epoch's own, ties in length broken anew."""
        order = random.Random(self.settings.seed * 1000 + epoch)
        examples = order.sample(self.train_set, len(self.train_set))
        batches = make_batches(examples, self.settings.batch_tokens)
        yield from order.sample(batches, len(batches))

    @torch.no_grad()
    def dev_loss(self) -> float:
        """Mean loss per completion token on the development set."""
        self.model.eval()
        total, count = 0.0, 0
        for batch in self.dev_batches:
            learnt = sum(one.learnt for one in batch)
            total += completion_loss(self.model, self.on_device(batch)).item() * learnt
            count += learnt
        return total / count

    def on_device(self, batch: list[Encoded]) -> dict[str, torch.Tensor]:
        return {name: tensor.to(self.device) for name, tensor in collate(batch).items()}


def manifest(settings: TrainSettings, log: TrainLog) -> dict[str, Any]:
    """Settings and outcome, ready for JSON."""
    return {
        "settings": asdict(settings),
        "best_epoch": log.best_epoch,
        "dev_loss": min(loss for _, loss in log.epochs),
        "steps": len(log.steps),
        "tokens": log.tokens,
        "seconds": round(log.seconds, 1),
        "tokens_per_second": round(log.tokens / log.seconds, 1),
        "train_losses": [round(loss, 4) for _, loss in log.steps],
        "dev_losses": [[step, round(loss, 4)] for step, loss in log.epochs],
    }
