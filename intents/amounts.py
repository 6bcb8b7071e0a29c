"""Prices put right by what the message itself says: a small model reads words well and numbers badly.

A price that the shopper did not name gives way to the nearest that they did; "around 50" is a fifth to either side and
"between 20 and 40" both ends, whichever of the two the model wrote; "under a tenner" is the most to pay even where the
model took it for the least, or for nothing. Number words are read by number-parser.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from intents.commands import SlotValue
from intents.number_words import digits_of

LEAST, MOST = PRICES = ("min_price", "max_price")
AROUND = 0.2  # "around 50" is 40 to 60, by the intent catalogue
THOUSANDS = ("k", "grand", "thousand")
AMOUNT = r"[£$€₹]?\s?(?P<{0}>\d[\d,]*(?:\.\d+)?)(?:\s?(?P<{0}_unit>k|grand|thousand)\b)?"
NUMBER = re.compile(r"(?<![\w.,#])" + AMOUNT.format("one"), re.IGNORECASE)
ISH = re.compile(  # "60ish", but not "60ish tops", "or less", "and up", "at a push", "is my limit"
    r"(?<![\w.,#-])" + AMOUNT.format("one") + r"[\s-]?ish\b"
    r"(?!\W+(?:or|and|tops?|max\w*|limit|at|is)\b)",
    re.IGNORECASE,
)
RANGE = AMOUNT.format("low") + r"\s*(?:and|to|[-\u2013])\s*" + AMOUNT.format("high")
BETWEEN = re.compile(r"\b(?:between|from)\s+" + RANGE, re.IGNORECASE)
FROM_TO = re.compile(r"(?<![\w.,#-])" + RANGE, re.IGNORECASE)
PENCE = re.compile(r"\d\s?(?:p|pence|cents?)\b", re.IGNORECASE)
HALF = 0.5  # how far from a named amount a price may be and still stand for it
FAR = 5  # times as much or as little: no slip of the pen
ALIKE = 1e-6

# an amount with words that say on which side of it the price is to be
MONEY = r"(?:\s?(?:dollars?|bucks?|usd|quid|pounds?|gbp|euros?|eur|rupees?|rs|inr|kroner|cad|aud)\b|\s?[$£€₹])"
NO_MEASURE = (
    r"(?![\d.,]*\d|\s?[%x/'\"-]|\s?(?!dollars|bucks|usd|quid|pounds|gbp|euros?|eur|rupees|rs|inr|kroner|cad|aud)"
)
MEASURES = (
    r"(?:stars?|inch\w*|in|[ckm]?m|ft|feet|foot|m?l|cl|lit\w+|k?g|kilos?|grams?|oz|lbs?|stone|ye?a?rs?|months?|weeks?|days?"
    r"|hours?|min\w*|[ap]m|percent|pieces?|pcs|packs?|people|persons?|kids|seats?|watts?|w|mah|[gt]b|mp|hz|db|bar|tog)\b)"
)
SUM = AMOUNT + MONEY + "?" + NO_MEASURE + MEASURES
ABOUT = re.compile(rf"\b(?:around|about|roughly|approx\w*|circa|near|ish)\s+{SUM.format('one')}", re.IGNORECASE)
UP = r"(?P<up>over|above|more than|higher than|north of|going over)"
DOWN = r"(?P<down>under|below|beneath|less than|lower than|cheaper than)"
TO = r"(?P<to>up to|at most|within|max(?:imum)?(?: of)?|budget(?: is| of|:)?|limit(?: is| of|:)?|capped at)"
FROM = r"(?P<from>at least|upwards of|starting (?:at|from)|minimum of)"
BEFORE = re.compile(
    rf"\b(?:{UP}|{DOWN}|{TO}|{FROM})\s+(?:an? |like |say |about |around |roughly )?{SUM.format('one')}", re.IGNORECASE
)
AFTER = re.compile(
    rf"(?<![\w.,#-]){SUM.format('one')} (?:(?P<to>tops?|max(?:imum)?|limit|or (?:less|under|below|cheaper)|at a push"
    r"|at (?:the )?(?:very )?most)|(?P<from>or more|and (?:up|above|over)|upwards|minimum))\b(?! [£$€₹]?\d)",
    re.IGNORECASE,
)
NOT = re.compile(  # "nothing over 50" is the most
    r"\b(?:no|not|(?:do|does|did|wo|would|ca|could|should|must)n'?t(?! mind)|cannot|nothin[g']?|never|without"
    r"|hate to|refuse to|rather not|kill me if i|keep (?:it|this|that) from"
    r"|lose|strip|knock|drop|exclude|hide|remove|skip|avoid|(?:is|are)n'?t(?= ?(?:going |priced )?$))\b"
    r"(?:(?!\bbut\b)[^.,;?!\d]){0,44}$",
    re.IGNORECASE,
)
NOT_BELOW = re.compile(  # right before "under 50": it is the least then
    r"(?<!is there )(?<!have you )(?<!got )\b(?:no(?:t|thing|ne)?|nothin[g']?|without|not (?:going|anything)"
    r"|(?:(?:do|would)n'?t (?:want|need|like|show)(?: me| to see| to look at)?"
    r"|(?:hide|remove|skip|exclude|drop|avoid|lose|no need for|strip(?: out)?|knock(?: out)?))"
    r"(?: (?:anything|any|everything|all|those|stuff|things|ones|the ones))?) $",
    re.IGNORECASE,
)
TOO_MUCH = re.compile(r"\s*(?:is|'s|would be) (?:too much|too expensive|too dear|out of|a no\b|beyond)", re.IGNORECASE)
TOO_LITTLE = re.compile(r"\s*(?:is|'s|would be) too (?:cheap|low|little)", re.IGNORECASE)
STORY = re.compile(  # what something was, is had elsewhere for, or weighs
    r"\b(?:was|were|spent|weighs?|saw it(?: for)?|lose|off(?: orders)?|wants?|hes|shes|he's|she's|elsewhere,?)\W+"
    r"(?:\w+\W+){0,1}$",
    re.IGNORECASE,
)
COMPLAINT = re.compile(  # "these are all over $100"
    r"\b(?:cheaper|(?:all|everything|they'?re|these are) over|paid|pay|charged?|cost"
    r"|free (?:delivery|shipping|postage))\b",
    re.IGNORECASE,
)
SPAN = re.compile(rf"\b(?:between|from)\s+{RANGE}{MONEY}?{NO_MEASURE}{MEASURES}", re.IGNORECASE)
NEAR = re.compile(rf"\b(?:around|about|roughly|circa)\s+{SUM.format('one')}", re.IGNORECASE)
PAID = re.compile(rf"[£$€₹]\s?\d|{MONEY}|\b(?:tops?|at a push|budget)\b", re.IGNORECASE)


def mend_prices(slots: Sequence[tuple[str, SlotValue]], text: str) -> tuple[tuple[str, SlotValue], ...]:
    """The slots, their prices as the message says them; slots without a price come back as they are."""
    given = {name: float(value) for name, value in slots if name in PRICES and not isinstance(value, str)}
    if not given or PENCE.search(text):
        return tuple(slots)
    digits = digits_of(text)
    wanted = _range(digits, given) or _sided(digits, given)
    kept = [(name, _plain(wanted.pop(name))) for name, _ in slots if name in wanted]
    others = [(name, value) for name, value in slots if name not in PRICES]
    return _in_place(slots, [*kept, *((name, _plain(value)) for name, value in wanted.items())], others)


def names_its_prices(slots: Sequence[tuple[str, SlotValue]], text: str) -> bool:
    """Whether each price of the slots stands in the message as it is."""
    amounts = list(_amounts(digits_of(text)))
    return all(_among(float(value), amounts) for name, value in slots if name in PRICES and not isinstance(value, str))


def without_measures(slots: Sequence[tuple[str, SlotValue]], text: str) -> tuple[tuple[str, SlotValue], ...]:
    """The slots without prices that are measures told in other slots: "600 thread count sheets", "180 x 200"."""
    prices = [float(value) for name, value in slots if name in PRICES and not isinstance(value, str)]
    amounts = list(_amounts(digits_of(text)))
    if not prices or not amounts:
        return tuple(slots)
    rest = text
    for _, value in slots:
        if isinstance(value, str):
            rest = rest.replace(value, " ", 1)
    left = list(_amounts(digits_of(rest)))
    told = all(_among(price, amounts) and not _among(price, left) for price in prices)
    measures = rest != text and (told or not left)
    return tuple((name, value) for name, value in slots if name not in PRICES) if measures else tuple(slots)


def prices_said(text: str) -> dict[str, tuple[float, str]]:
    """Sums of money named with their side, and in which words: {"max_price": (10.0, "ten quid tops")}; few are missed
    of those that say that they are money, and nothing else is taken for one."""
    digits = digits_of(text)
    said = {name: (amount, words) for name, amount, words in _said(digits) if PAID.search(words)}
    if LEAST in said and COMPLAINT.search(digits):
        del said[LEAST]
    return {name: one for name, one in said.items() if not STORY.search(digits[: digits.index(one[1])])}


def prices_meant(text: str) -> tuple[dict[str, float], str]:
    """The price that a search box names, and the words without it: "boots under 50" is ({"max_price": 50.0}, "boots").

    Beside what `prices_said` hears, a number with its side and no unit is money here, as are a span and "around 50"."""
    digits = digits_of(text)
    prices, said = _span_meant(digits)
    if not prices:
        sides = list(_said(digits))
        prices, said = {name: amount for name, amount, _ in sides}, [words for _, _, words in sides]
    for words in said:
        text, digits = (one.replace(words, " ", 1) for one in (text if words in text else digits, digits))
    return prices, " ".join(text.split())


def _span_meant(digits: str) -> tuple[dict[str, float], list[str]]:
    if (span := SPAN.search(digits)) and (low := _amount(span, "low")) < (high := _amount(span, "high")):
        return dict(zip(PRICES, (low, high), strict=True)), [span.group()]
    if (near := NEAR.search(digits)) and (middle := _amount(near, "one")) > 0:
        return _around(middle), [near.group()]
    return {}, []


def _in_place(
    slots: Sequence[tuple[str, SlotValue]], prices: list[tuple[str, SlotValue]], others: list[tuple[str, SlotValue]]
) -> tuple[tuple[str, SlotValue], ...]:
    """The prices where the first of them stood."""
    first = next(place for place, (name, _) in enumerate(slots) if name in PRICES)
    return (*others[:first], *prices, *others[first:])


def _said(digits: str) -> Iterator[tuple[str, float, str]]:
    """Amounts with their side: "over 50" is the least, and "nothing over 50" the most."""
    for pattern in (AFTER, BEFORE):
        for found in pattern.finditer(digits):
            parts = found.groupdict()
            before = digits[: found.start()]
            turned = bool((NOT_BELOW if parts.get("down") else NOT).search(before))
            turned |= bool((TOO_LITTLE if parts.get("down") else TOO_MUCH).match(digits[found.end() :]))
            most = bool(parts["to"] or (parts.get("up") if turned else parts.get("down")))
            if (amount := _amount(found, "one")) > 0:
                yield MOST if most else LEAST, amount, found.group()


def _sided(digits: str, given: dict[str, float]) -> dict[str, float]:
    """The prices by name, each on the side on which the message has it."""
    named = {name: _named(value, digits) for name, value in given.items()}
    said = {name: amount for name, amount, _ in _said(digits) if any(_same(amount, one) for one in named.values())}
    return {name: value for name, value in named.items() if not any(_same(value, one) for one in said.values())} | said


def _range(digits: str, given: dict[str, float]) -> dict[str, float] | None:
    """Both ends of a range that the message names and the model means."""
    for pattern in (BETWEEN, *([FROM_TO] if len(given) == len(PRICES) else [])):
        for between in pattern.finditer(digits):
            low, high = (_amount(between, end) for end in ("low", "high"))
            if between["high_unit"] and not between["low_unit"] and low < float(between["high"].replace(",", "")):
                low *= 1000  # "1 to 2k"
            if low < high and any(_same(value, end) for value in given.values() for end in (low, high)):
                return dict(zip(PRICES, (low, high), strict=True))
    if any(given == _around(one) for one in _amounts(digits)):
        return given  # "for a 75 inch tv, $80 or thereabouts"
    said = [amount for _, amount, _ in _said(digits)]
    named = [value for value in given.values() if _among(value, list(_amounts(digits)))]
    if len(named) == len(PRICES) or any(_among(value, said) for value in named):
        return None  # "about 40, 45 at a push"
    for about in ABOUT.finditer(digits):
        middle = _amount(about, "one")
        if _among(middle, said):
            continue  # "about 30 tops"
        if any(abs(value - middle) <= HALF * middle for value in given.values()):
            return _around(middle)
    ish = [_amount(one, "one") for one in ISH.finditer(digits)]
    if len(given) == 1 and any(_same(value, one) for value in given.values() for one in ish) and not any(_said(digits)):
        return _around(next(iter(given.values())))
    if named:
        return None
    inside = [one for one in _amounts(digits) if given.get(LEAST, math.inf) < one < given.get(MOST, 0)]
    return _around(inside[0]) if len(inside) == 1 else None


def _around(middle: float) -> dict[str, float]:
    return dict(zip(PRICES, (round(middle * (1 - AROUND), 2), round(middle * (1 + AROUND), 2)), strict=True))


def _named(value: float, digits: str) -> float:
    """The amount in the message that the value stands for; itself where the message names none like it."""
    amounts = list(_amounts(digits))
    if not amounts or value <= 0 or any(_same(value, one) for one in amounts):
        return value
    if re.search(r"\b" + r" ?".join(str(_plain(value))) + r"\b", digits):  # "two fifty", parsed as 2 50
        return value
    nearest = min(amounts, key=lambda one: abs(math.log(one / value)))
    cut_short = str(_plain(nearest)).endswith(str(_plain(value)))  # "a hundred n twenty" read as 20
    same = 1 / FAR <= nearest / value <= FAR or _figures(nearest) == _figures(value)
    return nearest if same or cut_short else value


def _amounts(digits: str) -> Iterator[float]:
    for found in NUMBER.finditer(digits):
        if (amount := _amount(found, "one")) > 0:
            yield amount


def _amount(found: re.Match[str], group: str) -> float:
    unit = found[f"{group}_unit"]
    return float(found[group].replace(",", "")) * (1000 if unit and unit.lower() in THOUSANDS else 1)


def _figures(value: float) -> str:
    """The figures of a number without its zeros at the ends: of 15 and of 1500 the same."""
    return f"{value:.2f}".replace(".", "").strip("0")


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= ALIKE * max(abs(one), abs(other))


def _among(value: float, others: Sequence[float]) -> bool:
    return any(_same(value, other) for other in others)


def _plain(value: float) -> float:
    return int(value) if value == int(value) else value
