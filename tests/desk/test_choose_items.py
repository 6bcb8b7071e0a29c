"""Which items of an order a shopper means, said in many ways."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.desk.items import ItemChoice, choose_items
from assistant.store import OrderItem, Product, Variant


def row(
    number: int, name: str, price: int, quantity: int = 1, category: str | None = None, **options: str
) -> OrderItem:
    product = Product(id=f"10000000{len(name)}", name=name, category=category)
    variant_id = f"{name} {' '.join(options.values())}"
    variant = Variant(id=variant_id, options=options, price_cents=price, product=product)
    return OrderItem(
        id=number,
        variant_id=variant_id,
        variant=variant,
        name=name,
        options=options,
        quantity=quantity,
        price_cents=price,
    )


def numbered(item: OrderItem, variant_id: str, product_id: str) -> OrderItem:
    item.variant_id = item.variant.id = variant_id
    item.variant.product.id = item.variant.product_id = product_id
    return item


@pytest.fixture(scope="module")
def home() -> list[OrderItem]:
    return [
        row(1, "Mechanical Keyboard", 23000, switch="linear", size="full size"),
        row(2, "Smart Thermostat", 25000, compatibility="Apple HomeKit"),
        row(3, "Vacuum Cleaner", 40000, type="robotic"),
        row(4, "Vacuum Cleaner", 30000, type="canister"),
        row(5, "Pet Bed", 5000, size="medium", color="grey"),
        row(6, "T-Shirt", 5000, color="blue", size="S"),
        row(7, "Tea Kettle", 9000, material="glass", capacity="2 liters"),
        row(8, "Tea Kettle", 9000, material="glass", capacity="2 liters"),
        row(9, "Hiking Boots", 20000, category="boots", size="9"),
    ]


@pytest.fixture(scope="module")
def kitchen() -> list[OrderItem]:
    return [
        row(1, "Mug", 1200, quantity=3, color="black"),
        row(2, "Mug", 1300, color="white"),
        row(3, "Desk Lamp", 6000, brightness="low"),
        row(4, "Wool Socks", 900, quantity=2),
        numbered(row(5, "Headphones", 8000, color="red"), "9876543210", "1234567890"),
    ]


def said(*texts: str, **slots: Any) -> dict[str, Any]:
    return {"item": list(texts), **slots}


def told(choice: ItemChoice) -> str:
    """As in "1 2x3": the first item once, the second three times; "?3 4" where it is not clear which."""
    if choice.unknown:
        return f"unknown {choice.unknown}"
    if choice.too_many:
        return f"too many of {choice.too_many.id}"
    if choice.unclear:
        return "?" + " ".join(str(item.id) for item in choice.unclear)
    return " ".join(f"{item.id}x{count}" if count > 1 else str(item.id) for item, count, _ in choice.lines)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("keyboard", "1"),
        ("key board", "1"),
        ("my mechanical keyboard with linear switches", "1"),
        ("keyboard from order #W2378156", "1"),
        ("tshirt", "6"),
        ("t shirts", "6"),
        ("small t-shirt", "6"),
        ("shoes", "9"),
        ("the size 9 boots", "9"),
        ("robotic one", "3"),
        ("vacuum (the canister)", "4"),
        ("the more expensive vacuum", "3"),
        ("the less expensive vacuum cleaner", "4"),
        ("second vacuum cleaner", "4"),
        ("last one", "9"),
        ("the first two", "1 2"),
        ("both vacuum cleaners", "3 4"),
        ("kettles", "7 8"),
        ("two kettles", "7 8"),
        ("2 liter kettle", "7"),
        ("one of the kettles", "7"),
        ("thermostat, pet bed & t-shirt", "2 5 6"),
        ("both the kettles and the bed", "7 8 5"),
        ("2 vacuum cleaners and 1 kettle", "3 4 7"),
        ("boots I got last week", "9"),
        ("just the bed", "5"),
        ("the keyboard but not the bed", "1"),
    ],
)
def test_a_thing_is_found_however_it_is_named(home: list[OrderItem], text: str, meant: str) -> None:
    assert told(choose_items([said(text)], "", home)) == meant


@pytest.mark.parametrize(
    "text", ["everything", "all of it", "the whole order", "all items", "the lot", "it all", "them"]
)
def test_all_of_it_is_every_item(home: list[OrderItem], text: str) -> None:
    assert told(choose_items([said(text)], "", home)) == "1 2 3 4 5 6 7 8 9"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("everything except the pet bed", "1 2 3 4 6 7 8 9"),
        ("all of it but the keyboard and the boots", "2 3 4 5 6 7 8"),
        ("everything apart from the boots, kettles and t-shirt", "1 2 3 4 5"),
        ("all the vacuums except the robotic one", "4"),
        ("everything other than the vacuum", "?3 4"),
        ("everything besides the hose", "unknown the hose"),
    ],
)
def test_what_is_excepted_stays(home: list[OrderItem], text: str, meant: str) -> None:
    assert told(choose_items([said(text)], "", home)) == meant


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("pet bed", "I'd like to send back everything except the pet bed please"),
        ("items", "please return all items in that order apart from the bed. thanks"),
        ("rest", "I'll keep the pet bed and return the rest"),
        ("everything", "everything, but not the bed because my dog loves it"),
    ],
)
def test_the_sentence_around_says_what_is_excepted(home: list[OrderItem], item: str, message: str) -> None:
    assert told(choose_items([said(item)], message, home)) == "1 2 3 4 6 7 8 9"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("vacuum cleaner", "?3 4"),
        ("one of the vacuum cleaners", "?3 4"),
        ("it", "?1 2 3 4 5 6 7 8 9"),
        ("cheapest item", "?5 6"),
    ],
)
def test_words_that_fit_different_things_are_asked_about(home: list[OrderItem], text: str, asked: str) -> None:
    assert told(choose_items([said(text)], "", home)) == asked


@pytest.mark.parametrize("text", ["garden hose", "the green one", "phone charger", "4107812777"])
def test_what_is_not_in_the_order_is_said_back(home: list[OrderItem], text: str) -> None:
    assert choose_items([said(text)], "", home).unknown == text


def test_a_phone_is_not_a_pair_of_headphones(kitchen: list[OrderItem]) -> None:
    assert choose_items([said("phone")], "", kitchen).unknown == "phone"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("mugs", "1x3 2"),
        ("black mug", "1"),
        ("black mugs", "1x3"),
        ("2 black mugs", "1x2"),
        ("2x black mug", "1x2"),
        ("a couple of black mugs", "1x2"),
        ("all three black mugs", "1x3"),
        ("four mugs", "1x3 2"),
        ("one mug", "?1 2"),
        ("5 mugs", "too many of 1"),
        ("three socks", "too many of 4"),
        ("socks", "4x2"),
        ("one pair of socks", "4"),
        ("the white and the black mug", "2 1"),
        ("the mugs except the black ones", "2"),
        ("everything except one black mug", "1x2 2 3 4x2 5"),
        ("9876543210", "5"),
        ("item id 1234567890", "5"),
    ],
)
def test_as_many_are_taken_as_are_named(kitchen: list[OrderItem], text: str, meant: str) -> None:
    assert told(choose_items([said(text)], "", kitchen)) == meant


def test_the_quantity_slot_counts_the_one_thing_named(kitchen: list[OrderItem]) -> None:
    assert told(choose_items([said("black mug", quantity=2.0)], "", kitchen)) == "1x2"
    assert told(choose_items([said("black mug", quantity=4)], "", kitchen)) == "too many of 1"


def test_a_position_is_a_place_in_the_order(kitchen: list[OrderItem]) -> None:
    assert told(choose_items([{"position": 3.0}], "", kitchen)) == "3"
    assert told(choose_items([{"position": -1}], "", kitchen)) == "5"


def test_each_wish_gets_its_own_line(home: list[OrderItem]) -> None:
    choice = choose_items([said("keyboard"), said("tea kettle"), said("another tea kettle")], "", home)
    assert [(item.id, count, wish) for item, count, wish in choice.lines] == [(1, 1, 0), (7, 1, 1), (8, 1, 2)]


def test_everything_else_is_what_no_wish_has_taken(home: list[OrderItem]) -> None:
    choice = choose_items([said("boots"), said("everything else")], "", home)
    assert [item.id for item, _, wish in choice.lines if wish == 1] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_thing_named_twice_is_taken_once(home: list[OrderItem]) -> None:
    assert told(choose_items([said("keyboard"), said("mechanical keyboard")], "", home)) == "1"


def test_a_second_word_narrows_the_first(home: list[OrderItem]) -> None:
    assert told(choose_items([said("vacuum cleaner", "robotic one")], "", home)) == "3"


def test_what_was_found_is_told_beside_what_was_not(home: list[OrderItem]) -> None:
    choice = choose_items([said("keyboard and the hose")], "", home)
    assert ([item.id for item, _, _ in choice.lines], choice.unknown) == ([1], "the hose")


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        ("send back the thermostat and the pet bed", "2 5"),
        ("I don't want any of it, take it all back", "1 2 3 4 5 6 7 8 9"),
        ("I want to return this", "?1 2 3 4 5 6 7 8 9"),
    ],
)
def test_where_no_item_was_understood_the_sentence_may_name_it(home: list[OrderItem], message: str, meant: str) -> None:
    assert told(choose_items([{}], message, home)) == meant
    assert told(choose_items([], message, home)) == meant


@pytest.mark.parametrize("wishes", [[], [{}], [{"item": ["it"]}], [{"item": ["this one"]}], [{"color": "red"}]])
def test_the_only_item_of_an_order_is_the_one_meant(home: list[OrderItem], wishes: list[dict[str, Any]]) -> None:
    assert told(choose_items(wishes, "swap it", home[:1])) == "1"
