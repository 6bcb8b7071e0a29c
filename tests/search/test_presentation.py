"""How prices, days and products read."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from assistant.presentation import (
    date_in_full,
    day,
    listing,
    money,
    options_text,
    price_range,
    price_text,
    product_card,
)
from assistant.store import Product, Variant


def variant(cents: int, stock: int | None = None, **options: str) -> Variant:
    return Variant(id=str(cents), options=options, price_cents=cents, currency="USD", stock=stock, available=True)


@pytest.mark.parametrize(
    ("cents", "currency", "text"),
    [
        (0, "USD", "$0.00"),
        (5, "USD", "$0.05"),
        (123456789, "USD", "$1,234,567.89"),
        (-500, "USD", "-$5.00"),
        (1000, "GBP", "£10.00"),
        (1000, "SEK", "10.00 SEK"),
    ],
)
def test_money(cents: int, currency: str, text: str) -> None:
    assert money(cents, currency) == text


def test_days() -> None:
    assert day(date(2026, 11, 24)) == "Tuesday, November 24"
    assert date_in_full(datetime(2026, 11, 3, 23, 59)) == "November 3, 2026"


def test_lists() -> None:
    assert [listing(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]


def test_options_say_what_a_bare_value_does_not() -> None:
    options = {"switch type": "clicky", "size": "10", "waterproof": "yes", "lid": "no", "fit": "M"}
    assert options_text(options) == "clicky, size 10, waterproof, lid: no, fit M"


def test_a_price_is_of_what_can_be_bought() -> None:
    variants = [variant(500, stock=0), variant(900), variant(700, stock=2)]
    assert (price_text(variants), price_range(variants)) == ("from $7.00", "$7.00 to $9.00")
    assert price_text(variants[:1]) == price_range(variants[:1]) == "$5.00"
    assert price_text([]) == ""


def test_a_card_shows_the_variants_that_were_asked_for() -> None:
    variants = [variant(900 + number, color="red" if number % 2 else "blue") for number in range(20)]
    product = Product(id="p", name="Mug", rating=None, rating_count=0, variants=variants)
    plain, asked = (
        product_card(product),
        product_card(product, [one for one in variants if one.options["color"] == "red"]),
    )
    assert "variants" not in plain
    assert plain["options"] == {"color": ["blue", "red"]}
    assert asked["variants"][0] == {"options": "red", "price": "$9.01", "in_stock": True}
    assert (len(asked["variants"]), asked["price"]) == (6, "from $9.01")
