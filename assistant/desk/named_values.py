"""Where a text names the values of a product's options.

    named_values(read_tokens("two-piece, black, soft"), options_of(variants))  ->  a NamedValue for each of the three

Values are found loosely: other spellings and units, one telling word of several, one slip of the finger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.desk.options import Option, Value
from assistant.desk.tokens import UNIT_OF, Token, alike, in_smallest, misspelt
from assistant.search.words import stop_words

SPOKEN_POORLY = frozenset({"yes", "no", "none", "one"})  # values that are everyday words: never found by themselves


@dataclass(frozen=True)
class NamedValue:
    start: int
    end: int  # of its tokens, exclusive
    option: str
    value: str
    quality: int  # 2: the whole value, 1: a part of it, or misspelt


def named_values(tokens: Sequence[Token], options: Sequence[Option]) -> list[NamedValue]:
    """The values that the tokens name, in order. Those of several options may share one place."""
    found = [mention for option in options for mention in _of_option(tokens, option)]
    found.sort(key=lambda mention: (-mention.quality, mention.start - mention.end))
    kept: list[NamedValue] = []
    for mention in found:
        if all(_may_stand_beside(mention, other) for other in kept):
            kept.append(mention)
    kept = [mention for mention in kept if not any(_says_more(other, mention) for other in kept)]
    return sorted(set(kept), key=lambda mention: (mention.start, mention.end))


def _says_more(mention: NamedValue, than: NamedValue) -> bool:
    """ "Wi-Fi plus cellular" names one value, though "Wi-Fi" is another."""
    return (
        mention.option == than.option
        and mention.value != than.value
        and than.value.lower() in mention.value.lower()
        and 0 <= mention.start - than.end <= 2
    )


def _may_stand_beside(mention: NamedValue, other: NamedValue) -> bool:
    if mention.end <= other.start or other.end <= mention.start:
        return True
    same_place = (mention.start, mention.end, mention.quality) == (other.start, other.end, other.quality)
    return same_place and mention.option != other.option


def _of_option(tokens: Sequence[Token], option: Option) -> Iterator[NamedValue]:
    for value in option.values:
        if value.raw in SPOKEN_POORLY:
            continue
        whole = list(_whole(tokens, option, value))
        yield from (NamedValue(start, end, option.name, value.text, 2) for start, end in whole)
        if value.is_denial:
            continue
        telling = option.telling_words(value)
        for index, token in enumerate(tokens):
            if any(start <= index < end for start, end in whole):
                continue
            if (
                token.norm in telling
                or any(misspelt(token.text, word) for word in telling)
                or (len(token.text) >= 4 and _begins_one_only(token.text, value, option))
            ):
                yield NamedValue(index, index + 1, option.name, value.text, 1)


def _whole(tokens: Sequence[Token], option: Option, value: Value) -> Iterator[tuple[int, int]]:
    for start in range(len(tokens)):
        for end in range(start + 1, min(start + len(value.norms) + 2, len(tokens) + 1)):
            window = tokens[start:end]
            if "".join(t.norm for t in window) == value.joined or "".join(t.text for t in window) == value.raw:
                if window[0].number is None or value.amount is None or _bare_number_fits(tokens, start, end, option):
                    yield start, end
            elif end - start <= 2 and _amounts_to(window, option, value):
                yield start, end


def _amounts_to(window: Sequence[Token], option: Option, value: Value) -> bool:
    number, unit = window[0].number, window[-1]
    if number is None or value.amount is None or len(window) != 2 or unit.number is not None:
        return False
    if value.amount[1] == "":
        return value.amount[0] == number and any(alike(unit.text, word) for word in option.words)
    return unit.text in UNIT_OF and in_smallest(number, unit.norm) == value.amount


def _bare_number_fits(tokens: Sequence[Token], start: int, end: int, option: Option) -> bool:
    """A number without a unit counts unless it is money, a time or another measure: "10 days ago" is no size."""
    if start and tokens[start - 1].text in "$£€":
        return False
    following = tokens[end] if end < len(tokens) else None
    if tokens[end - 1].number is None or following is None or following.text not in UNIT_OF:
        return True
    return any(alike(following.text, word) for word in option.words)


def _begins_one_only(said: str, value: Value, option: Option) -> bool:
    """ "soft" begins "softshell", and no other value of this option."""
    begun = [other for other in option.values if any(_begins(said, word) for word in _words(other))]
    return begun == [value] and not any(alike(said, word) for word in option.words) and said not in stop_words()


def _begins(said: str, word: str) -> bool:
    return word.startswith(said) and said != word


def _words(value: Value) -> list[str]:
    return re.findall("[a-z]+", value.text.lower())
