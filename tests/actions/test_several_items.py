"""A message about several items of which the recogniser told one, or told them mixed up: the words are heard out."""

from __future__ import annotations

import pytest
from swap_shop import SwapTalk

from assistant.store import Database, OrderItem, Variant

KEYBOARD_AND_LAMP = "Keyboard (linear, white) for clicky, white: $12.50 more; Desk Lamp (black) for white: same price"
BOTTLE = "Water Bottle (500 ml) for 1000 ml: $5.02 more"
W1 = 'order_id="W4000001", '


@pytest.fixture
def talk(database: Database) -> SwapTalk:
    return SwapTalk(database)


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        (
            'item="keyboard", feature="with clicky switches", feature="desk lamp", feature="for one in white"',
            "exchange the keyboard for the same one but with clicky switches and the desk lamp for one in white",
        ),
        (
            'item="keyboard", feature="clicky", color="white"',
            "Please swap the keyboard for a clicky one, and the lamp to white.",
        ),
        ('item="keyboard", feature="clicky"', "the keyboard should be clicky. The lamp should be white"),
        ('item="keyboard", item="lamp", feature="clicky", color="white"', "keyboard to clicky; lamp to white"),
    ],
)
def test_an_item_that_was_not_understood_is_swapped_too(talk: SwapTalk, commands: str, words: str) -> None:
    assert talk(f'exchange_items({W1}{commands}, payment_method="visa")', words) == ["utter_confirm_exchange"]
    assert talk.facts["changes"] == KEYBOARD_AND_LAMP


def test_words_about_another_item_are_not_asked_of_this_one(talk: SwapTalk) -> None:
    talk(
        f'exchange_items({W1}item="water bottle", size="bigger", color="white", payment_method="visa")',
        "exchange the water bottle to a bigger one, and the desk lamp to a white one",
    )
    assert talk.facts["changes"] == f"{BOTTLE}; Desk Lamp (black) for white: same price"


@pytest.mark.parametrize(
    "words",
    [
        "swap the bottle for the 1000 ml one but keep the lamp",
        "swap the bottle for the 1000 ml one, the lamp can stay as it is",
        "swap the bottle for one as tall as the lamp, so 1000 ml",
        "I got the lamp and the keyboard. Swap the bottle for the 1000 ml one",
        "the bottle for 1000 ml please, not the lamp",
    ],
)
def test_what_is_only_spoken_of_stays(talk: SwapTalk, words: str) -> None:
    talk(f'exchange_items({W1}item="bottle", size="1000 ml", payment_method="visa")', words)
    assert talk.facts["changes"] == BOTTLE


def test_an_item_for_another_task_is_left_to_that(talk: SwapTalk) -> None:
    words = "exchange the bottle of W4000001 for 1000 ml and return the lamp"
    talk(f'exchange_items({W1}item="bottle", size="1000 ml", payment_method="visa"); return_items(item="lamp")', words)
    assert talk.facts["changes"] == BOTTLE


def test_an_item_of_another_order_is_left_to_that(talk: SwapTalk) -> None:
    talk(
        f'exchange_items({W1}item="bottle", size="1000 ml", payment_method="visa"); '
        'exchange_items(order_id="W4000002", item="lamp", color="white", payment_method="visa")',
        "exchange the bottle of W4000001 for the 1000 ml one, and the lamp of W4000002 for a white one",
    )
    assert talk.facts["changes"] == BOTTLE


def test_everything_on_the_list_goes_back(talk: SwapTalk) -> None:
    words = "I want to return the lamp, the bottle and the keyboard because the red mug is all I need"
    talk('return_items(item="lamp", item="keyboard", payment_method="visa")', words)
    assert talk.facts["refund"] == "$159.99"
    assert "Mug" not in talk.facts["items"]


def test_two_of_a_kind_become_different_ones(talk: SwapTalk) -> None:
    talk(
        f'exchange_items({W1}item="red mug", color="navy"); exchange_items({W1}item="green mug", color="red")',
        "the red mug should be navy and the green mug should be red",
    )
    talk.press("Visa")
    assert talk.facts["changes"] == "Mug (red) for navy: same price; Mug (green) for red: $1.00 less"


BOTH = (
    f'exchange_items({W1}item="keyboard", feature="clicky", payment_method="visa"); '
    f'exchange_items({W1}item="lamp", color="blue")'
)
BOTH_WORDS = "from W4000001 the keyboard for a clicky one and the lamp for a blue one"
CLICKY = "Keyboard (linear, white) for clicky, white: $12.50 more"


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        ("affirm()", "yes"),
        ("deny()", "no"),
        ('inform(item="rest")', "go on with the rest"),
        ('inform(item="lamp")', "leave the lamp then"),
        ('inform(item="keyboard")', "leave the lamp then, only the keyboard"),
        ('exchange_items(item="keyboard")', "just the keyboard please"),
    ],
)
def test_a_wish_that_cannot_be_had_is_left_out(talk: SwapTalk, commands: str, words: str) -> None:
    assert talk(BOTH, BOTH_WORDS) == ["utter_variant_unavailable", "utter_ask_go_on_with_rest"]
    assert talk.buttons == ["Go on with the rest", "Stop"]
    assert talk(commands, words) == ["utter_confirm_exchange"]
    assert talk.facts["changes"] == CLICKY


def test_a_question_about_one_of_several_is_not_asked_for_ever(talk: SwapTalk) -> None:
    talk(BOTH, BOTH_WORDS)
    talk('inform(feature="shiny")', "something shiny")
    talk('inform(feature="shiny")', "shiny, I said")
    said = talk('inform(feature="shiny")', "shiny!")
    assert said == ["utter_left_as_it_is", "utter_confirm_exchange"]
    assert talk.facts["changes"] == CLICKY


def test_a_no_to_the_only_wish_leaves_no_task_to_go_on_with(talk: SwapTalk) -> None:
    talk(f'exchange_items({W1}item="lamp", color="pink")', "a pink lamp please")
    assert "utter_confirm_exchange" not in talk("deny()", "no")


def test_the_dearer_of_two_is_told_by_the_sentence(talk: SwapTalk) -> None:
    talk(f'return_items({W1}item="mug", payment_method="visa")', "return the mug that is more expensive to my visa")
    assert talk.facts["items"] == "the Mug (green) for $13.00"


def test_the_color_said_of_it_tells_which(talk: SwapTalk) -> None:
    talk(f'return_items({W1}item="mug", payment_method="visa")', "return the mug which isn't green, to my visa")
    assert talk.facts["items"] == "the Mug (red) for $12.00"


@pytest.mark.parametrize("commands", ['inform(price_direction="pricier")', 'inform(item="more expensive one")'])
def test_which_of_two_is_answered_by_the_price(talk: SwapTalk, commands: str) -> None:
    assert talk(f'return_items({W1}item="mug", payment_method="visa")', "return the mug") == ["utter_ask_which_item"]
    assert talk(commands, "the more expensive one") == ["utter_confirm_return"]
    assert talk.facts["items"] == "the Mug (green) for $13.00"


def test_what_is_the_cheapest_already_is_never_swapped_for_a_dearer_one(talk: SwapTalk) -> None:
    said = talk(
        f'exchange_items({W1}item="bottle", feature="cheapest", payment_method="visa")', "the cheapest bottle you have"
    )
    assert said == ["utter_same_variant"]
    assert talk('inform(size="1000 ml")', "oh, then the 1000 ml one") == ["utter_confirm_exchange"]
    assert talk.facts["changes"] == BOTTLE


def test_what_is_the_cheapest_already_stays_while_the_others_change(talk: SwapTalk) -> None:
    said = talk(
        f'exchange_items({W1}item="bottle", feature="cheapest", payment_method="visa"); '
        f'exchange_items({W1}item="lamp", color="white")',
        "the bottle for the cheapest you have and the lamp for a white one",
    )
    assert said == ["utter_already_so", "utter_confirm_exchange"]
    assert talk.facts["changes"] == "Desk Lamp (black) for white: same price"


def test_the_first_choice_is_said_to_be_gone_before_the_second_is_confirmed(talk: SwapTalk) -> None:
    said = talk(
        f'exchange_items({W1}item="lamp", color="blue", payment_method="visa")', "the lamp in blue; if not, white"
    )
    assert said == ["utter_first_choice_gone", "utter_confirm_exchange"]
    assert talk.facts["changes"] == "Desk Lamp (black) for white: same price"


@pytest.mark.parametrize(
    "commands",
    [
        f'exchange_items({W1}item="both mugs", color="navy", feature="one in green")',
        f'exchange_items({W1}item="mug", color="navy"); exchange_items({W1}item="mug", color="green")',
    ],
)
def test_two_of_the_same_become_one_of_each(database: Database, commands: str) -> None:
    talk = SwapTalk(database)
    with database.session() as session:
        other = session.query(OrderItem).filter_by(variant_id="Mug green").one()
        red = session.get_one(Variant, "Mug red")
        other.variant, other.options, other.price_cents = red, red.options, red.price_cents
    talk(commands, "exchange both mugs, one in navy and one in green")
    talk.press("Visa")
    assert talk.facts["changes"] == "Mug (red) for navy: same price; Mug (red) for green: $1.00 more"
