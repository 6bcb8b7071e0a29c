"""Prices put right by what the message itself says: a small model reads words well and numbers badly.

A price that the shopper did not name gives way to the nearest that they did; "around 50" is a fifth to either side and
"between 20 and 40" both ends, whichever of the two the model wrote. Number words are read by number-parser.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from number_parser import parse

from intents.commands import SlotValue

PRICES = ("min_price", "max_price")
AROUND = 0.2  # "around 50" is 40 to 60, by the intent catalogue
THOUSANDS = ("k", "grand", "thousand")
AMOUNT = r"[£$€₹]?\s?(?P<{0}>\d[\d,]*(?:\.\d+)?)(?:\s?(?P<{0}_unit>k|grand|thousand)\b)?"
NUMBER = re.compile(r"(?<![\w.,#])" + AMOUNT.format("one"), re.IGNORECASE)
ABOUT = re.compile(r"\b(?:around|about|roughly|approx\w*|circa|near|ish)\s+" + AMOUNT.format("one"), re.IGNORECASE)
BETWEEN = re.compile(
    r"\b(?:between|from)\s+" + AMOUNT.format("low") + r"\s*(?:and|to|[-\u2013])\s*" + AMOUNT.format("high"),
    re.IGNORECASE,
)
COUPLE = re.compile(r"\b(?:a )?couple (?:of )?(?=hundred|thousand|grand)", re.IGNORECASE)
HALF = 0.5  # how far from a named amount a price may be and still stand for it
ALIKE = 1e-6


def mend_prices(slots: Sequence[tuple[str, SlotValue]], text: str) -> tuple[tuple[str, SlotValue], ...]:
    """The slots, their prices as the message says them; slots without a price come back as they are."""
    given = {name: float(value) for name, value in slots if name in PRICES and not isinstance(value, str)}
    if not given:
        return tuple(slots)
    digits = parse(COUPLE.sub("two ", text))
    wanted = _range(digits, given) or {name: _named(value, digits) for name, value in given.items()}
    kept = [(name, _plain(wanted.pop(name)) if name in wanted else value) for name, value in slots]
    return (*kept, *((name, _plain(value)) for name, value in wanted.items()))


def _range(digits: str, given: dict[str, float]) -> dict[str, float] | None:
    """Both ends of a range that the message names and the model means."""
    between = BETWEEN.search(digits)
    if between:
        low, high = (_amount(between, end) for end in ("low", "high"))
        if low < high and any(_same(value, end) for value in given.values() for end in (low, high)):
            return dict(zip(PRICES, (low, high), strict=True))
    for about in ABOUT.finditer(digits):
        middle = _amount(about, "one")
        if any(abs(value - middle) <= HALF * middle for value in given.values()):
            return dict(zip(PRICES, (round(middle * (1 - AROUND), 2), round(middle * (1 + AROUND), 2)), strict=True))
    return None


def _named(value: float, digits: str) -> float:
    """The amount in the message that the value stands for; itself where the message names none."""
    amounts = list(_amounts(digits))
    if not amounts or value <= 0 or any(_same(value, one) for one in amounts):
        return value
    if re.search(r"\b" + r" ?".join(str(_plain(value))) + r"\b", digits):  # "two fifty", parsed as 2 50
        return value
    return min(amounts, key=lambda one: abs(math.log(one / value)))


def _amounts(digits: str) -> Iterator[float]:
    for found in NUMBER.finditer(digits):
        if (amount := _amount(found, "one")) > 0:
            yield amount


def _amount(found: re.Match[str], group: str) -> float:
    unit = found[f"{group}_unit"]
    return float(found[group].replace(",", "")) * (1000 if unit and unit.lower() in THOUSANDS else 1)


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= ALIKE * max(abs(one), abs(other))


def _plain(value: float) -> float:
    return int(value) if value == int(value) else value
