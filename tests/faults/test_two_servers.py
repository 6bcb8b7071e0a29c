"""Each message goes to two servers of one database at the same moment, as when a client tries another after a silence.

Both answer the same, and what the message asks for is done once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from assistant.conversations import ConversationMoved, append_turn, begin
from assistant.desk import apply_event, carts
from assistant.store import Order, Variant
from tests.faults.mother import kill
from tests.faults.played import Line
from tests.faults.rounds import Place, build, opened, problems
from tests.faults.shoppers import Log, say
from tests.faults.test_kill import CANCELLED, CANCELS

BUYS = (
    '/add_to_cart{"item": "pellbrook quietboil kettle", "color": "duck egg"}',
    '/add_to_cart{"item": "pellbrook quietboil kettle", "color": "duck egg"}',
    '/identify{"name": "Emily Nakamura", "zip": "97209"}',
    "/checkout",
    "/affirm",
)


@pytest.fixture(scope="module")
def postgresql_shop(new_database_url: Callable[..., str]) -> str:
    url = new_database_url("postgresql")
    build(url)
    return url


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_message_that_two_servers_get_at_once_is_answered_the_same_and_done_once(
    place: Place, request: pytest.FixtureRequest, kind: str
) -> None:
    url = place.fresh_shop() if kind == "sqlite" else request.getfixturevalue("postgresql_shop")
    options = [place.options(url, seed=number, slowest_s=0.01) for number in range(2)]
    pids = [place.mother.start(one) for one in options]
    logs = [Log(), Log()]
    clients = [httpx.Client(base_url=f"http://127.0.0.1:{one.port}", timeout=30) for one in options]
    for sender, texts in (("one", CANCELS), ("two", BUYS)):
        for number, words in enumerate(texts):
            said = at_once([(say, client, Line(sender, f"{sender}-{number}", words), log)
                            for client, log in zip(clients, logs, strict=True)])  # fmt: skip
            assert said[0] == said[1]
    for client, pid in zip(clients, pids, strict=True):
        client.close()
        kill(pid)
    assert problems(url, logs[0].told(), place.orders) == []
    assert not any(status >= 500 for log in logs for status in log.refused)
    with opened(url) as database, database.reading() as session:
        assert session.get_one(Order, CANCELLED).status == "cancelled"
        emilys = session.scalars(select(Order).where(Order.customer_id == "emily_nakamura")).all()
        assert [item.quantity for order in emilys for item in order.items if "Quietboil" in item.name] == [2]


def test_two_turns_that_begin_one_cart_at_once_are_one_after_the_other(postgresql_shop: str) -> None:
    """The second waits for the first, sees its cart, and learns at its end that the conversation has moved on."""
    began, ended = threading.Event(), threading.Event()
    with opened(postgresql_shop) as database, database.reading() as session:
        variant = session.scalars(select(Variant.id).where(Variant.in_stock, Variant.stock > 5)).first()
    put = {"kind": "cart_add", "variant_id": variant, "quantity": 1}
    event = {"change": put, **dict.fromkeys(("identified_by", "state", "details", "yes"), "")}

    def first() -> None:
        with opened(postgresql_shop) as database, database.session() as session:
            apply_event(session, event, "both", 1)
            began.set()
            ended.wait(0.3)
            append_turn(session, "both", 0, 1, [{"event": "change", "change": put}], None)

    with opened(postgresql_shop) as database:
        with database.session() as session:
            begin(session, "both")
        turn = threading.Thread(target=first)
        turn.start()
        began.wait(10)
        with pytest.raises(ConversationMoved), database.session() as session:
            apply_event(session, event, "both", 1)
            ended.set()
            append_turn(session, "both", 0, 1, [{"event": "change", "change": put}], None)
        turn.join()
        with database.reading() as session:
            assert [line.quantity for line in carts.lines_of(session, "both")] == [1]


def at_once(calls: Sequence[tuple[Any, ...]]) -> list[Any]:
    """What the calls give, all begun at the same moment."""
    given: list[Any] = [None] * len(calls)
    ready = threading.Barrier(len(calls))

    def run(place: int) -> None:
        function, *arguments = calls[place]
        ready.wait()
        given[place] = function(*arguments)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given
