"""The products whose text is about the same as some words, whatever words it has: nearest vectors by cosine.

    vectors = ProductVectors(embedder.embed)
    vectors.nearest(session, "something to keep coffee hot on the train", 50)  ->  (Near("p17", 0.58), …)

PostgreSQL asks pgvector; SQLite has the vectors in memory as one matrix, loaded anew when the store has newer ones.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sqlalchemy import Float, func, select
from sqlalchemy.orm import Session

from assistant.store import ProductVector
from assistant.store.product_vectors import DIMENSIONS, Embed

MOST_REMEMBERED = 256  # shoppers' words whose vectors are kept: "show more" asks the same again


@dataclass(frozen=True)
class Near:
    product_id: str
    cosine: float  # -1..1


@dataclass(frozen=True)
class _Matrix:
    newest: int  # id of the newest vector in it
    product_ids: tuple[str, ...]
    vectors: np.ndarray  # float32 (n, DIMENSIONS)


class ProductVectors:
    """The vectors of one shop. Safe to use from many threads."""

    def __init__(self, embed: Embed) -> None:
        self.embed = embed
        self._read = lru_cache(MOST_REMEMBERED)(lambda words: embed([words])[0])
        self._matrix = _Matrix(-1, (), np.zeros((0, DIMENSIONS), np.float32))
        self._lock = threading.Lock()

    def nearest(self, session: Session, words: str, limit: int) -> tuple[Near, ...]:
        """The `limit` products nearest to the words, the nearest first."""
        if not words:
            return ()
        vector = self._read(words)
        if session.get_bind().dialect.name == "postgresql":
            return _asked_of_pgvector(session, vector, limit)
        matrix = self._newest(session)
        cosines = matrix.vectors @ vector
        best = np.argpartition(-cosines, limit)[:limit] if limit < len(cosines) else np.arange(len(cosines))
        best = best[np.argsort(-cosines[best], kind="stable")]
        return tuple(Near(matrix.product_ids[place], float(cosines[place])) for place in best)

    def forget(self) -> None:
        """Read words anew that were read before; to measure what a first reading takes."""
        self._read.cache_clear()

    def _newest(self, session: Session) -> _Matrix:
        newest = session.scalar(select(func.max(ProductVector.id))) or 0
        if self._matrix.newest != newest:
            with self._lock:
                if self._matrix.newest != newest:
                    self._matrix = _loaded(session, newest)
        return self._matrix


def _loaded(session: Session, newest: int) -> _Matrix:
    rows: Sequence[tuple[str, np.ndarray]] = [
        (key, vector) for key, vector in session.execute(select(ProductVector.product_id, ProductVector.vector))
    ]
    vectors = np.array([vector for _, vector in rows], np.float32).reshape(-1, DIMENSIONS)
    return _Matrix(newest, tuple(product_id for product_id, _ in rows), vectors)


def _asked_of_pgvector(session: Session, vector: np.ndarray, limit: int) -> tuple[Near, ...]:
    distance = ProductVector.vector.op("<=>", return_type=Float)(vector)  # 1 less the cosine
    rows = session.execute(select(ProductVector.product_id, distance).order_by(distance).limit(limit))
    return tuple(Near(product_id, 1 - float(far)) for product_id, far in rows)
