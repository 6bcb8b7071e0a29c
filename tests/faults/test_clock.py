"""The clock of the server jumps, forward and back, between the messages of conversations and in the middle of them."""

from __future__ import annotations

import random
import time
from itertools import groupby
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.store import Event
from tests.faults.mother import kill
from tests.faults.rounds import Place, Round, differences, opened, plan, problems, stock_of
from tests.faults.shoppers import Log, Shoppers

MINUTE_S, YEAR_S = 60, 365 * 86_400
EVERY_S = 0.03
ORDER = (Event.conversation_id, Event.seq)


@pytest.fixture(scope="module")
def played(place: Place) -> Round:
    return plan(place, seed=5, many=4)


def play(place: Place, played: Round, lever: Path, furthest_s: int) -> tuple[str, list[str], list[str]]:
    """The shop's URL, what is broken, and what came out otherwise, after a round with a clock wrong by so much."""
    lever.write_text("0")
    draw, log, options = random.Random(3), Log(), place.options(place.fresh_shop(), clock=str(lever))
    with opened(options.url) as database:
        untouched = stock_of(database)
    pid = place.mother.start(options)
    shoppers = Shoppers(options.port, played.scripts, 2, log)
    while shoppers.are_there:
        lever.write_text(str(draw.choice((-1, 0, 1)) * furthest_s))
        time.sleep(EVERY_S)
    shoppers.leave()
    kill(pid)
    assert not log.refused and not log.cut_off
    return options.url, problems(options.url, log.told(), place.orders), differences(options.url, played, untouched)


def test_conversations_come_to_the_same_when_the_clock_is_put_right(
    place: Place, played: Round, tmp_path: Path
) -> None:
    url, broken, otherwise = play(place, played, tmp_path / "clock", 20 * MINUTE_S)
    assert (broken, otherwise) == ([], [])
    with opened(url) as database, database.reading() as session:
        rows = session.execute(select(Event.conversation_id, Event.created_at).order_by(*ORDER)).all()
    times = [[at for _, at in of_one] for _, of_one in groupby(rows, key=lambda row: row[0])]
    assert len(times) == 4 and any(one != sorted(one) for one in times), "the clock went back within a conversation"


def test_nothing_is_lost_or_repeated_when_the_clock_is_years_wrong(place: Place, played: Round, tmp_path: Path) -> None:
    _, broken, _ = play(place, played, tmp_path / "clock", 5 * YEAR_S)
    assert broken == []
