"""Weights between those of the adapter that a training went on from and those that it came to.

WiSE-FT (Wortsman et al. 2022, https://arxiv.org/abs/2109.01903): the mean learns nearly all that is new and forgets
less of what was known. The two matrices of a LoRA are averaged each by itself: one training moves them little.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

WEIGHTS = "adapter_model.safetensors"


def blend(before: Path, after: Path, share: float) -> None:
    """Mix the adapter in the folder `after` with that of `before`, which keeps 1 - `share`, in the latter's precision.

    Both must be of one shape, as `train` sees to.
    """
    old, new = load_file(before / WEIGHTS), load_file(after / WEIGHTS)
    mixed = {name: torch.lerp(old[name].float(), one.float(), share).to(old[name].dtype) for name, one in new.items()}
    save_file(mixed, after / WEIGHTS, {"format": "pt"})
