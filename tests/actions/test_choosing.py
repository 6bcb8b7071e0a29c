"""What the wishes of one task come to: answers, corrections and what takes items away or adds them. Pure."""

from __future__ import annotations

from typing import Any

import pytest
from swap_shop import SwapTalk, liv

from assistant.actions.wishes import corrected, in_this_order, join_bare, settle
from assistant.store import Database, OrderItem


@pytest.fixture
def items() -> list[OrderItem]:
    """A keyboard, a lamp, two mugs and a bottle, numbered from 1."""
    found = liv()[1].orders[0].items
    for number, item in enumerate(found, 1):
        item.id, item.quantity = number, 1
    return list(found)


def named(*names: str) -> list[dict[str, Any]]:
    return [{"item": [name]} for name in names]


def lines(wishes: Any) -> list[int]:
    return [wish["line"] for wish in wishes]


def test_a_wish_for_several_items_becomes_one_for_each(items: list[OrderItem]) -> None:
    settled = settle([{"item": ["both mugs"], "color": "navy"}], "", items)
    assert lines(settled.wishes) == [3, 4]
    assert {wish["color"] for wish in settled.wishes} == {"navy"}


def test_what_is_wished_twice_of_one_item_is_one_wish(items: list[OrderItem]) -> None:
    settled = settle([{"item": ["lamp"], "color": "white"}, {"item": ["lamp"], "feature": ["dimmable"]}], "", items)
    assert [(wish["line"], wish["color"], wish["feature"]) for wish in settled.wishes] == [(2, "white", ["dimmable"])]


def test_options_without_an_item_belong_to_the_wish_under_discussion() -> None:
    wishes = [{"item": ["lamp"], "line": 2}, {"item": ["mug"]}, {"color": "navy"}]
    assert join_bare(wishes, 0) == [{"item": ["lamp"], "line": 2, "color": "navy"}, {"item": ["mug"]}]
    assert join_bare(wishes, None)[1] == {"item": ["mug"], "color": "navy"}


def test_items_of_another_order_are_looked_for_anew(items: list[OrderItem]) -> None:
    wish = {"item": ["lamp"], "line": 99, "count": 1, "variant": "x", "color": "white"}
    assert in_this_order([wish], items) == [{"item": ["lamp"], "color": "white"}]


@pytest.mark.parametrize(
    ("said", "message", "left"),
    [
        (["lamp"], "just the lamp", [2]),
        (["lamp"], "only the lamp please", [2]),
        (["bottle"], "not the bottle", [1, 2]),
        (["bottle"], "I'd rather keep the bottle", [1, 2]),
        (["lamp", "bottle"], "the lamp, not the bottle", [2]),
        (["red mug"], "and the red mug too", [1, 2, 5, 3]),
        (["red mug"], "I meant the red mug", [3]),
        (["everything except the keyboard"], "everything except the keyboard", [2, 3, 4, 5]),
    ],
    ids=str,
)
def test_corrections_narrow_and_add(items: list[OrderItem], said: list[str], message: str, left: list[int]) -> None:
    wishes = settle(named("keyboard", "lamp", "bottle"), "", items).wishes
    found = corrected(wishes, {"item": said}, message, items)
    assert lines(found.wishes) == left


def test_what_was_wished_of_an_item_stays_when_others_go(items: list[OrderItem]) -> None:
    before = settle([{"item": ["lamp"], "color": "white"}, {"item": ["mug red"]}], "", items).wishes
    (kept,) = corrected(before, {"item": ["lamp"]}, "just the lamp", items).wishes
    assert (kept["line"], kept["color"]) == (2, "white")


def test_a_correction_that_fits_nothing_is_said(items: list[OrderItem]) -> None:
    wishes = settle(named("keyboard"), "", items).wishes
    found = corrected(wishes, {"item": ["tent"]}, "the tent too", items)
    assert (found.unknown, found.about, found.clear) == ("tent", 1, False)


def test_strangers_are_asked_who_they_are(database: Database) -> None:
    talk = SwapTalk(database)
    talk.tracker = type(talk.tracker)("talk")
    assert talk('return_items(order_id="W4000001", item="lamp")', "return it")[-1] == "utter_ask_identity"
