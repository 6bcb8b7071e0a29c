"""What a large catalogue is searched by: the indexes' own ways, which give the same as the small one's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy import text as sql

from assistant.search import ProductQuery, search, text
from assistant.search.sql import Sql, all_of, put, run
from assistant.search.vectors import ProductVectors
from assistant.store import Database, Product, ProductVector, Variant, reindex
from assistant.store.product_vectors import DIMENSIONS

MANY = 300


def fill(database: Database, names: list[str]) -> None:
    with database.session() as session:
        for number, name in enumerate(names):
            variant = Variant(id=f"v{number}", options={}, price_cents=900)
            session.add(Product(id=f"p{number:03}", name=name, variants=[variant]))
        session.flush()
        reindex(session)


@pytest.mark.parametrize("wanted", [4, 100])
def test_pgvectors_index_gives_as_many_as_are_asked_for(new_database: Callable[[str], Database], wanted: int) -> None:
    database = new_database("postgresql")
    fill(database, ["Lamp"] * MANY)
    drawn = np.random.default_rng(7).standard_normal((MANY, DIMENSIONS)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    with database.session() as session:
        rows = [ProductVector(product_id=f"p{at:03}", text_hash="", vector=one) for at, one in enumerate(drawn)]
        session.add_all(rows)
    with database.reading() as session:
        session.execute(sql("SET LOCAL enable_seqscan = off"))  # as the planner chooses over many
        session.execute(sql("SET LOCAL enable_sort = off"))
        near = ProductVectors(lambda texts: drawn[:1]).near(session, drawn[5], wanted)
    assert len(near) == wanted and near[0].product_id == "p005"
    exact = {f"p{at:03}" for at in np.argsort(-(drawn @ drawn[5]))[:wanted]}
    assert len(exact & {one.product_id for one in near}) >= 0.9 * wanted


def test_places_among_those_asked_for_are_in_the_order_of_places_among_all(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database, ["Brass lamp", "Rug", "Lamp for a lamp", "Desk", "Brass desk lamp", "Mug"])
    dialect = database.engine.dialect.name
    with database.reading() as session:
        numbers: dict[int, str] = dict(session.execute(sql("SELECT number, name FROM search_entries")).all())
        few = dict(run(session, text.places(["brass", "lamp"], dialect, list(numbers))))
        monkeypatch.setattr(text, "FEW", "1 = 0")
        asked_for = [number for number, name in numbers.items() if name != "Brass lamp"]
        many = dict(run(session, text.places(["brass", "lamp"], dialect, asked_for)))
    assert {numbers[number] for number in few} == {"Brass lamp", "Lamp for a lamp", "Brass desk lamp"}
    assert {numbers[number] for number in many} == {"Lamp for a lamp", "Brass desk lamp"}
    assert sorted(many, key=many.__getitem__) == sorted(many, key=few.__getitem__)


def test_a_word_is_held_or_not(database: Database) -> None:
    fill(database, ["Brass lamp"] * 40)
    with database.reading() as session:
        assert text.is_held(session, ["brass"]) and text.is_held(session, ["lamp", "brass"], fields="heading")
        assert not text.is_held(session, ["rug"]) and not text.is_held(session, ["lamp", "rug"])


def test_words_that_are_looked_up_at_once_are_held_by_the_same_products(database: Database) -> None:
    fill(database, ["Brass lamp", "Brass desk lamp", "Desk", "Desk lamp", "Lamp (a lampshade is no brass)"])
    dialect = database.engine.dialect.name
    apart = [text.holds(["brass"], dialect), Sql("e.rating IS NULL"), text.holds(["lamps"], dialect, fields="heading")]
    apart += [text.holds_any(["desk", "rug"], dialect)]
    at_once = text.together(all_of(*apart), dialect)
    assert (at_once.text.count("product_search WHERE"), len(at_once.values)) == (1, 1)
    assert text.together(all_of(apart[1], apart[0]), dialect) == all_of(apart[1], apart[0]), "one is as it was"
    with database.reading() as session:
        found = [
            {name for (name,) in run(session, put("SELECT e.name FROM search_entries e WHERE {}", test))}
            for test in (all_of(*apart), at_once)
        ]
    assert found == [{"Brass desk lamp"}] * 2


@pytest.mark.parametrize("category", ['kids\' "rain" boots', "boots", "BOOTS & wellies_(all)", "bo\u00f6ts/ boots*"])
def test_a_category_of_any_spelling_is_found_by_its_noun(database: Database, category: str) -> None:
    fill(database, ["Heron", "Heron lace", "Boot lace", "Boots Up! (a game)"])
    with database.session() as session:
        for product in session.scalars(select(Product)):
            product.category = category if product.name == "Heron" else "games" if "!" in product.name else "laces"
        session.flush()
        reindex(session)
    with database.reading() as session:
        found = search(session, ProductQuery.from_slots({"query": "boots"}), 9)
    assert {match.product.name for match in found.products} == {"Heron", "Boot lace", "Boots Up! (a game)"}
