"""The ways to pay that a sentence of a task names, and whether it is about paying at all."""

from __future__ import annotations

import re

from assistant.testing.request_reading import is_request

PAYMENT = re.compile(
    r"\b(pay ?pal|gift ?card|gc|original (?:method of )?payment(?: method)?|visa(?: card)?|amex credit card"
    r"|master ?card|credit card|other card)\b",
    re.I,
)
PAYING = re.compile(r"\b(?:prefer|refund|use|pay|payment|cover|go to|method)\w*\b", re.I)


def is_payment_wish(sentence: str) -> bool:
    return bool(PAYMENT.search(sentence) and PAYING.search(sentence)) and not is_request(_without_payment(sentence))


def _without_payment(sentence: str) -> str:
    """What remains of a sentence when the words on paying are gone: a request, or nothing much."""
    return re.sub(r"\b(?:use|using|refund|pay|cover)\b.*", "", sentence, flags=re.I)


def methods_in(sentence: str) -> list[str]:
    return [_method(name) for name in PAYMENT.findall(sentence)]


def _method(name: str) -> str:
    plain = name.lower().replace("pay pal", "paypal").replace("giftcard", "gift card")
    return {"gc": "gift card"}.get(plain, "original payment method" if plain.startswith("original") else plain)
