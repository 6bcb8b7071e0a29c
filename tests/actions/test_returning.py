"""Sending items back: which, where the money goes, what is confirmed, and what is written after the yes."""

from __future__ import annotations

import pytest
from swap_shop import SwapTalk

from assistant.store import Database


@pytest.fixture
def talk(database: Database) -> SwapTalk:
    return SwapTalk(database)


def test_an_item_goes_back_after_everything_was_shown_and_a_yes(talk: SwapTalk) -> None:
    said = talk('return_items(item="lamp", payment_method="original")', "I want to return the lamp, refund as I paid")
    assert said == ["utter_confirm_return"]
    assert talk.facts == {
        "order_id": "#W4000001",
        "items": "the Desk Lamp (black) for $40.00",
        "refund": "$40.00",
        "method": "your Visa card ending in 4821",
    }
    assert talk.buttons == ["Yes", "No"]
    assert talk.order("#W4000001").status == "delivered"
    assert talk("affirm()", "yes please") == ["utter_return_requested"]
    returned = talk.order("#W4000001")
    assert returned.status == "return requested"
    assert returned.extras == {"return_items": ["Desk Lamp black"], "return_payment_method_id": "visa_liv"}


def test_a_no_changes_nothing(talk: SwapTalk) -> None:
    talk('return_items(item="lamp", payment_method="gift card")', "return the lamp to my gift card")
    assert talk("deny()", "no") == ["utter_nothing_changed"]
    assert talk.order("#W4000001").status == "delivered"


def test_several_requests_are_one_return_and_the_refund_is_their_sum(talk: SwapTalk) -> None:
    talk(
        'return_items(item="bottle"); return_items(item="keyboard")',
        "I'd like to return the bottle and also the keyboard",
    )
    assert talk.press("gift card") == ["utter_confirm_return"]
    assert talk.facts["items"] == "the Water Bottle (500 ml) for $19.99 and the Keyboard (linear, white) for $100.00"
    assert (talk.facts["refund"], talk.facts["method"]) == ("$119.99", "your gift card")


def test_where_the_money_goes_is_asked_with_what_is_allowed(talk: SwapTalk) -> None:
    assert talk('return_items(item="lamp")', "return the lamp") == ["utter_ask_refund_method"]
    assert talk.buttons == ["Visa card ending in 4821", "gift card with $5.00"]
    assert talk('inform(payment_method="paypal")', "paypal") == [
        "utter_payment_method_not_on_file",
        "utter_ask_refund_method",
    ]
    assert talk("select(position=2)", "the second one") == ["utter_confirm_return"]
    assert talk.facts["method"] == "your gift card"
    assert talk('inform(payment_method="the visa")', "actually the visa") == ["utter_confirm_return"]
    assert talk.facts["method"] == "your Visa card ending in 4821"


def test_only_a_clear_yes_sends_back(talk: SwapTalk) -> None:
    talk('return_items(item="lamp", payment_method="visa")', "return the lamp to my visa")
    for words in ("let me think", "can i see it first", "ok wait", "maybe"):
        assert talk("affirm()", words) == ["utter_no_hurry", "utter_confirm_return"]
    assert talk("affirm()", "and the keyboard") == ["utter_confirm_return"]
    assert talk.facts["items"] == "the Desk Lamp (black) for $40.00 and the Keyboard (linear, white) for $100.00"
    assert talk("affirm()", "hold on, yes that's it") == ["utter_return_requested"]


def test_unclear_items_are_asked_back_and_picked_by_place_or_description(talk: SwapTalk) -> None:
    assert talk('return_items(item="mug")', "return the mug") == ["utter_ask_which_item"]
    assert talk.facts["items"] == "the Mug (red) and the Mug (green)"
    assert talk('select(item="green one")', "the green one") == ["utter_ask_refund_method"]
    talk('inform(payment_method="visa")', "visa")
    assert talk.facts["items"] == "the Mug (green) for $13.00"


def test_a_place_on_the_list_picks_an_item(talk: SwapTalk) -> None:
    talk('return_items(item="mug", payment_method="visa")', "return the mug to my visa")
    assert talk("select(position=1)", "the first") == ["utter_confirm_return"]
    assert talk.facts["items"] == "the Mug (red) for $12.00"


def test_what_is_not_in_the_order_is_said_with_what_is(talk: SwapTalk) -> None:
    said = talk('return_items(order_id="W4000002", item="tent")', "return the tent of W4000002")
    assert said == ["utter_order_not_delivered"]
    said = talk('return_items(order_id="W4000001", item="tent")', "return the tent of W4000001")
    assert said == ["utter_item_not_in_order", "utter_ask_items"]
    assert talk.buttons[-1] == "All of them"
    assert talk('inform(item="lamp")', "the lamp then") == ["utter_ask_refund_method"]


def test_one_impossible_wish_does_not_stop_the_others(talk: SwapTalk) -> None:
    said = talk(
        'return_items(order_id="W4000001", item="lamp", payment_method="visa"); '
        'return_items(order_id="W4000001", item="tent")',
        "return the lamp and the tent of W4000001 to my visa",
    )
    assert said == ["utter_item_not_in_order", "utter_ask_go_on_with_rest"]
    assert talk.facts == {"items": "the Desk Lamp (black)"}
    assert talk.press("Go on") == ["utter_confirm_return"]
    assert talk.facts["items"] == "the Desk Lamp (black) for $40.00"


@pytest.mark.parametrize(
    ("commands", "words", "items"),
    [
        ('inform(item="lamp")', "just the lamp", "the Desk Lamp (black) for $40.00"),
        ('inform(item="bottle")', "not the bottle", "the Desk Lamp (black) for $40.00"),
        (
            'inform(item="keyboard")',
            "the keyboard too",
            "the Desk Lamp (black) for $40.00, the Water Bottle (500 ml) for $19.99 and "
            "the Keyboard (linear, white) for $100.00",
        ),
        (
            'return_items(item="keyboard")',
            "oh, and I want to return the keyboard",
            "the Desk Lamp (black) for $40.00, the Water Bottle (500 ml) for $19.99 and "
            "the Keyboard (linear, white) for $100.00",
        ),
    ],
)
def test_the_list_can_be_narrowed_and_grows_at_the_confirmation(
    talk: SwapTalk, commands: str, words: str, items: str
) -> None:
    talk('return_items(item="lamp", item="bottle", payment_method="visa")', "return the lamp and the bottle, visa")
    assert talk.facts["refund"] == "$59.99"
    assert talk(commands, words) == ["utter_confirm_return"]
    assert talk.facts["items"] == items


def test_all_of_it_but_one_thing(talk: SwapTalk) -> None:
    talk('return_items(item="everything except the mugs", payment_method="visa")', "everything except the mugs, visa")
    assert talk.facts["refund"] == "$159.99"


def test_nothing_goes_back_twice(talk: SwapTalk) -> None:
    talk('return_items(item="lamp", payment_method="visa")', "return the lamp")
    talk("affirm()", "yes")
    assert talk('return_items(order_id="W4000001", item="bottle")', "return the bottle") == [
        "utter_order_changed_already"
    ]
