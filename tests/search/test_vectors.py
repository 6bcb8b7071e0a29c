"""Search by meaning: what is about the same is found, whatever words it has; strict words stay strict."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from assistant.actions.base import reader
from assistant.search import Found, ProductQuery, search
from assistant.search.vectors import ProductVectors
from assistant.settings import Settings
from assistant.shop.builder import build_demo_shop
from assistant.store import Database, Product, ProductVector, refresh_vectors
from tests.read_shop import reader_with_memory, shop, vectors

__all__ = ["shop", "vectors"]  # fixtures


def found(shop: Database, vectors: ProductVectors | None, **slots: object) -> Found:
    with shop.reading() as session:
        return search(session, ProductQuery.from_slots(slots), 10, vectors=vectors)


def test_a_need_told_in_a_sentence_finds_what_serves_it(shop: Database, vectors: ProductVectors) -> None:
    asked = {"query": "something to keep my coffee hot on the train"}
    first = found(shop, vectors, **asked).products[0].product
    assert first.category in ("travel mugs", "mugs", "vacuum flasks", "water bottles", "drinkware")


def test_a_thing_that_is_not_sold_is_said_to_be_missing_with_what_is_like_it(
    shop: Database, vectors: ProductVectors
) -> None:
    result = found(shop, vectors, query="snowshoes")
    assert result.total == 0
    assert result.emptied_by == 'called "snowshoes"'
    assert {match.product.department for match in result.nearest} & {"Footwear", "Outdoor"}


def test_every_condition_holds_for_what_is_found_by_meaning(shop: Database, vectors: ProductVectors) -> None:
    result = found(shop, vectors, query="something to keep my coffee hot on the train", max_price=30, color="black")
    for match in result.products:
        variants = [one for one in match.variants or match.product.variants if one.in_stock]
        assert any(one.price_cents <= 3000 and "black" in one.options.get("color", "black") for one in variants)


def test_vectors_are_read_once_and_again_when_a_text_changes(new_database: Callable[[str], Database]) -> None:
    shop = new_database("sqlite")
    build_demo_shop(shop, date(2026, 11, 3))
    texts: list[str] = []

    def embed(some):
        texts.extend(some)
        return reader_with_memory()(some)

    count = refresh_vectors(shop, embed)
    assert count == len(texts) > 100
    assert refresh_vectors(shop, embed) == 0
    vectors = ProductVectors(reader(Settings()))
    with shop.session() as session:
        product = session.query(Product).first()
        assert product is not None
        changed = product.id
        before = [one.product_id for one in vectors.nearest(session, "a submarine for the bathtub", 3)]
        product.name, product.description = "Bathtub Submarine", "A submarine that dives in the bathtub."
    assert refresh_vectors(shop, embed) == 1
    with shop.reading() as session:
        assert vectors.nearest(session, "a submarine for the bathtub", 3)[0].product_id == changed not in before
        assert session.query(ProductVector).count() == count


def test_without_vectors_words_alone_are_searched(shop: Database) -> None:
    assert found(shop, None, query="chef's knife").total > 0
    assert found(shop, None, query="something to keep my coffee hot on the train").products == ()
