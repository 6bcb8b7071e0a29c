"""The shelves of the demo shop: enough on them, every text its own, and searches that must have sensible answers."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from assistant.shop.catalogue import ShopProduct, load_catalogue
from assistant.shop.data_files import DATA, ShopDataError

Catalogue = tuple[ShopProduct, ...]

GOOD = """
department: Footwear
products:
- name: Tarnbeck Test Boot
  brand: Tarnbeck
  category: hiking boots
  price: 99.50
  options: {color: [slate, plum], size: ["6", "7"]}
  surcharge: {size: {"7": 5.25}}
  attributes: {waterproof: yes, capacity: 4}
  tags: [trail]
  rating: 4.5
  ratings: 12
  sold_out: ["plum/6"]
  description: A boot.
"""


def shingles(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return set(zip(words, words[1:], words[2:], strict=False))


def shelf(folder: Path, text: str) -> Catalogue:
    (folder / "footwear.yml").write_text(text)
    return load_catalogue(folder)


def test_at_least_four_hundred_products_stand_in_ten_departments(catalogue: Catalogue) -> None:
    departments = Counter(product.department for product in catalogue)
    assert len(catalogue) >= 400
    assert len(departments) == 10
    assert min(departments.values()) >= 40


def test_every_description_has_forty_words_or_more(catalogue: Catalogue) -> None:
    short = {p.entry.name: len(p.entry.description.split()) for p in catalogue if len(p.entry.description.split()) < 40}
    assert short == {}


def test_no_two_descriptions_are_cut_from_one_template(catalogue: Catalogue) -> None:
    texts = {product.entry.name: shingles(product.entry.description) for product in catalogue}
    alike = [
        (one, other)
        for (one, mine), (other, theirs) in combinations(texts.items(), 2)
        if len(mine & theirs) > 0.12 * len(mine | theirs)
    ]
    assert alike == []


def test_no_three_descriptions_begin_alike(catalogue: Catalogue) -> None:
    openings = Counter(" ".join(product.entry.description.lower().split()[:4]) for product in catalogue)
    assert [opening for opening, count in openings.items() if count > 2] == []


def test_ids_and_stock_keys_are_unique_and_stay_the_same(catalogue: Catalogue) -> None:
    variants = [variant for product in catalogue for variant in product.variants]
    assert len({variant.id for variant in variants}) == len({variant.sku for variant in variants}) == len(variants)
    assert catalogue == load_catalogue(DATA)


def test_ratings_spread_believably(catalogue: Catalogue) -> None:
    ratings = [product.entry.rating for product in catalogue]
    assert min(ratings) < 3.8
    assert max(ratings) <= 4.9
    assert 4.0 < sum(ratings) / len(ratings) < 4.6


def test_waterproof_hiking_boots_for_women_under_120_are_a_choice_and_not_everything(catalogue: Catalogue) -> None:
    boots = [p for p in catalogue if p.entry.category == "hiking boots" and p.entry.audience == "women"]
    waterproof = [p for p in boots if p.entry.attributes["waterproof"].startswith("yes")]
    affordable = [p for p in waterproof if p.entry.price < 120]
    assert len(boots) >= 6
    assert len(boots) > len(waterproof) > len(affordable) >= 3


def test_mechanical_keyboards_can_be_had_with_clicky_switches(catalogue: Catalogue) -> None:
    keyboards = [p for p in catalogue if p.entry.category == "mechanical keyboards"]
    assert any("clicky" in variant.options.values() for p in keyboards for variant in p.variants)


def test_a_six_year_old_who_likes_space_has_something_to_unwrap(catalogue: Catalogue) -> None:
    assert len([p for p in catalogue if p.department == "Toys" and "space" in p.entry.tags]) >= 3


def test_a_product_becomes_one_variant_for_each_combination(tmp_path: Path) -> None:
    (product,) = shelf(tmp_path, GOOD)
    assert [dict(variant.options) for variant in product.variants] == [
        {"color": "slate", "size": "6"},
        {"color": "slate", "size": "7"},
        {"color": "plum", "size": "6"},
        {"color": "plum", "size": "7"},
    ]
    assert [variant.price_cents for variant in product.variants] == [9950, 10475, 9950, 10475]
    assert [variant.stock > 0 for variant in product.variants] == [True, True, False, True]
    assert dict(product.entry.attributes) == {"waterproof": "yes", "capacity": "4"}


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("price: 99.50", "price: cheap", "price: "),
        ("price: 99.50", "prise: 99.50", "prise: "),
        ("waterproof: yes", "waterproof: true", 'write "yes" or "no" in quotes'),
        ('"plum/6"', '"plum/66"', "'plum/66' is sold out, which is not one of its variants"),
        ('{"7": 5.25}', '{"9": 5.25}', "a surcharge for size '9', which is not among its options"),
        ("[slate, plum]", "[slate, slate]", "lists an option value twice"),
    ],
)
def test_an_error_names_the_file_the_product_and_the_fault(tmp_path: Path, good: str, bad: str, told: str) -> None:
    with pytest.raises(ShopDataError) as caught:
        shelf(tmp_path, GOOD.replace(good, bad))
    assert str(caught.value).startswith("footwear.yml, Tarnbeck Test Boot: ")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a list", "footwear.yml should be a mapping"),
        ("department: Footwear", "footwear.yml should have the keys"),
        ("department: [", "footwear.yml is not YAML"),
        ("department: Footwear\nproducts: [{brand: X}]", "footwear.yml, product number 1: name: "),
    ],
)
def test_a_file_of_the_wrong_shape_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ShopDataError, match=told):
        shelf(tmp_path, text)


def test_two_products_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "boots.yml").write_text(GOOD)
    with pytest.raises(ShopDataError, match="Tarnbeck Test Boot and Tarnbeck Test Boot are told apart by nothing"):
        shelf(tmp_path, GOOD)
