"""The products whose text is about the same as some words, whatever words it has: nearest vectors by cosine.

    vectors = ProductVectors(embedder.embed)
    vectors.nearest(session, "something to keep coffee hot on the train", 50)  ->  (Near("p17", 0.58), …)

PostgreSQL asks pgvector; SQLite has the vectors in memory as one matrix, into which newer ones are
put as the store gets them.
In a large catalogue a first look along the few directions in which products differ most tells which are looked at
whole: a search is as fast as the memory it reads.
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

MOST_READ_WHOLE = 20_000  # products; of more, only those that look near at first
FIRST_LOOK = 96  # directions, of DIMENSIONS
CLOSER_LOOKS = 10  # products looked at whole for each that is wanted; of 100,000, it gives 99.9 % of the nearest ten
SAMPLE = 20_000  # products that tell the directions
LEAST_LOOKED_AT, MOST_LOOKED_AT = 40, 1_000  # products, by pgvector's index: as it does by itself, and as it can
MOST_RENEWED = 1_000  # products whose vectors are put into the matrix; with more it is loaded anew
MOST_REMEMBERED = 256  # shoppers' words whose vectors are kept: "show more" asks the same again


@dataclass(frozen=True)
class Near:
    product_id: str
    cosine: float  # -1..1


@dataclass(frozen=True)
class _Matrix:
    newest: int  # id of the newest vector in it
    product_ids: Sequence[str]
    vectors: np.ndarray  # (n, DIMENSIONS), float32, or float16 with a first look
    axes: np.ndarray | None = None  # of the first look, float32 (DIMENSIONS, FIRST_LOOK), of length 1
    first: np.ndarray | None = None  # the vectors along these axes, float32 (n, FIRST_LOOK)

    def nearest(self, vector: np.ndarray, limit: int) -> list[Near]:
        places = np.arange(len(self.product_ids))
        if self.first is not None and self.axes is not None:
            places = _highest(_products(self.first, vector @ self.axes), limit * CLOSER_LOOKS)
        looked_at = self.vectors if self.first is None else self.vectors[places].astype(np.float32)
        cosines = _products(looked_at, vector)
        best = _highest(cosines, limit)
        best = best[np.argsort(-cosines[best], kind="stable")]
        return [Near(self.product_ids[places[place]], float(cosines[place])) for place in best]


class ProductVectors:
    """The vectors of one shop. Safe to use from many threads."""

    def __init__(self, embed: Embed) -> None:
        self.embed = embed
        self._read = lru_cache(MOST_REMEMBERED)(lambda words: embed([words])[0])
        self._matrix = _Matrix(-1, (), np.zeros((0, DIMENSIONS), np.float32))
        self._lock = threading.Lock()

    def nearest(self, session: Session, words: str, limit: int) -> tuple[Near, ...]:
        """The `limit` products nearest to the words, the nearest first."""
        return self.near(session, self._read(words), limit) if words else ()

    def near(self, session: Session, vector: np.ndarray, limit: int) -> tuple[Near, ...]:
        """The `limit` products nearest to a vector of length 1, float32 (DIMENSIONS,), the nearest first."""
        if session.get_bind().dialect.name == "postgresql":
            return _asked_of_pgvector(session, vector, limit)
        return tuple(self._newest(session).nearest(vector, limit))

    def forget(self) -> None:
        """Read words anew that were read before; to measure what a first reading takes."""
        self._read.cache_clear()

    def _newest(self, session: Session) -> _Matrix:
        newest = session.scalar(select(func.max(ProductVector.id))) or 0
        if self._matrix.newest != newest:
            with self._lock:
                if self._matrix.newest != newest:
                    self._matrix = _renewed(session, self._matrix, newest)
        return self._matrix


def _renewed(session: Session, matrix: _Matrix, newest: int) -> _Matrix:
    """The matrix with the vectors that the store has since; loaded whole where much is new, or something is gone."""
    since = select(ProductVector.product_id, ProductVector.vector).where(ProductVector.id > matrix.newest)
    changed = session.execute(since.limit(MOST_RENEWED + 1)).all()
    places = {product_id: place for place, product_id in enumerate(matrix.product_ids)}
    for product_id, _ in changed:
        places.setdefault(product_id, len(places))
    count = session.scalar(select(func.count()).select_from(ProductVector)) or 0
    outgrown = matrix.first is None and count > MOST_READ_WHOLE
    if len(changed) > MOST_RENEWED or len(places) != count or outgrown:
        return _loaded(session, newest)
    # Copied: other threads may be searching in what is there.
    vectors = np.concatenate(
        [matrix.vectors, np.zeros((count - len(matrix.vectors), DIMENSIONS), matrix.vectors.dtype)]
    )
    first = matrix.first
    if first is not None:
        first = np.concatenate([first, np.zeros((count - len(first), FIRST_LOOK), np.float32)])
    for product_id, vector in changed:
        vectors[places[product_id]] = vector
        if first is not None and matrix.axes is not None:
            first[places[product_id]] = vector @ matrix.axes
    return _Matrix(newest, list(places), vectors, matrix.axes, first)


def _loaded(session: Session, newest: int) -> _Matrix:
    count = session.scalar(select(func.count()).select_from(ProductVector)) or 0
    whole = count <= MOST_READ_WHOLE
    vectors = np.zeros((count, DIMENSIONS), np.float32 if whole else np.float16)
    product_ids: list[str] = []
    rows = session.execute(select(ProductVector.product_id, ProductVector.vector).execution_options(yield_per=1_000))
    for product_id, vector in rows:
        vectors[len(product_ids)] = vector
        product_ids.append(product_id)
    if whole:
        return _Matrix(newest, product_ids, vectors)
    axes = _axes(vectors[:: -(-count // SAMPLE)].astype(np.float32))
    first = np.concatenate([part.astype(np.float32) @ axes for part in np.array_split(vectors, -(-count // SAMPLE))])
    return _Matrix(newest, product_ids, vectors, axes, first)


def _axes(vectors: np.ndarray) -> np.ndarray:
    """The directions in which these vectors have the most of their length."""
    _, directions = np.linalg.eigh(vectors.T @ vectors)  # by rising length
    return np.ascontiguousarray(directions[:, -FIRST_LOOK:], np.float32)


def _products(vectors: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Each with the vector, float32 (n,).

    Not by `@`, which wakes threads that spin on for a while: on two cores what the search does next then takes two
    thirds longer, and this only two milliseconds more."""
    return np.einsum("ij,j->i", vectors, vector)


def _highest(values: np.ndarray, count: int) -> np.ndarray:
    """Where the highest values are, in no order."""
    return np.argpartition(-values, count)[:count] if count < len(values) else np.arange(len(values))


def _asked_of_pgvector(session: Session, vector: np.ndarray, limit: int) -> tuple[Near, ...]:
    looked_at = min(max(limit, LEAST_LOOKED_AT), MOST_LOOKED_AT)  # its index gives no more than that
    session.execute(select(func.set_config("hnsw.ef_search", str(looked_at), True)))
    distance = ProductVector.vector.op("<=>", return_type=Float)(vector)  # 1 less the cosine
    rows = session.execute(select(ProductVector.product_id, distance).order_by(distance).limit(limit))
    return tuple(Near(product_id, 1 - float(far)) for product_id, far in rows)
