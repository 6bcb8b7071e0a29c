"""Every test of an action runs it in a small shop, on each kind of database."""

from __future__ import annotations

import pytest
from small_shop import Run, fill, runner

from assistant.store import Database


@pytest.fixture
def run(database: Database) -> Run:
    fill(database)
    return runner(database)
