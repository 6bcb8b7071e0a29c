"""What transformers makes of a GGUF file, kept beside it in the Hugging Face layout: it opens in a second from then on.

transformers reads a GGUF file three times and value by value, which takes some 20 s at the start of every training.
Kept are the weights, dense and in float32 as training wants them (four bytes a parameter, so not of large models), and
the tokenizer, each in a folder of its own, made when it is first wanted.

    SmolLM2-135M-Instruct.Q4_1.gguf.1.98362432.1795948800123456789.5.23.0.weights/

The name says the recipe, the file's size and when it was written, and transformers' version: of another file, or of one
that was replaced, nothing is taken.
"""

from __future__ import annotations

import logging
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

log = logging.getLogger(__name__)

RECIPE = 1  # raise it when base_model.py makes another model or tokenizer of the same file
MOST_KEPT = 1 << 30  # bytes of weights; the base has half as many
STALE_S = 3_600  # saving takes seconds; a part as old as that is of a process that was killed
PART = ".part"

Part = Literal["weights", "tokenizer"]


def unpacked(gguf: Path, part: Part) -> Path | None:
    """The folder of this part of the file, or None where it is not kept."""
    folder = _folder(gguf, part)
    return folder if folder.is_dir() else None


def may_be_kept(gguf: Path) -> bool:
    """Whether its weights in float32 can be few enough: a parameter takes a byte of the file, or less."""
    return gguf.is_file() and 4 * gguf.stat().st_size < MOST_KEPT


def keep(gguf: Path, part: Part, save: Callable[[Path], Any]) -> None:
    """Have it written by `save`, whole or not at all. Where it cannot be, a line in the log says so and no more: the
    file itself is read the next time too."""
    folder = _folder(gguf, part)
    making = folder.with_name(f".{folder.name}.{uuid4().hex}{PART}")
    try:
        making.mkdir()
        save(making)
        if not folder.is_dir():  # else another process was faster, and its folder is as good
            making.rename(folder)
    except Exception as error:  # safetensors and tokenizers have errors of their own for a full disk
        if not folder.is_dir():
            log.warning("%s is read anew at each start, which takes longer: %s", gguf, error)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    _remove_old(gguf, part)


def _folder(gguf: Path, part: Part) -> Path:
    about = gguf.stat()
    return gguf.with_name(f"{gguf.name}.{RECIPE}.{about.st_size}.{about.st_mtime_ns}.{_version()}.{part}")


def _version() -> str:
    from transformers import __version__

    return __version__


def _remove_old(gguf: Path, part: Part) -> None:
    """What was kept of the file as it was before, or by another recipe, and what killed processes left."""
    now = _folder(gguf, part)
    before = re.compile(rf"{re.escape(gguf.name)}\.\d+\.\d+\.\d+\.{re.escape(_version())}\.{part}")
    for path in gguf.parent.iterdir():
        left = path.name.startswith(f".{gguf.name}.") and path.suffix == PART
        with suppress(OSError):  # another process removes it too
            if (path != now and before.fullmatch(path.name)) or (left and _age_s(path) > STALE_S):
                shutil.rmtree(path)


def _age_s(path: Path) -> float:
    return time.time() - path.stat().st_mtime
