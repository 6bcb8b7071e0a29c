"""A ProductQuery as conditions, each a test in SQL and the words that name it: "under $40", "in red", "from Sony".

A condition has a test on the product and one on a variant of it; all variant tests stand over the same variant, so a
colour, a size and a price are always met by one that exists. The product's test is quick (the text index, mostly) and
leaves few products to read the variants of. `values.py` reads options such as the colour, `features.py` free words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.presentation import money
from assistant.search import patterns, text
from assistant.search.features import InOptions, described_so, featured
from assistant.search.query import ProductQuery
from assistant.search.sql import (
    ATTRIBUTES,
    BUYABLE,
    OPTIONS,
    TAGS,
    Sql,
    all_of,
    any_of,
    is_in,
    matches,
    not_,
)
from assistant.search.values import COLORS, MATERIALS, bare_size, colored, from_brand, made_of, of_value, sized
from assistant.search.words import audience_words, content_words, kinds_of
from assistant.texts import raw_words

LONGEST_WORDS = 40  # of the shopper's own words in a condition's name
OR = re.compile(r"\s+or\s+", re.IGNORECASE)
SPOKEN = ("with ", "without ", "for ", "that ", "made ", "in ", "from ", "under ", "over ", "to ")


@dataclass(frozen=True, eq=False)  # each is itself, also beside one of the same words
class Condition:
    text: str  # reads well after "nothing": "under $40"
    slot: str  # which slot of the query it came from, or "price"
    product: Sql | None = None
    variant: Sql | None = None
    value: str = ""  # of a slot with several values or words: the one meant
    instead: Sql | None = None  # what a product still has to meet when this is dropped


def filters(query: ProductQuery, dialect: str, may_be_options: InOptions) -> Iterator[Condition]:
    """The conditions of all slots but the query's own words, those that are the first to give way first."""
    if query.in_stock is True:
        yield in_stock()
    if query.min_cents is not None or query.max_cents is not None:
        yield _price(query)
    if query.min_rating is not None:
        test = Sql("e.rating >= ?", (query.min_rating,))
        yield Condition(f"rated {query.min_rating:g} or higher", "min_rating", test)
    if query.size:
        sizes = any_of(*map(sized, either(query.size)))
        yield Condition(f"in size {_said(bare_size(query.size))}", "size", variant=sizes)
    if named := [words for color in either(query.color) if (words := patterns.color_words(color))]:
        tests = any_of(*(text.holds(one, dialect) for one in named)), any_of(*(colored(one, dialect) for one in named))
        yield Condition(f"in {_said(query.color)}", "color", *tests)
    for slot, value in query.refused:
        if words := raw_words(value):
            yield _refused(slot, value, words)
    for feature in query.features:
        yield from _feature(feature, dialect, may_be_options)
    if named := [words for material in either(query.material) if (words := raw_words(material))]:
        kinds = [kind for one in named if len(one) == 1 for kind in kinds_of(one[0])]
        said = any_of(*(text.holds(one, dialect) for one in named), *(text.holds([kind], dialect) for kind in kinds))
        yield Condition(f"made of {_said(query.material)}", "material", said, any_of(*map(made_of, named)))
    if named := [words for brand in either(query.brand) if (words := raw_words(brand))]:
        said = any_of(*(text.holds(one, dialect) for one in named))
        yield Condition(f"from {_said(query.brand)}", "brand", said, any_of(*map(from_brand, named)))


def either(value: str) -> list[str]:
    """What a shopper would take one of: "navy or black"."""
    return [one.strip() for one in OR.split(value) if one.strip()]


def in_stock() -> Condition:
    return Condition("in stock", "in_stock", variant=Sql(BUYABLE))


def made_for(audience: str, audiences: Sequence[str], dialect: str) -> Condition:
    """What is for women or men may also be for everybody; what is for kids or pets must say so.

    `audiences` are all that the catalogue has."""
    named = is_in("e.audience", [one for one in audiences if re.search(f"(^|[^a-z]){audience}", one.lower())])
    if audience in ("women", "men"):
        test = any_of(Sql("e.audience IS NULL"), named, Sql("e.audience = 'unisex'"))
        return Condition(f"for {audience}", "recipient", test)
    # a tag "toddler" says so; a description that says "keep away from kids" or "hear dogs" does not
    tagged = matches(TAGS, patterns.is_tagged(audience_words(audience), audience == "kids"))
    said = any_of(text.holds([audience], dialect, fields="heading"), tagged)
    test = any_of(named, all_of(Sql("e.audience IS NULL"), said))
    return Condition(f"for {audience}", "recipient", test)


def described(words: Sequence[str], place: int, dialect: str, may_be_options: InOptions) -> Condition:
    """The word at `place` of those asked for; the words before it tell what a listing may deny: "noise cancelling"."""
    word = words[place]
    tests = described_so([word], [words[: place + 1]], dialect, may_be_options)
    return Condition(f'described as "{word[:LONGEST_WORDS]}"', "query", *tests, word)


def without(query: ProductQuery, condition: Condition) -> ProductQuery:
    """The query as if this condition had not been asked for."""
    if condition.slot == "in_stock":
        return replace(query, in_stock=False)
    if condition.slot == "price":
        return replace(query, min_cents=None, max_cents=None)
    if condition.slot == "min_rating":
        return replace(query, min_rating=None)
    if condition.slot == "feature":
        return replace(query, features=tuple(kept for kept in query.features if kept != condition.value))
    if condition.slot == "refused":
        return replace(query, refused=tuple(one for one in query.refused if ":".join(one) != condition.value))
    if condition.slot == "query":
        dropped = condition.value.split()
        return replace(query, query=" ".join(word for word in raw_words(query.query) if word not in dropped))
    cleared: dict[str, Any] = {condition.slot: ""}
    return replace(query, **cleared)


def _price(query: ProductQuery) -> Condition:
    low, high = query.min_cents, query.max_cents
    if low is not None and high is not None:
        name = f"between {_amount(low)} and {_amount(high)}"
    else:
        name = f"under {_amount(high)}" if high is not None else f"over {_amount(low or 0)}"
    bounds = [(">=", "e.highest_cents", low), ("<=", "e.lowest_cents", high)]
    given = [one for one in bounds if one[2] is not None]
    of_product = (Sql(f"{column} {sign} ?", (cents,)) for sign, column, cents in given)
    of_variant = (Sql(f"v.price_cents {sign} ?", (cents,)) for sign, _, cents in given)
    return Condition(name, "price", all_of(*of_product), all_of(*of_variant))


def _amount(cents: int) -> str:
    """A bound as it is said: a cent below or above a round price is that price, "under $59"."""
    rounded = {99: cents + 1, 1: cents - 1}.get(cents % 100, cents)
    return money(rounded).removesuffix(".00")


def _refused(slot: str, value: str, words: Sequence[str]) -> Condition:
    """Another color, material or brand is stated; a listing that is silent about it may be what is refused."""
    says, names, of_it = {
        "color": ("in", COLORS, of_value(COLORS, words)),
        "material": ("made of", MATERIALS, made_of(words)),
        "brand": ("from", "brand|manufacturer", from_brand(words)),
    }[slot]
    name = patterns.named_value(names, patterns.VALUE)
    stated = [matches(OPTIONS, name), matches(ATTRIBUTES, name)]
    stated += [Sql("(p.brand IS NOT NULL)")] if slot == "brand" else []
    test = all_of(any_of(*stated), not_(of_it))
    return Condition(f"not {says} {_said(value)}", "refused", variant=test, value=f"{slot}:{value}")


def _feature(feature: str, dialect: str, may_be_options: InOptions) -> Iterator[Condition]:
    words = content_words(feature)
    if not words:
        return
    name = _said(feature) if feature.lower().startswith(SPOKEN) else f'described as "{_said(feature)}"'
    tests = featured(feature, words, dialect, may_be_options)
    yield Condition(name, "feature", *tests, feature)


def _said(words: str) -> str:
    return words if len(words) <= LONGEST_WORDS else words[:LONGEST_WORDS].rsplit(" ", 1)[0]
