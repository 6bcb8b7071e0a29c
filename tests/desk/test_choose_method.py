"""Which payment method a shopper means, said in many ways."""

from __future__ import annotations

import pytest

from assistant.desk.payment_methods import MethodChoice, choose_method
from assistant.store import PaymentMethod

VISA = PaymentMethod(id="credit_card_1", source="credit_card", brand="visa", last_four="4411")
MASTERCARD = PaymentMethod(id="credit_card_2", source="credit_card", brand="mastercard", last_four="9000")
GIFT_CARD = PaymentMethod(id="gift_card_3", source="gift_card", balance_cents=500)
PAYPAL = PaymentMethod(id="paypal_4", source="paypal")
ALL = (VISA, MASTERCARD, GIFT_CARD, PAYPAL)


@pytest.mark.parametrize(
    ("words", "method"),
    [
        ("my visa", VISA),
        ("visa ending in 4411", VISA),
        ("the one ending 9000", MASTERCARD),
        ("cc ending w/ 9000", MASTERCARD),
        ("4444 3333 2222 9000", MASTERCARD),
        ("master card", MASTERCARD),
        ("gift card", GIFT_CARD),
        ("my giftcard balance", GIFT_CARD),
        ("store credit", GIFT_CARD),
        ("GC", GIFT_CARD),
        ("pay pal account", PAYPAL),
        ("credit_card_2", MASTERCARD),
        ("the original", VISA),
        ("same card", VISA),
        ("the same way I paid", VISA),
        ("back to where it came from", VISA),
        ("whatever, any is fine", VISA),
        ("the other card", MASTERCARD),
        ("a different card", MASTERCARD),
        ("the second one", MASTERCARD),
        ("gift card if possible, otherwise paypal", GIFT_CARD),
        ("amex, if not then gift card", GIFT_CARD),
        ("PayPal is preferred, but if that's not possible then the credit card", PAYPAL),
        ("paypal, not the gift card", PAYPAL),
        ("use my gift card instead of the visa", GIFT_CARD),
        ("no not paypal, gift card", GIFT_CARD),
        ("no paypal please", PAYPAL),
    ],
)
def test_a_method_on_file_is_found_however_it_is_named(words: str, method: PaymentMethod) -> None:
    assert choose_method(words, ALL, [VISA]) == MethodChoice(method)


@pytest.mark.parametrize(
    ("words", "candidates"),
    [
        (None, ALL),
        ("that one", ALL),
        ("credit card", (VISA, MASTERCARD)),
        ("visa or paypal", (VISA, PAYPAL)),
        ("split it between gift card and paypal", (GIFT_CARD, PAYPAL)),
        ("the other one", (MASTERCARD, GIFT_CARD, PAYPAL)),
        ("not the visa", (MASTERCARD, GIFT_CARD, PAYPAL)),
        ("anything but paypal", (VISA, MASTERCARD, GIFT_CARD)),
    ],
)
def test_several_that_fit_are_asked_about(words: str | None, candidates: tuple[PaymentMethod, ...]) -> None:
    assert choose_method(words, ALL, [VISA]) == MethodChoice(candidates=candidates)


@pytest.mark.parametrize(
    ("words", "unknown"),
    [
        ("my amex credit card", "an Amex card"),
        ("visa ending in 1234", "a Visa card ending in 1234"),
        ("4111 1111 1111 1111", "a card ending in 1111"),
        ("a new card", "a new card"),
        ("cash", "cash"),
        ("bank transfer", "bank transfer"),
    ],
)
def test_a_method_not_on_file_is_said_back_without_its_number(words: str, unknown: str) -> None:
    assert choose_method(words, ALL, [VISA]) == MethodChoice(unknown=unknown)


def test_what_the_customer_lacks_is_unknown() -> None:
    assert choose_method("gift card", [VISA, PAYPAL], [VISA]).unknown == "a gift card"
    assert choose_method("PayPal", [VISA], [VISA]).unknown == "PayPal"
    assert choose_method("the other one", [VISA], [VISA]).unknown == "another method"
    assert choose_method("the other card", [VISA, PAYPAL], [VISA]).unknown == "another card"


@pytest.mark.parametrize("words", [None, "", "it", "yes that one", "my card"])
def test_the_only_method_is_the_one_meant(words: str | None) -> None:
    assert choose_method(words, [VISA], []) == MethodChoice(VISA)


def test_the_same_card_of_an_order_paid_otherwise_is_asked_about() -> None:
    assert choose_method("same card", [VISA, PAYPAL], [PAYPAL]).candidates == (PAYPAL, VISA)


def test_an_order_paid_in_two_ways_has_two_originals() -> None:
    assert choose_method("original payment method", ALL, [VISA, PAYPAL]).candidates == (VISA, PAYPAL)
    assert choose_method("the original card", ALL, [VISA, PAYPAL]).method is VISA
