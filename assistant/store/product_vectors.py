"""What each product is about, as a vector: a reading of its text, kept until the text changes.

PostgreSQL has pgvector's `vector` with an HNSW index (Malkov and Yashunin 2016); SQLite keeps half-precision bytes,
which `assistant.search.vectors` holds in memory. Call `refresh_vectors` after the catalogue has changed; what has not
changed is not read again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from pgvector.sqlalchemy import Vector
from sqlalchemy import Dialect, ForeignKey, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from assistant.store.base import Base
from assistant.store.catalogue import Product
from assistant.store.database import Database

DIMENSIONS = 384  # of all-MiniLM-L6-v2
READ_AT_ONCE = 256  # products in one transaction: a run that is cut goes on where it stopped
LONGEST_DESCRIPTION = 400  # characters; the model reads 256 tokens, and what a product is stands first

Embed = Callable[[Sequence[str]], np.ndarray]  # texts to vectors of length 1, float32 (n, DIMENSIONS)


class Embedding(TypeDecorator[np.ndarray]):
    """A vector, float32 (DIMENSIONS,) in Python."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Vector(DIMENSIONS) if dialect.name == "postgresql" else LargeBinary())

    def process_bind_param(self, value: np.ndarray | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else value.astype(np.float16).tobytes()

    def process_result_value(self, value: Any, dialect: Dialect) -> np.ndarray | None:
        if value is None or dialect.name == "postgresql":
            return None if value is None else np.asarray(value, np.float32)
        return np.frombuffer(value, np.float16).astype(np.float32)


class ProductVector(Base):
    """A new reading gets a new `id`, so whoever has the highest one has them all."""

    __tablename__ = "product_vectors"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads it once

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), unique=True)
    text_hash: Mapped[str]
    vector: Mapped[np.ndarray] = mapped_column(Embedding)


def refresh_vectors(database: Database, embed: Embed, progress: Callable[[int], object] | None = None) -> int:
    """Read the products whose text is new or has changed. Returns how many; `progress` hears of each lot."""
    with database.reading() as session:
        rows = session.execute(select(ProductVector.product_id, ProductVector.text_hash)).all()
        known = {product_id: text_hash for product_id, text_hash in rows}
        changed = [key for key, text in _texts(session) if known.get(key) != _hash(text)]
    for start in range(0, len(changed), READ_AT_ONCE):
        ids = changed[start : start + READ_AT_ONCE]
        with database.session() as session:
            texts = dict(_texts(session, ids))
            session.execute(delete(ProductVector).where(ProductVector.product_id.in_(ids)))
            read = zip(texts.items(), embed(list(texts.values())), strict=True)
            session.add_all(
                ProductVector(product_id=key, text_hash=_hash(text), vector=vector) for (key, text), vector in read
            )
        if progress:
            progress(len(ids))
    return len(changed)


def product_text(product: Product) -> str:
    """What is read of a product: what it is first, then whom it is for and what is said of it."""
    parts = [
        product.name, product.category, product.department, product.audience and f"for {product.audience}",
        ", ".join(product.tags), (product.description or "")[:LONGEST_DESCRIPTION],
    ]  # fmt: skip
    return ". ".join(part for part in parts if part)


def _texts(session: Session, ids: Sequence[str] | None = None) -> Iterator[tuple[str, str]]:
    wanted = select(Product).execution_options(yield_per=1_000)
    for product in session.scalars(wanted if ids is None else wanted.where(Product.id.in_(ids))):
        yield product.id, product_text(product)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
