"""The full-text index holds every word that describes a product, stemmed."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from assistant.search.text import is_held
from assistant.store import Database, Product, SearchEntry, Variant, reindex, reindex_products

BOOT = Product(
    id="boot",
    name="Tarn Ridge Mid",
    brand="Tarnbeck",
    category="hiking boots",
    department="Footwear",
    audience="women",
    description="Stiff enough for scree.",
    attributes={"waterproof": "yes"},
    tags=["winter"],
    variants=[Variant(id="boot-1", options={"color": "plum"}, price_cents=10900)],
)
QUERIES = {
    "sqlite": "SELECT product_id FROM product_search WHERE product_search MATCH :word",
    "postgresql": "SELECT product_id FROM product_search WHERE document @@ plainto_tsquery('english', :word)",
}


def found(database: Database, word: str) -> list[str]:
    with database.reading() as session:
        query = QUERIES[database.engine.dialect.name]
        return list(session.scalars(text(query), {"word": word}))


@pytest.fixture
def shop(database: Database) -> Database:
    with database.session() as session:
        session.merge(BOOT)
        session.add(Product(id="mug", name="Mug"))
        assert reindex(session) == 2
    return database


def test_a_product_is_found_by_any_word_about_it(shop: Database) -> None:
    words = ["ridge", "TARNBECK", "hike", "boot", "footwear", "women", "scree", "waterproof", "winter", "plum"]
    assert {word: found(shop, word) for word in words} == {word: ["boot"] for word in words}


@pytest.mark.parametrize(
    ("said", "held", "not_held"),
    [
        ("5 cm deep and 1.8 m long", ["5", "1.8", "cm"], ["1", "8"]),
        ("for 7-8 years, -3 °C", ["7", "8", "3"], ["78"]),
        ("f/1.8 lens", ["1.8", "lens", "f"], ["8"]),
        ("leather/suede upper", ["leather", "suede", "upper"], []),
        ("washing-up brush by e-mail@mugs.example/two", ["brush", "washing", "mugs", "two"], []),
        ("¼ inch, Größe ٣", ["1", "4", "3", "grosse"], ["14"]),
    ],
)
def test_words_are_cut_the_same_on_both_databases(
    database: Database, said: str, held: list[str], not_held: list[str]
) -> None:
    with database.session() as session:
        session.add(Product(id="thing", name="Thing", description=said))
        reindex(session)
        finds = {word: is_held(session, [word]) for word in [*held, *not_held]}
        assert finds == {word: word in held for word in finds}


def test_an_entry_has_the_prices_that_its_product_begins_and_ends_at(shop: Database) -> None:
    with shop.session() as session:
        session.add(
            Variant(id="boot-2", product_id="boot", options={"color": "moss"}, price_cents=8900, available=False)
        )
        reindex_products(session, ["boot"])
        entries = session.scalars(select(SearchEntry).order_by(SearchEntry.product_id)).all()
        assert [(one.product_id, one.lowest_cents, one.highest_cents) for one in entries] == [
            ("boot", 8900, 10900),
            ("mug", None, None),
        ]


def test_reindexing_forgets_what_is_no_longer_sold(shop: Database) -> None:
    with shop.session() as session:
        session.delete(session.get_one(Product, "boot"))
        assert reindex(session) == 1
    assert (found(shop, "ridge"), found(shop, "mug")) == ([], ["mug"])


def test_some_products_can_be_indexed_anew_by_themselves(shop: Database) -> None:
    with shop.session() as session:
        session.get_one(Product, "mug").name = "Beaker"
        session.get_one(Product, "boot").name = "not read again"
        session.add(Product(id="lamp", name="Lamp"))
        session.add(Variant(id="lamp-1", product_id="lamp", options={"color": "teal"}, price_cents=900))
        reindex_products(session, changed=["mug"], new=["lamp"])
    words = ["mug", "beaker", "ridge", "read", "lamp", "teal"]
    assert {word: found(shop, word) for word in words} == {
        "mug": [], "beaker": ["mug"], "ridge": ["boot"], "read": [], "lamp": ["lamp"], "teal": ["lamp"],
    }  # fmt: skip
