"""What a message says of a search beside its conditions: refusals, what is lifted, so many people, typing errors."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.search import ProductQuery, search
from assistant.search.counted import counted, of_people
from assistant.search.dropped import lifted_in, without_values
from assistant.search.mistyped import heard_beside
from assistant.search.refusals import with_refusals
from assistant.store import Database

TWO_AS_SIZE = {"query": "tent", "size": "two person"}  # as the recogniser may read it


@pytest.mark.parametrize(
    ("asked", "message", "meant"),
    [
        ({"material": "leather"}, "not leather", {"refused": [["material", "leather"]]}),
        ({"feature": ["no leather"]}, "no leather please", {"refused": [["material", "leather"]]}),
        ({"color": "anything but black"}, "anything but black", {"refused": [["color", "black"]]}),
        ({"color": "black"}, "in something other than black", {"refused": [["color", "black"]]}),
        ({"brand": "Tarnbeck"}, "boots, no Tarnbeck", {"refused": [["brand", "tarnbeck"]]}),
        ({"feature": ["without laces"]}, "without laces", {"feature": ["without laces"]}),
        ({"color": "black"}, "in black, not too dear", {"color": "black"}),
        ({"material": "wool"}, "wool not cotton", {"material": "wool"}),
        ({"brand": "none from Fenwater"}, "none from Fenwater pls", {"refused": [["brand", "fenwater"]]}),
        ({"material": "velvet"}, "one that isn't made of velvet", {"refused": [["material", "velvet"]]}),
        ({"material": "polyester"}, "polyester is a no go", {"refused": [["material", "polyester"]]}),
        ({"material": "leather"}, "is it leather", {"material": "leather"}),
    ],
)
def test_what_is_refused_is_no_condition(asked: dict[str, Any], message: str, meant: dict[str, Any]) -> None:
    assert with_refusals(asked, message) == meant


def test_what_is_refused_is_not_among_what_is_found(demo_shop: Database) -> None:
    refused = [["material", "leather"], ["brand", "fenwater"], ["color", "grey"]]
    query = ProductQuery.from_slots({"query": "hiking boots", "refused": refused})
    assert ProductQuery.from_slots(query.to_slots()) == query
    with demo_shop.reading() as session:
        found = search(session, query, 50)
        assert found.total
        for match in found.products:
            assert match.product.brand != "Fenwater"
            assert "leather" not in match.product.attributes["material"].replace("synthetic leather", "")
            assert all(variant.options.get("color") != "grey" for variant in match.variants or match.product.variants)


def test_a_refusal_that_leaves_nothing_is_named(demo_shop: Database) -> None:
    query = ProductQuery.from_slots({"query": "Fenwater Heron Mid", "refused": [["brand", "fenwater"]]})
    with demo_shop.reading() as session:
        assert search(session, query, 4).emptied_by == "not from fenwater"


@pytest.mark.parametrize(
    ("message", "lifted"),
    [
        ("the colour doesn't matter after all", {"color"}),
        ("color doesnt matter actually", {"color"}),
        ("forget about the price", {"min_price", "max_price"}),
        ("whatever brand, any size", {"brand", "size"}),
        ("scrap the price limit", {"min_price", "max_price"}),
        ("budget's not a problem", {"min_price", "max_price"}),
        ("never mind the colour", {"color"}),
        ("the size can be anything", {"size"}),
        ("is there a price limit", set()),
        ("red ones", set()),
    ],
)
def test_a_condition_is_lifted_by_its_name(message: str, lifted: set[str]) -> None:
    assert lifted_in(message) == lifted


def test_a_value_is_taken_back() -> None:
    asked = {"query": "waterproof boots", "feature": ["waterproof", "vegan"], "color": "red"}
    without_it = {"query": "boots", "feature": ["vegan"], "color": "red"}
    assert without_values(asked, "it doesn't have to be waterproof") == without_it
    assert without_values(asked, "forget the red")["query"] == "waterproof boots"
    assert "color" not in without_values(asked, "forget the red")


def test_people_are_counted_in_words_and_numbers() -> None:
    assert counted("two person tent") == counted("2-person tent") == ("tent", ("for 2 people",))
    assert counted("4 man tent") == ("tent", ("for 4 people",))
    assert counted("personal alarm") == ("personal alarm", ())
    assert [of_people(said) for said in ("for two", "for four persons", "for her")] == [
        "for 2 people",
        "for 4 people",
        "for her",
    ]


def test_a_tent_for_two_is_none_for_six_that_two_people_carry(demo_shop: Database) -> None:
    for said in ({"query": "two person tent"}, {"query": "tent", "feature": ["for 2 people"]}, TWO_AS_SIZE):
        with demo_shop.reading() as session:
            found = search(session, ProductQuery.from_slots(said), 9)
        assert {match.product.name for match in found.products} == {"Fellgrove Plover 2", "Skerrivane Storm 2"}


def test_merino_is_wool_and_cotton_is_none(demo_shop: Database) -> None:
    with demo_shop.reading() as session:
        wool = search(session, ProductQuery.from_slots({"query": "socks", "material": "wool"}), 9)
        merino = search(session, ProductQuery.from_slots({"query": "socks", "material": "merino"}), 9)
        other = search(session, ProductQuery.from_slots({"query": "socks", "refused": [["material", "wool"]]}), 9)
    names = [{match.product.name for match in found.products} for found in (wool, merino, other)]
    assert "Linnet & Loom Merino Socks 3-Pack" in names[0] & names[1]
    assert "Linnet & Loom Merino Socks 3-Pack" not in names[2]


def test_a_department_is_searched_by_its_name(demo_shop: Database) -> None:
    with demo_shop.reading() as session:
        found = search(session, ProductQuery.from_slots({"query": "kitchen", "max_price": 20}), 50)
        assert {match.product.department for match in found.products} == {"Kitchen"}
        assert found.total > 3


def test_a_mistyped_word_that_was_left_out_is_heard(demo_shop: Database) -> None:
    message = "wirless hedphones with noise canceling"
    with demo_shop.reading() as session:
        asked = heard_beside(session, {"query": "wirless", "feature": ["with noise canceling"]}, message)
        assert asked["query"] == "wirless hedphones"
        found = search(session, ProductQuery.from_slots(asked), 4)
        assert found.query == "wireless headphones"
        unchanged = heard_beside(session, {"query": "boots"}, "boots for my qzxwv dad")
        assert unchanged == {"query": "boots"}
