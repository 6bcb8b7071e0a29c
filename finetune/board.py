"""Training curves in TensorBoard, for those who have it:   tensorboard --logdir FOLDER"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any


class NoTensorBoard(RuntimeError):
    """The tensorboard package is not installed."""


def open_board(folder: str, taken: int) -> Any:
    """A torch SummaryWriter on `folder` that goes on after `taken` steps: what a cut run wrote later is dropped.

    Raises NoTensorBoard."""
    check_tensorboard()
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(folder, purge_step=taken + 1)


def check_tensorboard() -> None:
    """Raises NoTensorBoard, before a model has been loaded in vain."""
    if find_spec("tensorboard") is None:
        raise NoTensorBoard(
            "Curves for TensorBoard need its package: pip install tensorboard. Or train without the setting "
            "tensorboard; loss.png shows the loss too."
        )
