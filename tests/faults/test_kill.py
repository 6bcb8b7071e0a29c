"""A server killed at random moments loses nothing that it answered; `python -m tests.faults.kill` does it often.

And what looks for losses sees them: each is planted once.
"""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from assistant.store import CartItem, Event, Order, Proof
from tests.faults.invariants import broken
from tests.faults.kill import kill_often
from tests.faults.mother import kill
from tests.faults.played import Line
from tests.faults.rounds import Place, opened, problems
from tests.faults.shoppers import Log, say

CANCELLED = "#W4907715"
CANCELS = (
    '/cancel_order{"order_id": "W4907715"}',
    '/inform{"email": "mia.lindqvist@example.com"}',
    '/inform{"reason": "no longer needed"}',
    "/affirm",
)
FILLS = ("add the pellbrook quietboil kettle in duck egg",)


def test_a_server_killed_at_random_moments_loses_and_repeats_nothing(place: Place) -> None:
    tally = kill_often(place, times=4, seed=11, scripts=3)
    assert tally.broken == []
    assert tally.kills == 4 and tally.kept + tally.not_kept >= 4, "each kill found a turn under way"
    assert tally.cut_off >= tally.not_kept


@pytest.fixture(scope="module")
def played(place: Place) -> tuple[str, Log]:
    """A shop in which one conversation cancelled an order and another filled a cart, and what their clients know."""
    options, log = place.options(place.fresh_shop(), slowest_s=0.0), Log()
    pid = place.mother.start(options)
    with httpx.Client(base_url=f"http://127.0.0.1:{options.port}", timeout=30) as client:
        for sender, texts in (("one", CANCELS), ("two", FILLS)):
            for number, words in enumerate(texts):
                say(client, Line(sender, f"{sender}-{number}", words), log)
    kill(pid)
    return options.url, log


def test_nothing_is_broken_where_nothing_was_planted(place: Place, played: tuple[str, Log]) -> None:
    url, log = played
    assert len(log.told()) == 5 and problems(url, log.told(), place.orders) == []
    with opened(url) as database, database.reading() as session:
        assert session.scalars(select(Proof.order_id)).all() == [CANCELLED]


PLANTED: dict[str, tuple[Callable[[Session], object], str]] = {
    "a turn without its end": (
        lambda session: session.execute(delete(Event).where(Event.type == "timing", Event.turn == 2)),
        "turn 2 is half done",
    ),
    "a reply twice": (lambda session: _say_twice(session, "one"), "the tracker has"),
    "a message lost": (
        lambda session: session.execute(delete(Event).where(Event.conversation_id == "two")),
        "stands 0 times",
    ),
    "an order changed twice": (
        lambda session: session.execute(update(Order).where(Order.id == CANCELLED).values(version=2)),
        "version 2 after 1 proved changes",
    ),
    "a change without its turn": (
        lambda session: session.execute(delete(Event).where(Event.type == "change", Event.conversation_id == "one")),
        "its turns tell of []",
    ),
    "a cart filled twice": (lambda session: session.execute(update(CartItem).values(quantity=2)), "the cart holds"),
    "an order lost": (lambda session: session.delete(session.get_one(Order, "#W5139874")), "orders: "),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_broken_is_seen(place: Place, played: tuple[str, Log], planted: str) -> None:
    url, log = played
    plant, told = PLANTED[planted]
    with opened(url) as database, database.rehearsal() as session:
        plant(session)
        session.flush()
        assert any(told in one for one in broken(session, log.told(), place.orders))


def _say_twice(session: Session, sender: str) -> None:
    """The last reply of the conversation once more, in its own turn."""
    said = select(Event).where(Event.conversation_id == sender, Event.type == "bot").order_by(Event.seq.desc())
    last = session.scalars(said).first()
    assert last
    place = last.seq + 1000
    session.add(Event(conversation_id=sender, seq=place, turn=last.turn, type="bot", message_id=None, data=last.data))
