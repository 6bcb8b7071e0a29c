"""Money moves once, between the right methods, and what is written down says so."""

from __future__ import annotations

import pytest
from desk_shop import GIFT_CENTS, SMALL, balance, change, do, ledger, line, paid, promises
from sqlalchemy.orm import Session

from assistant.desk.ledger import charge, not_paid_back, pay_back, promise, refuse_short, short_facts
from assistant.desk.terms import Refused
from assistant.store import Database, Order, Payment, PaymentMethod


def refunded(cents: int, method: str) -> Payment:
    return Payment(transaction_type="refund", amount_cents=cents, payment_method_id=method)


def balances(database: Database) -> dict[str, int | None]:
    with database.reading() as session:
        return {one.id: one.balance_cents for one in session.query(PaymentMethod)}


def test_what_was_paid_back_is_taken_from_the_oldest_payment_of_its_method(shop):
    with shop.session() as session:
        session.get_one(Order, "#W1").payments = [
            paid(5_000, "visa"), refunded(6_000, "visa"), paid(7_500, "visa"), paid(3_000, "gift"),
            refunded(1_000, "visa"), paid(2_000, "gift"),
        ]  # fmt: skip
    with shop.reading() as session:
        left = [(method.id, cents) for method, cents in not_paid_back(session.get_one(Order, "#W1"))]
    assert left == [("visa", 5_500), ("gift", 3_000), ("gift", 2_000)]


def test_a_charge_moves_the_card_it_is_for_and_no_other(shop):
    before = balances(shop)
    with shop.session() as session:
        order = session.get_one(Order, "#W1")
        order.currency = "EUR"
        charge(session, order, session.get_one(PaymentMethod, "gift"), 1_250)
    assert balances(shop) == before | {"gift": GIFT_CENTS - 1_250}
    with shop.reading() as session:
        row = session.get_one(Order, "#W1").payments[-1]
        assert (row.transaction_type, row.amount_cents, row.currency) == ("payment", 1_250, "EUR")
        assert row.payment_method_id == "gift" and row.paid_at is not None


def test_a_gift_card_may_be_spent_to_its_last_cent_and_not_beyond(shop):
    with shop.session() as session:
        method = session.get_one(PaymentMethod, "gift")
        with pytest.raises(Refused) as refused:
            charge(session, session.get_one(Order, "#W1"), method, GIFT_CENTS + 1)
        assert refused.value.response == "utter_gift_card_short"
        assert refused.value.facts == {"balance": "$50.00", "needed": "$50.01"}
        charge(session, session.get_one(Order, "#W1"), method, GIFT_CENTS)
        assert method.balance_cents == 0
    assert balance(shop) == 0 and ledger(shop)[1:] == [("payment", GIFT_CENTS, "gift")]


def test_a_charge_that_found_too_little_is_refused_even_if_the_card_holds_enough_right_after(shop, monkeypatch):
    def deposit(session: Session, method: PaymentMethod, names: list[str]) -> None:
        method.balance_cents = 90_000

    with pytest.raises(Refused, match="utter_gift_card_short"), shop.session() as session:
        monkeypatch.setattr(Session, "refresh", deposit)
        charge(session, session.get_one(Order, "#W1"), session.get_one(PaymentMethod, "gift"), 20_000)
    assert balance(shop) == GIFT_CENTS and len(ledger(shop)) == 1


def test_a_gift_card_has_its_money_back_at_once_and_a_card_when_it_arrives(shop):
    before = balances(shop)
    with shop.session() as session:
        order = session.get_one(Order, "#W1")
        order.currency = "EUR"
        for method in ("gift", "visa"):
            pay_back(session, order, session.get_one(PaymentMethod, method), 700, "cancelled")
    assert balances(shop) == before | {"gift": GIFT_CENTS + 700}
    assert promises(shop) == [(700, "gift", "paid", True), (700, "visa", "approved", True)]
    with shop.reading() as session:
        order = session.get_one(Order, "#W1")
        assert [(one.transaction_type, one.paid_at is None) for one in order.payments[1:]] == [
            ("refund", False), ("refund", True),
        ]  # fmt: skip
        assert [(one.currency, one.reason) for one in order.refunds] == [("EUR", "cancelled")] * 2
        assert {one.currency for one in order.payments[1:]} == {"EUR"}


def test_a_gift_card_without_a_balance_holds_nothing(shop):
    with shop.session() as session:
        method = session.get_one(PaymentMethod, "gift")
        method.balance_cents = None
        with pytest.raises(Refused):
            refuse_short(method, 1)
        refuse_short(method, 0)
        session.flush()
        pay_back(session, session.get_one(Order, "#W1"), method, 700, "cancelled")
    assert balance(shop) == 700


def test_nothing_to_pay_back_is_written_down_and_promised_to_nobody(shop):
    with shop.session() as session:
        pay_back(session, session.get_one(Order, "#W1"), session.get_one(PaymentMethod, "visa"), 0, "changed")
    assert ledger(shop)[1:] == [("refund", 0, "visa")] and promises(shop) == []


def test_a_promise_waits_for_the_items_unless_it_is_told_otherwise(shop):
    with shop.session() as session:
        promise(session.get_one(Order, "#W2"), session.get_one(PaymentMethod, "paypal"), 300, "returned")
    assert promises(shop, "#W2") == [(300, "paypal", "requested", False)]


def test_what_another_change_takes_of_a_gift_card_is_not_there(shop):
    with shop.session() as session:
        method = session.get_one(PaymentMethod, "gift")
        method.currency = "EUR"
        refuse_short(method, 4_000, spoken_for=1_000)
        with pytest.raises(Refused) as refused:
            refuse_short(method, 4_001, spoken_for=1_000)
    assert refused.value.facts == {"balance": "€40.00", "needed": "€40.01"}
    assert refused.value.facts["needed"].receipt["from"] == [["the order desk", ["needed"], []]]


def test_a_gift_card_is_told_whole_where_nothing_else_is_spoken_for(shop):
    with shop.reading() as session:
        assert short_facts(session.get_one(PaymentMethod, "gift"), 100)["balance"] == "$50.00"


def test_a_card_of_a_bank_is_never_short(shop):
    with shop.reading() as session:
        refuse_short(session.get_one(PaymentMethod, "visa"), 10**9)


@pytest.mark.parametrize(
    ("wanted", "order_id", "why"),
    [
        ({"kind": "cancel", "reason": "no longer needed"}, "#W1", "no longer needed"),
        ({"kind": "change_payment", "payment_method_id": "paypal"}, "#W1", "payment method changed"),
        ({"kind": "change_items", "payment_method_id": "visa", "variant": SMALL}, "#W1", "items changed"),
        ({"kind": "return", "payment_method_id": "visa", "reason": "too heavy"}, "#W2", "too heavy"),
        ({"kind": "return", "payment_method_id": "visa"}, "#W2", "items returned"),
        ({"kind": "exchange", "payment_method_id": "visa", "variant": SMALL}, "#W2", "items exchanged"),
    ],
)
def test_what_is_owed_says_why(shop, wanted, order_id, why):
    wanted = dict(wanted)
    kind, variant = wanted.pop("kind"), wanted.pop("variant", None)
    lines = [line(shop, order_id, 0, 1, variant)] if kind in ("change_items", "return", "exchange") else []
    do(shop, change(kind, order_id, *lines, **wanted))
    with shop.reading() as session:
        assert [one.reason for one in session.get_one(Order, order_id).refunds] == [why]
