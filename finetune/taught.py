"""Which examples an adapter was taught: a hash of each, beside the adapter.

What was saved since is found by it, and counts at once (intents/fresh_examples.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy

from finetune.dataset import example_pair
from intents.examples import Example

TAUGHT_FILE = "taught.npz"


@lru_cache(maxsize=1 << 16)  # a start asks twice for those of all examples, and a save in the studio again
def example_hash(example: Example) -> int:
    """64 bits of what the model reads and what it must write."""
    pair = example_pair(example)
    digest = hashlib.sha256(json.dumps([pair.prompt, pair.completion]).encode())
    return int.from_bytes(digest.digest()[:8], "big")


def write_taught(folder: Path, examples: Iterable[Example], data: str) -> None:
    """Keep what an adapter was taught; `data` is the manifest's hash, by which a record of another one is known."""
    hashes = numpy.array(sorted({example_hash(one) for one in examples}), numpy.uint64)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{TAUGHT_FILE}.{os.getpid()}.part"
    with part.open("wb") as file:
        numpy.savez(file, hashes=hashes, data=numpy.array(data))
    part.replace(folder / TAUGHT_FILE)


def read_taught(folder: Path, data: str) -> frozenset[int] | None:
    """The hashes of what was taught to the adapter of this `data`; None where the folder does not say so."""
    try:
        with numpy.load(folder / TAUGHT_FILE, allow_pickle=False) as saved:
            hashes, of_data = saved["hashes"], str(saved["data"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    return frozenset(map(int, hashes)) if of_data == data else None
