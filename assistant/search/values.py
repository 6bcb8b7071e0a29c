"""The values of a variant's options as tests in SQL: its colour, its material, its size; and the product's brand.

An option counts before an attribute: what a listing says of all its variants is heeded where none has such an option.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.search import patterns, text
from assistant.search.sql import ATTRIBUTES, BRAND, OPTIONS, Sql, all_of, any_of, contains, matches, not_
from assistant.search.words import kinds_of

COLORS = "(color|colour)(?![ -](temp|safe|fast))|finish|shade"
MATERIALS = "material|fabric|upper"
MEASURES = "size|capacity|volume|length|width|height|diameter|screen|weight|storage|pack|pieces|thickness|dimensions"


def of_value(names: str, words: Sequence[str]) -> Sql:
    """An option so named has the value; where no option is so named, an attribute does."""
    value, name = patterns.named_value(names, patterns.spelled(words)), patterns.named_value(names, patterns.VALUE)
    in_attributes = all_of(not_(matches(OPTIONS, name)), matches(ATTRIBUTES, value))
    return any_of(matches(OPTIONS, value), in_attributes)


def colored(words: Sequence[str], dialect: str) -> Sql:
    """By the variant's option; for a product without any, by its attribute, and without that, by its name."""
    value, name = patterns.named_value(COLORS, patterns.spelled(words)), patterns.named_value(COLORS, patterns.VALUE)
    by_name = all_of(not_(matches(ATTRIBUTES, name)), text.holds(words, dialect, fields="heading"))
    stated = any_of(matches(ATTRIBUTES, value), by_name)
    return any_of(matches(OPTIONS, value), all_of(not_(matches(OPTIONS, name)), stated))


def made_of(words: Sequence[str]) -> Sql:
    kinds = kinds_of(words[0]) if len(words) == 1 else ()
    wanted = "|".join(f"({patterns.spelled(one)})" for one in (words, *([kind] for kind in kinds)))
    value, name = (patterns.named_value(MATERIALS, one) for one in (f"({wanted})", patterns.VALUE))
    imitation = patterns.not_real(words)
    of_option, of_attribute = (
        all_of(matches(column, value), not_(matches(column, imitation))) for column in (OPTIONS, ATTRIBUTES)
    )
    return any_of(of_option, all_of(not_(matches(OPTIONS, name)), of_attribute))


def sized(size: str) -> Sql:
    """A bare "8" is a size proper, "8 mm" any measure; of the variant where it has a size, else of the product."""
    measured = re.search("[0-9].*[a-z]|[a-z].*[0-9]", bare_size(size).lower())
    wanted = patterns.sized(size)
    value = patterns.named_value(MEASURES if measured else "size", wanted)
    name = patterns.named_value("size", patterns.VALUE)
    number = re.match("[0-9]+", wanted)  # 2XL may be written XXL, and begins with that
    in_option, in_attribute = (
        all_of(contains(column, number[0] if number else ""), matches(column, value))
        for column in (OPTIONS, ATTRIBUTES)
    )
    return any_of(in_option, all_of(in_attribute, not_(matches(OPTIONS, name))))


def bare_size(size: str) -> str:
    return " ".join(word for word in size.split() if word.lower() not in ("size", "sized"))


def from_brand(words: Sequence[str]) -> Sql:
    named = patterns.named_value("brand|manufacturer", patterns.spelled(words))
    branded = all_of(*(matches(BRAND, patterns.has_word(word)) for word in words))
    return any_of(branded, matches(OPTIONS, named), matches(ATTRIBUTES, named))
