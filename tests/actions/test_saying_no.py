"""A no to a question for a value: another way on, or why it is asked; the second no in a row drops the task."""

from __future__ import annotations

import pytest
from desk_talk import DeskTalk
from small_shop import Run, fill

from assistant.store import Database


@pytest.fixture
def ada(database: Database) -> DeskTalk:
    fill(database)
    return DeskTalk(database, "ada")


@pytest.mark.parametrize(
    ("known", "message", "said"),
    [
        ({}, "can't remember my email", "utter_identify_by_name"),
        ({}, "I don't have it", "utter_identify_by_name"),
        ({}, "no idea what zip I gave you", "utter_identify_by_email"),
        ({"name": "Ada Okafor"}, "I don't know it", "utter_identify_by_email"),
        ({"zip": "80203"}, "no", "utter_identify_by_email"),
    ],
)
def test_who_cannot_say_one_thing_is_asked_for_the_other(run: Run, known, message, said) -> None:
    assert run("action_identify", message, denied=True, **known).responses == [said]


def test_who_has_no_number_picks_the_order_from_a_list(ada: DeskTalk) -> None:
    assert ada.says("get_invoice()", "I need an invoice") == ["utter_ask_order_id"]
    assert ada.says("deny()", "I don't have it") == ["utter_pick_order"]
    assert len(ada.says_now[-1].cards) == 5
    assert ada.says("select(position=3)") == ["utter_invoice"]


def test_what_is_needed_is_said_once_and_a_second_no_drops_it(ada: DeskTalk) -> None:
    assert ada.says('change_shipping_address(order_id="W3000001")') == ["utter_ask_address"]
    assert ada.says("deny()", "no idea") == ["utter_needed", "utter_ask_address"]
    assert ada.says("deny()", "no") == ["utter_stopped"]
    assert ada.tracker.stack == ()


def test_a_no_then_an_answer_goes_on(ada: DeskTalk) -> None:
    ada.says('cancel_order(order_id="W3000001")')
    ada.says("deny()", "I'd rather not say")
    assert ada.says('inform(reason="no longer needed")') == ["utter_confirm_cancellation"]
    ada.says('cancel_order(order_id="W3000002")')
    assert ada.says("deny()") == ["utter_needed", "utter_ask_cancel_reason"]


def test_a_question_in_between_does_not_make_the_next_no_the_second(ada: DeskTalk) -> None:
    ada.says('cancel_order(order_id="W3000001")')
    ada.says("deny()")
    ada.says('ask_policy(topic="returns")')
    assert ada.says("deny()") == ["utter_needed", "utter_ask_cancel_reason"]


def test_a_no_and_another_order_drop_the_first_task(ada: DeskTalk) -> None:
    ada.says('change_shipping_address(order_id="W3000001")')
    said = ada.says('deny(); cancel_order(order_id="W3000002", reason="no longer needed")', "no, cancel W3000002")
    assert said == ["utter_confirm_cancellation"]
    assert ada.says("affirm()") == ["utter_cancellation_done"]
    assert ada.tracker.stack == ()


def test_another_change_right_after_a_no_drops_the_first_too(ada: DeskTalk) -> None:
    ada.says('cancel_order(order_id="W3000001")')
    ada.says("deny()", "whoa, no")
    ada.says('change_payment_method(order_id="W3000001", payment_method="paypal")', "plan B, pay with paypal")
    assert ada.says("affirm()") == ["utter_payment_method_changed"]
    assert ada.tracker.stack == ()
