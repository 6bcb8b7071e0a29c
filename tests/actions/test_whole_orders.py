"""Only whole orders are cancelled: what else would go is said before, and leaving it is a no."""

from __future__ import annotations

import pytest
from desk_talk import DeskTalk
from small_shop import fill

from assistant.store import Database, Order

NEEDLESS = 'reason="no longer needed"'


@pytest.fixture
def ada(database: Database) -> DeskTalk:
    fill(database)
    return DeskTalk(database, "ada")


def status(talk: DeskTalk, order_id: str) -> str:
    with talk.database.reading() as session:
        return session.get_one(Order, order_id).status


@pytest.mark.parametrize(
    ("commands", "message"),
    [
        (f"cancel_order({NEEDLESS})", "cancel the kettle and keep the rug"),
        (f'cancel_order(order_id="W3000002", {NEEDLESS})', "please cancel just the kettle in order W3000002"),
        (f'cancel_order(order_id="W3000002", {NEEDLESS})', "cancel everything in W3000002 except the rug"),
        ('change_order_items(order_id="W3000002", item="kettle")', "remove the kettle from my pending order W3000002"),
    ],
)
def test_what_else_would_go_is_said_before_a_part_of_an_order_is_cancelled(ada, commands: str, message: str) -> None:
    assert ada.says(commands, message) == ["utter_only_whole_orders"]
    assert (ada.facts["orders"], ada.buttons) == ("order #W3000002", ["Cancel it all", "Leave it"])
    assert ada.facts["others"] == "the Rug"
    assert ada.says("deny()", "leave it then") == ["utter_nothing_changed"]
    assert ada.tracker.stack == ()
    assert status(ada, "#W3000002") == "pending"


@pytest.mark.parametrize(
    ("answer", "message"), [("affirm()", "ok, all of it"), ("cancel_order()", "then cancel the whole order")]
)
def test_a_yes_goes_on_to_the_confirmation(ada: DeskTalk, answer: str, message: str) -> None:
    ada.says("cancel_order()", "cancel the kettle and keep the rug")
    assert ada.says(answer, message) == ["utter_ask_cancel_reason"]
    assert ada.says(f"inform({NEEDLESS})", "don't need it") == ["utter_confirm_cancellation"]
    ada.says("affirm()")
    assert status(ada, "#W3000002") == "cancelled"


@pytest.mark.parametrize(
    ("order_id", "message"),
    [
        ("", "cancel the one with the kettle"),
        ("", "cancel the rug and the kettle"),
        ("", "cancel my kettle order"),
        ("W3000002", "cancel order W3000002, the rug and so on"),
        ("W3000001", "cancel the lamp of W3000001"),
    ],
)
def test_a_whole_order_needs_no_word_about_it(ada: DeskTalk, order_id: str, message: str) -> None:
    named = f'order_id="{order_id}", ' if order_id else ""
    assert ada.says(f"cancel_order({named}{NEEDLESS})", message) == ["utter_confirm_cancellation"]


def test_things_of_two_pending_orders_are_cancelled_together(ada: DeskTalk) -> None:
    said = ada.says(f"cancel_order({NEEDLESS})", "please cancel the lamp and the kettle")
    assert said == ["utter_only_whole_orders"]
    assert ada.facts["orders"] == "orders #W3000001 and #W3000002"
    assert "Rug" in ada.facts["others"]
    assert ada.says("affirm()") == ["utter_confirm_cancellation"]
