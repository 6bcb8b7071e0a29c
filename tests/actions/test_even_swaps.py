"""Where a swap costs nothing more or less, nobody is asked how to pay for it."""

from __future__ import annotations

from swap_shop import SwapTalk

from assistant.store import Database


def test_no_way_to_pay_is_asked_for_where_there_is_nothing_to_pay(database: Database) -> None:
    talk = SwapTalk(database)
    said = talk('exchange_items(item="lamp", color="white")', "exchange the lamp for a white one")
    assert said == ["utter_confirm_exchange"]
    assert talk.facts["total"] == "nothing to pay"
    assert talk.facts["method"] == "your Visa card ending in 4821"


def test_it_is_asked_for_when_a_later_wish_makes_a_difference(database: Database) -> None:
    talk = SwapTalk(database)
    talk('exchange_items(order_id="W4000001", item="lamp", color="white")', "exchange the lamp for a white one")
    more = 'exchange_items(order_id="W4000001", item="keyboard", feature="clicky")'
    assert talk(more, "and the keyboard for a clicky one") == ["utter_ask_difference_method"]
