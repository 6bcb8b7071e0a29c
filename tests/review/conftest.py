"""Somebody of each role, in the database of the test."""

from __future__ import annotations

import pytest

from assistant.staff.access import Staff
from assistant.store import Database, StaffUser


def hired(database: Database, name: str, role: str) -> Staff:
    with database.session() as session:
        user = StaffUser(name=name, role=role, password_hash="-")
        session.add(user)
        session.flush()
        return Staff(user.id, name, role)


@pytest.fixture
def kim(database: Database) -> Staff:
    return hired(database, "kim", "agent")


@pytest.fixture
def tess(database: Database) -> Staff:
    return hired(database, "tess", "trainer")


@pytest.fixture
def lee(database: Database) -> Staff:
    return hired(database, "lee", "agent")
