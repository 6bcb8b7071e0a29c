"""How shoppers say an address of theirs, and a change of an order's address that sounds like one of the account's."""

from __future__ import annotations

import pytest
from desk_talk import DeskTalk
from small_shop import fill

from assistant.presentation import address_text
from assistant.store import Customer, Database, Order

HOME, OAK = "1 Elm, Denver, CO 80203, USA", "7 Oak Ave, Apt 2, New York, NY 10001, USA"


@pytest.fixture
def ada(database: Database) -> DeskTalk:
    fill(database)
    return DeskTalk(database, "ada")


@pytest.mark.parametrize(
    ("commands", "message", "orders", "address"),
    [
        ("update_address()", "I want to modify my lamp order to my NYC address", "order #W3000001", OAK),
        ("update_address()", "change the address of order #W3000002 to my default address", "order #W3000002", HOME),
        (
            'update_address(address="my New York address")',
            "can you ship this order, #W3000001, to my New York address?",
            "order #W3000001",
            OAK,
        ),
    ],
)
def test_a_change_for_an_order_is_of_that_order(ada: DeskTalk, commands: str, message: str, orders: str, address: str):
    assert ada.says(commands, message) == ["utter_confirm_shipping_address"]
    assert (ada.facts["orders"], ada.facts["address"]) == (orders, address)


@pytest.mark.parametrize(
    "message",
    [
        "please make my NYC address my default",
        "update the address on my account to my NYC one, future orders should go there",
        "from now on send my orders to my NYC address",
    ],
)
def test_a_change_for_the_account_stays_one(ada: DeskTalk, message: str) -> None:
    assert ada.says('update_address(address="my NYC address")', message) == ["utter_confirm_default_address"]


def test_to_my_default_address_answers_an_open_order_task(ada: DeskTalk) -> None:
    ada.says('change_shipping_address(order_id="W3000002")')
    assert ada.says("update_address()", "to my default address (in Denver)") == ["utter_confirm_shipping_address"]
    assert (ada.facts["orders"], ada.facts["address"]) == ("order #W3000002", HOME)


@pytest.mark.parametrize("words", ["the mile-high one", "my Denver place", "the one in Colorado"])
def test_an_address_is_known_by_city_state_or_nickname(ada: DeskTalk, words: str) -> None:
    ada.says(f'change_shipping_address(order_id="W3000002", address="{words}")')
    assert ada.facts["address"] == HOME


def test_what_is_no_address_of_theirs_is_asked_for_with_those_known_and_not_for_ever(ada: DeskTalk) -> None:
    said = ada.says('change_shipping_address(order_id="W3000001", address="my daughter\'s address")')
    assert said == ["utter_unknown_address"]
    assert ada.facts == {"known": OAK}
    assert ada.says('inform(address="her place")') == ["utter_address_unread"]
    assert ada.buttons == [OAK, "Talk to a person", "Stop"]
    assert ada.says("deny()", "no, leave it") == ["utter_stopped"]


@pytest.mark.parametrize(
    ("commands", "message"),
    [
        ('inform(order_id="W3000002")', "#W3000002"),
        ('inform(item="rug")', "the order with the rug"),
        ('order_details(item="kettle", attribute="address")', "the address of my order with the kettle and the rug"),
    ],
)
def test_an_order_named_when_an_address_is_asked_for_is_where_that_goes(ada, commands: str, message: str) -> None:
    with ada.database.session() as session:
        for order_id in ("#W3000004", "#W3000005"):
            session.get_one(Order, order_id).shipping_address = session.get_one(Order, "#W3000002").shipping_address
    ada.says('change_shipping_address(order_id="W3000001")')
    assert ada.says(commands, message) == ["utter_confirm_shipping_address"]
    assert (ada.facts["orders"], ada.facts["address"]) == ("order #W3000001", OAK)
    ada.says("deny()")
    ada.says("update_address()", "I want to change my address")
    assert ada.says(commands, message) == ["utter_confirm_default_address"]


def test_a_correction_of_the_order_is_no_address(ada: DeskTalk) -> None:
    ada.says('change_shipping_address(order_id="W3000001")')
    assert ada.says('inform(order_id="W3000002")', "sorry, I meant order W3000002") == ["utter_ask_address"]
    ada.says('inform(address="my default address")')
    assert ada.facts["orders"] == "order #W3000002"


def test_the_default_address_is_asked_for_and_changed(ada: DeskTalk) -> None:
    assert ada.says("update_address()", "I need to change my address") == ["utter_ask_address"]
    ada.says('inform(address="the NYC one")')
    ada.says("affirm()")
    with ada.database.reading() as session:
        address = session.get_one(Customer, "ada").default_address
        assert address and address_text(address.snapshot()) == OAK
