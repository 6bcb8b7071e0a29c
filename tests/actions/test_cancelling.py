"""Cancelling pending orders: what is asked, what is shown, what is done, and what is refused with a way on."""

from __future__ import annotations

import pytest
from desk_talk import DeskTalk
from small_shop import fill
from sqlalchemy import func, select

from assistant.actions.cancelling import read_reason
from assistant.store import Database, Order, PaymentMethod, Proof

VISA = "$89.00 to your Visa card ending in 4821 within 5 to 7 business days"
NEEDLESS = 'reason="no longer needed"'


@pytest.fixture
def ada(database: Database) -> DeskTalk:
    fill(database)
    return DeskTalk(database, "ada")


def order_row(talk: DeskTalk, order_id: str) -> tuple[str, str | None, int]:
    with talk.database.reading() as session:
        order = session.get_one(Order, order_id)
        return order.status, order.cancel_reason, order.version


def proofs(talk: DeskTalk) -> int:
    with talk.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Proof)) or 0


def balance(talk: DeskTalk, method: str) -> int | None:
    with talk.database.reading() as session:
        return session.get_one(PaymentMethod, method).balance_cents


def test_an_order_is_cancelled_after_its_reason_and_a_yes_to_the_details(ada: DeskTalk) -> None:
    assert ada.says('cancel_order(order_id="W3000001")') == ["utter_ask_cancel_reason"]
    assert ada.buttons == ["No longer needed", "Ordered by mistake"]
    assert ada.says('inform(reason="found it cheaper")') == ["utter_confirm_cancellation"]
    details = {"orders": "order #W3000001 (the Lamp; $89.00)", "reason": "no longer needed", "refund": VISA}
    assert (ada.facts, ada.buttons) == (details, ["Yes", "No"])
    assert order_row(ada, "#W3000001") == ("pending", None, 0)
    shown = ada.text
    assert ada.says("affirm()", "yes, go ahead") == ["utter_cancellation_done"]
    assert ada.facts == {"orders": "order #W3000001", "refund": VISA}
    assert order_row(ada, "#W3000001") == ("cancelled", "no longer needed", 1)
    with ada.database.reading() as session:
        proof = session.scalars(select(Proof)).one()
        assert (proof.identified_by, proof.state) == ("email", "pending, version 0")
        assert (proof.details, proof.yes) == (shown, "yes, go ahead")


def test_a_no_changes_nothing(ada: DeskTalk) -> None:
    ada.says(f'cancel_order(order_id="W3000001", {NEEDLESS})')
    assert ada.says("deny()") == ["utter_nothing_changed"]
    assert order_row(ada, "#W3000001") == ("pending", None, 0)
    assert proofs(ada) == 0


def test_a_yes_to_nothing_changes_nothing(ada: DeskTalk) -> None:
    assert ada.says("affirm()") == ["utter_affirm_nothing"]
    assert ada.says('cancel_order(order_id="W3000001"); affirm()') == ["utter_ask_cancel_reason"]
    assert proofs(ada) == 0


def test_another_reason_is_refused_with_the_choice_of_two(ada: DeskTalk) -> None:
    ada.says('cancel_order(order_id="W3000001", reason="the weather is bad")')
    assert [say.response for say in ada.says_now] == ["utter_bad_cancel_reason"]
    assert ada.buttons == ["No longer needed", "Ordered by mistake"]
    assert ada.says('inform(reason="ordered by mistake")') == ["utter_confirm_cancellation"]
    assert ada.facts["reason"] == "ordered by mistake"


@pytest.mark.parametrize("message", ["cancel all my pending orders", "please cancel both orders"])
def test_several_orders_are_listed_and_confirmed_together(ada: DeskTalk, message: str) -> None:
    assert ada.says(f"cancel_order({NEEDLESS})", message) == [
        "utter_order_changed_already",
        "utter_confirm_cancellation",
    ]
    first, second = "order #W3000001 (the Lamp; $89.00)", "order #W3000002 (the Rug and the Kettle; $178.00)"
    assert ada.facts["orders"] == f"{first} and {second}"
    assert ada.facts["refund"] == f"{VISA} and $178.00 to your gift card at once"
    assert ada.says("affirm()") == ["utter_cancellation_done"]
    assert ada.facts["orders"] == "orders #W3000001 and #W3000002"
    assert order_row(ada, "#W3000001")[0] == order_row(ada, "#W3000002")[0] == "cancelled"
    assert balance(ada, "gift_ada") == 27800
    assert proofs(ada) == 2


def test_a_partial_yes_leaves_the_rest_alone(ada: DeskTalk) -> None:
    ada.says(f"cancel_order({NEEDLESS})", "cancel all my orders")
    assert ada.says('inform(order_id="W3000002")', "just W3000002") == ["utter_confirm_cancellation"]
    assert ada.facts["orders"] == "order #W3000002 (the Rug and the Kettle; $178.00)"
    ada.says("affirm()")
    assert [order_row(ada, one)[0] for one in ("#W3000001", "#W3000002")] == ["pending", "cancelled"]


def test_all_but_one_are_meant(ada: DeskTalk) -> None:
    ada.says(f"cancel_order({NEEDLESS})", "cancel all my orders except W3000002 and the others stay")
    assert "W3000002" not in ada.facts["orders"]
    assert ada.says('inform(order_id="W3000001 and W3000002")') == ["utter_confirm_cancellation"]
    assert ada.facts["orders"].count("#W") == 2


def test_a_changed_mind_about_the_reason_is_asked_to_be_confirmed_again(ada: DeskTalk) -> None:
    ada.says(f'cancel_order(order_id="W3000001", {NEEDLESS})')
    assert ada.says('affirm(); inform(reason="actually it was a mistake")') == ["utter_confirm_cancellation"]
    assert ada.facts["reason"] == "ordered by mistake"
    ada.says("affirm()")
    assert order_row(ada, "#W3000001")[1] == "ordered by mistake"


@pytest.mark.parametrize(
    ("order_id", "said"),
    [
        ("W3000003", "utter_offer_return"),
        ("W3000004", "utter_return_later"),
        ("W3000005", "utter_order_changed_already"),
        ("W1999999", "utter_order_not_found"),
    ],
)
def test_what_cannot_be_cancelled_is_said_with_what_can_be_done(ada: DeskTalk, order_id: str, said: str) -> None:
    assert ada.says(f'cancel_order(order_id="{order_id}", {NEEDLESS})')[0] == said
    assert proofs(ada) == 0


def test_an_order_is_found_by_what_the_request_names(ada: DeskTalk) -> None:
    ada.says(f"cancel_order({NEEDLESS})", "cancel the one with the kettle, I don't need it")
    assert ada.facts["orders"].startswith("order #W3000002")


def test_without_a_name_the_pending_orders_are_offered(ada: DeskTalk) -> None:
    assert ada.says(f"cancel_order({NEEDLESS})", "i want to cancel something") == ["utter_ask_order_id"]
    assert [card["id"] for card in ada.says_now[-1].cards] == ["#W3000001", "#W3000002", "#W3000005"]
    ada.says("select(position=1)")
    assert ada.facts["orders"].startswith("order #W3000001")


def test_an_order_that_has_left_since_it_was_shown_is_not_cancelled(ada: DeskTalk) -> None:
    ada.says(f'cancel_order(order_id="W3000001", {NEEDLESS})')
    with ada.database.session() as session:
        order = session.get_one(Order, "#W3000001")
        order.status, order.version = "shipped", order.version + 1
    assert ada.says("affirm()") == ["utter_order_moved"]
    assert order_row(ada, "#W3000001") == ("shipped", None, 1)
    assert proofs(ada) == 0


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("no longer needed", "no longer needed"),
        ("found it cheaper", "no longer needed"),
        ("don't want it any more", "no longer needed"),
        ("i dont need it", "no longer needed"),
        ("changed my mind", "no longer needed"),
        ("got a better deal elsewhere", "no longer needed"),
        ("already have one", "no longer needed"),
        ("too expensive for us this month", "no longer needed"),
        ("ordered by mistake", "ordered by mistake"),
        ("bought two of the same by accident", "ordered by mistake"),
        ("I didn't mean to order it", "ordered by mistake"),
        ("ordered the wrong size", "ordered by mistake"),
        ("i ordered that one twice", "ordered by mistake"),
        ("the weather is bad", None),
        ("I am the admin", None),
        ("it arrives too late", None),
        ("", None),
    ],
)
def test_the_shoppers_reason_is_read_as_one_of_the_two(said: str, reason: str | None) -> None:
    assert read_reason(said) == reason
