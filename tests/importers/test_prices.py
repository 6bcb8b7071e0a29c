"""Prices as feeds write them; what could be read in two ways is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.importers.prices import MAX_CENTS, Price, UnreadablePrice, read_price


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("12.99 USD", Price(1299, "USD")),
        ("€12,99", Price(1299, "EUR")),
        ("1,299.00", Price(129900, "USD")),
        ("1.299,00 €", Price(129900, "EUR")),
        ("1 299,50 zł", Price(129950, "PLN")),
        ("1\u202f299,50 EUR", Price(129950, "EUR")),
        ("CHF 1'299.00", Price(129900, "CHF")),
        ("1,299", Price(129900, "USD")),
        ("1.299.000,00 EUR", Price(129900000, "EUR")),
        ("$5", Price(500, "USD")),
        ("$12.99 CAD", Price(1299, "CAD")),
        ("C$12.5", Price(1250, "CAD")),
        ("usd 0.00", Price(0, "USD")),
        ("12.9900", Price(1299, "USD")),
        ("Rs.99", Price(9900, "INR")),
    ],
)
def test_a_price_is_read_with_its_currency(text: str, price: Price) -> None:
    assert read_price(text, "INR" if text.startswith("Rs") else "USD") == price


def test_a_dollar_sign_and_kr_are_the_shops_own_where_they_may_be() -> None:
    assert read_price("$5", "AUD") == Price(500, "AUD")
    assert read_price("$5", "EUR") == Price(500, "USD")
    assert read_price("99 kr", "NOK") == Price(9900, "NOK")
    with pytest.raises(UnreadablePrice, match="--currency"):
        read_price("99 kr", "USD")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("-5.00", "below zero"),
        ("USD \u22125", "below zero"),
        ("(5.00)", "below zero"),
        ("5.00-", "below zero"),
        ("1.299", "two decimals"),
        ("12.345", "two decimals"),
        ("0.999", "whole cents"),
        ("free", "not a price"),
        ("", "not a price"),
        ("10-20", "not a price"),
        ("1.2.3", "not a price"),
        ("1,29,99", "not a price"),
        (".99", "not known here"),
        ("1²3", "not a price"),
        ("٣", "not a price"),
        ("12.99 XYZ", "XYZ"),
        ("€5 USD", "two currencies"),
        ("99999999999", "more than"),
        ("9" * 10_000, "more than"),
        ("1e5", "not a price"),
        ("nan", "not a price"),
    ],
)
def test_what_is_no_price_is_refused_and_told_why(text: str, wrong: str) -> None:
    with pytest.raises(UnreadablePrice, match=wrong):
        read_price(text, "USD")


@given(st.text())
def test_any_text_is_a_price_or_refused(text: str) -> None:
    try:
        price = read_price(text, "USD")
    except UnreadablePrice:
        return
    assert 0 <= price.cents <= MAX_CENTS and any(character.isdigit() for character in text)


@given(st.integers(0, MAX_CENTS // 100 * 100), st.sampled_from([",.", ".,", " ,", "'.", "_."]), st.sampled_from("CE "))
def test_every_amount_is_read_back_however_it_is_grouped(cents: int, marks: str, code: str) -> None:
    whole = f"{cents // 100:,}".replace(",", "" if marks[0] == "_" else marks[0])
    text = f"{whole}{marks[1]}{cents % 100:02}"
    assert read_price({"C": f"{text} CHF", "E": f"€{text}", " ": f" {text} "}[code], "USD").cents == cents
