"""Whatever is asked, no product is found that breaks a condition; and both databases find the same."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.search import ProductQuery, search
from assistant.shop.catalogue import load_catalogue
from assistant.shop.data_files import DATA
from assistant.store import Database, Product, Variant

HUE_LEFT_OUT = {"forest green": "forest"}  # a shade whose name tells its hue; products are listed with either


@cache
def catalogue() -> dict[str, list[str]]:
    """Values that the demo shop has, so that most searches find something."""
    products = load_catalogue(DATA)
    options = [option for product in products for variant in product.variants for option in variant.options.items()]
    return {
        "query": sorted({product.entry.category for product in products}),
        "brand": sorted({product.entry.brand for product in products}),
        "color": sorted({value for name, value in options if name == "color"}),
        "size": sorted({value for name, value in options if name == "size"}),
    }


def slots() -> st.SearchStrategy[dict[str, Any]]:
    values = catalogue()
    return st.fixed_dictionaries(
        {},
        optional={
            "query": st.one_of(
                st.sampled_from([*values["query"], "boots", "bed", "shoes", "mug"]),
                st.text(max_size=30),
                st.text("0123456789\u00bc\u00b2\u2460\u0663\u216b\u1e9b\ufb01\u01c6.,-boxé\u0130 ", max_size=12),
            ),
            "brand": st.sampled_from(values["brand"]),
            "color": st.sampled_from(["black", "grey", *values["color"]]),
            "size": st.sampled_from(["M", "large", "8", *values["size"]]),
            "feature": st.lists(st.sampled_from(["waterproof", "vegan", "for rain", "without laces"]), max_size=2),
            "recipient": st.sampled_from(["women", "my dad", "kids", "a friend", "our dog"]),
            "min_price": st.integers(0, 80),
            "max_price": st.integers(20, 300),
            "min_rating": st.sampled_from([3, 4, 4.5]),
            "sort": st.sampled_from(["price_asc", "rating", "popular"]),
        },
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=slots())
def test_no_product_found_breaks_a_condition(demo_shops: dict[str, Database], asked: dict[str, Any]) -> None:
    query = ProductQuery.from_slots(asked)
    ids = {}
    for kind, shop in demo_shops.items():
        with shop.reading() as session:
            found = search(session, query, 500)
        assert found.total == len(found.products)
        assert not (found.products and found.nearest)
        for match in found.products:
            assert meets(match.product, query), match.product.name
        ids[kind] = {match.product.id for match in found.products}
    assert ids["sqlite"] == ids["postgresql"]


def meets(product: Product, query: ProductQuery) -> bool:
    for_women = query.recipient == "women" and product.audience not in ("women", "unisex", None)
    for_men = query.recipient == "my dad" and product.audience not in ("men", "unisex", None)
    badly_rated = (product.rating or 0) < (query.min_rating or 0)
    denied = any(product.attributes.get(feature, "").startswith("no") for feature in query.features)
    other_brand = bool(query.brand) and product.brand != query.brand
    if for_women or for_men or badly_rated or denied or other_brand:
        return False
    asked_of_variant = query.color or query.size or query.features or query.max_cents is not None or query.min_cents
    return not asked_of_variant or any(fits(variant, product, query) for variant in product.variants)


def fits(variant: Variant, product: Product, query: ProductQuery) -> bool:
    if not variant.in_stock:
        return False
    if not (query.min_cents or 0) <= variant.price_cents <= (query.max_cents or 10**9):
        return False
    color = variant.options.get("color", variant.options.get("finish"))
    asked = {query.color.lower(), HUE_LEFT_OUT.get(query.color.lower(), query.color.lower())}
    if query.color and color is not None and not any(one in color.lower() for one in asked):
        return False
    size = variant.options.get("size")
    return not query.size or size is None or bool(words(query.size) & words(size))


def words(size: str) -> set[str]:
    letters = {"small": "s", "medium": "m", "large": "l"}
    return {letters.get(word, word) for word in re.findall(r"[a-z0-9.]+", size.lower().replace("extra large", "xl"))}
