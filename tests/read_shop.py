"""Fixtures: the demo shop with its vectors, on each kind of database. Import them where they are needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache

import numpy as np
import pytest

from assistant.actions.base import reader
from assistant.search.vectors import ProductVectors
from assistant.settings import Settings
from assistant.shop.builder import build_demo_shop
from assistant.store import Database, refresh_vectors
from assistant.store.product_vectors import Embed


@cache
def reader_with_memory() -> Embed:
    """The real reader, which reads a text once for all tests of this process: the demo shop's take it some 10 s."""
    embed, known = reader(Settings()), dict[str, np.ndarray]()

    def read(texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, embed(new), strict=True))
        return np.array([known[text] for text in texts])

    return read


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, new_database: Callable[[str], Database]) -> Database:
    database = new_database(request.param)
    build_demo_shop(database, date(2026, 11, 3))
    refresh_vectors(database, reader_with_memory())
    return database


@pytest.fixture(scope="module")
def vectors(shop: Database) -> ProductVectors:
    return ProductVectors(reader(Settings()))
