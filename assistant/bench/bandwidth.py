"""How fast the memory is: what bounds a step of a model, which reads all its weights."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

GIB = 2**30
ARRAY = GIB // 2  # bytes; what is copied must not fit into a cache, and some servers have caches of hundreds of MiB
ROUNDS = 5


def gib_per_s(threads: int) -> float:
    """The best of a few copies by all threads, read and written bytes counted, as STREAM's copy counts them.

    McCalpin 1995, https://www.cs.virginia.edu/stream/.
    """
    source = np.ones(ARRAY // 8, np.float64)
    target = np.zeros_like(source)
    parts = list(zip(np.array_split(target, threads), np.array_split(source, threads), strict=True))
    best = 0.0
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(ROUNDS):
            started = time.perf_counter()
            list(pool.map(lambda part: np.copyto(*part), parts))  # numpy copies without the interpreter's lock
            best = max(best, 2 * source.nbytes / GIB / (time.perf_counter() - started))
    return best
