"""Two clients at the same moment: one change is made, the other is refused, and nothing is spent or sold twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from desk_shop import HOME, OFFICE, PROOF, RED, balance, change, fill, ledger, line, order, stock
from sqlalchemy import func, select

from assistant.desk.changes import Change, Refused, apply
from assistant.store import Customer, Database, Order, Proof

MANY = 100


@pytest.fixture
def busy(database: Database) -> Database:
    """The small shop, with a hundred more pending orders."""
    fill(database)
    with database.session() as session:
        mia = session.get_one(Customer, "mia")
        mia.orders += [order(f"#B{number}", "pending", "rich") for number in range(MANY)]
    return database


def at_once(database: Database, *wanted: Change) -> list[str]:
    """Apply all the changes at the same moment, each on its own connection. "made", or why it was refused."""
    together = threading.Barrier(len(wanted))
    outcomes: dict[int, Any] = {}

    def client(place: int) -> None:
        together.wait(timeout=30)
        try:
            with database.session() as session:
                apply(session, wanted[place], PROOF)
            outcomes[place] = "made"
        except Refused as refused:
            outcomes[place] = refused.response
        except Exception as error:
            outcomes[place] = error

    threads = [threading.Thread(target=client, args=(place,)) for place in range(len(wanted))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return [outcomes[place] for place in range(len(wanted))]


def test_of_two_changes_of_an_order_one_is_made_and_one_refused_a_hundred_times(busy: Database) -> None:
    made = {"cancelled": 0, "pending": 0}
    for number in range(MANY):
        key = f"#B{number}"
        outcomes = at_once(
            busy,
            change("cancel", key, reason="no longer needed", version=0),
            change("change_address", key, address=OFFICE, version=0),
        )
        assert sorted(outcomes) == ["made", "utter_order_moved"]
        with busy.reading() as session:
            found = session.get_one(Order, key)
        cancelled = outcomes[0] == "made"
        made[found.status] += 1
        assert (found.status, found.shipping_address, found.version) == (
            ("cancelled", HOME, 1) if cancelled else ("pending", OFFICE, 1)
        )
        assert len(ledger(busy, key)) == (2 if cancelled else 1)
    with busy.reading() as session:
        assert session.scalar(select(func.count()).select_from(Proof)) == MANY
    assert balance(busy, "rich") == 20_000 + 12_500 * made["cancelled"]


def test_the_same_change_sent_twice_is_made_once_even_if_nobody_says_which_version_was_seen(busy: Database) -> None:
    for number in range(20):
        key = f"#B{number}"
        twice = [change("cancel", key, reason="no longer needed")] * 2
        assert sorted(at_once(busy, *twice)) == ["made", "utter_order_not_pending"]
    assert balance(busy, "rich") == 20_000 + 20 * 12_500


def test_changes_of_different_orders_are_all_made_and_no_cent_is_lost(busy: Database) -> None:
    for start in range(0, 40, 4):
        keys = [f"#B{start + place}" for place in range(4)]
        assert at_once(busy, *(change("cancel", key, reason="no longer needed") for key in keys)) == ["made"] * 4
    assert balance(busy, "rich") == 20_000 + 40 * 12_500


def spend(database: Database, key: str) -> Change:
    return change("change_payment", key, payment_method_id="gift", version=0)


def take_the_last(database: Database, key: str) -> Change:
    return change("change_items", key, line(database, key, 1, 1, RED), payment_method_id="visa", version=0)


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [(spend, "utter_gift_card_short"), (take_the_last, "utter_variant_gone")],
    ids=["the last money of a gift card", "the last one in stock"],
)
def test_two_orders_cannot_both_have_the_last(
    busy: Database, wanted: Callable[[Database, str], Change], refusal: str
) -> None:
    for number in range(20):
        _leave_enough_for_one(busy)
        outcomes = at_once(busy, *(wanted(busy, f"#B{2 * number + place}") for place in range(2)))
        assert sorted(outcomes) == ["made", refusal]
    assert 0 in (balance(busy), stock(busy, RED))


def _leave_enough_for_one(database: Database) -> None:
    with database.session() as session:
        mia = session.get_one(Customer, "mia")
        next(one for one in mia.payment_methods if one.id == "gift").balance_cents = 12_500
        red = next(one for one in mia.orders[0].items[1].variant.product.variants if one.id == RED)
        red.stock = 1
