"""Swapping items: after delivery an exchange, before the order leaves a change of items."""

from __future__ import annotations

import pytest
from swap_shop import SwapTalk

from assistant.store import Database

CLICKY = 'exchange_items(item="keyboard", feature="clicky switches", payment_method="visa")'


@pytest.fixture
def talk(database: Database) -> SwapTalk:
    return SwapTalk(database)


def test_an_exchange_is_shown_with_old_new_and_difference_and_made_after_the_yes(talk: SwapTalk) -> None:
    assert talk(CLICKY, "swap the keyboard for one with clicky switches, on my visa") == ["utter_confirm_exchange"]
    assert talk.facts == {
        "order_id": "#W4000001",
        "changes": "Keyboard (linear, white) for clicky, white: $12.50 more",
        "total": "$12.50 to pay",
        "method": "your Visa card ending in 4821",
    }
    assert talk.order("#W4000001").status == "delivered"
    assert talk("affirm()", "yes") == ["utter_exchange_requested"]
    swapped = talk.order("#W4000001")
    assert swapped.status == "exchange requested"
    assert swapped.extras["exchange_new_items"] == ["Keyboard clicky white"]


def test_an_exchange_of_an_order_that_has_not_left_is_a_change_of_its_items(talk: SwapTalk) -> None:
    said = talk(
        'exchange_items(order_id="W4000002", item="keyboard", feature="clicky", payment_method="visa")',
        "exchange the keyboard of W4000002 for a clicky one, my visa",
    )
    assert said == ["utter_confirm_item_change"]
    assert talk("affirm()", "yes") == ["utter_items_changed"]
    changed = talk.order("#W4000002")
    assert changed.status == "pending (item modified)"
    assert [item.variant_id for item in changed.items] == ["Keyboard clicky white", "Desk Lamp black"]
    again = talk('change_order_items(order_id="W4000002", item="lamp", color="white")', "and make the lamp white")
    assert again == ["utter_order_changed_already"]


def test_each_task_finds_the_order_in_the_status_that_it_needs(talk: SwapTalk) -> None:
    talk('change_order_items(item="lamp", color="white", payment_method="visa")', "change the lamp to white, visa")
    assert talk.facts["order_id"] == "#W4000002"
    talk("deny()", "no")
    talk('exchange_items(item="bottle", size="1000 ml", payment_method="visa")', "exchange the bottle for 1000 ml")
    assert talk.facts["changes"] == "Water Bottle (500 ml) for 1000 ml: $5.02 more"


def test_several_wishes_are_one_exchange_with_the_sum(talk: SwapTalk) -> None:
    said = talk(
        'exchange_items(order_id="W4000001", item="keyboard", feature="clicky"); '
        'exchange_items(order_id="W4000001", item="lamp", color="white")',
        "exchange the keyboard for a clicky one and the lamp for a white one, from W4000001",
    )
    assert said == ["utter_ask_difference_method"]
    assert talk.buttons == ["Visa card ending in 4821", "gift card with $5.00"]
    assert talk("select(position=1)", "the first") == ["utter_confirm_exchange"]
    assert talk.facts["changes"] == (
        "Keyboard (linear, white) for clicky, white: $12.50 more; Desk Lamp (black) for white: same price"
    )
    assert talk('inform(item="lamp")', "just the lamp") == ["utter_confirm_exchange"]
    assert talk.facts["changes"] == "Desk Lamp (black) for white: same price"
    assert talk.facts["total"] == "nothing to pay"


def test_a_gift_card_that_does_not_cover_the_difference_is_refused_and_another_method_asked(talk: SwapTalk) -> None:
    said = talk(
        'exchange_items(order_id="W4000001", item="keyboard", feature="clicky", payment_method="gift card")',
        "exchange the keyboard for a clicky one, pay with my gift card",
    )
    assert said == ["utter_gift_card_short", "utter_ask_difference_method"]
    assert talk.buttons == ["Visa card ending in 4821"]
    assert talk.press("Visa") == ["utter_confirm_exchange"]


def test_which_variant_is_asked_with_the_price_difference_of_each(talk: SwapTalk) -> None:
    said = talk('exchange_items(order_id="W4000001", item="keyboard", payment_method="visa")', "swap my keyboard")
    assert said == ["utter_ask_variant"]
    assert talk.facts["choices"] == "white ($12.50 more); RGB ($20.00 more)"
    assert talk('select(item="RGB one")', "the RGB one") == ["utter_confirm_exchange"]
    assert talk.facts["total"] == "$20.00 to pay"
    assert talk('inform(feature="no RGB, white backlight")', "no, the white one") == ["utter_confirm_exchange"]
    assert talk.facts["total"] == "$12.50 to pay"


def test_a_variant_is_picked_by_its_place(talk: SwapTalk) -> None:
    talk('exchange_items(order_id="W4000001", item="keyboard", payment_method="visa")', "swap my keyboard")
    assert talk("select(position=2)", "the second") == ["utter_confirm_exchange"]
    assert talk.facts["changes"] == "Keyboard (linear, white) for clicky, RGB: $20.00 more"


def test_what_is_sold_out_is_said_with_what_there_is_instead(talk: SwapTalk) -> None:
    said = talk(
        'exchange_items(order_id="W4000001", item="lamp", color="blue", payment_method="visa")', "a blue lamp instead"
    )
    assert said == ["utter_variant_unavailable"]
    assert (talk.facts["wanted"], talk.facts["choices"]) == ("blue", "white (same price)")
    assert talk("affirm()", "ok") == ["utter_confirm_exchange"]
    assert talk.facts["changes"] == "Desk Lamp (black) for white: same price"


def test_an_impossible_wish_can_be_left_out(talk: SwapTalk) -> None:
    said = talk(
        'exchange_items(order_id="W4000001", item="lamp", color="blue"); '
        'exchange_items(order_id="W4000001", item="bottle", size="1000 ml", payment_method="visa")',
        "exchange the lamp for a blue one and the bottle for the 1000 ml one",
    )
    assert said == ["utter_variant_unavailable", "utter_ask_go_on_with_rest"]
    assert talk("affirm()", "then only the rest") == ["utter_confirm_exchange"]
    assert talk.facts["changes"] == "Water Bottle (500 ml) for 1000 ml: $5.02 more"


def test_an_option_is_corrected_at_the_confirmation(talk: SwapTalk) -> None:
    talk(CLICKY.replace("item=", 'order_id="W4000001", item='), "the keyboard of W4000001 with clicky switches")
    assert talk('inform(feature="RGB")', "make it the RGB one") == ["utter_confirm_exchange"]
    assert talk.facts["changes"] == "Keyboard (linear, white) for clicky, RGB: $20.00 more"


def test_the_order_is_corrected_and_the_same_wish_is_looked_for_there(talk: SwapTalk) -> None:
    talk(CLICKY.replace("item=", 'order_id="W4000001", item='), "the keyboard of W4000001 with clicky switches")
    assert talk('inform(order_id="W4000002")', "I meant W4000002") == ["utter_confirm_item_change"]
    assert talk.facts["changes"] == "Keyboard (linear, white) for clicky, white: $12.50 more"


def test_a_question_about_the_thing_is_about_the_one_that_is_swapped(talk: SwapTalk) -> None:
    talk('exchange_items(item="lamp", color="white")', "swap the lamp for the white one")
    said = talk('product_details(attribute="weight")', "how heavy is it?")
    assert said[0] in ("utter_product_attribute", "utter_attribute_unknown")
    assert talk.says_now[0].facts["product"] == "Desk Lamp"
