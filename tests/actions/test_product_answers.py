"""Questions about one product, answered out of its listing and its stock: pure functions, no shop."""

from __future__ import annotations

import pytest

from assistant.product_answers import Quoted, Stated, answer, availability
from assistant.shop.catalogue import load_catalogue
from assistant.shop.data_files import DATA
from assistant.store import Product, Variant

BOOT = next(product for product in load_catalogue(DATA) if product.entry.name == "Tarnbeck Ridgeline Mid").entry


def boot() -> Product:
    return Product(
        id="boot",
        name=BOOT.name,
        brand=BOOT.brand,
        description=BOOT.description,
        attributes=dict(BOOT.attributes),
        rating=BOOT.rating,
        rating_count=BOOT.ratings,
        variants=[
            Variant(
                id=f"{color}{size}",
                options={"color": color, "size": size},
                price_cents=cents,
                currency="USD",
                stock=stock,
                available=True,
            )
            for color, size, cents, stock in (
                ("slate", "6", 10900, 3),
                ("plum", "6", 11900, 0),
                ("plum", "7", 11900, 1),
            )
        ],
    )


@pytest.mark.parametrize(
    ("asked", "attribute", "value"),
    [
        ("how heavy", "weight", "480 g per boot"),
        ("weight", "weight", "480 g per boot"),
        ("made of", "material", "nubuck leather and mesh"),
        ("leather", "material", "nubuck leather and mesh"),
        ("waterproof", "waterproof", "yes, sealed membrane"),
        ("good in rain", "waterproof", "yes, sealed membrane"),
        ("colours", "color", "slate and plum"),
        ("what sizes", "size", "6 and 7"),
        ("how much", "price", "$109.00 to $119.00"),
        ("reviews", "rating", "4.6 out of 5 by 312 shoppers"),
        ("in stock", "availability", "in stock"),
        ("in stock in plum size 6", "availability", "sold out"),
        ("brand", "brand", "Tarnbeck"),
    ],
)
def test_a_question_is_answered_from_the_listing(asked: str, attribute: str, value: str) -> None:
    assert answer(boot(), asked) == Stated(attribute, value)


def test_a_question_that_only_the_description_answers_is_quoted() -> None:
    quoted = answer(boot(), "narrower at the heel")
    assert isinstance(quoted, Quoted)
    assert quoted.sentence in BOOT.description
    assert quoted.sentence.endswith(".")


@pytest.mark.parametrize("asked", ["battery life", "run small", "android", "", "的"])
def test_what_the_listing_does_not_say_is_not_answered(asked: str) -> None:
    assert answer(boot(), asked) is None


@pytest.mark.parametrize(
    ("color", "size", "attribute", "value"),
    [
        ("", "", "availability", "in stock"),
        ("plum", "", "plum", "in stock"),
        ("plum", "6", "plum, size 6", "sold out"),
        ("Plum", "size 7", "Plum, size 7", "in stock"),
        ("slate", "7", "slate, size 7", "not offered"),
        ("red", "6", "color", "slate and plum"),
        ("slate", "12", "size", "6 and 7"),
    ],
)
def test_stock_is_that_of_the_color_and_size_asked_for(color: str, size: str, attribute: str, value: str) -> None:
    assert availability(boot(), color, size)[0] == Stated(attribute, value)
