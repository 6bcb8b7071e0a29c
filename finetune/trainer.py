"""One run over the data: optimiser, schedule, progress, checkpoints, the best adapter so far on disk.

A run that was cut goes on from its last checkpoint, if it is the same run: the same settings, data and base.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from finetune.batches import Encoded, collate, completion_loss, make_batches

CHECKPOINT = "checkpoint.pt"
CHECKPOINT_EVERY_S = 180.0


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
    accumulate: int = 1  # batches to one step of the optimiser
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
        self.copy_back()

    def load(self, masters: Sequence[torch.Tensor]) -> None:
        with torch.no_grad():
            for master, saved in zip(self.masters, masters, strict=True):
                master.copy_(saved)
        self.copy_back()

    @torch.no_grad()
    def copy_back(self) -> None:
        for weight, master in zip(self.weights, self.masters, strict=True):
            weight.copy_(master)


class Trainer:
    """`train_sets` has the examples of each epoch: the same meanings, said in other ways."""

    def __init__(
        self, model: Any, settings: TrainSettings, train_sets: Sequence[Sequence[Encoded]], dev_set: Sequence[Encoded]
    ) -> None:
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = model.to(self.device)
        self.settings = settings
        self.dev_batches = make_batches(dev_set, settings.batch_tokens * 2)
        self.epochs = [self.shuffled(number, examples) for number, examples in enumerate(train_sets, 1)]
        self.steps = sum(math.ceil(len(batches) / settings.accumulate) for batches in self.epochs)
        self.weights = MasterWeights(self.model, settings)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.weights.adamw, self.learning_rate_share)
        self.log = TrainLog()
        self.best = math.inf
        self.done = (0, 0)  # whole epochs, and batches of the next

    def shuffled(self, epoch: int, examples: Sequence[Encoded]) -> list[list[Encoded]]:
        """Batches in an order of this epoch's own, ties in length broken anew."""
        order = random.Random(self.settings.seed * 1000 + epoch)
        batches = make_batches(order.sample(examples, len(examples)), self.settings.batch_tokens)
        return order.sample(batches, len(batches))

    def learning_rate_share(self, step: int) -> float:
        """Linear warm-up, then a cosine down to zero."""
        warmup = max(1, int(self.steps * self.settings.warmup_share))
        if step < warmup:
            return (step + 1) / warmup
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, self.steps - warmup)))

    def run(self, out: Path, fingerprint: str) -> TrainLog:
        """Train, or go on training, and leave the best adapter in `out`, beside the checkpoint."""
        self.resume(out / CHECKPOINT, fingerprint)
        taken = len(self.log.steps)
        with tqdm(total=self.steps, initial=taken, unit="step", file=sys.stderr, desc="training") as bar:
            for epoch in range(self.done[0] + 1, len(self.epochs) + 1):
                self.one_epoch(epoch, bar, out / CHECKPOINT, fingerprint)
                started = time.monotonic()
                loss = self.dev_loss()
                self.log.seconds += time.monotonic() - started
                self.log.epochs.append((len(self.log.steps), loss))
                bar.write(f"epoch {epoch}: development loss {loss:.4f}", file=sys.stderr)
                if loss < self.best:
                    self.best, self.log.best_epoch = loss, epoch
                    self.model.save_pretrained(out, save_embedding_layers=False)
                self.done = (epoch, 0)
                self.save(out / CHECKPOINT, fingerprint)
                if epoch - self.log.best_epoch >= self.settings.patience:
                    break
        return self.log

    def one_epoch(self, epoch: int, bar: Any, checkpoint: Path, fingerprint: str) -> None:
        self.model.train()
        batches = self.epochs[epoch - 1]
        saved = started = time.monotonic()
        tokens = 0
        for place in range(self.done[1], len(batches)):
            before = time.monotonic()
            loss = completion_loss(self.model, self.on_device(batches[place]))
            (loss / self.settings.accumulate).backward()
            if (place + 1) % self.settings.accumulate == 0 or place + 1 == len(batches):
                self.weights.step()
                self.schedule.step()
                self.log.steps.append((len(self.log.steps) + 1, loss.item()))
                bar.update()
            learnt = sum(len(one.ids) for one in batches[place])
            tokens += learnt
            self.log.tokens += learnt
            self.log.seconds += time.monotonic() - before
            bar.set_postfix(loss=f"{loss.item():.3f}", tokens_s=f"{tokens / (time.monotonic() - started):.0f}")
            self.done = (epoch - 1, place + 1)
            if time.monotonic() - saved > CHECKPOINT_EVERY_S and (place + 1) % self.settings.accumulate == 0:
                self.save(checkpoint, fingerprint)
                saved = time.monotonic()

    def save(self, path: Path, fingerprint: str) -> None:
        """Write the checkpoint, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        state = {
            "fingerprint": fingerprint,
            "masters": self.weights.masters,
            "adamw": self.weights.adamw.state_dict(),
            "schedule": self.schedule.state_dict(),
            "log": vars(self.log),
            "best": self.best,
            "done": self.done,
            "random": torch.get_rng_state(),
        }
        torch.save(state, part)
        part.replace(path)

    def resume(self, path: Path, fingerprint: str) -> None:
        """Take up the checkpoint, if there is one and it is of this run."""
        if not path.is_file():
            return
        state = torch.load(path, map_location="cpu", weights_only=True)
        if state["fingerprint"] != fingerprint:
            return
        self.weights.load(state["masters"])
        self.weights.adamw.load_state_dict(state["adamw"])
        self.schedule.load_state_dict(state["schedule"])
        self.log, self.best, self.done = TrainLog(**state["log"]), state["best"], tuple(state["done"])
        torch.set_rng_state(state["random"])

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
