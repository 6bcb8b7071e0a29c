"""Values said in the message that starts a task, after the request itself, belong to that task."""

from __future__ import annotations

import pytest
from desk_talk import DeskTalk
from small_shop import fill
from swap_shop import SwapTalk

from assistant.store import Database


@pytest.fixture
def ada(database: Database) -> DeskTalk:
    fill(database)
    return DeskTalk(database, "ada")


def test_a_way_to_pay_said_beside_the_checkout_is_not_asked_for(ada: DeskTalk) -> None:
    ada.says('add_to_cart(item="kettle")')
    assert ada.says('checkout(); inform(payment_method="visa")', "check out, visa") == ["utter_confirm_checkout"]


def test_a_way_to_pay_said_beside_an_exchange_is_not_asked_for(database: Database) -> None:
    talk = SwapTalk(database)
    said = talk(
        'exchange_items(order_id="W4000001", item="keyboard", feature="clicky"); inform(payment_method="visa")',
        "swap the keyboard of W4000001 for a clicky one, on my visa",
    )
    assert said == ["utter_confirm_exchange"]


def test_a_color_said_beside_an_exchange_is_of_its_item(database: Database) -> None:
    talk = SwapTalk(database)
    said = talk(
        'exchange_items(order_id="W4000001", item="lamp"); inform(color="white", payment_method="visa")',
        "exchange the lamp of W4000001. I'd like white, on my visa",
    )
    assert said == ["utter_confirm_exchange"]
    assert talk.facts["changes"] == "Desk Lamp (black) for white: same price"


def test_a_reason_said_beside_a_cancellation_is_not_asked_for(ada: DeskTalk) -> None:
    said = ada.says(
        'cancel_order(order_id="W3000001"); inform(reason="ordered by mistake")',
        "cancel W3000001, I ordered it by mistake",
    )
    assert said == ["utter_confirm_cancellation"]


def test_what_was_asked_for_answers_the_question_all_the_same(database: Database) -> None:
    talk = SwapTalk(database)
    wish = 'exchange_items(order_id="W4000001", item="keyboard", feature="clicky")'
    assert talk(wish, "swap the keyboard of W4000001 for a clicky one") == ["utter_ask_difference_method"]
    said = talk('checkout(); inform(payment_method="visa")', "visa, and check out my cart too")
    assert "utter_confirm_exchange" in said
