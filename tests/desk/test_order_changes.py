"""What each change of an order writes: items, money to the cent, promises, stock and the order's own fields."""

from __future__ import annotations

from typing import Any

import pytest
from desk_shop import (
    BLACK,
    BLUE,
    BRASS,
    GIFT_CENTS,
    HOME,
    OFFICE,
    RED,
    SMALL,
    WHITE,
    balance,
    change,
    do,
    everything,
    items,
    ledger,
    line,
    promises,
    stock,
)

from assistant.desk.changes import KINDS, Change, Refused, quote
from assistant.store import Customer, Database, Order, Payment

PAID = ("payment", 12_500, "visa")
ALL_MUGS = (3, BLUE, 1_200)


def order(shop: Database, order_id: str = "#W1") -> Order:
    with shop.reading() as session:
        return session.get_one(Order, order_id)


def test_a_cancelled_order_is_paid_back_to_the_card_which_takes_some_days(shop: Database) -> None:
    quoted = do(shop, change("cancel", reason="no longer needed"))
    assert (quoted.refund_cents, quoted.charge_cents, quoted.method and quoted.method.id) == (12_500, 0, "visa")
    assert (order(shop).status, order(shop).cancel_reason) == ("cancelled", "no longer needed")
    assert ledger(shop) == [PAID, ("refund", 12_500, "visa")]
    assert promises(shop) == [(12_500, "visa", "approved", True)]
    with shop.reading() as session:
        assert session.query(Payment).filter_by(transaction_type="refund").one().paid_at is None


def test_a_cancelled_order_paid_with_a_gift_card_is_back_on_it_at_once(shop: Database) -> None:
    do(shop, change("cancel", "#W7", reason="ordered by mistake"))
    assert balance(shop) == GIFT_CENTS + 12_500
    assert promises(shop, "#W7") == [(12_500, "gift", "paid", True)]


def test_each_payment_of_a_cancelled_order_is_paid_back_where_it_came_from(shop: Database) -> None:
    quoted = do(shop, change("cancel", "#W8", reason="no longer needed"))
    assert (quoted.refund_cents, quoted.method) == (12_500, None)
    assert ledger(shop, "#W8")[2:] == [("refund", 5_000, "gift"), ("refund", 7_500, "visa")]
    assert balance(shop) == GIFT_CENTS + 5_000


def test_what_was_paid_back_before_is_not_paid_back_again(shop: Database) -> None:
    do(shop, change("change_payment", payment_method_id="rich"))
    assert do(shop, change("cancel", reason="no longer needed")).refund_cents == 12_500
    assert ledger(shop)[3:] == [("refund", 12_500, "rich")]
    assert balance(shop, "rich") == 20_000


def test_a_dearer_variant_is_charged(shop: Database) -> None:
    wanted = change("change_items", "#W1", line(shop, "#W1", 0, 1, BLACK), payment_method_id="gift")
    quoted = do(shop, wanted)
    assert (quoted.charge_cents, quoted.refund_cents) == (1_099, 0)
    assert items(shop) == [(1, BLACK, 9_999), ALL_MUGS]
    assert ledger(shop) == [PAID, ("payment", 1_099, "gift")]
    assert (balance(shop), promises(shop), order(shop).status) == (GIFT_CENTS - 1_099, [], "pending (item modified)")


def test_a_cheaper_variant_is_paid_back(shop: Database) -> None:
    do(shop, change("change_items", "#W1", line(shop, "#W1", 0, 1, SMALL), payment_method_id="gift"))
    assert ledger(shop)[1:] == [("refund", 4_850, "gift")]
    assert (balance(shop), promises(shop)) == (GIFT_CENTS + 4_850, [(4_850, "gift", "paid", True)])


def test_a_change_that_costs_nothing_is_written_down_and_promises_nothing(shop: Database) -> None:
    do(shop, change("change_items", "#W1", line(shop, "#W1", 1, 1, WHITE), payment_method_id="paypal"))
    assert (ledger(shop)[1:], promises(shop)) == ([("refund", 0, "paypal")], [])


def test_one_mug_of_three_changes_and_two_stay(shop: Database) -> None:
    quoted = do(shop, change("change_items", "#W1", line(shop, "#W1", 1, 1, RED), payment_method_id="visa"))
    assert quoted.charge_cents == 250
    assert items(shop) == [(1, BRASS, 8_900), (2, BLUE, 1_200), (1, RED, 1_450)]
    assert (stock(shop, BLUE), stock(shop, RED)) == (11, 1)


def test_three_mugs_become_two_kinds_and_each_kind_has_its_row(shop: Database) -> None:
    lines = (line(shop, "#W1", 1, 2, RED), line(shop, "#W1", 1, 1, WHITE), line(shop, "#W1", 0, 1, SMALL))
    quoted = do(shop, change("change_items", "#W1", *lines, payment_method_id="visa"))
    assert [one.difference_cents for one in quoted.lines] == [500, 0, -4_850]
    assert items(shop) == [(1, SMALL, 4_050), (2, RED, 1_450), (1, WHITE, 1_200)]
    assert ledger(shop)[1:] == [("refund", 4_350, "visa")]
    assert (stock(shop, BLUE), stock(shop, RED), stock(shop, WHITE)) == (13, 0, 0)


def test_of_three_mugs_one_stays_and_the_others_follow_it_in_the_order_said(shop: Database) -> None:
    lines = (line(shop, "#W1", 1, 1, WHITE), line(shop, "#W1", 1, 1, RED))
    do(shop, change("change_items", "#W1", *lines, payment_method_id="visa"))
    assert [variant for _, variant, _ in items(shop)][1:] == [BLUE, WHITE, RED]


def test_stock_that_is_not_counted_stays_so_and_a_cancelled_order_gives_its_own_back(shop: Database) -> None:
    do(shop, change("cancel", reason="no longer needed"))
    assert (stock(shop, BRASS), stock(shop, BLUE)) == (None, 13)


def test_an_order_that_has_not_left_goes_to_another_address_even_after_its_items_changed(shop: Database) -> None:
    for order_id in ("#W1", "#W4"):
        do(shop, change("change_address", order_id, address=OFFICE))
        assert order(shop, order_id).shipping_address == OFFICE
    assert order(shop).status == "pending"
    with shop.reading() as session:
        customer = session.get_one(Customer, "mia")
        assert customer.default_address and customer.default_address.snapshot() == HOME


def test_another_payment_method_is_charged_in_full_and_the_first_one_paid_back(shop: Database) -> None:
    do(shop, change("change_payment", payment_method_id="rich"))
    assert ledger(shop) == [PAID, ("payment", 12_500, "rich"), ("refund", 12_500, "visa")]
    assert (balance(shop, "rich"), order(shop).status) == (7_500, "pending")
    assert promises(shop) == [(12_500, "visa", "approved", True)]


def test_a_gift_card_is_paid_back_when_another_method_takes_its_place(shop: Database) -> None:
    do(shop, change("change_payment", "#W7", payment_method_id="paypal"))
    assert balance(shop) == GIFT_CENTS + 12_500


def test_a_return_is_requested_and_the_money_promised_until_the_items_are_back(shop: Database) -> None:
    lines = (line(shop, "#W2", 1, 2), line(shop, "#W2", 0))
    quoted = do(shop, change("return", "#W2", *lines, payment_method_id="visa", reason="too heavy"))
    assert quoted.refund_cents == 8_900 + 2 * 1_200
    assert order(shop, "#W2").status == "return requested"
    assert order(shop, "#W2").extras == {"return_items": [BRASS, BLUE, BLUE], "return_payment_method_id": "visa"}
    assert (ledger(shop, "#W2"), promises(shop, "#W2")) == ([PAID], [(11_300, "visa", "requested", False)])
    assert items(shop, "#W2") == [(1, BRASS, 8_900), ALL_MUGS]
    with shop.reading() as session:
        assert session.get_one(Order, "#W2").refunds[0].reason == "too heavy"


def test_an_exchange_is_requested_and_no_money_moves_before_the_items_are_back(shop: Database) -> None:
    lines = (line(shop, "#W2", 0, 1, BLACK), line(shop, "#W2", 1, 2, RED))
    quoted = do(shop, change("exchange", "#W2", *lines, payment_method_id="gift"))
    assert quoted.charge_cents == 1_099 + 500
    assert order(shop, "#W2").status == "exchange requested"
    assert order(shop, "#W2").extras == {
        "exchange_items": [BRASS, BLUE, BLUE],
        "exchange_new_items": [BLACK, RED, RED],
        "exchange_payment_method_id": "gift",
        "exchange_price_difference_cents": 1_599,
    }
    assert (ledger(shop, "#W2"), balance(shop), promises(shop, "#W2")) == ([PAID], GIFT_CENTS, [])
    assert (stock(shop, RED), stock(shop, BLUE)) == (0, 10)


def test_a_cheaper_exchange_promises_the_difference(shop: Database) -> None:
    do(shop, change("exchange", "#W2", line(shop, "#W2", 0, 1, SMALL), payment_method_id="paypal"))
    assert order(shop, "#W2").extras["exchange_price_difference_cents"] == -4_850
    assert promises(shop, "#W2") == [(4_850, "paypal", "requested", False)]


def test_a_broken_item_may_be_exchanged_for_the_very_same(shop: Database) -> None:
    assert do(shop, change("exchange", "#W2", line(shop, "#W2", 0, 1, BRASS), payment_method_id="visa")).lines


def test_the_default_address_changes_and_orders_keep_theirs(shop: Database) -> None:
    assert do(shop, change("default_address", None, address=OFFICE)).order is None
    with shop.reading() as session:
        customer = session.get_one(Customer, "mia")
        assert customer.default_address and customer.default_address.snapshot() == OFFICE
        assert {one.shipping_address["address1"] for one in customer.orders} == {"1 Elm"}


def test_a_customer_without_an_address_gets_a_first_one(shop: Database) -> None:
    with shop.session() as session:
        customer = session.get_one(Customer, "mia")
        customer.addresses.clear()
    do(shop, change("default_address", None, address=OFFICE))
    with shop.reading() as session:
        assert [one.is_default for one in session.get_one(Customer, "mia").addresses] == [True]


def test_a_quote_says_what_a_change_comes_to_and_writes_nothing(shop: Database) -> None:
    before = everything(shop)
    lines = (line(shop, "#W1", 0, 1, BLACK), line(shop, "#W1", 1, 2, RED))
    with shop.reading() as session:
        quoted = quote(session, change("change_items", "#W1", *lines))
    assert (quoted.charge_cents, quoted.method) == (1_099 + 2 * 250, None)
    assert everything(shop) == before


def every_change(shop: Database) -> list[Change]:
    """One of each kind, with the version of its order."""
    swap = {"payment_method_id": "visa", "version": 0}
    parts: dict[str, tuple[str | None, tuple[Any, ...], dict[str, Any]]] = {
        "cancel": ("#W1", (), {"reason": "no longer needed", "version": 0}),
        "change_items": ("#W1", (line(shop, "#W1", 0, 1, BLACK),), swap),
        "change_address": ("#W1", (), {"address": OFFICE, "version": 0}),
        "change_payment": ("#W1", (), {"payment_method_id": "paypal", "version": 0}),
        "return": ("#W2", (line(shop, "#W2", 1, 2),), swap),
        "exchange": ("#W2", (line(shop, "#W2", 0, 1, BLACK),), swap),
        "default_address": (None, (), {"address": OFFICE}),
    }
    return [change(kind, order_id, *lines, **more) for kind, (order_id, lines, more) in parts.items()]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_change_made_again_changes_nothing(shop: Database, kind: str) -> None:
    wanted = next(one for one in every_change(shop) if one.kind == kind)
    do(shop, wanted)
    once = everything(shop)
    if kind == "default_address":
        do(shop, wanted)
    else:
        assert once["orders"][wanted.order_id][1] == 1
        with pytest.raises(Refused, match="utter_order_moved"):
            do(shop, wanted)
    assert everything(shop) == once


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_survives_the_way_through_an_event(shop: Database, kind: str) -> None:
    wanted = next(one for one in every_change(shop) if one.kind == kind)
    assert Change.from_json(wanted.to_json()) == wanted


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("cancel", "reason"),
        ("return", "lines, payment_method_id"),
        ("change_payment", "payment_method_id"),
        ("change_address", "address"),
    ],
)
def test_a_change_that_is_not_complete_cannot_be_applied(shop: Database, kind: str, missing: str) -> None:
    with pytest.raises(ValueError, match=f"The change {kind} of order #W1 lacks {missing}"):
        do(shop, change(kind))


def test_a_line_needs_its_variant_and_an_address_its_fields_and_a_change_its_kind(shop: Database) -> None:
    with pytest.raises(ValueError, match="lacks variant_id"):
        do(shop, change("exchange", "#W2", line(shop, "#W2", 0), payment_method_id="visa"))
    with pytest.raises(ValueError, match="lacks zip"):
        do(shop, change("change_address", address={field: OFFICE[field] for field in OFFICE if field != "zip"}))
    with pytest.raises(ValueError, match="'refund' is not a change"):
        change("refund")
