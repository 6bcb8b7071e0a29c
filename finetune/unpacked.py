"""What transformers makes of a GGUF file, kept beside it in the Hugging Face layout: it opens in a second from then on.

transformers reads a GGUF file three times and value by value, which takes some 20 s at the start of every training.
Kept are the weights, dense and in float32 as training wants them (four bytes a parameter, so not of large models), and
the tokenizer, each in a folder of its own, made when it is first wanted.

    SmolLM2-135M-Instruct.Q4_1.98362432.5.23.0.weights/      the file's name and size, transformers' version
    SmolLM2-135M-Instruct.Q4_1.98362432.5.23.0.tokenizer/
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

log = logging.getLogger(__name__)

MOST_KEPT = 1 << 30  # bytes of weights; the base has half as many

Part = Literal["weights", "tokenizer"]


def unpacked(gguf: Path, part: Part) -> Path | None:
    """The folder of this part of the file, or None where it is not kept or is older than the file."""
    folder = _folder(gguf, part)
    try:
        return folder if folder.stat().st_mtime >= gguf.stat().st_mtime else None
    except OSError:
        return None


def keep(gguf: Path, part: Part, save: Callable[[Path], Any]) -> None:
    """Have it written by `save`, whole or not at all. Where it cannot be, a line in the log says so and no more: the
    file itself is read the next time too."""
    folder = _folder(gguf, part)
    making = folder.with_name(f".{folder.name}.{uuid4().hex}.part")
    try:
        making.mkdir()
        save(making)
        if unpacked(gguf, part):  # another process was faster, and its folder is as good
            return
        for old in folder.parent.glob(f"{gguf.stem}.*.{part}"):  # of another version, or of a file that was replaced
            shutil.rmtree(old)
        making.rename(folder)
    except OSError as error:
        if unpacked(gguf, part) is None:
            log.warning("%s is read anew at each start, which takes longer: %s", gguf, error)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _folder(gguf: Path, part: Part) -> Path:
    from transformers import __version__

    return gguf.with_name(f"{gguf.stem}.{gguf.stat().st_size}.{__version__}.{part}")
