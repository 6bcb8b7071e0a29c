"""A server is killed while it makes its database and builds the demo shop: the next start finds nothing half made."""

from __future__ import annotations

import random
import time
from pathlib import Path

from sqlalchemy import func, select

from assistant.store import Base, Database
from tests.faults.mother import is_alive, kill
from tests.faults.rounds import Place, opened, problems

KILLS = 2
LONGEST_S = 1.2  # building takes about a second


def rows(database: Database) -> dict[str, int]:
    """How many each table has."""
    with database.reading() as session:
        tables = Base.metadata.sorted_tables
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def test_a_first_start_that_is_killed_is_done_again_from_the_beginning(place: Place, tmp_path: Path) -> None:
    draw, options = random.Random(2), place.options(f"sqlite:///{tmp_path}/shop.db")
    for _ in range(KILLS):
        pid = place.mother.begin(options)
        time.sleep(draw.random() * LONGEST_S)
        assert is_alive(pid)
        kill(pid)
    kill(place.mother.start(options))
    with opened(options.url) as made, opened(place.fresh_shop()) as untouched:
        assert rows(made) == rows(untouched)
    assert problems(options.url, {}, place.orders) == []
