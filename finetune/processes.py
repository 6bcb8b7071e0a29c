"""Several processes that train one adapter: each learns from its share of the batches, the gradients are averaged.

    accelerate launch --multi_gpu --num_processes 2 .venv/bin/aisle train       (on CPUs too: there gloo connects them)

accelerate's PartialState finds out how the process was started, so torchrun and mpirun do as well."""

from __future__ import annotations

import atexit
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import distributed

T = TypeVar("T")


@dataclass(frozen=True)
class Processes:
    """This process among its fellows. Every process must make the same calls in the same order."""

    rank: int = 0
    count: int = 1
    device: str = "cpu"

    @property
    def first(self) -> bool:
        """Whether this one writes files and shows progress."""
        return self.rank == 0

    def average(self, tensors: Sequence[torch.Tensor]) -> None:
        """Replace each tensor by its mean over the processes, in one message."""
        if self.count == 1:
            return
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        distributed.all_reduce(flat)
        flat /= self.count
        for tensor, mean in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(mean.view_as(tensor))

    def sums(self, *numbers: float) -> list[float]:
        """Each number's sum over the processes."""
        if self.count == 1:
            return list(numbers)
        summed = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        distributed.all_reduce(summed)
        return summed.tolist()

    def from_first(self, value: T) -> T:
        """The first process's value; the others' is not looked at."""
        if self.count == 1:
            return value
        box = [value]
        distributed.broadcast_object_list(box, src=0)
        return box[0]

    def wait(self) -> None:
        """Until all processes are here."""
        if self.count > 1:
            distributed.barrier()


ALONE = Processes()


def join_processes() -> Processes:
    """Find the fellows that the launcher started, if any. May be called again."""
    from accelerate import PartialState  # type: ignore[import-untyped]

    device = "cuda" if torch.cuda.is_available() else "cpu"
    state = PartialState(cpu=device == "cpu")
    if not state.use_distributed:
        return Processes(device=device)
    atexit.register(_leave)
    return Processes(state.process_index, state.num_processes, device)


def _leave() -> None:
    if distributed.is_initialized():
        distributed.destroy_process_group()
