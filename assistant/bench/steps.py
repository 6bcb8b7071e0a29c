"""What a step of the serving engine costs: a token written, a prompt read anew and read before.

A step reads all the weights once, so that their bytes over the memory's bandwidth are the least that it can take."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from assistant.engines.openvino import BLOCK_TOKENS, OpenVinoEngine

SAMPLE = 20  # prompts read anew, and again
WRITTEN = 33  # tokens, of which the first comes with the reading of the prompt
ROUNDS = 5


@dataclass(frozen=True)
class Steps:
    """Milliseconds and tokens."""

    token_ms: float
    weights_bytes: int
    prompt_tokens: float  # median
    read_ms: float  # the median prompt, as if never seen
    read_again_ms: float  # the same, right after
    shared: float  # share of the prompts' tokens that were in the cache already, in whole blocks from the start

    def record(self) -> dict[str, Any]:
        return {name: round(value, 3) for name, value in vars(self).items()}


def measure_steps(engine: OpenVinoEngine, shared: float, prompts: Sequence[str]) -> Steps:
    """Of an engine that nobody else uses now; `prompts` are those of real turns."""
    some = list(dict.fromkeys(prompts))[-SAMPLE:]
    anew, again = [], []
    for number, prompt in enumerate(some):
        changed = f"{number} {prompt}"  # another first block, so that nothing of it is in the cache
        anew.append(_seconds(engine, changed, 1)[0])
        again.append(_seconds(engine, changed, 1)[0])
    return Steps(
        token_ms=1000 * median(_token_seconds(engine, prompt) for prompt in some[:ROUNDS]),
        weights_bytes=engine.weights_bytes,
        prompt_tokens=median(len(engine.token_ids(prompt)) for prompt in prompts),
        read_ms=1000 * median(anew),
        read_again_ms=1000 * median(again),
        shared=shared,
    )


def shared_tokens(prompts: Sequence[Sequence[int]], block: int = BLOCK_TOKENS) -> float:
    """Share of the tokens that stand in blocks which an earlier prompt begins with too: the most a cache can save."""
    seen: set[tuple[int, ...]] = set()
    saved = 0
    for prompt in prompts:
        begins = [tuple(prompt[:end]) for end in range(block, len(prompt) + 1, block)]
        saved += block * sum(begin in seen for begin in begins)
        seen.update(begins)
    return saved / max(1, sum(map(len, prompts)))


def _token_seconds(engine: OpenVinoEngine, prompt: str) -> float:
    """Of one more token, the prompt being in the cache. Free text, since a grammar would end it early."""
    _seconds(engine, prompt, 1)
    first, _ = _seconds(engine, prompt, 1)
    whole, tokens = _seconds(engine, prompt, WRITTEN)
    return (whole - first) / max(1, tokens - 1)


def _seconds(engine: OpenVinoEngine, prompt: str, tokens: int) -> tuple[float, int]:
    started = time.perf_counter()
    (written,) = engine.generate([prompt], max_tokens=tokens)
    return time.perf_counter() - started, len(written.logprobs)
