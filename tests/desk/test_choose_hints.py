"""A slot is a hint: whatever its name, its words are matched with every option; what means nothing is passed over."""

from __future__ import annotations

from typing import Any

import pytest
from test_choose_variant import shelf

from assistant.desk.variants import VariantChoice, choose_variant

SHIRTS = (("color", "material", "size"), "black leather S, black cotton M, red leather M, -blue cotton L, red cotton S")
SPOONS = (("length", "material"), "50cm wood, 40cm wood, 70cm wood, 50cm bamboo")
FLASKS = (("capacity", "material"), "500ml steel, 1L steel, 1L glass")
KITS = (("skin_tone", "brand"), "light A, dark A, medium A, dark B")


def choice(kind: tuple[tuple[str, ...], str], message: str, owned: int | None = None, **wish: Any) -> VariantChoice:
    variants = shelf("Thing", *kind)
    others = [] if owned is None else [variants[owned]]
    return choose_variant(wish, message, variants[0], variants, others)


def picked(kind: tuple[tuple[str, ...], str], message: str, owned: int | None = None, **wish: Any) -> str | None:
    found = choice(kind, message, owned, **wish).variant
    return found.id if found else None


@pytest.mark.parametrize(
    ("kind", "message", "wish", "expected"),
    [
        (SPOONS, "a shorter one", {"material": "shorter"}, "40cm wood"),
        (SPOONS, "a shorter one of the same material", {"size": "shorter", "material": "material"}, "40cm wood"),
        (SPOONS, "in bamboo", {"feature": ["bamboo"]}, "50cm bamboo"),
        (SPOONS, "in bamboo", {"color": "bamboo"}, "50cm bamboo"),
        (FLASKS, "something that holds more", {"size": "bigger"}, "1L steel"),
        (KITS, "for a dark skin tone", {"color": "skin tone dark"}, "dark A"),
        (SHIRTS, "a red one, the material does not matter", {"color": "red", "material": "material"}, "red cotton S"),
        (SHIRTS, "red, size M", {"color": "red", "size": "M", "feature": ["for one compatible"]}, "red leather M"),
        (SHIRTS, "red cotton of any size", {"color": "red", "material": "cotton", "size": "any"}, "red cotton S"),
        (
            SHIRTS,
            "red cotton, with a zipper",
            {"color": "red", "material": "cotton", "feature": ["zipper"]},
            "red cotton S",
        ),
    ],
)
def test_words_in_the_wrong_slot_are_understood_all_the_same(
    kind: Any, message: str, wish: dict[str, Any], expected: str
) -> None:
    assert picked(kind, message, **wish) == expected


@pytest.mark.parametrize(
    ("message", "wish", "unknown"),
    [
        ("in pink", {"color": "pink"}, "pink"),
        ("cotton and pink", {"material": "cotton", "feature": ["pink"]}, "pink"),
        ("a bamboo one in red", {"color": "red", "feature": ["bamboo"]}, "bamboo"),
        ("size XXL in red", {"color": "red", "size": "XXL"}, "XXL"),
        ("with turbo boost", {"feature": ["turbo boost"]}, "turbo boost"),
    ],
)
def test_what_is_not_made_is_said_back(message: str, wish: dict[str, Any], unknown: str) -> None:
    found = choice(SHIRTS, message, **wish)
    assert (found.variant, found.unknown) == (None, unknown)


@pytest.mark.parametrize("wish", [{"material": "the material"}, {"feature": ["any"]}, {"size": "a different size"}])
def test_an_option_named_without_a_value_is_asked_about(wish: dict[str, Any]) -> None:
    found = choice(SHIRTS, "exchange it please", **wish)
    assert (found.variant, found.unknown) == (None, None)
    assert len(found.candidates) == 3


@pytest.mark.parametrize(
    "message",
    [
        "the type that is in my pending order",
        "the one from my other order",
        "the same as in my other order",
        "the one that's in my pending order, please",
        "the same kind that I have in my previous order",
    ],
)
def test_the_one_of_another_order_is_meant(message: str) -> None:
    assert picked(SHIRTS, message, owned=2, feature=["that is in my pending order"]) == "red leather M"


def test_the_one_of_another_order_is_no_option_where_there_is_none() -> None:
    assert (
        picked(SHIRTS, "red cotton", color="red", material="cotton", feature=["in my pending order"]) == "red cotton S"
    )
    assert choice(SHIRTS, "the one from my other order").unknown == "the other one"


def test_a_second_choice_is_told_with_the_first_that_is_gone() -> None:
    found = choice(SHIRTS, "blue; if not, red cotton", color="blue")
    assert [one.id for one in found.unavailable] == ["blue cotton L"]
    assert found.variant is not None and found.variant.id == "red cotton S"


def test_there_is_no_cheaper_one_than_the_cheapest() -> None:
    assert choice(SHIRTS, "a cheaper one", feature=["cheaper"]).already
    assert choice(SHIRTS, "the cheapest one", feature=["cheapest"]).already
    assert not choice(SHIRTS, "the cheapest red one", color="red").already
