"""What a shopper described in free words, as tests in SQL: "waterproof", "with clicky switches", "without laces".

It must stand in the variant's options or, where no variant speaks of it, anywhere in the product's text, and must not
be denied by the listing ("waterproof: no").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.search import patterns, text
from assistant.search.counted import of_others
from assistant.search.sql import (
    ATTRIBUTES,
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
    matches,
    not_,
    put,
)
from assistant.texts import raw_words

DENYING = {"without", "no", "not"}
DONT = {"don", "doesn", "isn", "aren"}  # what is left of "that don't need batteries"
LEADING = {"with", "that", "which", "is", "are", "has", "have"}
MEANT = {"down", *DENYING}  # no index holds them, and a value may: a jacket is filled with down
MOST_NAMING = 5  # words of a feature that may name an attribute and its value: "fine to thick hair type"
TEXTS = (ATTRIBUTES, TAGS)  # of a product, in which a string tells one thing

InOptions = Callable[[Sequence[str]], bool]  # False where no option of any variant can have all of these words


def featured(feature: str, words: Sequence[str], dialect: str, may_be_options: InOptions) -> tuple[Sql, Sql]:
    """Tests on the product and on a variant of it. `words` are those of the feature that have content."""
    raw = [word for word in raw_words(feature) if word not in LEADING]
    if raw[0] in (*DENYING, "non") or words[-1] == "free" or not DONT.isdisjoint(raw):
        return _lacking(words, dialect)
    return _having(feature, words, dialect, may_be_options)


def described_so(
    words: Sequence[str], wholes: Sequence[Sequence[str]], dialect: str, may_be_options: InOptions
) -> tuple[Sql, Sql]:
    """Tests on the product and on a variant of it: the words are there, and none of the `wholes` is denied, nor the end
    of one, "noise cancelling" or "cancelling".

    Options that no such word stands in are not read."""
    of_product = all_of(text.holds(words, dialect), not_(_listing_denies(wholes, 1)))
    runs = [whole[start:] for whole in wholes for start in range(len(whole))]
    denied = _option_denies([run for run in runs if may_be_options(run)])
    return of_product, all_of(not_(denied), *(_not_another(word) for word in words if may_be_options([word])))


def _lacking(words: Sequence[str], dialect: str) -> tuple[Sql, Sql]:
    """The listing must say so: that it is silent about laces does not make a shoe one without laces.

    "grain-free" and "non-slip" may also be said in just these words."""
    thing = tuple(word for word in words if word not in ("free", "non")) or words
    denied = any_of(_listing_denies([thing]), _option_denies([thing]))
    if thing != words:
        said = any_of(matches(ATTRIBUTES, patterns.says_yes(words)), _in_one_piece(words))
        denied = all_of(not_(matches(ATTRIBUTES, patterns.says_no(words))), any_of(denied, said))
    return text.holds_any(thing, dialect), denied


def _having(feature: str, words: Sequence[str], dialect: str, may_be_options: InOptions) -> tuple[Sql, Sql]:
    """Words that belong together must be said together: "fleece lining" is no cotton lining with a fleece collar."""
    wholes = [words[: last + 1] for last in range(len(words))]
    of_product, of_variant = described_so(words, wholes, dialect, may_be_options)
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


def _not_another(word: str) -> Sql:
    """This variant has it, or none has: then it is a matter of the product."""
    mentions = matches(OPTIONS, patterns.has_word(word))
    of_any = put("EXISTS (SELECT 1 FROM variants v WHERE v.product_id = e.product_id AND {})", mentions)
    return any_of(mentions, not_(of_any))


def _option_denies(runs: Sequence[Sequence[str]]) -> Sql:
    return matches(OPTIONS, "|".join(map(patterns.says_no, runs))) if runs else FALSE


def _listing_denies(wholes: Sequence[Sequence[str]], least: int | None = None) -> Sql:
    """An attribute says no, or a sentence does where no attribute is called so; to the last `least` words or more."""
    lasts = list(dict.fromkeys(whole[-1] for whole in wholes))

    def told(column: str, pattern: Callable[[Sequence[str], int | None], str]) -> Sql:
        held = any_of(*(contains(column, one) for last in lasts for one in patterns.beginnings(last)))
        return all_of(held, matches(column, "|".join(pattern(whole, least) for whole in wholes)))

    sentence = any_of(told(DESCRIPTION, patterns.is_denied), told(ATTRIBUTES, patterns.is_denied))
    named = told(ATTRIBUTES, patterns.is_named)
    return any_of(told(ATTRIBUTES, patterns.says_no), all_of(not_(named), sentence))
