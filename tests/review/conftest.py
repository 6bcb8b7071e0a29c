"""Somebody of each role, in the database of the test."""

from __future__ import annotations

import pytest
from talks import hired

from assistant.staff.access import Staff
from assistant.store import Database


@pytest.fixture
def kim(database: Database) -> Staff:
    return hired(database, "kim", "agent")


@pytest.fixture
def tess(database: Database) -> Staff:
    return hired(database, "tess", "trainer")


@pytest.fixture
def lee(database: Database) -> Staff:
    return hired(database, "lee", "agent")
