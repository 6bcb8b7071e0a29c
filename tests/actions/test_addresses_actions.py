"""Sending pending orders elsewhere and changing the default address: read, asked for, confirmed from old to new."""

from __future__ import annotations

import pytest
from desk_talk import DeskTalk
from small_shop import fill

from assistant.presentation import address_text
from assistant.store import Customer, Database, Order

HOME, OAK = "1 Elm, Denver, CO 80203, USA", "7 Oak Ave, Apt 2, New York, NY 10001, USA"
NEW = "12 Birch Road, Austin, TX 78745"


@pytest.fixture
def ada(database: Database) -> DeskTalk:
    fill(database)
    return DeskTalk(database, "ada")


def goes_to(talk: DeskTalk, order_id: str) -> str:
    with talk.database.reading() as session:
        return address_text(session.get_one(Order, order_id).shipping_address)


def default(talk: DeskTalk) -> str:
    with talk.database.reading() as session:
        address = session.get_one(Customer, "ada").default_address
        return address_text(address.snapshot()) if address else ""


def test_an_order_is_sent_elsewhere_after_a_yes_to_old_and_new(ada: DeskTalk) -> None:
    asked = ada.says(f'change_shipping_address(order_id="W3000001", address="{NEW}")')
    assert asked == ["utter_confirm_shipping_address"]
    assert ada.facts == {"orders": "order #W3000001", "old": HOME, "address": f"{NEW}, USA"}
    assert goes_to(ada, "#W3000001") == HOME
    assert ada.says("affirm()") == ["utter_shipping_address_changed"]
    assert goes_to(ada, "#W3000001") == f"{NEW}, USA"
    assert default(ada) == HOME


def test_what_is_missing_is_asked_for_and_added(ada: DeskTalk) -> None:
    assert ada.says('change_shipping_address(order_id="W3000001")') == ["utter_ask_address"]
    assert ada.buttons == [OAK]
    assert ada.says('inform(address="12 Birch Road")') == ["utter_ask_rest_of_address"]
    assert "zip code" in ada.facts["missing"]
    assert ada.says('inform(address="Austin, TX 78745")') == ["utter_confirm_shipping_address"]
    assert ada.facts["address"] == f"{NEW}, USA"


def test_what_is_no_address_is_asked_for_again(ada: DeskTalk) -> None:
    ada.says('change_shipping_address(order_id="W3000001")')
    assert ada.says('inform(address="asdf")')[-1] in ("utter_bad_address", "utter_ask_rest_of_address")
    assert ada.says(f'inform(address="{NEW}")') == ["utter_confirm_shipping_address"]
    assert ada.facts["address"] == f"{NEW}, USA"


def test_another_address_at_the_confirmation_is_confirmed_anew(ada: DeskTalk) -> None:
    ada.says(f'change_shipping_address(order_id="W3000001", address="{NEW}")')
    said = ada.says('deny(); inform(address="14 Birch Road, Austin, TX 78745")')
    assert said == ["utter_confirm_shipping_address"]
    ada.says("affirm()")
    assert goes_to(ada, "#W3000001") == "14 Birch Road, Austin, TX 78745, USA"


@pytest.mark.parametrize(("words", "address"), [("my default address", HOME), ("same as order W3000001", HOME)])
def test_a_known_address_is_pointed_at(ada: DeskTalk, words: str, address: str) -> None:
    ada.says(f'change_shipping_address(order_id="W3000002", address="{words}")')
    assert ada.facts == {"orders": "order #W3000002", "old": OAK, "address": address}


def test_the_address_it_has_already_is_no_change(ada: DeskTalk) -> None:
    said = ada.says('change_shipping_address(order_id="W3000001", address="1 Elm, Denver, CO 80203, USA")')
    assert said == ["utter_same_address"]
    assert ada.tracker.stack == ()
    assert ada.says(f'update_address(address="{HOME}")') == ["utter_same_address"]
    assert "order" not in ada.tracker.slots


def test_all_pending_orders_are_moved_together_even_with_changed_items(ada: DeskTalk) -> None:
    ada.says(f'change_shipping_address(address="{NEW}")', "send all my pending orders to 12 Birch Road")
    assert ada.facts["orders"] == "orders #W3000001, #W3000002 and #W3000005"
    ada.says("affirm()")
    assert {goes_to(ada, f"#W300000{one}") for one in (1, 2, 5)} == {f"{NEW}, USA"}


@pytest.mark.parametrize("order_id", ["W3000003", "W3000004"])
def test_an_order_that_has_left_stays_as_it_is(ada: DeskTalk, order_id: str) -> None:
    said = ada.says(f'change_shipping_address(order_id="{order_id}", address="{NEW}")')
    assert said == ["utter_order_not_pending"]


def test_the_default_address_changes_and_no_order_does(ada: DeskTalk) -> None:
    assert ada.says(f'update_address(address="{NEW}")') == ["utter_confirm_default_address"]
    assert ada.facts == {"old": HOME, "address": f"{NEW}, USA"}
    assert ada.says("affirm()") == ["utter_default_address_changed"]
    assert default(ada) == f"{NEW}, USA"
    assert goes_to(ada, "#W3000001") == HOME


def test_a_changed_default_address_goes_back_to_the_original(ada: DeskTalk) -> None:
    ada.says(f'update_address(address="{NEW}")')
    ada.says("affirm()")
    ada.says('update_address(address="my original address")')
    assert ada.facts["address"] == HOME
    ada.says("affirm()")
    assert default(ada) == HOME


def test_the_same_address_serves_for_the_next_task(ada: DeskTalk) -> None:
    ada.says(f'change_shipping_address(order_id="W3000001", address="{NEW}")')
    ada.says("affirm()")
    assert ada.says("update_address()", "and make that my default too") == ["utter_confirm_default_address"]
    assert ada.facts["address"] == f"{NEW}, USA"


def test_a_no_leaves_the_address(ada: DeskTalk) -> None:
    ada.says(f'update_address(address="{NEW}")')
    assert ada.says("deny()") == ["utter_nothing_changed"]
    assert default(ada) == HOME
