"""The message itself tells what is near in meaning, where the search was read from it, and until it is refined."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.search import ProductQuery, search
from assistant.search.mistyped import with_message
from assistant.search.vectors import ProductVectors
from assistant.store import Database
from tests.read_shop import shop, vectors

__all__ = ["shop", "vectors"]  # fixtures
CAMPING = "gift for my dad, he loves camping, under 60"


@pytest.mark.parametrize(
    ("asked", "message", "told"),
    [
        ({"recipient": "my dad", "max_price": 60}, CAMPING, True),
        ({"query": "mug"}, "a MUG for my desk!", True),
        ({"query": "mug"}, "mia@example.com", False),  # the search waited for who asks
        ({"color": "blue"}, "blue ones", False),  # nothing that the vectors are asked for
        ({"query": "mug"}, '/search_products{"query": "mug"}', False),
        ({"query": "mug"}, "mug " + "and so on " * 30, False),
    ],
)
def test_a_message_goes_with_the_search_that_was_read_from_it(asked: dict[str, Any], message: str, told: bool) -> None:
    assert with_message(asked, message) == (asked | {"said": message} if told else asked)


def test_a_message_alone_asks_for_nothing_and_comes_back_from_the_slots() -> None:
    assert not ProductQuery.from_slots({"said": "hello there"}).says_something
    query = ProductQuery.from_slots({"query": "mug", "said": "a mug\x00 for my desk"})
    assert query.said == "a mug for my desk" and ProductQuery.from_slots(query.to_slots()) == query


def test_what_the_reading_left_out_still_tells_what_comes_first(shop: Database, vectors: ProductVectors) -> None:
    def first(**more: str) -> list[str]:
        query = ProductQuery.from_slots({"recipient": "my dad", "max_price": 60, **more})
        with shop.reading() as session:
            return [one.product.department or "" for one in search(session, query, 4, vectors=vectors).products]

    outdoors = [sum("outdoor" in one.lower() or "camp" in one.lower() for one in first(**more)) for more in
                ({}, {"said": CAMPING})]  # fmt: skip
    assert outdoors[1] > outdoors[0]


def test_every_condition_still_holds(shop: Database, vectors: ProductVectors) -> None:
    query = ProductQuery.from_slots({"query": "boots", "max_price": 80, "said": "something to keep my coffee hot"})
    with shop.reading() as session:
        found = search(session, query, 20, vectors=vectors)
        assert found.products and all(
            "boot" in one.product.name.lower() + str(one.product.category) for one in found.products
        )
        assert all(min(v.price_cents for v in one.product.variants) <= 8_000 for one in found.products)
