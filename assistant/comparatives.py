"""Comparisons over what listings measure: "anything lighter?", "a longer battery", "quieter than the second one".

    comparative("lighter than the second one")  ->  Comparative("lighter", WEIGHT, -1, "the second one")
    measured({"weight": "1.9 kg"}, WEIGHT)       ->  Measured("weight", "1.9 kg", Quantity("g", 1900, 1900))

Pure: words and a listing's values in, a direction and numbers out. What the listing does not state in a comparable unit
is None, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.measures import Quantity, first_of
from assistant.search.words import keys
from assistant.texts import raw_words


@dataclass(frozen=True)
class Measure:
    """What can be measured of a product."""

    name: str  # as it is said
    attributes: tuple[str, ...]  # as listings call it; the first that states a quantity counts
    kinds: tuple[str, ...] = ()  # of quantities that are meant; none: whatever is stated first
    by_words: bool = False  # any attribute whose name has all words of `name` counts too


@dataclass(frozen=True)
class Comparative:
    word: str  # the shopper's: "lighter", "longer battery"
    measure: Measure
    sign: int  # 1: more of it is meant, -1: less
    than: str = ""  # the product that it is compared with, in the shopper's words
    most: bool = False  # "the lightest" is compared with all

    @property
    def superlative(self) -> str:
        """ "lightest" of "lighter", "most storage" of "more storage"."""
        return " ".join(map(_superlative, self.word.split()))


@dataclass(frozen=True)
class Measured:
    attribute: str
    text: str  # as the listing has it
    quantity: Quantity

    def number(self, sign: int) -> float:
        """The end of a range that counts: the most of it where more is meant."""
        return self.quantity.high if sign > 0 else self.quantity.low


LENGTHS, TIMES = ("cm",), ("h",)
PRICE = Measure("price", ())
RATING = Measure("rating", ())
WEIGHT = Measure("weight", ("weight", "total weight"), ("g",))
SIZE = Measure(
    "size",
    ("screen size", "screen", "capacity", "volume", "size", "dimensions", "diameter", "running surface", "height",
     "length", "jug", "tank", "pieces", "case"),
    ("cm", "cm2", "cm3", "ml", "people", "cup", "piece"),
)  # fmt: skip
LENGTH = Measure("length", ("length", "cord length", "cable", "strap length", "inseam", "blade length"), LENGTHS)
BATTERY = Measure("battery life", ("battery life", "battery", "run time", "play time", "lasts"), TIMES)
STORAGE = Measure("storage", ("storage", "music storage", "memory"), ("gb",))
SCREEN = Measure("screen size", ("screen size", "screen", "display"), LENGTHS)
CABLE = Measure("cable", ("cord length", "cable"), LENGTHS)
NOISE = Measure("noise", ("noise", "loudness", "noise level"), ("db",))
POWER = Measure("power", ("power", "wattage", "output"), ("w",))
BRIGHTNESS = Measure("brightness", ("brightness", "light"), ("lumen", "nit", "lux"))
CAPACITY = Measure("capacity", ("capacity", "volume", "storage"), ("ml", "mah", "gb", "people", "cup"))
NAMED = {  # what shoppers call a measure, after "longer", "more", "higher", …
    "battery": BATTERY, "battery life": BATTERY, "run time": BATTERY, "lasting": BATTERY, "life": BATTERY,
    "lasting battery": BATTERY, "battery lasting": BATTERY,
    "storage": STORAGE, "memory": STORAGE, "space": STORAGE, "screen": SCREEN, "display": SCREEN,
    "cable": CABLE, "cord": CABLE, "lead": CABLE, "noise": NOISE, "power": POWER, "powerful": POWER, "watts": POWER,
    "weight": WEIGHT, "capacity": CAPACITY, "volume": CAPACITY, "brightness": BRIGHTNESS, "bright": BRIGHTNESS,
    "light": BRIGHTNESS, "lumens": BRIGHTNESS, "size": SIZE, "price": PRICE, "expensive": PRICE, "pricey": PRICE,
    "rating": RATING, "rated": RATING, "reviews": RATING, "stars": RATING, "priced": PRICE, "noisy": NOISE,
    "loud": NOISE, "heavy": WEIGHT, "roomy": SIZE, "spacious": SIZE,
}  # fmt: skip
ADJECTIVES: dict[str, tuple[Measure, int]] = {  # by their stem: "light" of lighter and lightest
    "light": (WEIGHT, -1), "heavi": (WEIGHT, 1), "bigg": (SIZE, 1), "larg": (SIZE, 1), "roomi": (SIZE, 1),
    "small": (SIZE, -1), "tini": (SIZE, -1), "long": (LENGTH, 1), "short": (LENGTH, -1),
    "tall": (Measure("height", ("height", "standing height"), LENGTHS), 1),
    "wid": (Measure("width", ("width", "size"), LENGTHS), 1),
    "narrow": (Measure("width", ("width",), LENGTHS), -1),
    "thick": (Measure("thickness", ("thickness", "pile"), LENGTHS), 1),
    "thinn": (Measure("thickness", ("thickness", "pile"), LENGTHS), -1),
    "deep": (Measure("depth", ("depth",), LENGTHS), 1),
    "shallow": (Measure("depth", ("depth",), LENGTHS), -1),
    "quiet": (NOISE, -1), "loud": (NOISE, 1), "noisi": (NOISE, 1),
    "bright": (BRIGHTNESS, 1), "dimm": (BRIGHTNESS, -1),
    "warm": (Measure("comfort temperature", ("comfort temperature", "comfort rating", "comfort"), ("c",)), -1),
    "cheap": (PRICE, -1), "dear": (PRICE, 1), "pric": (PRICE, 1), "prici": (PRICE, 1),
    "fast": (Measure("top speed", ("top speed", "speed"), LENGTHS), 1),
}  # fmt: skip
MORE = frozenset("more longer bigger higher larger greater better stronger longest biggest highest most".split())
LESS = frozenset("less fewer shorter smaller lower shortest smallest lowest least".split())
IRREGULAR = {"more": "most", "less": "least", "better": "best"}
FILLERS = frozenset(
    "a an the one ones thing things something anything any it them of these those that this which is are with got have "
    "do you there bit little much even slightly way far please maybe me show find give i want need like would can in "
    "for and but what whats s be still again yet quite similar else other option options model models version kind "
    "kinds".split()
)
THAN = re.compile(r"\b(?:than|compared (?:to|with))\b", re.IGNORECASE)
COMPARING = ("feature", "size", "query", "material")  # slots of a search that may hold what compares
MOST_WORDS = 8  # of a phrase that compares; more tell something else
NOT_SO = re.compile(r"\b(?:not|isn'?t|aren'?t) (?:so|too|that|as|quite so|very) (?=\w)", re.IGNORECASE)
LASTING = re.compile(r"\b(longer|longest)[ -]lasting\b|\blasts? (longer|longest)\b", re.IGNORECASE)


def comparative(said: str) -> Comparative | None:
    """What a phrase compares, if that is all that it says; "lighter fabric" compares nothing that can be measured."""
    phrase, than = parted(said)
    plain = NOT_SO.sub("less ", LASTING.sub(" longer lasting ", phrase))
    words = [word for word in raw_words(re.sub(r"\bfirst\s*$", "", plain)) if word not in FILLERS]
    if not 0 < len(words) <= MOST_WORDS:
        return None
    found = _named(words) or (_adjective(words[0]) if len(words) == 1 else None)
    if found is None:
        return None
    measure, sign = found
    most = any(word.endswith("est") or word in ("most", "least") for word in words)
    return Comparative(" ".join(words), measure, sign, than, most)


def parted(said: str) -> tuple[str, str]:
    """What stands before and after "than"."""
    before, *after = THAN.split(said, maxsplit=1)
    return before, after[0].strip(" ?.!,") if after else ""


def _superlative(word: str) -> str:
    compares = word in MORE | LESS or word.removesuffix("er") in ADJECTIVES
    return IRREGULAR.get(word, re.sub(r"er$", "est", word) if compares else word)


def _adjective(word: str) -> tuple[Measure, int] | None:
    """ "lighter", "lightest"."""
    for ending in ("er", "est"):
        if word.endswith(ending):
            return ADJECTIVES.get(word.removesuffix(ending))
    return None


def _named(words: Sequence[str]) -> tuple[Measure, int] | None:
    """ "longer battery", "less noise", "more storage", "higher refresh rate"; also with the noun first."""
    for sign, signs in ((1, MORE), (-1, LESS)):
        said = [word for word in words if word in signs]
        rest = " ".join(word for word in words if word not in signs)
        if len(said) == 1 and rest:
            if known := NAMED.get(rest):
                return known, sign
            return Measure(rest, (rest,), by_words=True), sign
    return None


def taken_apart(asked: Mapping[str, Any], message: str) -> tuple[dict[str, Any], tuple[Comparative, ...]]:
    """The slots of a search without what compares, and that: {"feature": ["lighter"]} holds a Comparative.

    The message tells what is compared with, where the slot holds only "lighter"."""
    kept: dict[str, Any] = {}
    found: list[Comparative] = []
    than = parted(message)[1]
    for slot, value in asked.items():
        values = value if isinstance(value, list) else [value]
        left = []
        for one in values:
            compares = comparative(str(one)) if slot in COMPARING and isinstance(one, str) else None
            if compares:
                found.append(compares if compares.than else replace(compares, than=than))
            else:
                left.append(one)
        if left:
            kept[slot] = left if isinstance(value, list) else left[0]
    return kept, tuple(found)


def measured(facts: Mapping[str, str], measure: Measure) -> Measured | None:
    """What a listing (its attributes and options by name) states of a measure, if it states a number."""
    by_name = {name.lower(): name for name in facts}
    names = [by_name[name] for name in measure.attributes if name in by_name]
    if measure.by_words:
        wanted = keys(measure.name)
        names += [name for name in facts if wanted and wanted <= keys(name) and name not in names]
    for name in names:
        if quantity := first_of(facts[name], measure.kinds):
            return Measured(name, facts[name], quantity)
    return None
