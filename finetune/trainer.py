"""One run over the data: optimiser, schedule, progress, checkpoints, the best adapter so far on disk.

A run that was cut goes on from its last checkpoint, if it is the same run: the same settings, data and base. Several
processes may share the batches of a step; the first alone writes and shows progress.
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
from finetune.board import open_board
from finetune.methods import rank_budget, regularisation
from finetune.processes import ALONE, Processes
from finetune.progress import ProgressFile
from finetune.settings import TrainSettings

CHECKPOINT = "checkpoint.pt"
CHECKPOINT_EVERY_S = 180.0


@dataclass
class TrainLog:
    """What happened, step by step; kept in the manifest and drawn as the loss curve."""

    steps: list[tuple[int, float]] = field(default_factory=list)  # (step, training loss)
    learning_rates: list[float] = field(default_factory=list)  # of each step
    epochs: list[tuple[int, float]] = field(default_factory=list)  # (step, development loss)
    best_epoch: int = 0
    tokens: int = 0
    seconds: float = 0.0


class MasterWeights:
    """AdamW on float32 copies of the adapter's weights: in bfloat16 alone, small steps would round away."""

    def __init__(self, model: Any, settings: TrainSettings, processes: Processes = ALONE) -> None:
        learnt = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
        self.names, self.weights = list(learnt), list(learnt.values())
        self.processes = processes
        self.masters = [weight.detach().float().clone() for weight in self.weights]
        self.adamw = torch.optim.AdamW(self.masters, settings.learning_rate, weight_decay=settings.weight_decay)

    def step(self) -> None:
        """Average the gradients over the processes, clip them to norm 1, step, copy the result back, forget the
        model's gradients. The masters' stay until the next step."""
        for weight, master in zip(self.weights, self.masters, strict=True):
            master.grad = None if weight.grad is None else weight.grad.float()
            weight.grad = None
        if self.processes.count > 1:
            self.processes.average([self.gradient(master) for master in self.masters])
        torch.nn.utils.clip_grad_norm_(self.masters, 1.0)
        self.adamw.step()
        self.copy_back()

    @staticmethod
    def gradient(master: torch.Tensor) -> torch.Tensor:
        """Zeros if this process had no batch for the step."""
        if master.grad is None:
            master.grad = torch.zeros_like(master)
        return master.grad

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
        self,
        model: Any,
        settings: TrainSettings,
        train_sets: Sequence[Sequence[Encoded]],
        dev_set: Sequence[Encoded],
        processes: Processes = ALONE,
    ) -> None:
        self.processes = processes
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = model.to(self.device)
        self.settings = settings
        self.dev_batches = make_batches(dev_set, settings.batch_tokens * 2)
        self.epochs = [self.shuffled(number, examples) for number, examples in enumerate(train_sets, 1)]
        self.group = settings.accumulate * processes.count  # batches to one step
        self.steps = sum(math.ceil(len(batches) / self.group) for batches in self.epochs)
        self.weights = MasterWeights(self.model, settings, processes)
        masters = dict(zip(self.weights.names, self.weights.masters, strict=True))
        self.budget = rank_budget(self.model, masters, self.steps)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.weights.adamw, self.learning_rate_share)
        self.log = TrainLog()
        self.best = math.inf
        self.done = (0, 0)  # whole epochs, and batches of the next
        self.board: Any = None
        self.progress = ProgressFile(Path(settings.progress)) if settings.progress and processes.first else None

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
        taken, first = len(self.log.steps), self.processes.first
        if self.settings.tensorboard and first:
            self.board = open_board(self.settings.tensorboard, taken)
        with tqdm(
            total=self.steps, initial=taken, unit="step", file=sys.stderr, desc="training", disable=not first
        ) as bar:
            for epoch in range(self.done[0] + 1, len(self.epochs) + 1):
                self.one_epoch(epoch, bar, out / CHECKPOINT, fingerprint)
                self.end_epoch(epoch, bar, out)
                self.save(out / CHECKPOINT, fingerprint)
                if epoch - self.log.best_epoch >= self.settings.patience:
                    break
        if self.board:
            self.board.close()
        if self.progress:
            self.progress.close()
        return self.log

    def one_epoch(self, epoch: int, bar: Any, checkpoint: Path, fingerprint: str) -> None:
        self.model.train()
        batches = self.epochs[epoch - 1]
        saved = started = time.monotonic()
        tokens, loss = 0, math.nan
        for place in range(self.done[1], len(batches)):
            before = time.monotonic()
            if place % self.processes.count == self.processes.rank:
                loss = self.learn(batches[place])
            if (place + 1) % self.group == 0 or place + 1 == len(batches):
                self.step(loss)
                bar.update()
            learnt = sum(len(one.ids) for one in batches[place])
            tokens += learnt
            self.log.tokens += learnt
            self.log.seconds += time.monotonic() - before
            bar.set_postfix(loss=f"{loss:.3f}", tokens_s=f"{tokens / (time.monotonic() - started):.0f}")
            self.done = (epoch - 1, place + 1)
            if time.monotonic() - saved > CHECKPOINT_EVERY_S and (place + 1) % self.group == 0:
                self.save(checkpoint, fingerprint)
                saved = time.monotonic()

    def learn(self, batch: list[Encoded]) -> float:
        """Add the batch's gradients to those of the step; its loss."""
        loss = completion_loss(self.model, self.on_device(batch))
        ((loss + regularisation(self.model)) / self.settings.accumulate).backward()
        return loss.item()

    def step(self, loss: float) -> None:
        """Move the weights; `loss` is noted as the step's."""
        rate, number = float(self.schedule.get_last_lr()[0]), len(self.log.steps) + 1
        self.weights.step()
        if self.budget:
            self.budget.allocate(number)
            self.weights.copy_back()
        self.schedule.step()
        self.log.steps.append((number, loss))
        self.log.learning_rates.append(rate)
        self.show(loss=loss, learning_rate=rate)
        self.tell(loss=loss)

    def end_epoch(self, epoch: int, bar: Any, out: Path) -> None:
        """Measure the development loss, and keep the adapter if none before was better."""
        started = time.monotonic()
        loss = self.dev_loss()
        self.log.seconds += time.monotonic() - started
        self.log.epochs.append((len(self.log.steps), loss))
        self.show(development_loss=loss)
        self.tell(development_loss=loss)
        if self.processes.first:
            bar.write(f"epoch {epoch}: development loss {loss:.4f}", file=sys.stderr)
        if loss < self.best:
            self.best, self.log.best_epoch = loss, epoch
            if self.processes.first:
                self.model.save_pretrained(out, save_embedding_layers=False)
        self.done = (epoch, 0)

    def show(self, **curves: float) -> None:
        """Points at the last step, for TensorBoard."""
        for name, value in curves.items() if self.board else ():
            self.board.add_scalar(name, value, len(self.log.steps))

    def tell(self, **losses: float) -> None:
        """How far it is, and how long the rest takes at the pace so far."""
        if not self.progress:
            return
        done, took = len(self.log.steps), self.log.seconds
        pace = {"tokens_per_s": round(self.log.tokens / took, 1)} if took else {}
        left = {"seconds_left": round(took / done * (self.steps - done))} if took else {}
        losses = {name: round(loss, 4) for name, loss in losses.items()}
        self.progress.tell(step=done, steps=self.steps, epoch=self.done[0] + 1, **losses, **pace, **left)

    def save(self, path: Path, fingerprint: str) -> None:
        """Write the checkpoint, whole or not at all."""
        if not self.processes.first:
            return
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
            "budget": self.budget.state() if self.budget else None,
        }
        torch.save(state, part)
        part.replace(path)

    def resume(self, path: Path, fingerprint: str) -> None:
        """Take up the checkpoint, if there is one and it is of this run. The first process reads it for all."""
        state = None
        if self.processes.first and path.is_file():
            state = torch.load(path, map_location="cpu", weights_only=True)
        state = self.processes.from_first(state)
        if state is None or state["fingerprint"] != fingerprint:
            return
        self.weights.load(state["masters"])
        self.weights.adamw.load_state_dict(state["adamw"])
        self.schedule.load_state_dict(state["schedule"])
        if self.budget:
            self.budget.load(state["budget"])
        self.log, self.best, self.done = TrainLog(**state["log"]), state["best"], tuple(state["done"])
        if self.processes.first:
            torch.set_rng_state(state["random"])

    @torch.no_grad()
    def dev_loss(self) -> float:
        """Mean loss per completion token on the development set."""
        self.model.eval()
        total, count = 0.0, 0
        for batch in self.dev_batches[self.processes.rank :: self.processes.count]:
            learnt = sum(one.learnt for one in batch)
            total += completion_loss(self.model, self.on_device(batch)).item() * learnt
            count += learnt
        total, everywhere = self.processes.sums(total, count)
        return total / everywhere

    def on_device(self, batch: list[Encoded]) -> dict[str, torch.Tensor]:
        return {name: tensor.to(self.device) for name, tensor in collate(batch).items()}
