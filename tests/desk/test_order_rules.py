"""What the rules refuse: the response, its facts, and that nothing at all is written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from desk_shop import (
    BLACK,
    BLUE,
    BRASS,
    GONE,
    OFFICE,
    RED,
    SMALL,
    WHITE,
    WOOL,
    change,
    do,
    everything,
    line,
)

from assistant.desk.changes import Change, Line, Refused, quote
from assistant.desk.rules import RETURN_DAYS, RETURN_LIMIT
from assistant.desk.terms import CANCEL, CHANGE_ADDRESS, CHANGE_ITEMS, CHANGE_PAYMENT, EXCHANGE, RETURN
from assistant.store import Database, Order, Shipment, Variant, now
from dialogues.responses import load_responses

RESPONSES = load_responses()
PENDING_ONLY = (CANCEL, CHANGE_ITEMS, CHANGE_PAYMENT)
DELIVERED_ONLY = (RETURN, EXCHANGE)


def refused(shop: Database, wanted: Change) -> tuple[str, dict[str, str]]:
    """Why a change is refused, the same when it is quoted as when it is applied; it leaves everything as it was."""
    before = everything(shop)
    with shop.reading() as session, pytest.raises(Refused) as at_the_quote:
        quote(session, wanted)
    with pytest.raises(Refused) as applied:
        do(shop, wanted)
    assert everything(shop) == before
    refusal = applied.value
    assert (refusal.response, refusal.facts) == (at_the_quote.value.response, at_the_quote.value.facts)
    assert set(refusal.facts) == RESPONSES[refusal.response].required
    return refusal.response, refusal.facts


def of_kind(shop: Database, kind: str, order_id: str) -> Change:
    """A change of that kind that lacks nothing and would be allowed in the right status."""
    parts: dict[str, Any] = {"payment_method_id": "paypal", "address": OFFICE}
    if kind == CANCEL:
        parts["reason"] = "no longer needed"
    if kind == RETURN:
        parts["payment_method_id"] = "visa"
    lines = (line(shop, order_id, 0, 1, None if kind == RETURN else BLACK),)
    return change(kind, order_id, *(lines if kind in (RETURN, EXCHANGE, CHANGE_ITEMS) else ()), **parts)


@pytest.mark.parametrize("kind", [*PENDING_ONLY, CHANGE_ADDRESS])
@pytest.mark.parametrize(
    ("order_id", "status"),
    [
        ("#W2", "delivered"),
        ("#W3", "shipped"),
        ("#W5", "delivered, with an exchange requested"),
        ("#W6", "cancelled"),
    ],
)
def test_only_a_pending_order_is_cancelled_or_changed(shop: Database, kind: str, order_id: str, status: str) -> None:
    facts = {"order_id": order_id, "status": status}
    assert refused(shop, of_kind(shop, kind, order_id)) == ("utter_order_not_pending", facts)


@pytest.mark.parametrize("kind", DELIVERED_ONLY)
@pytest.mark.parametrize(
    ("order_id", "status"), [("#W1", "pending"), ("#W3", "shipped"), ("#W4", "pending"), ("#W6", "cancelled")]
)
def test_only_a_delivered_order_is_sent_back(shop: Database, kind: str, order_id: str, status: str) -> None:
    facts = {"order_id": order_id, "status": status}
    assert refused(shop, of_kind(shop, kind, order_id)) == ("utter_order_not_delivered", facts)


@pytest.mark.parametrize(
    ("kind", "order_id"), [*((kind, "#W4") for kind in PENDING_ONLY), *((kind, "#W5") for kind in DELIVERED_ONLY)]
)
def test_items_are_changed_once(shop: Database, kind: str, order_id: str) -> None:
    response = refused(shop, of_kind(shop, kind, order_id))
    assert response == ("utter_order_changed_already", {"order_id": order_id})


def delivered(shop: Database, *days_ago: int) -> None:
    """The order #W2 came in parcels so many days ago; its other parcel is still under way."""
    with shop.session() as session:
        came = [now() - timedelta(days=days) for days in days_ago]
        session.get_one(Order, "#W2").shipments = [Shipment(delivered_at=day) for day in (*came, None)]


@pytest.mark.parametrize("kind", DELIVERED_ONLY)
@pytest.mark.parametrize("days_ago", [(RETURN_DAYS + 1,), (RETURN_DAYS + 1, 4 * RETURN_DAYS)])
def test_what_came_too_long_ago_stays(shop: Database, kind: str, days_ago: tuple[int, ...]) -> None:
    delivered(shop, *days_ago)
    facts = {"order_id": "#W2", "limit": RETURN_LIMIT}
    assert refused(shop, of_kind(shop, kind, "#W2")) == ("utter_return_too_late", facts)


@pytest.mark.parametrize("kind", DELIVERED_ONLY)
@pytest.mark.parametrize("days_ago", [(RETURN_DAYS,), (0,), (4 * RETURN_DAYS, 1), ()])
def test_the_last_parcels_day_counts_to_the_end_of_the_limit(
    shop: Database, kind: str, days_ago: tuple[int, ...]
) -> None:
    delivered(shop, *days_ago)
    do(shop, of_kind(shop, kind, "#W2"))


@pytest.mark.parametrize("first", DELIVERED_ONLY)
@pytest.mark.parametrize("then", DELIVERED_ONLY)
def test_a_delivered_order_is_returned_or_exchanged_once(shop: Database, first: str, then: str) -> None:
    do(shop, of_kind(shop, first, "#W2"))
    assert refused(shop, of_kind(shop, then, "#W2"))[0] == "utter_order_changed_already"


@pytest.mark.parametrize("order_id", ["#W9", "#W404", "", None])
@pytest.mark.parametrize("kind", [*PENDING_ONLY, CHANGE_ADDRESS, *DELIVERED_ONLY])
def test_an_order_of_somebody_else_is_as_one_that_is_not_there(shop: Database, kind: str, order_id: str | None) -> None:
    wanted = change(kind, order_id, Line(1, 1, BLACK), payment_method_id="visa", address=OFFICE, reason="x")
    assert refused(shop, wanted) == ("utter_order_not_found", {"order_id": str(order_id)})


@pytest.mark.parametrize("reason", ["too slow", "", "No longer needed"])
def test_an_order_is_cancelled_for_one_of_two_reasons(shop: Database, reason: str) -> None:
    with shop.reading() as session, pytest.raises(Refused, match="utter_bad_cancel_reason"):
        quote(session, change(CANCEL, reason=reason))
    if reason:
        assert refused(shop, change(CANCEL, reason=reason)) == ("utter_bad_cancel_reason", {})


def test_an_order_shipped_since_the_details_were_shown_is_refused_with_its_status(shop: Database) -> None:
    wanted = change(CANCEL, reason="no longer needed", version=0)
    with shop.session() as session:
        session.get_one(Order, "#W1").status = "shipped"
    assert refused(shop, wanted) == ("utter_order_not_pending", {"order_id": "#W1", "status": "shipped"})


def test_an_order_changed_elsewhere_since_the_details_were_shown_is_refused(shop: Database) -> None:
    do(shop, change(CHANGE_ADDRESS, address=OFFICE, version=0))
    facts = {"order_id": "#W1", "status": "pending"}
    assert refused(shop, change(CANCEL, reason="no longer needed", version=0)) == ("utter_order_moved", facts)
    do(shop, change(CANCEL, reason="no longer needed", version=1))


def test_the_rows_are_read_afresh_even_in_a_session_that_has_seen_them(shop: Database) -> None:
    with shop.session() as session:
        order = session.get_one(Order, "#W1")
        assert [one.balance_cents for one in order.customer.payment_methods]
        session.execute(Order.__table__.update().where(Order.id == "#W1").values(status="shipped"))  # type: ignore[attr-defined]
        with pytest.raises(Refused, match="utter_order_not_pending"):
            quote(session, change(CANCEL, reason="no longer needed"))


@pytest.mark.parametrize(
    ("kind", "order_id", "place", "quantity", "variant", "response", "facts"),
    [
        (CHANGE_ITEMS, "#W1", 0, 1, GONE, "utter_variant_gone", {"item": "Lamp (green)"}),
        (EXCHANGE, "#W2", 0, 1, GONE, "utter_variant_gone", {"item": "Lamp (green)"}),
        (CHANGE_ITEMS, "#W1", 1, 2, WHITE, "utter_variant_gone", {"item": "Mug (white)"}),
        (EXCHANGE, "#W2", 1, 3, RED, "utter_variant_gone", {"item": "Mug (red)"}),
        (CHANGE_ITEMS, "#W1", 0, 1, BRASS, "utter_same_variant", {"item": "Lamp"}),
        (CHANGE_ITEMS, "#W1", 0, 1, WOOL, "utter_other_product", {"item": "Lamp"}),
        (EXCHANGE, "#W2", 0, 1, RED, "utter_other_product", {"item": "Lamp"}),
        (EXCHANGE, "#W2", 0, 1, "nothing", "utter_other_product", {"item": "Lamp"}),
        (RETURN, "#W2", 1, 4, None, "utter_too_many", {"item": "Mug", "quantity": "3"}),
        (CHANGE_ITEMS, "#W1", 1, 4, RED, "utter_too_many", {"item": "Mug", "quantity": "3"}),
        (EXCHANGE, "#W2", 0, 2, BLACK, "utter_too_many", {"item": "Lamp", "quantity": "1"}),
    ],
)
def test_items_are_swapped_for_what_the_shop_has_of_the_same_product(
    shop: Database,
    kind: str,
    order_id: str,
    place: int,
    quantity: int,
    variant: str | None,
    response: str,
    facts: dict[str, str],
) -> None:
    wanted = change(kind, order_id, line(shop, order_id, place, quantity, variant), payment_method_id="visa")
    assert refused(shop, wanted) == (response, facts)


def test_two_lines_together_are_not_more_than_was_bought(shop: Database) -> None:
    lines = (line(shop, "#W2", 1, 2), line(shop, "#W2", 1, 2))
    assert refused(shop, change(RETURN, "#W2", *lines, payment_method_id="visa"))[0] == "utter_too_many"


def test_two_lines_together_are_not_more_than_is_in_stock(shop: Database) -> None:
    lines = (line(shop, "#W1", 1, 1, WHITE), line(shop, "#W1", 1, 1, WHITE))
    wanted = change(CHANGE_ITEMS, "#W1", *lines, payment_method_id="visa")
    assert refused(shop, wanted) == ("utter_variant_gone", {"item": "Mug (white)"})


@pytest.mark.parametrize("order_id", ["#W3", "#W9"])
@pytest.mark.parametrize("kind", DELIVERED_ONLY)
def test_an_item_of_another_order_is_not_in_this_one(shop: Database, kind: str, order_id: str) -> None:
    strange = line(shop, order_id, 0, 1, None if kind == RETURN else BLACK)
    assert refused(shop, change(kind, "#W2", strange, payment_method_id="visa"))[0] == "utter_order_moved"


@pytest.mark.parametrize("quantity", [0, -1])
def test_nothing_and_less_than_nothing_are_not_sent_back(shop: Database, quantity: int) -> None:
    wanted = change(RETURN, "#W2", line(shop, "#W2", 1, 3), line(shop, "#W2", 1, quantity), payment_method_id="visa")
    assert refused(shop, wanted)[0] == "utter_order_moved"


@pytest.mark.parametrize("kind", [CHANGE_ITEMS, CHANGE_PAYMENT, RETURN, EXCHANGE])
@pytest.mark.parametrize("method", ["noahs", "nothing"])
def test_only_a_payment_method_on_file_is_used(shop: Database, kind: str, method: str) -> None:
    order_id = "#W2" if kind in DELIVERED_ONLY else "#W1"
    lines = [] if kind == CHANGE_PAYMENT else [line(shop, order_id, 0, 1, None if kind == RETURN else BLACK)]
    wanted = change(kind, order_id, *lines, payment_method_id=method)
    assert refused(shop, wanted) == ("utter_payment_method_not_on_file", {"method": method})


def test_a_gift_card_covers_the_price_difference(shop: Database) -> None:
    with shop.session() as session:
        session.get_one(Variant, BLACK).price_cents = 8_900 + 5_001
    for kind, order_id in ((CHANGE_ITEMS, "#W1"), (EXCHANGE, "#W2")):
        wanted = change(kind, order_id, line(shop, order_id, 0, 1, BLACK), payment_method_id="gift")
        assert refused(shop, wanted) == ("utter_gift_card_short", {"balance": "$50.00", "needed": "$50.01"})
    with shop.session() as session:
        session.get_one(Variant, BLACK).price_cents -= 1
    do(shop, change(CHANGE_ITEMS, "#W1", line(shop, "#W1", 0, 1, BLACK), payment_method_id="gift"))


def test_a_gift_card_covers_the_whole_order_to_pay_for_it(shop: Database) -> None:
    wanted = change(CHANGE_PAYMENT, payment_method_id="gift")
    assert refused(shop, wanted) == ("utter_gift_card_short", {"balance": "$50.00", "needed": "$125.00"})


def test_money_for_a_return_goes_to_what_was_paid_with_or_to_a_gift_card(shop: Database) -> None:
    wanted = change(RETURN, "#W2", line(shop, "#W2", 0), payment_method_id="paypal")
    facts = {"method": "your PayPal account"}
    assert refused(shop, wanted) == ("utter_refund_method_not_allowed", facts)
    do(shop, change(RETURN, "#W2", line(shop, "#W2", 0), payment_method_id="rich"))


def test_another_payment_method_is_another_one(shop: Database) -> None:
    wanted = change(CHANGE_PAYMENT, payment_method_id="visa")
    assert refused(shop, wanted) == ("utter_same_payment_method", {"method": "your Visa card ending in 4821"})


def test_the_payment_method_changes_once_and_only_where_there_is_one(shop: Database) -> None:
    do(shop, change(CHANGE_PAYMENT, payment_method_id="paypal"))
    for order_id in ("#W1", "#W8"):
        wanted = change(CHANGE_PAYMENT, order_id, payment_method_id="rich")
        assert refused(shop, wanted) == ("utter_payment_not_changeable", {"order_id": order_id})


def test_what_has_not_been_said_yet_is_not_held_against_a_quote(shop: Database) -> None:
    quotes = {
        CANCEL: (12_500, 0),
        CHANGE_ITEMS: (0, 1_099),
        CHANGE_ADDRESS: (0, 0),
        CHANGE_PAYMENT: (12_500, 12_500),
        RETURN: (8_900, 0),
        EXCHANGE: (4_850, 0),
    }
    for kind, (refund, charge) in quotes.items():
        order_id = "#W2" if kind in DELIVERED_ONLY else "#W1"
        variant = {CHANGE_ITEMS: BLACK, EXCHANGE: SMALL}.get(kind)
        lines = [line(shop, order_id, 0, 1, variant)] if kind in (CHANGE_ITEMS, RETURN, EXCHANGE) else []
        with shop.reading() as session:
            quoted = quote(session, change(kind, order_id, *lines))
        assert (quoted.refund_cents, quoted.charge_cents) == (refund, charge), kind


def test_the_blue_mugs_that_stay_are_not_wanted_for_others(shop: Database) -> None:
    wanted = change(CHANGE_ITEMS, "#W1", line(shop, "#W1", 1, 3, BLUE), payment_method_id="visa")
    assert refused(shop, wanted) == ("utter_same_variant", {"item": "Mug"})
