"""The options of a product's variants, and where a text names their values.

    mentions(read_tokens("two-piece, black, soft"), options_of(variants))  ->  a Mention for each of the three

Values are found loosely: other spellings and units, one telling word of several, one slip of the finger.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import inf, prod
from typing import Protocol

from number_parser import parse

from assistant.search.patterns import LETTER_SIZES, UNITS
from assistant.search.words import key, stop_words

MOST_CACHED = 5_000  # texts, and pairs of words
TOKEN = re.compile(r"<else>|\d+(?:[.]\d+)?|[a-z]+|[%$£€>+]|[.,;:!?()\n]")
SENTENCE_ENDS = frozenset(".;!?\n")
CLAUSE_ENDS = SENTENCE_ENDS | frozenset(",:()")
MORE_UNITS = (
    ("hour", "hours", "hr", "hrs", "h"),
    ("degree", "degrees", "deg"),
    ("mp", "megapixel", "megapixels"),
    ("x", "times"),
    ("w", "watt", "watts"),
    ("bar", "bars"),
    ("year", "years", "yr", "yrs"),
    ("day", "days", "week", "weeks", "minute", "minutes", "month", "months", "dollar", "dollars", "usd"),
    *(("mah",), ("p",), ("k",), ("%", "percent")),
)
UNIT_OF = {form: units[0] for units in (*UNITS, *MORE_UNITS) for form in units}
WORD_UNITS = [form for form in UNIT_OF if form.isalpha() and form != "in"]  # "one in bamboo" is no inch
FACTORS = {"litre": (1000, "ml"), "l": (1000, "ml"), "tb": (1000, "gb"), "kg": (1000, "g"), "k": (720, "p")}
SIZE_OF = {form: sizes[0] for sizes in LETTER_SIZES for form in sizes}
SCALES = (
    "portable mini compact xxs xs s m regular standard l xl xxl xxxl",
    *("low m high", "light m dark", "soft m firm", "short regular long", "beginner intermediate expert"),
    *("easy m hard", "basic standard professional", "twin full queen king", "single double", "half full"),
)
DENIALS = frozenset("no none not without non never".split())
FULL = frozenset({"full", "fulls", "fullsize", "fullsiz"})
SPOKEN_POORLY = frozenset({"yes", "no", "none", "one"})  # values that are everyday words: never found by themselves


class HasOptions(Protocol):
    @property
    def options(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Token:
    text: str  # lower case
    norm: str  # what its other spellings have in common
    number: float | None
    sentence: int
    clause: int


@dataclass(frozen=True)
class Value:
    text: str

    @cached_property
    def norms(self) -> tuple[str, ...]:
        return tuple(token.norm for token in read_tokens(self.text) if token.text != "+")

    @cached_property
    def joined(self) -> str:
        return "".join(self.norms)

    @cached_property
    def raw(self) -> str:
        return re.sub("[^a-z0-9.%]", "", self.text.lower())

    @cached_property
    def is_denial(self) -> bool:
        """It says that the thing is not there: "none", "no", "not resistant"."""
        return bool(self.norms) and self.norms[0] in DENIALS and "polarized" not in self.raw

    @cached_property
    def amount(self) -> tuple[float, str] | None:
        """How much it is, in the smallest unit: ("1.5 liters") -> (1500, "ml"). None where it holds no number."""
        found = read_tokens(self.text)
        numbers = [token.number for token in found if token.number is not None]
        if not numbers:
            return None
        first = next(index for index, token in enumerate(found) if token.number is not None)
        if first and found[first - 1].text == "a":  # paper: A5 is smaller than A4
            return -numbers[0], "a"
        unit = next((token.norm for token in found[first:] if token.text in UNIT_OF and token.number is None), None)
        if unit is None:
            unit = found[first - 1].norm if first else ""
        number = prod(numbers) if re.search(r"\d ?x ?\d", self.text.lower()) else numbers[0]
        return in_smallest(number, unit)


@dataclass(frozen=True)
class Option:
    name: str
    values: tuple[Value, ...]

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(token.text for token in read_tokens(self.name) if token.text.isalpha())

    @cached_property
    def denial(self) -> Value | None:
        return next((value for value in self.values if value.is_denial), None)

    @cached_property
    def ladder(self) -> dict[str, float]:
        """Each value's place from least to most; empty where the values have no order."""
        return _by_amount(self.values) or _by_words(self.values)

    def telling_words(self, value: Value) -> set[str]:
        """The words of the value that no other value of this option has."""
        others = {norm for other in self.values if other is not value for norm in other.norms}
        dull = others | {key(word) for word in self.words} | DENIALS
        return {
            norm
            for norm in value.norms
            if len(norm) > 1 and norm.isalpha() and norm not in dull | stop_words() and norm not in UNIT_OF.values()
        }


@dataclass(frozen=True)
class Mention:
    start: int
    end: int  # of its tokens, exclusive
    option: str
    value: str
    quality: int  # 2: the whole value, 1: a part of it, or misspelt


def options_of(variants: Sequence[HasOptions]) -> tuple[Option, ...]:
    names = dict.fromkeys(name for variant in variants for name in variant.options)
    return tuple(
        Option(
            name,
            tuple(Value(text) for text in dict.fromkeys(v.options[name] for v in variants if name in v.options)),
        )
        for name in names
    )


@lru_cache(maxsize=MOST_CACHED)
def read_tokens(text: str) -> tuple[Token, ...]:
    tokens: list[Token] = []
    sentence = clause = 0
    for word in TOKEN.findall(_plain(text)):
        sentence += word in SENTENCE_ENDS or word == "<else>"
        clause += word in CLAUSE_ENDS or word == "<else>"
        if word in CLAUSE_ENDS:
            continue
        after_number = bool(tokens) and tokens[-1].number is not None
        number = float(word) if word[0].isdigit() else None
        tokens.append(Token(word, _norm(word, number, after_number), number, sentence, clause))
    return tuple(tokens)


def alike(said: str, name: str) -> bool:
    """Whether a word is another form of a word of an option's name: "brighter" of "brightness"."""
    if key(said) == key(name):
        return True
    common = next((i for i, (a, b) in enumerate(zip(said, name, strict=False)) if a != b), min(len(said), len(name)))
    return common >= 4 and max(len(said), len(name)) - common <= 5 and min(len(said), len(name)) - common <= 2


def in_smallest(number: float, unit: str) -> tuple[float, str]:
    factor, smallest = FACTORS.get(unit, (1, unit))
    return round(number * factor, 3), smallest


def mentions(tokens: Sequence[Token], options: Sequence[Option]) -> list[Mention]:
    """The values that the tokens name, in order. Those of several options may share one place."""
    found = [mention for option in options for mention in _of_option(tokens, option)]
    found.sort(key=lambda mention: (-mention.quality, mention.start - mention.end))
    kept: list[Mention] = []
    for mention in found:
        if all(_may_stand_beside(mention, other) for other in kept):
            kept.append(mention)
    kept = [mention for mention in kept if not any(_says_more(other, mention) for other in kept)]
    return sorted(set(kept), key=lambda mention: (mention.start, mention.end))


def _says_more(mention: Mention, than: Mention) -> bool:
    """ "Wi-Fi plus cellular" names one value, though "Wi-Fi" is another."""
    return (
        mention.option == than.option
        and mention.value != than.value
        and than.value.lower() in mention.value.lower()
        and 0 <= mention.start - than.end <= 2
    )


def _may_stand_beside(mention: Mention, other: Mention) -> bool:
    if mention.end <= other.start or other.end <= mention.start:
        return True
    same_place = (mention.start, mention.end, mention.quality) == (other.start, other.end, other.quality)
    return same_place and mention.option != other.option


def _of_option(tokens: Sequence[Token], option: Option) -> Iterator[Mention]:
    for value in option.values:
        if value.raw in SPOKEN_POORLY:
            continue
        whole = list(_whole(tokens, option, value))
        yield from (Mention(start, end, option.name, value.text, 2) for start, end in whole)
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
                yield Mention(index, index + 1, option.name, value.text, 1)


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


@lru_cache(maxsize=MOST_CACHED)
def misspelt(said: str, word: str) -> bool:
    """One letter wrong, missing, added or swapped, in a word of five letters or more; the first letter is right."""
    if min(len(said), len(word)) < 4 or max(len(said), len(word)) < 5 or said[0] != word[0] or said == word:
        return False
    if abs(len(said) - len(word)) > 1:
        return False
    short, long = sorted((said, word), key=len)
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :] and long[at:] not in ("r", "d", "s")  # "larger" is no "large"
    return short[at + 1 :] == long[at + 1 :] or (
        short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    )


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'")
    plain = re.sub(r"(?<=\d) ?(\"|''|\u201d)", " inch ", plain)
    plain = re.sub(r"(?<=\w)'s\b", "", plain).replace("'", "")
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", plain)
    plain = re.sub(r"(?<=\d) in (?=[a-z])", " with ", plain)  # "size 8 in leather" is no inches
    plain = re.sub(r"\b(?:extra|xtra|x)[ -](large|small)\b", lambda found: "x" + found[1][0], plain)
    plain = re.sub(r"\b(\d)xl\b", lambda found: "x" * int(found[1]) + "l", plain)
    plain = re.sub(rf"\bone\b(?! (?:{'|'.join(WORD_UNITS)})\b)", "one_", plain)
    numbers: str = parse(plain.replace("-", " "), language="en")
    return numbers.replace("one_", "one")


def _norm(word: str, number: float | None, after_number: bool) -> str:
    if number is not None:
        return f"{number:g}"
    if after_number and word in UNIT_OF:
        return UNIT_OF[word]
    return SIZE_OF.get(word) or (word if len(word) < 3 else key(word))


def _by_amount(values: Sequence[Value]) -> dict[str, float]:
    ladder: dict[str, float] = {}
    units = set()
    for value in values:
        if value.amount is not None:
            units.add(value.amount[1])
            ladder[value.text] = value.amount[0]
        elif value.is_denial or value.joined in FULL:
            ladder[value.text] = -inf if value.is_denial else inf
    return ladder if len(units) == 1 and len(ladder) == len(values) else {}


def _by_words(values: Sequence[Value]) -> dict[str, float]:
    for scale in SCALES:
        steps = [SIZE_OF.get(word) or (word if len(word) < 3 else key(word)) for word in scale.split()]
        if all(value.joined in steps for value in values):
            return {value.text: float(steps.index(value.joined)) for value in values}
    return {}
