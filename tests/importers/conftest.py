"""A shop to import feeds into: `feeds` on SQLite, `feeds_on_both` on each kind of database."""

from __future__ import annotations

from pathlib import Path

import pytest
from feed_folder import FeedFolder

from assistant.store import Database


@pytest.fixture
def feeds(tmp_path: Path, own_sqlite: Database) -> FeedFolder:
    return FeedFolder(tmp_path, own_sqlite)


@pytest.fixture
def feeds_on_both(tmp_path: Path, database: Database) -> FeedFolder:
    """As `feeds`; the test runs once on SQLite and once on PostgreSQL."""
    return FeedFolder(tmp_path, database)
