"""The made-up catalogue is the same for the same seed, another for another, and looks like a shop's."""

from __future__ import annotations

from collections import Counter
from typing import Any

from assistant.shop.generator import fill, generated_products
from assistant.store import Database, Product


def told(product: Product) -> tuple[Any, ...]:
    variants = [(one.id, one.options, one.price_cents, one.stock, one.available) for one in product.variants]
    return (product.id, product.name, product.description, product.attributes, product.rating, variants)


def test_the_same_seed_gives_the_same_products_and_another_seed_others() -> None:
    first, again, other = (list(map(told, generated_products(200, seed))) for seed in (7, 7, 8))
    assert first == again
    assert not {name for _, name, *_ in first} & {name for _, name, *_ in other}


def test_a_larger_catalogue_begins_with_the_smaller_one() -> None:
    assert list(map(told, generated_products(50, 7))) == list(map(told, generated_products(80, 7)))[:50]


def test_products_have_what_a_shops_have() -> None:
    products = list(generated_products(2_000, 7))
    assert all(1 <= len(product.variants) <= 8 for product in products)
    assert all(variant.price_cents > 0 for product in products for variant in product.variants)
    options = [[tuple(variant.options.items()) for variant in product.variants] for product in products]
    assert all(len(set(each)) == len(each) for each in options)
    assert all(2 <= (product.description or "").count(".") <= 5 for product in products)
    assert len({product.department for product in products}) >= 12
    (most, _), *_, (least, _) = Counter(product.category for product in products).most_common()
    common = Counter(product.category for product in products)
    assert common[most] > 20 * common[least]
    assert 0.85 < sum(product.rating is not None for product in products) / len(products) < 0.97


def test_the_store_is_filled_with_progress(own_sqlite: Database) -> None:
    heard: list[int] = []
    fill(own_sqlite, 700, 7, heard.append)
    assert heard == [500, 200]
    with own_sqlite.reading() as session:
        assert session.query(Product).count() == 700
