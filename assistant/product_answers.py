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
from assistant.question_words import asked_words, fit, is_weak, roots
from assistant.search import patterns
from assistant.search.words import key
from assistant.store import Product, Variant
from assistant.texts import raw_words

PRICE = frozenset("price cost costs expensive pricey".split())
RATING = frozenset("rating ratings rated reviews review stars".split())
STOCK = frozenset("stock available availability".split())
DESCRIPTION = frozenset("description describe details detail info information special".split())
COLORS = frozenset("colour colours color colors shade shades".split())
SIZES = frozenset("size sizes sizing".split())
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
    if said & PRICE or asked_words(words) == ["much"]:
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
    asked = asked_words(words)
    listed_words = roots(word for name, value in facts.items() for word in raw_words(f"{name} {value}"))
    fits = {name: fit(name, value, asked, listed_words) for name, value in facts.items()} if asked else {}
    best = max(fits, key=lambda name: fits[name], default=None)
    return _said_of(product, best) if best and fits[best] else None


def _said_of(product: Product, name: str) -> Stated:
    return Stated(listed_name(product, name), listed_value(product, name))


def _all(values: Sequence[str]) -> str:
    return "yes or no, depending on the variant" if set(values) == {"yes", "no"} else listing(values)


def _quoted(product: Product, asked: str) -> Quoted | None:
    """The first sentence of the description that has every word of the question."""
    wanted = roots(asked_words(raw_words(asked)))
    if is_weak(wanted):
        return None
    for place, sentence in enumerate(sentences(product)):
        if wanted <= roots(raw_words(sentence)):
            return Quoted(sentence_of(product, place))
    return None
