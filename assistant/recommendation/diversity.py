"""Choose results that are good and not all alike: maximal marginal relevance (Carbonell and Goldstein 1998)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

RELEVANCE = 0.7  # against sameness; the paper's lambda


def diverse(relevance: Sequence[float], vectors: np.ndarray, limit: int) -> list[int]:
    """Places of the `limit` best, chosen one after the other: each as relevant and as unlike those before as can be.

    `relevance` is any scale, higher is better; `vectors` float32 (n, d) of length 1, zeros where nothing is known.
    """
    if not relevance or limit < 1:
        return []
    scores = np.asarray(relevance, np.float32)
    spread = float(scores.max() - scores.min())
    scores = (scores - scores.min()) / spread if spread else np.ones_like(scores)
    alike = vectors @ vectors.T
    chosen: list[int] = [int(np.argmax(scores))]
    left = [place for place in range(len(scores)) if place != chosen[0]]
    while left and len(chosen) < limit:
        gains = [RELEVANCE * scores[one] - (1 - RELEVANCE) * alike[one, chosen].max() for one in left]
        chosen.append(left.pop(int(np.argmax(gains))))
    return chosen
