"""What a shopper asks for is what is found, on the demo shop and on tau2's, on SQLite and PostgreSQL."""

from __future__ import annotations

import re
from typing import Any

import pytest

from assistant.presentation import product_card
from assistant.search import Found, ProductQuery, search
from assistant.store import Database


def ask(shop: Database, limit: int = 50, offset: int = 0, **slots: Any) -> Found:
    with shop.reading() as session:
        return search(session, ProductQuery.from_slots(slots), limit, offset)


def names(found: Found) -> list[str]:
    return [match.product.name for match in found.products or found.nearest]


def test_waterproof_hiking_boots_for_women_under_120(demo_shop: Database) -> None:
    found = ask(demo_shop, query="waterproof hiking boots", recipient="women", max_price=120)
    assert set(names(found)) == {"Tarnbeck Ridgeline Mid", "Tarnbeck Becka Low-Cuff", "Fenwater Heron Mid"}
    for product in (match.product for match in found.products):
        assert (product.category, product.audience) == ("hiking boots", "women")
        assert product.attributes["waterproof"].startswith("yes")


def test_whom_it_is_for_may_stand_in_the_query(demo_shop: Database) -> None:
    spoken = ask(demo_shop, query="womens waterproof hiking boots", max_price=120)
    assert names(spoken) == names(ask(demo_shop, query="waterproof hiking boots", recipient="my wife", max_price=120))


def test_only_clicky_variants_of_tau2s_keyboards_are_listed(tau2_shop: Database) -> None:
    found = ask(tau2_shop, query="mechanical keyboards", feature=["with clicky switches"])
    assert names(found) == ["Mechanical Keyboard"]
    (match,) = found.products
    assert match.variants
    assert {variant.options["switch type"] for variant in match.variants} == {"clicky"}
    assert all(variant.in_stock for variant in match.variants)
    lines = product_card(match.product, match.variants)["variants"]
    assert 0 < len(lines) <= 6
    assert all(line["options"].startswith("clicky, ") and line["price"].startswith("$") for line in lines)


@pytest.mark.parametrize("words", ["waterproof", "with water proofing or so"])
def test_a_variant_that_says_no_is_not_described_by_the_word(tau2_shop: Database, words: str) -> None:
    found = ask(tau2_shop, query="hiking boots", feature=words)
    for match in found.products:
        assert {variant.options["waterproof"] for variant in match.variants} == {"yes"}


@pytest.mark.parametrize(
    ("query", "name", "denied"),
    [
        ("noise cancelling headphones", "noise cancelling", "no"),
        ("dishwasher safe mugs", "dishwasher safe", "no"),
        ("waterproof shoes", "waterproof", "no"),
        ("vegan boots", "vegan", "no"),
    ],
)
def test_an_attribute_that_says_no_denies_the_word(demo_shop: Database, query: str, name: str, denied: str) -> None:
    found = ask(demo_shop, query=query)
    assert found.products
    for match in found.products:
        value = match.product.attributes.get(name, "")
        assert not value.startswith(denied), match.product.name
        assert "not waterproof" not in value


def test_color_size_and_price_are_met_by_one_variant_in_stock(demo_shop: Database) -> None:
    found = ask(demo_shop, query="hiking boots", color="plum", size="7")
    (match,) = found.products
    assert [variant.options for variant in match.variants] == [{"color": "plum", "size": "7"}]


def test_one_of_two_colors_is_enough(demo_shop: Database) -> None:
    plum, slate = (names(ask(demo_shop, query="hiking boots", color=color)) for color in ("plum", "slate"))
    both = ask(demo_shop, query="hiking boots", color="plum or slate")
    assert set(names(both)) == {*plum, *slate} and both.total >= len(plum) + len(slate) - 1 > 1
    none = ask(demo_shop, query="hiking boots", color="magnolia or mauve")
    assert (none.total, none.emptied_by) == (0, "in magnolia or mauve")
    sizes = ask(demo_shop, query="hiking boots", color="plum", size="7 or 8")
    assert {variant.options["size"] for match in sizes.products for variant in match.variants} == {"7", "8"}


def test_what_is_sold_out_is_named_as_that(demo_shop: Database) -> None:
    found = ask(demo_shop, query="hiking boots", color="plum", size="6")
    assert (found.total, found.emptied_by, names(found)) == (0, "in stock", ["Tarnbeck Ridgeline Mid"])
    assert [variant.in_stock for variant in found.nearest[0].variants] == [False]
    assert names(ask(demo_shop, query="hiking boots", color="plum", size="6", in_stock="no")) == names(found)


@pytest.mark.parametrize(
    ("slots", "condition"),
    [
        ({"query": "boots", "max_price": 20}, "under $20"),
        ({"query": "boots", "max_price": 19.99}, "under $20"),
        ({"query": "boots", "min_price": 1000}, "over $1,000"),
        ({"query": "boots", "min_price": 1000, "max_price": 2000}, "between $1,000 and $2,000"),
        ({"query": "running shoes", "color": "magnolia"}, "in magnolia"),
        ({"query": "boots", "brand": "Sony"}, "from Sony"),
        ({"query": "boots", "size": "size 15"}, "in size 15"),
        ({"query": "boots", "min_rating": 5}, "rated 5 or higher"),
        ({"query": "boots", "material": "titanium"}, "made of titanium"),
        ({"query": "boots", "feature": "with jet engines"}, "with jet engines"),
        ({"query": "striped boots"}, 'described as "striped"'),
        ({"query": "boots", "color": "magnolia", "brand": "Sony"}, "in magnolia and from Sony"),
    ],
)
def test_an_empty_result_names_what_emptied_it_and_gives_the_nearest(
    demo_shop: Database, slots: dict[str, Any], condition: str
) -> None:
    found = ask(demo_shop, 4, **slots)
    assert (found.total, found.products, found.emptied_by) == (0, (), condition)
    assert found.nearest
    assert found.nearest_query is not None
    with demo_shop.reading() as session:
        again = search(session, found.nearest_query, 4)
    assert again.total >= len(found.nearest)


def test_the_nearest_to_a_price_come_first(demo_shop: Database) -> None:
    found = ask(demo_shop, 4, query="boots", max_price=20)
    prices = [min(variant.price_cents for variant in match.product.variants) for match in found.nearest]
    assert prices == sorted(prices)


@pytest.mark.parametrize("query", ["toothpaste", "кроссовки", "zzz qqq", "筆"])
def test_a_thing_that_nobody_sells_is_not_replaced_by_another(demo_shop: Database, query: str) -> None:
    found = ask(demo_shop, query=query)
    assert (found.total, found.nearest) == (0, ())


def test_a_thing_is_found_under_another_name(demo_shop: Database) -> None:
    assert {match.product.category for match in ask(demo_shop, limit=4, query="trainers").products} == {"sneakers"}
    assert {match.product.category for match in ask(demo_shop, limit=4, query="a knife").products} == {"knives"}


def test_what_is_the_thing_comes_before_what_bears_its_name(demo_shop: Database) -> None:
    categories = [match.product.category for match in ask(demo_shop, query="running shoes").products]
    assert categories == sorted(categories)
    assert set(categories) == {"running shoes", "trail running shoes"}


def test_leather_is_not_synthetic_leather(demo_shop: Database) -> None:
    found = ask(demo_shop, query="boots", material="leather")
    assert found.products
    assert not any("synthetic leather" in match.product.attributes.get("material", "") for match in found.products)


@pytest.mark.parametrize(
    ("sort", "measure"),
    [
        ("price_asc", lambda product: min(v.price_cents for v in product.variants if v.in_stock)),
        ("price_desc", lambda product: -min(v.price_cents for v in product.variants if v.in_stock)),
        ("rating", lambda product: -product.rating),
        ("popular", lambda product: -product.rating_count),
    ],
)
def test_results_come_in_the_order_asked_for(demo_shop: Database, sort: str, measure: Any) -> None:
    found = ask(demo_shop, query="boots", sort=sort)
    measures = [measure(match.product) for match in found.products]
    assert len(measures) > 5
    assert measures == sorted(measures)


def test_pages_follow_one_another_without_gap_or_repetition(demo_shop: Database) -> None:
    whole = names(ask(demo_shop, query="boots"))
    pages = [ask(demo_shop, limit=4, offset=offset, query="boots") for offset in range(0, len(whole), 4)]
    assert [name for page in pages for name in names(page)] == whole
    assert {page.total for page in pages} == {len(whole)}
    behind = ask(demo_shop, limit=4, offset=len(whole), query="boots")
    assert (behind.products, behind.total) == ((), len(whole))


@pytest.mark.parametrize(
    "slots",
    [
        {"query": "boots " * 1000},
        {"query": "x" * 5000},
        {"query": "the of and for"},
        {"query": '" OR 1=1 -- NEAR(a, b) * ^name:'},
        {"query": "'boots' & !leather | (x:*) \\ <->"},
        {"query": "boots", "feature": ['"', "()", "%", "\\", "a" * 3000], "color": "[", "size": "(?", "brand": "*"},
        {"query": "boots", "min_price": 200, "max_price": 100},
        {"query": "boots", "max_price": -5, "min_price": "NaN", "min_rating": "lots"},
        {"query": "boots", "max_price": 1e300, "sort": "by colour", "in_stock": "maybe"},
        {"query": None, "feature": None, "recipient": 7, "category": ["x"]},
        {"color": "red{3,1}", "material": "a+?", "size": "M\x00\ud800"},
        {},
    ],
)
def test_bad_input_is_a_search_like_any_other(demo_shop: Database, slots: dict[str, Any]) -> None:
    found = ask(demo_shop, 4, **slots)
    assert len(found.products) <= 4
    assert len(found.nearest) <= 4


def test_bounds_that_cross_are_swapped(demo_shop: Database) -> None:
    crossed = ask(demo_shop, query="boots", min_price=120, max_price=60)
    assert names(crossed) == names(ask(demo_shop, query="boots", min_price=60, max_price=120)) != []


def test_what_is_said_together_is_found_together(demo_shop: Database) -> None:
    linings = [match.product.attributes["filling"] for match in ask(demo_shop, feature="down filling").products]
    assert linings
    assert all("down" in filling for filling in linings)
    for match in ask(demo_shop, feature="suitable for puppies").products:
        assert not match.product.attributes.get("suitable for puppies", "").startswith("no"), match.product.name


@pytest.mark.parametrize("feature", ["grain-free", "cruelty-free", "non-slip"])
def test_what_is_free_of_something_may_say_so_in_an_attribute(demo_shop: Database, feature: str) -> None:
    stated = [match.product.attributes.get(feature, "") for match in ask(demo_shop, feature=feature).products]
    assert any(value.startswith("yes") for value in stated)
    assert not any(value.startswith("no") for value in stated)


def test_merino_is_no_denial_of_wool(demo_shop: Database) -> None:
    assert "Tessaloom Merino Throw" in names(ask(demo_shop, material="lambswool"))


def test_a_thing_is_a_noun(demo_shop: Database) -> None:
    categories = {match.product.category for match in ask(demo_shop, query="t-shirts").products}
    assert categories == {"t-shirts", "dresses"}  # one is a T-shirt dress
    assert "Skarholm Lyra Backpacker" not in names(ask(demo_shop, query="backpacks"))
    assert not any("Gaming" in name for name in names(ask(demo_shop, query="games")))


def test_a_bare_size_is_no_measure(demo_shop: Database) -> None:
    for match in ask(demo_shop, size="8").products:
        sizes = [variant.options["size"] for variant in match.product.variants]
        assert any(re.search(r"\b8\b(?! ?ml)", size) for size in sizes), match.product.name


def test_who_is_only_mentioned_is_not_whom_it_is_for(demo_shop: Database) -> None:
    found = names(ask(demo_shop, recipient="our dog"))
    assert found
    assert "Orrinlund Stride Open-Ear Headphones" not in found
