"""How to train: every number of it in one place, checked when given. torch is not needed to read this.

Methods: LoRA https://arxiv.org/abs/2106.09685, DoRA https://arxiv.org/abs/2402.09353,
rsLoRA https://arxiv.org/abs/2312.03732, AdaLoRA https://arxiv.org/abs/2303.10512,
prefix tuning https://arxiv.org/abs/2101.00190."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import inf
from typing import Any

METHODS = ("lora", "dora", "rslora", "adalora", "prefix")
ALL_LINEAR = "all-linear"
ABOVE_0 = ("epochs", "rank", "alpha", "virtual_tokens", "learning_rate", "batch_tokens", "accumulate")
SHARES = ("dropout", "warmup_share")
SHOWN_IN = ("tensorboard", "progress")
SHORT = {"epochs": 1, "sample": 2000, "learning_rate": 1e-4}  # going on from the live version; 3e-4 costs old messages


class BadSetting(ValueError):
    """A training setting that cannot be."""


@dataclass(frozen=True)
class TrainSettings:
    """Rank and targets as in the design; rate and epochs as commonly used for LoRA on models of this size."""

    epochs: int = 3
    method: str = "lora"  # one of METHODS
    rank: int = 16  # for AdaLoRA the mean over the layers that is left at the end
    alpha: int = 32
    dropout: float = 0.0  # on a CPU 0.05 costs two thirds of the speed
    target_modules: str = ALL_LINEAR  # or names of linear layers with commas between
    virtual_tokens: int = 20  # of prefix tuning, which has no rank and no targets; as in peft's examples
    learning_rate: float = 1e-3
    warmup_share: float = 0.06
    weight_decay: float = 0.01
    batch_tokens: int = 1500  # padding included
    accumulate: int = 1  # batches to one step of the optimiser, in each process
    patience: int = 2  # epochs without a better development loss before stopping
    seed: int = 7
    start: str | None = None  # folder of an adapter to go on from, of the same shape
    sample: int | None = None  # pairs in an epoch, drawn anew for each, what is new to `start` first; None is all
    blend: float = 1.0  # of the new weights in what is kept; the rest are those of `start` (finetune/blend.py)
    tensorboard: str | None = None  # folder for TensorBoard's curves
    progress: str | None = None  # file that is told how it goes on, a JSON line a step

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise BadSetting(f"There is no method {self.method!r}. Choose one of {', '.join(METHODS)}.")
        if not self.targets:
            raise BadSetting(f"target_modules is empty. Name linear layers (q_proj,v_proj), or say {ALL_LINEAR}.")
        for name in ABOVE_0:
            if not 0 < getattr(self, name) < inf:
                raise BadSetting(f"{name} is {getattr(self, name):g}; it must be more than 0.")
        for name in SHARES:
            if not 0 <= getattr(self, name) < 1:
                raise BadSetting(f"{name} is {getattr(self, name):g}; it is a share: at least 0, below 1.")
        if not 0 < self.blend <= 1:
            raise BadSetting(f"blend is {self.blend:g}; it is the new weights' share: more than 0, at most 1.")
        if self.blend < 1 and not self.start:
            raise BadSetting("blend mixes new weights with those of an adapter: say with start which one.")
        if self.sample is not None and self.sample < 1:
            raise BadSetting(f"sample is {self.sample}; an epoch needs at least one pair.")

    @property
    def targets(self) -> list[str]:
        """The names in `target_modules`."""
        return [name.strip() for name in self.target_modules.split(",") if name.strip()]

    def that_matter(self) -> dict[str, Any]:
        """All that the adapter depends on: where curves and progress are shown is not part of it."""
        settings = asdict(self)
        for name in SHOWN_IN:
            del settings[name]
        for name, as_before in (("sample", None), ("blend", 1.0)):
            if settings[name] == as_before:  # so that a checkpoint from before there was the setting is of the same run
                del settings[name]
        return settings
