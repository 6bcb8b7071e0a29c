"""Numbers with their units, read out of what a listing says, so that two products can be compared.

    quantities("480 g per boot")      ->  (Quantity("g", 480, 480, per="one of a pair"),)
    quantities("38 hours, 55 without")  ->  (Quantity("h", 38, 38), Quantity("", 55, 55))
    quantities("42 x 12 cm")          ->  (Quantity("cm2", 504, 504),)

Units of one kind become one unit: pounds and kilos grams, feet and inches centimetres, days hours. A unit that is not
known is a kind of its own by its word ("lumens"), so what cannot be compared is never compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?"
UNITS: dict[str, tuple[float, str]] = {  # kind: how many of it each unit is
    "g": (1, "g gram grams gramme grammes"),
    "kg": (1000, "kg kgs kilo kilos kilogram kilograms"),
    "mg": (0.001, "mg milligram milligrams"),
    "oz": (28.3495, "oz ounce ounces"),
    "lb": (453.592, "lb lbs pound pounds"),
    "cm": (1, "cm centimetre centimetres centimeter centimeters"),
    "mm": (0.1, "mm millimetre millimetres millimeter millimeters"),
    "m": (100, "m metre metres meter meters"),
    "km": (100_000, "km kilometre kilometres kilometer kilometers"),
    "in": (2.54, "in inch inches ''"),
    "ft": (30.48, "ft foot feet"),
    "ml": (1, "ml millilitre millilitres milliliter milliliters"),
    "cl": (10, "cl"),
    "l": (1000, "l litre litres liter liters"),
    "gal": (3785.41, "gal gallon gallons"),
    "h": (1, "h hr hrs hour hours"),
    "s": (1 / 3600, "s sec secs second seconds"),
    "min": (1 / 60, "min mins minute minutes"),
    "day": (24, "day days"),
    "week": (168, "week weeks"),
    "month": (730.5, "month months"),
    "year": (8766, "year years yr yrs"),
    "w": (1, "w watt watts"),
    "kw": (1000, "kw kilowatt kilowatts"),
    "mah": (1, "mah"),
    "ah": (1000, "ah"),
    "gb": (1, "gb gigabyte gigabytes"),
    "mb": (0.001, "mb megabyte megabytes"),
    "tb": (1000, "tb terabyte terabytes"),
    "hz": (1, "hz hertz"),
    "khz": (1000, "khz"),
    "ghz": (1_000_000_000, "ghz"),
    "db": (1, "db dba decibel decibels"),
}
KINDS = {  # the unit that each is counted in
    **dict.fromkeys(("g", "kg", "mg", "oz", "lb"), "g"),
    **dict.fromkeys(("cm", "mm", "m", "km", "in", "ft"), "cm"),
    **dict.fromkeys(("ml", "cl", "l", "gal"), "ml"),
    **dict.fromkeys(("h", "s", "min", "day", "week", "month", "year"), "h"),
    **dict.fromkeys(("w", "kw"), "w"),
    **dict.fromkeys(("mah", "ah"), "mah"),
    **dict.fromkeys(("gb", "mb", "tb"), "gb"),
    **dict.fromkeys(("hz", "khz", "ghz"), "hz"),
}
SPELLED = {spelling: unit for unit, (_, spellings) in UNITS.items() for spelling in spellings.split()}
LIKE_PEOPLE = {"person": "people", "persons": "people", "man": "people", "sleepers": "people"}
ONE_OF_A_PAIR = frozenset("boot shoe sandal slipper sneaker trainer sock glove".split())
NO_UNITS = frozenset("and or to with without at by on of for from when as high low the a an after out".split())
QUANTITY = re.compile(
    rf"(?<![\w.])(?P<sign>-(?=\d))?(?P<first>{NUMBER})(?!\.?\d)"
    rf"(?:\s*(?P<between>to|-|\u2013|or|x|\u00d7)\s*(?P<second>{NUMBER}))?(?:\s*[x\u00d7]\s*(?P<third>{NUMBER}))?"
    r"(?P<unit>[\s-]*(?:[a-z]+\b|%|''|\"|\u00b0\s?[cf]\b))?(?P<each>\s(?:per|a|an)\s(?P<per>[a-z]+))?",
    re.IGNORECASE,
)
PREPOSITION_IN = re.compile(r"\s+(?:all|the|a|an|\d)", re.IGNORECASE)  # "2 in a box" is no 2 inches


@dataclass(frozen=True)
class Quantity:
    kind: str  # of what is counted: "g", "cm", "cm2" of a surface, "ml", "h", "w", …; "" of a bare number
    low: float
    high: float  # the same as `low` unless a range is stated
    per: str = ""  # "one of a pair", "shelf"

    def comparable(self, other: Quantity) -> bool:
        return (self.kind, self.per) == (other.kind, other.per)


def quantities(text: str) -> tuple[Quantity, ...]:
    """All that the text states, in its order: "6 h high and 90 h low" are two, "2 min 40 s" is one."""
    found: list[Quantity] = []
    ended, last_unit = -1, ""
    for match in QUANTITY.finditer(text.lower()):
        one, unit = _quantity(match)
        goes_on = found and not text[ended : match.start()].strip(" ") and _smaller(unit, last_unit)
        if goes_on and found[-1].kind == one.kind:
            found[-1] = replace(found[-1], low=found[-1].low + one.low, high=found[-1].high + one.high)
        else:
            found.append(one)
        ended, last_unit = match.end(), unit
    return tuple(found)


def first_of(text: str, kinds: Sequence[str] = ()) -> Quantity | None:
    """The first quantity that the text states, of one of these kinds if any are given."""
    return next((one for one in quantities(text) if not kinds or one.kind in kinds), None)


def _quantity(match: re.Match[str]) -> tuple[Quantity, str]:
    unit, kind, factor = _unit(match)
    numbers = [_number(match[name]) for name in ("first", "second", "third") if match[name]]
    if match["sign"]:
        numbers[0] = -numbers[0]
    if match["between"] in ("x", "\u00d7") or match["third"]:
        return _times(numbers, kind, factor), unit
    per = match["per"] or ""
    if per == "pair":
        per, factor = "one of a pair", factor / 2
    elif per in ONE_OF_A_PAIR:
        per = "one of a pair"
    low, high = min(numbers) * factor, max(numbers) * factor
    return Quantity(kind, low, high, per), unit


def _times(numbers: Sequence[float], kind: str, factor: float) -> Quantity:
    """A surface or a room where lengths are multiplied, else so many pieces of the same: "2 x 50 W"."""
    total = 1.0
    for number in numbers:
        total *= number
    lengths = kind == "cm"
    total *= factor ** len(numbers) if lengths else factor
    kind = f"cm{len(numbers)}" if lengths else kind or "pixels"
    return Quantity(kind, total, total)


def _unit(match: re.Match[str]) -> tuple[str, str, float]:
    """The unit, the kind of thing it counts, and how many of that it is."""
    said = (match["unit"] or "").strip(" -").replace('"', "''").replace("\u00b0", "").strip()
    if said == "in" and PREPOSITION_IN.match(match.string, match.end("unit")):
        return "", "", 1
    if not said or said in NO_UNITS:
        return "", "", 1
    unit = SPELLED.get(said)
    if unit is None:
        word = LIKE_PEOPLE.get(said, said)
        return word, word.removesuffix("s") if len(word) > 3 else word, 1
    return unit, KINDS.get(unit, unit), UNITS[unit][0]


def _smaller(unit: str, than: str) -> bool:
    return unit in UNITS and than in UNITS and UNITS[unit][0] < UNITS[than][0]


def _number(text: str) -> float:
    """A comma parts thousands, or where one or two digits follow it, decimals."""
    decimal = re.fullmatch(r"\d+,\d{1,2}", text)
    return float(text.replace(",", "." if decimal else ""))
