"""Which variant a shopper means instead of the one they have."""

from __future__ import annotations

from typing import Any

import pytest
from shelves import product

from assistant.desk.variants import choose_variant
from assistant.store import Variant

KEYBOARDS = [
    "linear RGB full, linear none full, linear RGB 80%, clicky RGB 80%, clicky white full, clicky none full",
    "tactile white 60%, -clicky RGB full, -tactile RGB full",
]
MUGS = "blue S, green S, black S, blue M, red M, black M, blue L, black L, -green L"


def keyboards() -> list[Variant]:
    return shelf("Mechanical Keyboard", ("switch type", "backlight", "size"), ", ".join(KEYBOARDS))


def shelf(name: str, options: tuple[str, ...], rows: str) -> list[Variant]:
    """Variants named by their values; the first is the cheapest, and a minus sign means sold out."""
    entries = {
        row.removeprefix("-"): {
            "options": dict(zip(options, row.removeprefix("-").split(), strict=True)),
            "price": 50 + place,
            "available": not row.startswith("-"),
        }
        for place, row in enumerate(rows.split(", "))
    }
    return product(name, entries)


def chosen(message: str, variants: list[Variant], current: int = 0, **wish: Any) -> Any:
    """The variant that is chosen, or the candidates."""
    choice = choose_variant(wish, message, variants[current], variants)
    return choice.variant.id if choice.variant else [variant.id for variant in choice.candidates]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("without a backlight", "linear none full"),
        ("no backlight please", "linear none full"),
        ("the same one but 80%", "linear RGB 80%"),
        ("tactile, any size", "tactile white 60%"),
        ("clicky and not RGB, and the cheapest", "clicky white full"),
        ("clicky without a backlight", "clicky none full"),
        ("a clicky one; if you don't have it with RGB, then white", "clicky white full"),
        ("the cheapest smaller one", "linear RGB 80%"),
        ("clicky, and I don't care about the backlight", "clicky white full"),
        ("clickly with the same backlight", "clicky RGB 80%"),
    ],
)
def test_what_is_not_spoken_of_stays_as_it_is(message: str, expected: str) -> None:
    assert chosen(message, keyboards()) == expected


def test_where_several_fit_equally_well_the_shopper_is_asked_and_told_what_is_sold_out() -> None:
    variants = keyboards()
    choice = choose_variant({"item": ["keyboard"], "feature": ["clicky"]}, "clicky", variants[0], variants)
    assert choice.variant is None
    assert [one.id for one in choice.candidates] == ["clicky RGB 80%", "clicky white full", "clicky none full"]
    assert [one.id for one in choice.unavailable] == ["clicky RGB full"]
    assert choice.unknown is None


def test_a_sold_out_variant_is_told_from_one_that_never_was() -> None:
    mugs = shelf("Mug", ("color", "size"), MUGS)
    gone = choose_variant({"color": "green", "size": "L"}, "the green L", mugs[0], mugs)
    assert (gone.variant, [one.id for one in gone.unavailable], gone.unknown) == (None, ["green L"], None)
    never = choose_variant({"color": "red", "size": "L"}, "the red L", mugs[0], mugs)
    assert (never.variant, never.unavailable, never.unknown) == (None, (), "red, L")
    assert [one.id for one in never.candidates] == ["red M", "blue L", "black L"]
    no_such = choose_variant({"color": "pink"}, "in pink", mugs[0], mugs)
    assert (no_such.variant, no_such.candidates, no_such.unknown) == (None, (), "pink")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("one size bigger", "blue M"),
        ("a slightly bigger one", "blue M"),
        ("a bigger one", ["blue M", "blue L"]),
        ("the biggest you have", "blue L"),
        ("a large one", "blue L"),
        ("I want an extra large", []),
        ("green; if not, black", "green S"),
        ("large in green; if not, black", "black L"),
        ("medium, prefer red over black over blue", "red M"),
        ("not blue", ["green S", "black S"]),
        ("anything but blue, and not green", "black S"),
        ("change it from blue to black", "black S"),
        ("black instead of blue", "black S"),
        ("the most expensive black one", "black L"),
        ("the cheapest, in size M", "blue M"),
        ("same color but L", "blue L"),
        ("L in any color", "blue L"),
        ("M, the colour doesn't matter", "blue M"),
        ("in blakc", "black S"),
    ],
)
def test_a_mug_in_the_words_of_shoppers(message: str, expected: str | list[str]) -> None:
    assert chosen(message, shelf("Mug", ("color", "size"), MUGS)) == expected


@pytest.mark.parametrize(
    ("options", "values", "message", "expected"),
    [
        ("capacity", "500ml 1L 1.5L", "a 1.5 litre one", "1.5L"),
        ("capacity", "500ml 1L 1.5L", "1000 ml please", "1L"),
        ("capacity", "500ml 1L 1.5L", "the litre one", "1L"),
        ("capacity", "1L 1.5L 500ml", "half a litre", "500ml"),
        ("storage", "512GB 256GB 1TB", "more storage", "1TB"),
        ("screen size", "15-inch 13-inch 17-inch", "a smaller screen", "13-inch"),
        ("screen size", "15-inch 13-inch 17-inch", 'the 17" one', "17-inch"),
        ("processor", "i5 i7", "i7 or above", "i7"),
        ("pieces", "500 1000 1500", "1000 more pieces", "1500"),
        ("battery_life", "10h 4h 6h", "longer than 4 hours", "6h"),
        ("brightness", "medium low high", "it is too bright", "low"),
        ("brightness", "medium low high", "less bright", "low"),
        ("waterproof", "no yes", "it has to be waterproof", "yes"),
        ("waterproof", "yes no", "not waterproof", "no"),
        ("protection", "none IPX4", "with protection", "IPX4"),
        ("size", "10 9 11", "size 11, I bought them 9 days ago", "11"),
        ("size", "10 9 11", "they are too small", "11"),
    ],
)
def test_measures_and_comparisons(options: str, values: str, message: str, expected: str) -> None:
    assert chosen(message, shelf("Thing", (options,), values.replace(" ", ", "))) == expected


def test_the_item_itself_is_chosen_only_by_its_id() -> None:
    mugs = product(
        "Mug",
        {
            f"90000000{n}": {"options": {"color": c}, "price": n, "available": True}
            for n, c in enumerate("red blue".split())
        },
    )
    assert chosen("red", mugs) == []
    assert chosen("exchange it for 900000000, the same again", mugs) == "900000000"
    assert chosen("change 900000000 to 900000001", mugs) == "900000001"
    assert choose_variant({"feature": ["911111111"]}, "911111111", mugs[0], mugs).unknown == "911111111"


def test_only_the_part_of_the_message_about_the_item_counts() -> None:
    mugs = shelf("Mug", ("color", "size"), MUGS)
    message = "swap the mug for a black one and the rug for a large green one"
    assert chosen(message, mugs, item=["mug"], color="black") == "black S"


def test_nothing_said_offers_all_that_can_be_had() -> None:
    assert len(chosen("I'd like to exchange my keyboard", keyboards(), item=["keyboard"])) == 6


def test_the_other_one_is_unknown_where_there_is_none() -> None:
    mugs = shelf("Mug", ("color", "size"), MUGS)
    assert (
        choose_variant({"item": ["mug"]}, "the same as the other one I have", mugs[0], mugs).unknown == "the other one"
    )
