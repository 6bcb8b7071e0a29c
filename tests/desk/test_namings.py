"""Which items a message about several names as things to deal with, the words about each, and which row is meant."""

from __future__ import annotations

from typing import Any

import pytest
from shelves import product

from assistant.desk.namings import RETURNS, SWAPS, namings, passages
from assistant.desk.rows import rows_fitting, rows_meant
from assistant.store import OrderItem

SHELVES: dict[str, list[dict[str, str]]] = {
    "Mechanical Keyboard": [{"switch": "linear"}, {"switch": "clicky"}],
    "Smart Thermostat": [{"compatibility": "Apple HomeKit"}, {"compatibility": "Google Assistant"}],
    "Water Bottle": [{"capacity": "500ml"}, {"capacity": "1L"}],
    "Desk Lamp": [{"color": "white", "brightness": "high"}, {"color": "black", "brightness": "low"}],
    "T-Shirt": [{"color": "red", "size": "S"}, {"color": "blue", "size": "L"}],
    "Laptop": [{"color": "silver"}, {"color": "black"}],
    "Backpack": [{"color": "green", "size": "S"}, {"color": "grey", "size": "L"}],
    "Jigsaw Puzzle": [{"pieces": "500"}, {"pieces": "1500"}],
}


def order(*things: tuple[str, int] | str) -> list[OrderItem]:
    rows = []
    for id, thing in enumerate(things, 1):
        name, at = (thing, 0) if isinstance(thing, str) else thing
        shelf = {f"{name} {n}": {"options": o, "price": 10 + n, "available": True} for n, o in enumerate(SHELVES[name])}
        variant = product(name, shelf)[at]
        rows.append(
            OrderItem(
                id=id,
                variant=variant,
                variant_id=variant.id,
                name=name,
                options=variant.options,
                price_cents=variant.price_cents,
                quantity=1,
            )
        )
    return rows


EVERYTHING = order(*SHELVES)


def told(message: str, deeds: Any = SWAPS) -> str:
    """As in "keyboard, lamp; not bottle"."""
    found = namings(message, EVERYTHING, deeds)
    wanted = ", ".join(one.text for one in found if one.wanted)
    spoken_of = ", ".join(one.text for one in found if not one.wanted)
    return wanted + (f"; not {spoken_of}" if spoken_of else "")


@pytest.mark.parametrize(
    ("message", "named"),
    [
        (
            "exchange the mechanical keyboard for a clicky one and the thermostat for Google",
            "mechanical keyboard, thermostat",
        ),
        ("change my bottle to a bigger one, the desk lamp to black", "bottle, desk lamp"),
        ("could i get a bigger bottle and a dimmer lamp?", "bottle, lamp"),
        ("THE LAMP HAS TO BE LESS BRIGHT AND THE BOTTLE BIGGER", "LAMP, BOTTLE"),
        ("For the laptop: black. For the t-shirt: size L", "laptop, t-shirt"),
        ("and the jigsaw with 1000 more pieces", "jigsaw"),
        ("a bigger size of the bottle", "bottle"),
        ("swap the keyboard but keep the lamp", "keyboard; not lamp"),
        ("swap the keyboard. The lamp can stay as it is", "keyboard; not lamp"),
        ("swap the backpack for one that fits the laptop", "backpack"),
        ("a grey backpack with a laptop compartment", "backpack"),
        ("swap the bottle for one like the lamp", "bottle"),
        ("I got the lamp and the laptop. Swap the keyboard for a clicky one", "keyboard; not lamp, laptop"),
        ("return the lamp and exchange the bottle for a bigger one", "bottle; not lamp"),
        ("is there a lamp?", ""),
    ],
)
def test_things_to_swap_are_told_from_things_spoken_of(message: str, named: str) -> None:
    assert told(message) == named


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("return the lamp, the t-shirt and my laptop because the keyboard is better", "lamp, t-shirt, laptop"),
        ("send the lamp and the bottle back, the t-shirt can stay", "lamp, bottle; not t-shirt"),
        ("return the keyboard and exchange the lamp for a black one", "keyboard; not lamp"),
        ("everything except the lamp", "; not lamp"),
    ],
)
def test_things_to_return_are_told_from_things_spoken_of(message: str, named: str) -> None:
    assert told(message, RETURNS) == named


def test_each_thing_has_its_own_words() -> None:
    message = (
        "Hi. The bottle should be bigger, and the lamp black. Black would suit the t-shirt as well. All the same day"
    )
    parts = passages(message, namings(message, EVERYTHING, SWAPS))
    assert parts[3] == "Hi. The bottle should be bigger"
    assert parts[4].startswith("and the lamp black")


def test_things_in_a_list_share_their_words_and_a_single_thing_needs_none() -> None:
    message = "the lamp and the laptop in black, the bottle in 1L"
    parts = passages(message, namings(message, EVERYTHING, SWAPS))
    assert parts[4] == parts[6] == "the lamp and the laptop in black"
    assert parts[3] == "the bottle in 1L"
    assert passages("the lamp in black", namings("the lamp in black", EVERYTHING, SWAPS)) == {}


LAMPS = order(("Desk Lamp", 0), ("Desk Lamp", 1))


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        ("return the lamp that is more expensive", [2]),
        ("return the lamp which isn't black", [1]),
        ("return the less bright lamp for a refund", [2]),
        ("return the cheaper of the two lamps", [1]),
        ("return the lamp", [1, 2]),
        ("return the lamp to my paypal because black is ugly", [1, 2]),
    ],
)
def test_what_is_said_of_a_thing_tells_which_of_two_it_is(message: str, meant: list[int]) -> None:
    assert [item.id for item in rows_meant(message, LAMPS, RETURNS)] == meant


def test_what_a_thing_is_to_become_does_not_tell_which_it_is() -> None:
    assert len(rows_meant("exchange the lamp for a black one", LAMPS, SWAPS)) == 2
    assert [item.id for item in rows_meant("exchange the white lamp for a black one", LAMPS, SWAPS)] == [1]


def test_an_answer_may_only_describe() -> None:
    assert [item.id for item in rows_fitting("the brighter one", LAMPS)] == [1]
    assert [item.id for item in rows_fitting("not the white one", LAMPS)] == [2]
