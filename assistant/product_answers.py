"""Answer a question about a product from its listing: an attribute, an option, the price, or a sentence quoted.

    answer(product, "how heavy")  ->  Stated("weight", "480 g per boot")

Nothing is concluded: what the listing does not say is None.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.facts import as_said, from_elsewhere, told
from assistant.presentation import cell, listing, option_values, price_range
from assistant.search import patterns
from assistant.search.words import key, raw_words, stop_words
from assistant.store import Product, Variant

# What shoppers ask, and how listings name it: each a word of the question and the names it may mean
ASKED_AS: dict[str, tuple[str, ...]] = {
    "heavy": ("weight",),
    "light": ("weight", "light"),
    "lightweight": ("weight",),
    "weigh": ("weight",),
    "made": ("material",),
    "fabric": ("material",),
    "long": ("length", "battery life", "run time", "lasts", "burn time"),
    "tall": ("height",),
    "high": ("height",),
    "wide": ("width",),
    "thick": ("thickness",),
    "big": ("size", "dimensions", "capacity"),
    "large": ("size", "capacity"),
    "dimensions": ("size", "height", "width", "length", "diameter"),
    "hold": ("capacity", "volume"),
    "litres": ("capacity", "volume"),
    "loud": ("noise", "loudness"),
    "noisy": ("noise",),
    "quiet": ("noise",),
    "wattage": ("power",),
    "watts": ("power",),
    "guarantee": ("warranty", "guarantee"),
    "warranty": ("warranty", "guarantee"),
    "smell": ("fragrance", "scents", "smell"),
    "scent": ("fragrance", "scents", "notes"),
    "scented": ("fragrance",),
    "old": ("age", "suitable from"),
    "waterproof": ("waterproof", "water resistance", "water resistant", "water column"),
    "rain": ("waterproof", "water resistance", "water resistant", "water column"),
    "wash": ("machine washable", "cleaning", "care", "washable"),
    "washable": ("machine washable", "cover washable", "washable"),
    "washing": ("machine washable", "cleaning"),
    "clean": ("cleaning",),
    "charge": ("charging", "recharge time"),
    "bluetooth": ("connection", "bluetooth", "connectivity"),
    "wireless": ("connection", "wireless", "connectivity", "bluetooth"),
    "connect": ("connection", "connectivity", "bluetooth", "works with", "inputs", "ports", "output", "USB port"),
    "pair": ("connection", "connectivity", "bluetooth", "works with"),
    "plug": ("connection", "ports", "power", "voltage", "charging"),
    "phone": ("connection", "connectivity", "bluetooth", "works with", "app", "ports"),
    "warm": ("warmth", "comfort temperature", "insulation"),
    "ingredients": ("key ingredients", "ingredients", "first ingredient"),
    "dishwasher": ("dishwasher safe",),
    "microwave": ("microwave safe",),
    "oven": ("oven safe",),
    "freezer": ("freezer safe",),
    "grip": ("sole", "grip"),
}
ASKED_AS |= dict.fromkeys(("iphone", "android", "smartphone", "laptop", "computer", "mac", "tablet"), ASKED_AS["phone"])
ASKED_AS |= {
    "adult": ("adult help",),
    "backlit": ("backlight",),
    "box": ("includes", "contents", "in the box"),
    "compatible": ("works with", "compatibility", "fits"),
    "last": ("battery life", "lasts", "lifespan", "run time", "burn time"),
    "life": ("battery life", "battery"),
    "mascara": ("removes makeup",),
    "much": ("price",),
    "remote": ("remote control",),
    "replace": ("spare parts", "refillable"),
    "small": ("packed size", "size"),
    "sweatproof": ("water resistance", "water resistant"),
    "winter": ("seasons",),
}
SAME_AS = {  # words of one family that share no beginning long enough, or mean the same of a product
    **{"itchy": "itch", "people": "person", "mac": "macos", "macs": "macos", "pc": "windows", "mic": "microphone"},
    **{"windproof": "wind", "indoors": "outdoors", "indoor": "outdoors"},
}
PRICE = frozenset("price cost costs expensive pricey".split())
RATING = frozenset("rating ratings rated reviews review stars".split())
STOCK = frozenset("stock available availability".split())
DESCRIPTION = frozenset("description describe details detail info information special".split())
COLORS = frozenset("colour colours color colors shade shades".split())
SIZES = frozenset("size sizes sizing".split())
# Words of a question that name nothing
ASKING = frozenset(
    "many come comes coming does work works working with fit go take have has which it good enough any use used using "
    "put need needs require requires suitable safe include includes included contain contains ok okay allowed possible "
    "make makes tell there".split()
)
# Words that say what is asked only where no other does: of "how long is the blade" it is the blade
WEAK = frozenset("long last lasts life made much people person women woman men man type kind".split())
MEASURES = frozenset("heavy weigh weight light tall high wide thick big large loud noisy litres hold".split())
CLASS_WORDS = ("type", "level", "size", "use", "safe", "included", "suitable")  # of an attribute's name
INCLUDED = re.compile(r"\b(in the box|comes? with it|(what|s) (is )?included|what do i get)\b", re.IGNORECASE)
INCLUDES = ("includes", "contents", "in the box", "pieces", "parts", "set")


@dataclass(frozen=True)
class Stated:
    attribute: str
    value: str


@dataclass(frozen=True)
class Quoted:
    sentence: str  # word for word from the description


Answer = Stated | Quoted | None


def answer(product: Product, asked: str) -> Answer:
    words = raw_words(asked)
    said = set(words)
    if said & PRICE or _asked_words(words) == ["much"]:
        return Stated(asked_for("price"), price_range(product.variants))
    if said & RATING and product.rating is not None:
        return Stated(asked_for("rating"), rating_text(product))
    if said & STOCK or "in stock" in asked.lower():
        return Stated(asked_for("availability"), _stock_of(product, asked))
    if "brand" in said and product.brand:
        return Stated(asked_for("brand"), cell(product, "brand"))
    if said & DESCRIPTION and product.description:
        return Quoted(cell(product, "description"))
    return _stated(product, words) or _quoted(product, asked)


def availability(product: Product, color: str, size: str) -> tuple[Answer, list[Variant]]:
    """Whether it can be had so, and in which variants; where it never comes so, what the listing says it comes in."""
    wanted = {"color": patterns.spelled(patterns.color_words(color)), "size": patterns.sized(size) if size else ""}
    tests = {option: patterns.named_value("", value) for option, value in wanted.items() if value}
    for option, test in tests.items():
        if not _meeting(product, [test]):
            return _stated(product, [option]), []
    variants = _meeting(product, tests.values())
    so = as_said(", ".join(filter(None, (color, f"size {size}" if size and "size" not in size.lower() else size))))
    if not tests:
        return Stated(asked_for("availability"), stock_text(product.variants)), []
    return Stated(so, stock_so(product, list(tests.values()))), variants


@told
def stock_so(product: Product, tests: Sequence[str]) -> str:
    """Whether it can be had with an option for each of the regular expressions."""
    variants = _meeting(product, tests)
    return stock_text(variants) if variants else "not offered"


def _meeting(product: Product, tests: Iterable[str]) -> list[Variant]:
    """The variants with an option for each of the regular expressions."""
    written = [(variant, json.dumps(variant.options, ensure_ascii=False).lower()) for variant in product.variants]
    return [variant for variant, options in written if all(re.search(test, options) for test in tests)]


def listed(product: Product) -> dict[str, str]:
    """Its attributes, then its options with all their values."""
    return {**product.attributes, **{name: _all(of) for name, of in option_values(product.variants).items()}}


@told
def listed_name(product: Product, name: str) -> str:
    return next(one for one in listed(product) if one == name)


@told
def listed_value(product: Product, name: str) -> str:
    return listed(product)[name]


def asked_for(column: str) -> str:
    """What a column is called in a reply."""
    return from_elsewhere(column, "the question")


def sentences(product: Product) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", product.description or "")


@told
def sentence_of(product: Product, place: int) -> str:
    """A sentence of the description, word for word."""
    return sentences(product)[place]


@told
def out_of_five(product: Product) -> str:
    return f"{product.rating:g} out of 5"


@told
def rating_text(product: Product) -> str:
    shoppers = "shopper" if product.rating_count == 1 else "shoppers"
    return f"{product.rating:g} out of 5 by {product.rating_count:,} {shoppers}"


@told
def stock_text(variants: Sequence[Variant]) -> str:
    return "in stock" if any(variant.in_stock for variant in variants) else "sold out"


def _stock_of(product: Product, asked: str) -> str:
    """Of the variants whose options the question names, if it names any: "in stock in plum"."""
    wanted = {key(word) for word in raw_words(asked)}
    named = [
        variant
        for variant in product.variants
        if wanted & {key(w) for o in variant.options.values() for w in raw_words(o)}
    ]
    variants = [v for v in named if all(_names(o, wanted, product) for o in v.options.items())] or named
    return stock_text(variants or product.variants)


def _names(option: tuple[str, str], wanted: set[str], product: Product) -> bool:
    """The question names this value of the option, or no value of that option."""
    name, value = option
    others = {key(word) for other in option_values(product.variants)[name] for word in raw_words(other)}
    return bool(wanted & {key(word) for word in raw_words(value)}) or not wanted & others


def _stated(product: Product, words: Sequence[str]) -> Stated | None:
    facts = listed(product)
    for group in (COLORS, SIZES):
        if set(words) & group:
            found = next((name for name in facts if set(raw_words(name)) & group), None)
            return _said_of(product, found) if found else None
    if INCLUDED.search(" ".join(words)):
        found = next((name for name in INCLUDES if name in facts), None)
        return _said_of(product, found) if found else None
    asked = _asked_words(words)
    listed_words = roots(word for name, value in facts.items() for word in raw_words(f"{name} {value}"))
    fits = {name: _fit(name, value, asked, listed_words) for name, value in facts.items()} if asked else {}
    best = max(fits, key=lambda name: fits[name], default=None)
    return _said_of(product, best) if best and fits[best] else None


def _asked_words(words: Sequence[str]) -> list[str]:
    """The words of a question that say what is asked; those that say little count only where there are no others."""
    if "old" in words:  # an age is asked for, whichever it is
        words = [word for word in words if not word.isdigit() and word not in ("year", "years", "month", "months")]
    content = [word for word in dict.fromkeys(words) if word not in stop_words() | ASKING]
    strong = [word for word in content if word not in WEAK]
    return strong or content


def _fit(name: str, value: str, asked: Sequence[str], listed_words: frozenset[str]) -> float:
    """How well an attribute answers: 0 unless name and value account for each word, or the question says its name.

    What an attribute does not account for is not its answer: "how heavy is the handle" is told neither the wood of the
    handle nor the weight of it all. What no attribute has may stand beside a measure: "how high does it fly".
    """
    of_name = roots(raw_words(name))
    by_name = [word for word in asked if root(word) in of_name or name in _meant(word)]
    left = [word for word in asked if word not in by_name and root(word) not in roots(raw_words(value))]
    named = (of_name - CLASS_ROOTS or of_name) <= roots(asked)
    of_all = any(word in MEASURES for word in by_name) and not listed_words.intersection(map(root, left))
    if (left and not (named and by_name) and not of_all) or any(word in MEASURES for word in left):
        return 0
    return 1 + 4 * len(by_name) - 2 * len(left) + len(of_name & roots(asked)) / len(of_name)


def root(word: str) -> str:
    """What a word has in common with others of its family: insulated, insulation; washing, washable."""
    found = key(SAME_AS.get(word, word))
    for ending in ("ation", "ancy", "able", "ant", "ion", "at", "y"):
        if found.endswith(ending) and len(found) - len(ending) >= 4:
            return found[: -len(ending)]
    return found


def roots(words: Iterable[str]) -> frozenset[str]:
    """Of the words that say something; of all where none does."""
    some = list(words)
    return frozenset(root(word) for word in some if word not in stop_words()) or frozenset(map(root, some))


CLASS_ROOTS = frozenset(map(root, CLASS_WORDS))


def _said_of(product: Product, name: str) -> Stated:
    return Stated(listed_name(product, name), listed_value(product, name))


def _all(values: Sequence[str]) -> str:
    return "yes or no, depending on the variant" if set(values) == {"yes", "no"} else listing(values)


def _meant(word: str) -> tuple[str, ...]:
    """The attributes that a word may mean by other names."""
    return ASKED_AS.get(word) or ASKED_AS.get(key(word)) or ()


def _quoted(product: Product, asked: str) -> Quoted | None:
    """The first sentence of the description that has every word of the question."""
    wanted = roots(_asked_words(raw_words(asked)))
    if not wanted - roots(WEAK):
        return None
    for place, sentence in enumerate(sentences(product)):
        if wanted <= roots(raw_words(sentence)):
            return Quoted(sentence_of(product, place))
    return None
