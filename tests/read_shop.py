"""Fixtures: the demo shop with its vectors, on each kind of database. Import them where they are needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from assistant.actions.base import reader
from assistant.search.vectors import ProductVectors
from assistant.settings import Settings
from assistant.shop.builder import build_demo_shop
from assistant.store import Database, refresh_vectors


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, new_database: Callable[[str], Database]) -> Database:
    database = new_database(request.param)
    build_demo_shop(database, date(2026, 11, 3))
    refresh_vectors(database, reader(Settings()))
    return database


@pytest.fixture(scope="module")
def vectors(shop: Database) -> ProductVectors:
    return ProductVectors(reader(Settings()))
