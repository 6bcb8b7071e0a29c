"""Messages that ask the same, gathered: what shoppers ask most and get no answer to.

Agglomerative clustering by average linkage (scipy) of the messages' embeddings, by cosine distance; a cluster is named
by its most central message. Pure but for `embed`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist

SAME_WITHIN = 0.5  # cosine distance of two groups' messages on average; by eye, on made-up conversations
SHOWN_EXAMPLES = 3
Embed = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True)
class Cluster:
    name: str  # its most central message
    count: int  # messages
    examples: tuple[str, ...]  # others of them, the most central first


def clusters(texts: Sequence[str], embed: Embed) -> list[Cluster]:
    """The largest first; a message that is like no other is a cluster of its own."""
    counted = Counter(" ".join(text.split()) for text in texts)
    distinct = list(counted)
    if len(distinct) < 2:
        return [Cluster(text, count, ()) for text, count in counted.items()]
    vectors = np.asarray(embed(distinct), dtype=np.float64)
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    labels = fcluster(linkage(pdist(vectors, "cosine"), "average"), SAME_WITHIN, "distance")
    found = [_cluster(np.flatnonzero(labels == label), distinct, counted, vectors) for label in np.unique(labels)]
    return sorted(found, key=lambda cluster: (-cluster.count, cluster.name))


def _cluster(members: np.ndarray, texts: list[str], counted: Counter[str], vectors: np.ndarray) -> Cluster:
    weights = np.array([counted[texts[member]] for member in members])
    centre = weights @ vectors[members]
    central = [texts[member] for member in members[np.argsort(-(vectors[members] @ centre), kind="stable")]]
    return Cluster(central[0], int(weights.sum()), tuple(central[1 : 1 + SHOWN_EXAMPLES]))
