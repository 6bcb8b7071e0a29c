"""Vectors of texts in a file, so that what was embedded once is not embedded again at the next start.

    vectors = read_vectors(path, embed)      {} where nothing was kept, or it was kept by another embedding
    write_vectors(path, vectors)

Three hundred messages take an embedding 5 s on a slow processor, and their file a hundredth of one.
"""

from __future__ import annotations

import logging
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

log = logging.getLogger(__name__)

Embed = Callable[[Sequence[str]], np.ndarray]  # texts to vectors of length 1, float32 (n, d)
Vectors = Mapping[str, np.ndarray]  # of each text, float16 (d,)

BLOCK = 1_000  # vectors
SAME_EMBEDDING = 0.98  # cosine; half and single precision differ by less than 0.001


class Stacked(Vectors):
    """Vectors that lie in one matrix, be it in memory or in a file that is mapped."""

    def __init__(self, texts: Sequence[str], matrix: np.ndarray) -> None:
        self.matrix = matrix  # float16 (n, d)
        self._places = dict(zip(texts, range(len(matrix)), strict=True))

    def __getitem__(self, text: str) -> np.ndarray:
        row: np.ndarray = self.matrix[self._places[text]]
        return row

    def __contains__(self, text: object) -> bool:
        return text in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def rows(self, texts: Sequence[str]) -> np.ndarray:
        """Those of some texts, float32 (len(texts), d); of 20,000 it takes a second less than one by one."""
        places = [self._places[text] for text in texts]
        rows = np.empty((len(places), self.matrix.shape[1]), np.float32)
        for start in range(0, len(places), BLOCK):  # not all of them in both forms at once
            rows[start : start + BLOCK] = self.matrix[places[start : start + BLOCK]]
        return rows


def read_vectors(path: Path, embed: Embed) -> Vectors:
    """What was kept at `path`; nothing where there is no file, it cannot be read, or `embed` is another by now."""
    try:
        with np.load(path, allow_pickle=False) as saved:
            kept = dict(zip(saved["texts"].tolist(), saved["vectors"], strict=True))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        log.warning("What was embedded before cannot be read (%s): it is embedded anew.", error)
        return {}
    return kept if not kept or is_of(embed, *next(iter(kept.items()))) else {}


def write_vectors(path: Path, vectors: Vectors) -> None:
    """Whole or not at all. Raises OSError."""
    texts = np.array(list(vectors), dtype=str)
    write_whole(path, lambda file: np.savez(file, texts=texts, vectors=np.array(list(vectors.values()))))


def is_of(embed: Embed, text: str, saved: np.ndarray) -> bool:
    """Whether a saved vector is what this embedding gives."""
    now = embed([text])[0]
    return now.shape == saved.shape and float(now @ saved.astype(np.float32)) >= SAME_EMBEDDING


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """A file that is there as a whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        write(file)
    os.replace(part, path)
