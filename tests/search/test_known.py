"""What a search remembers of the catalogue follows the store; a large catalogue is ranked as a small one."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import delete

from assistant.search import ProductQuery, ranking, search, text, vectors
from assistant.search.known import known, may_be_options
from assistant.search.spelling import corrected
from assistant.search.vectors import Near, ProductVectors
from assistant.shop.generator import fill
from assistant.store import Database, Product, ProductVector, Variant, reindex_products
from assistant.store.product_vectors import DIMENSIONS


def test_a_new_category_audience_and_word_are_known_once_indexed(database: Database) -> None:
    fill(database, 300, 7)
    with database.session() as session:
        assert "bagpipes" not in known(session).categories
        assert corrected(session, ["bagpipse"]) == {}
        sold = Variant(id="pipes-1", price_cents=9900)
        session.add(Product(id="pipes", name="Great Bagpipes", category="bagpipes", audience="pipers", variants=[sold]))
        reindex_products(session, (), new=["pipes"])
    with database.reading() as session:
        assert known(session).categories["bagpipes"] == {"bagpip"}
        assert "pipers" in known(session).audiences
        assert corrected(session, ["bagpipse"]) == {"bagpipse": "bagpipes"}
        assert search(session, ProductQuery(query="bagpipes"), 4).total == 1


def test_a_feature_that_is_an_option_picks_the_variant_as_soon_as_it_is_indexed(database: Database) -> None:
    fill(database, 50, 7)
    with database.session() as session:
        assert not may_be_options(session, ["tenor"])
        sold = [Variant(id=f"pipes-{voice}", price_cents=9900, options={"voice": voice}) for voice in ("tenor", "bass")]
        session.add(Product(id="pipes", name="Bagpipes", category="bagpipes", variants=sold))
        reindex_products(session, (), new=["pipes"])
    with database.reading() as session:
        assert may_be_options(session, ["tenors"]) and not may_be_options(session, ["tenor", "waterproof"])
        (match,) = search(session, ProductQuery(query="bagpipes", features=("tenor voice",)), 4).products
        assert [variant.id for variant in match.variants] == ["pipes-tenor"]


def test_a_size_is_found_however_it_is_spelt(database: Database) -> None:
    with database.session() as session:
        sold = [Variant(id=f"coat-{size}", price_cents=9900, options={"size": size}) for size in ("XXL", "XL", "12")]
        session.add(Product(id="coat", name="Coat", category="coats", variants=sold))
        reindex_products(session, (), new=["coat"])
        for said, meant in (("2XL", "coat-XXL"), ("size 12", "coat-12"), ("extra large", "coat-XL")):
            (match,) = search(session, ProductQuery(query="coats", size=said), 4).products
            assert [variant.id for variant in match.variants] == [meant]


def test_a_product_in_another_category_is_found_there(database: Database) -> None:
    fill(database, 50, 7)
    with database.session() as session:
        product = session.get_one(Product, "g00000003")
        product.category = "bagpipes"
        reindex_products(session, changed=[product.id])
    with database.reading() as session:
        (match,) = search(session, ProductQuery(query="bagpipes"), 4).products
        assert match.product.id == "g00000003"


def test_a_small_pool_has_the_same_total_and_pages_without_repetition(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database, 300, 7)
    query = ProductQuery(max_cents=10_000)
    with database.reading() as session:
        whole = search(session, query, 300)
        monkeypatch.setattr(ranking, "MOST_RANKED", 10)
        monkeypatch.setattr(text, "MOST_SCORED", 5)
        pages = [search(session, query, 50, offset) for offset in range(0, whole.total, 50)]
        assert {page.total for page in pages} == {whole.total}
        found = [match.product.id for page in pages for match in page.products]
        assert sorted(found) == sorted(match.product.id for match in whole.products)


@pytest.mark.parametrize("read_whole", [1_000, 100])
def test_only_the_vectors_that_changed_are_read_again(
    own_sqlite: Database, monkeypatch: pytest.MonkeyPatch, read_whole: int
) -> None:
    monkeypatch.setattr(vectors, "MOST_READ_WHOLE", read_whole)
    fill(own_sqlite, 202, 7)
    made = np.random.default_rng(7).normal(size=(202, DIMENSIONS)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    ids = [f"g{number:08}" for number in range(202)]
    searched = ProductVectors(lambda words: made[:1])
    with own_sqlite.session() as session:
        session.add_all(ProductVector(product_id=ids[n], text_hash="", vector=made[n]) for n in range(200))
        assert searched.near(session, made[7], 1)[0].product_id == ids[7]
    monkeypatch.setattr(vectors, "_loaded", None)  # were it called, this would fail
    with own_sqlite.session() as session:
        session.execute(delete(ProductVector).where(ProductVector.product_id == ids[7]))
        session.add_all(
            ProductVector(product_id=ids[n], text_hash="", vector=made[m]) for n, m in ((7, 200), (201, 201))
        )
        assert searched.near(session, made[200], 1)[0].product_id == ids[7]
        assert searched.near(session, made[201], 1)[0].product_id == ids[201]
        assert searched.near(session, made[8], 1)[0].product_id == ids[8]
        assert searched.near(session, made[7], 1)[0].cosine < 0.5


def test_a_vector_that_is_gone_is_near_to_nothing(own_sqlite: Database) -> None:
    fill(own_sqlite, 3, 7)
    searched = ProductVectors(lambda words: np.eye(1, DIMENSIONS, dtype=np.float32))
    with own_sqlite.session() as session:
        session.add_all(
            ProductVector(product_id=f"g{n:08}", text_hash="", vector=np.eye(3, DIMENSIONS, dtype=np.float32)[n])
            for n in range(3)
        )
        assert len(searched.nearest(session, "x", 10)) == 3
        session.execute(delete(ProductVector).where(ProductVector.product_id == "g00000002"))
        assert {one.product_id for one in searched.nearest(session, "x", 10)} == {"g00000000", "g00000001"}


def test_a_first_look_finds_the_nearest(own_sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors near a plane, as those of texts are: most of their length is in few of their directions."""
    chance = np.random.default_rng(7)
    made = chance.normal(size=(400, 20)) @ chance.normal(size=(20, DIMENSIONS))
    made += 0.3 * chance.normal(size=made.shape)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    fill(own_sqlite, 400, 7)
    with own_sqlite.session() as session:
        session.add_all(
            ProductVector(product_id=f"g{number:08}", text_hash="", vector=vector)
            for number, vector in enumerate(made.astype(np.float32))
        )
    asked = made[5].astype(np.float32)
    with own_sqlite.reading() as session:
        exact = ProductVectors(lambda words: asked[None]).nearest(session, "x", 10)
        monkeypatch.setattr(vectors, "MOST_READ_WHOLE", 100)
        looked: tuple[Near, ...] = ProductVectors(lambda words: asked[None]).nearest(session, "x", 10)
    assert [one.product_id for one in looked] == [one.product_id for one in exact]
    assert [one.cosine for one in looked] == pytest.approx([one.cosine for one in exact], abs=1e-3)
