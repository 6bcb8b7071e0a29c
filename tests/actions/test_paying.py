"""Paying a pending order another way: with a method on file, confirmed with what goes where."""

from __future__ import annotations

import pytest
from desk_talk import DeskTalk
from small_shop import fill

from assistant.store import Database, Order, PaymentMethod

VISA = "your Visa card ending in 4821"


@pytest.fixture
def ada(database: Database) -> DeskTalk:
    fill(database)
    return DeskTalk(database, "ada")


def payments(talk: DeskTalk, order_id: str) -> list[tuple[str, str, int]]:
    with talk.database.reading() as session:
        rows = session.get_one(Order, order_id).payments
        return [(one.transaction_type, one.payment_method_id, one.amount_cents) for one in rows]


def balance(talk: DeskTalk) -> int | None:
    with talk.database.reading() as session:
        return session.get_one(PaymentMethod, "gift_ada").balance_cents


def test_an_order_is_paid_another_way_after_a_yes_to_the_details(ada: DeskTalk) -> None:
    asked = ada.says('change_payment_method(order_id="W3000001", payment_method="gift card")')
    assert asked == ["utter_confirm_payment_method"]
    assert ada.facts == {
        "orders": "order #W3000001",
        "amount": "$89.00",
        "method": "your gift card",
        "refund": f"$89.00 to {VISA} within 5 to 7 business days",
    }
    assert ada.says("affirm()") == ["utter_payment_method_changed"]
    paid = [("payment", "visa_ada", 8900), ("payment", "gift_ada", 8900), ("refund", "visa_ada", 8900)]
    assert payments(ada, "#W3000001") == paid
    assert balance(ada) == 1100


def test_the_methods_on_file_are_offered_without_any_number_beyond_the_last_four(ada: DeskTalk) -> None:
    assert ada.says('change_payment_method(order_id="W3000001")') == ["utter_ask_payment_method"]
    assert ada.buttons == ["Gift card ($100.00)", "PayPal account"]
    assert ada.says('inform(payment_method="PayPal account")') == ["utter_confirm_payment_method"]
    assert ada.facts["method"] == "your PayPal account"


def test_another_method_at_the_confirmation_is_confirmed_anew(ada: DeskTalk) -> None:
    ada.says('change_payment_method(order_id="W3000001", payment_method="gift card")')
    said = ada.says('deny(); inform(payment_method="paypal")')
    assert said == ["utter_confirm_payment_method"]
    ada.says("affirm()")
    assert payments(ada, "#W3000001")[1] == ("payment", "paypal_ada", 8900)
    assert balance(ada) == 10000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("my amex", "utter_payment_method_not_on_file"),
        ("klarna", "utter_payment_method_not_on_file"),
        ("my visa", "utter_same_payment_method"),
    ],
)
def test_what_will_not_do_is_said_and_another_may_be_named(ada: DeskTalk, words: str, said: str) -> None:
    assert ada.says(f'change_payment_method(order_id="W3000001", payment_method="{words}")') == [said]
    assert ada.says('inform(payment_method="paypal")') == ["utter_confirm_payment_method"]


def test_a_gift_card_must_cover_the_total(ada: DeskTalk) -> None:
    with ada.database.session() as session:
        session.get_one(PaymentMethod, "gift_ada").balance_cents = 8899
    said = ada.says('change_payment_method(order_id="W3000001", payment_method="gift card")')
    assert said == ["utter_gift_card_short"]
    assert ada.facts == {"balance": "$88.99", "needed": "$89.00"}
    assert ada.says("deny()") == ["utter_needed", "utter_ask_payment_method"]
    assert ada.says("deny()") == ["utter_stopped"]
    assert len(payments(ada, "#W3000001")) == 1


@pytest.mark.parametrize(
    ("order_id", "said"), [("W3000003", "utter_order_not_pending"), ("W3000005", "utter_order_changed_already")]
)
def test_only_pending_orders_are_paid_another_way(ada: DeskTalk, order_id: str, said: str) -> None:
    assert ada.says(f'change_payment_method(order_id="{order_id}", payment_method="paypal")') == [said]


def test_the_method_is_changed_only_once(ada: DeskTalk) -> None:
    ada.says('change_payment_method(order_id="W3000001", payment_method="paypal")')
    ada.says("affirm()")
    said = ada.says('change_payment_method(order_id="W3000001", payment_method="gift card")')
    assert said == ["utter_payment_not_changeable"]


def test_a_no_leaves_the_payment(ada: DeskTalk) -> None:
    ada.says('change_payment_method(order_id="W3000002", payment_method="my visa")')
    assert ada.facts["refund"] == "$178.00 to your gift card at once"
    assert ada.says("deny()") == ["utter_nothing_changed"]
    assert len(payments(ada, "#W3000002")) == 1


def test_of_changes_made_together_one_that_overdraws_the_gift_card_is_refused_alone(ada: DeskTalk) -> None:
    with ada.database.session() as session:
        session.get_one(Order, "#W3000002").payments[0].payment_method_id = "visa_ada"
        session.get_one(PaymentMethod, "gift_ada").balance_cents = 26700
    said = ada.says('change_payment_method(order_id="W3000001 and W3000002", payment_method="gift card")')
    assert said == ["utter_confirm_payment_method"]
    with ada.database.session() as session:
        session.get_one(PaymentMethod, "gift_ada").balance_cents = 20000
    assert ada.says("affirm()") == ["utter_gift_card_short", "utter_payment_method_changed"]
    assert ada.says_now[0].facts == {"balance": "$111.00", "needed": "$178.00"}
    assert [len(payments(ada, one)) for one in ("#W3000001", "#W3000002")] == [3, 1]
