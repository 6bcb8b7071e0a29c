"""A ProductQuery as conditions, each a test in SQL and the words that name it: "under $40", "in red", "from Sony".

A condition has a test on the product and one on a variant of it; all variant tests stand over the same variant, so a
colour, a size and a price are always met by one that exists. The product's test is quick (the text index, mostly) and
leaves few products to read the variants of. What a shopper described in free words ("waterproof", "with clicky
switches") must stand in the variant's options or, where no variant speaks of it, anywhere in the product's text, and
must not be denied by the listing ("waterproof: no").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.presentation import money
from assistant.search import patterns, text
from assistant.search.counted import of_others
from assistant.search.query import ProductQuery
from assistant.search.sql import (
    ATTRIBUTES,
    BRAND,
    BUYABLE,
    DESCRIPTION,
    FALSE,
    OPTIONS,
    PROSE,
    TAGS,
    TRUE,
    Sql,
    all_of,
    any_of,
    contains,
    is_in,
    matches,
    not_,
    put,
)
from assistant.search.words import audience_words, content_words, raw_words

COLORS = "(color|colour)(?![ -](temp|safe|fast))|finish|shade"
MATERIALS = "material|fabric|upper"
MEASURES = "size|capacity|volume|length|width|height|diameter|screen|weight|storage|pack|pieces|thickness|dimensions"
DENYING = {"without", "no", "not"}
DONT = {"don", "doesn", "isn", "aren"}  # what is left of "that don't need batteries"
LEADING = {"with", "that", "which", "is", "are", "has", "have"}
MEANT = {"down", *DENYING}  # no index holds them, and a value may: a jacket is filled with down
MOST_NAMING = 5  # words of a feature that may name an attribute and its value: "fine to thick hair type"
LONGEST_WORDS = 40  # of the shopper's own words in a condition's name
TEXTS = (ATTRIBUTES, TAGS)  # of a product, in which a string tells one thing
SPOKEN = ("with ", "without ", "for ", "that ", "made ", "in ", "from ", "under ", "over ", "to ")

InOptions = Callable[[Sequence[str]], bool]  # False where no option of any variant can have all of these words


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
        yield Condition(f"in size {_said(_bare_size(query.size))}", "size", variant=_sized(query.size))
    if words := patterns.color_words(query.color):
        tests = text.holds(words, dialect), _colored(words, dialect)
        yield Condition(f"in {_said(query.color)}", "color", *tests)
    for slot, value in query.refused:
        if words := raw_words(value):
            yield _refused(slot, value, words)
    for feature in query.features:
        yield from _feature(feature, dialect, may_be_options)
    if words := raw_words(query.material):
        tests = text.holds(words, dialect), _made_of(words)
        yield Condition(f"made of {_said(query.material)}", "material", *tests)
    if words := raw_words(query.brand):
        tests = text.holds(words, dialect), _from_brand(words)
        yield Condition(f"from {_said(query.brand)}", "brand", *tests)


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
    runs = [words[start : place + 1] for start in range(place + 1)]
    tests = _described([word], runs, dialect, may_be_options)
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
    bounds = [Sql("v.price_cents >= ?", (low,))] if low is not None else []
    bounds += [Sql("v.price_cents <= ?", (high,))] if high is not None else []
    return Condition(name, "price", variant=all_of(*bounds))


def _amount(cents: int) -> str:
    """A bound as it is said: a cent below or above a round price is that price, "under $59"."""
    rounded = {99: cents + 1, 1: cents - 1}.get(cents % 100, cents)
    return money(rounded).removesuffix(".00")


def _refused(slot: str, value: str, words: Sequence[str]) -> Condition:
    """Another color, material or brand is stated; a listing that is silent about it may be what is refused."""
    says, names, of_it = {
        "color": ("in", COLORS, _of_value(COLORS, words)),
        "material": ("made of", MATERIALS, _made_of(words)),
        "brand": ("from", "brand|manufacturer", _from_brand(words)),
    }[slot]
    name = patterns.named_value(names, patterns.VALUE)
    stated = [matches(OPTIONS, name), matches(ATTRIBUTES, name)]
    stated += [Sql("(p.brand IS NOT NULL)")] if slot == "brand" else []
    test = all_of(any_of(*stated), not_(of_it))
    return Condition(f"not {says} {_said(value)}", "refused", variant=test, value=f"{slot}:{value}")


def _of_value(names: str, words: Sequence[str]) -> Sql:
    """An option so named has the value; where no option is so named, an attribute does."""
    value, name = patterns.named_value(names, patterns.spelled(words)), patterns.named_value(names, patterns.VALUE)
    in_attributes = all_of(not_(matches(OPTIONS, name)), matches(ATTRIBUTES, value))
    return any_of(matches(OPTIONS, value), in_attributes)


def _feature(feature: str, dialect: str, may_be_options: InOptions) -> Iterator[Condition]:
    words = content_words(feature)
    if not words:
        return
    name = _said(feature) if feature.lower().startswith(SPOKEN) else f'described as "{_said(feature)}"'
    raw = [word for word in raw_words(feature) if word not in LEADING]
    if raw[0] in (*DENYING, "non") or words[-1] == "free" or not DONT.isdisjoint(raw):
        tests = _lacking(words, dialect)
    else:
        tests = _featured(feature, words, dialect, may_be_options)
    yield Condition(name, "feature", *tests, feature)


def _lacking(words: Sequence[str], dialect: str) -> tuple[Sql, Sql]:
    """The listing must say so: that it is silent about laces does not make a shoe one without laces.

    "grain-free" and "non-slip" may also be said in just these words."""
    thing = tuple(word for word in words if word not in ("free", "non")) or words
    denied = any_of(_listing_denies([thing]), _option_denies([thing]))
    if thing != words:
        said = any_of(matches(ATTRIBUTES, patterns.says_yes(words)), _in_one_piece(words))
        denied = all_of(not_(matches(ATTRIBUTES, patterns.says_no(words))), any_of(denied, said))
    return text.holds_any(thing, dialect), denied


def _featured(feature: str, words: Sequence[str], dialect: str, may_be_options: InOptions) -> tuple[Sql, Sql]:
    """Words that belong together must be said together: "fleece lining" is no cotton lining with a fleece collar."""
    runs = [words[i:j] for i in range(len(words)) for j in range(i + 1, len(words) + 1)]
    of_product, of_variant = _described(words, runs, dialect, may_be_options)
    together = [word for word in raw_words(feature) if word in words or word in MEANT]
    if not DENYING.isdisjoint(together):  # "works without internet"
        of_product, of_variant = text.holds(words, dialect), TRUE
    for place in range(1, len(together)) if len(together) <= MOST_NAMING else ():
        for name, rest in ((together[place:], together[:place]), (together[:place], together[place:])):
            is_such = put(
                "EXISTS (SELECT 1 FROM search_entries e JOIN products p ON p.id = e.product_id WHERE {} AND {})",
                *(text.holds(words, dialect), matches(ATTRIBUTES, patterns.is_said_of(name, rest))),
            )
            otherwise = matches(ATTRIBUTES, patterns.is_said_otherwise(name, rest))
            of_product = all_of(of_product, not_(all_of(otherwise, is_such)))
    if others := of_others(words):
        of_product = all_of(of_product, not_(matches(ATTRIBUTES, others)))
    if may_be_options(together):
        return of_product, all_of(of_variant, _in_one_piece(together))
    return all_of(of_product, _in_one_piece(together, TEXTS)), of_variant


def _in_one_piece(words: Sequence[str], columns: Sequence[str] = (OPTIONS, *TEXTS)) -> Sql:
    """All words in one option or attribute, one tag, or one sentence."""
    in_string = patterns.in_one_string(words)
    return any_of(
        *(_told(column, in_string, words) for column in columns),
        _told(PROSE, patterns.in_one_sentence(words), words),
    )


def _told(column: str, pattern: str, words: Sequence[str]) -> Sql:
    """The pattern of these words, tried where all of them may be."""
    held = (any_of(*(contains(column, beginning) for beginning in patterns.beginnings(word))) for word in words)
    return all_of(*held, matches(column, pattern))


def _described(
    words: Sequence[str], runs: Sequence[Sequence[str]], dialect: str, may_be_options: InOptions
) -> tuple[Sql, Sql]:
    """Options that no such word stands in are not read."""
    of_product = all_of(text.holds(words, dialect), not_(_listing_denies(runs)))
    denied = _option_denies([run for run in runs if may_be_options(run)])
    return of_product, all_of(not_(denied), *(_not_another(word) for word in words if may_be_options([word])))


def _not_another(word: str) -> Sql:
    """This variant has it, or none has: then it is a matter of the product."""
    mentions = matches(OPTIONS, patterns.has_word(word))
    of_any = put("EXISTS (SELECT 1 FROM variants v WHERE v.product_id = e.product_id AND {})", mentions)
    return any_of(mentions, not_(of_any))


def _option_denies(runs: Sequence[Sequence[str]]) -> Sql:
    return matches(OPTIONS, "|".join(map(patterns.says_no, runs))) if runs else FALSE


def _listing_denies(runs: Sequence[Sequence[str]]) -> Sql:
    """An attribute says no, or a sentence does where no attribute is called so."""
    lasts = list(dict.fromkeys(run[-1] for run in runs))

    def told(column: str, pattern: Callable[[Sequence[str]], str]) -> Sql:
        held = any_of(*(contains(column, one) for last in lasts for one in patterns.beginnings(last)))
        return all_of(held, matches(column, "|".join(map(pattern, runs))))

    sentence = any_of(told(DESCRIPTION, patterns.is_denied), told(ATTRIBUTES, patterns.is_denied))
    named = told(ATTRIBUTES, patterns.is_named)
    return any_of(told(ATTRIBUTES, patterns.says_no), all_of(not_(named), sentence))


def _colored(words: Sequence[str], dialect: str) -> Sql:
    """By the variant's option; for a product without any, by its attribute, and without that, by its name."""
    value, name = patterns.named_value(COLORS, patterns.spelled(words)), patterns.named_value(COLORS, patterns.VALUE)
    by_name = all_of(not_(matches(ATTRIBUTES, name)), text.holds(words, dialect, fields="heading"))
    stated = any_of(matches(ATTRIBUTES, value), by_name)
    return any_of(matches(OPTIONS, value), all_of(not_(matches(OPTIONS, name)), stated))


def _made_of(words: Sequence[str]) -> Sql:
    value, name = (patterns.named_value(MATERIALS, wanted) for wanted in (patterns.spelled(words), patterns.VALUE))
    imitation = patterns.not_real(words)
    of_option, of_attribute = (
        all_of(matches(column, value), not_(matches(column, imitation))) for column in (OPTIONS, ATTRIBUTES)
    )
    return any_of(of_option, all_of(not_(matches(OPTIONS, name)), of_attribute))


def _sized(size: str) -> Sql:
    """A bare "8" is a size proper, "8 mm" any measure; of the variant where it has a size, else of the product."""
    measured = re.search("[0-9].*[a-z]|[a-z].*[0-9]", _bare_size(size).lower())
    wanted = patterns.sized(size)
    value = patterns.named_value(MEASURES if measured else "size", wanted)
    name = patterns.named_value("size", patterns.VALUE)
    number = re.match("[0-9]+", wanted)  # 2XL may be written XXL, and begins with that
    in_option, in_attribute = (
        all_of(contains(column, number[0] if number else ""), matches(column, value))
        for column in (OPTIONS, ATTRIBUTES)
    )
    return any_of(in_option, all_of(in_attribute, not_(matches(OPTIONS, name))))


def _bare_size(size: str) -> str:
    return " ".join(word for word in size.split() if word.lower() not in ("size", "sized"))


def _from_brand(words: Sequence[str]) -> Sql:
    named = patterns.named_value("brand|manufacturer", patterns.spelled(words))
    branded = all_of(*(matches(BRAND, patterns.has_word(word)) for word in words))
    return any_of(branded, matches(OPTIONS, named), matches(ATTRIBUTES, named))


def _said(words: str) -> str:
    return words if len(words) <= LONGEST_WORDS else words[:LONGEST_WORDS].rsplit(" ", 1)[0]
