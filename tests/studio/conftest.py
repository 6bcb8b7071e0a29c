"""Somebody of each role, in the database of the test."""

from __future__ import annotations

import pytest

from assistant.staff.access import Staff
from assistant.store import Database
from tests.review.talks import hired


@pytest.fixture
def tess(database: Database) -> Staff:
    return hired(database, "tess", "trainer")


@pytest.fixture
def kim(database: Database) -> Staff:
    return hired(database, "kim", "agent")
