"""Orders are changed in a small shop, on each kind of database."""

from __future__ import annotations

import pytest
from desk_shop import fill

from assistant.store import Database


@pytest.fixture
def shop(database: Database) -> Database:
    fill(database)
    return database
