"""The words of a text in the forms that they have in common: plurals, other spellings, units, sizes, number words.

read_tokens("two 1.5 litre flasks")  ->  tokens with the norms "2", "1.5", "litre", "flask"
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from number_parser import parse

from assistant.search.patterns import LETTER_SIZES, UNITS
from assistant.search.words import key

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
MEASURE = "(litre|liter|kilo|metre|meter|gallon|terabyte)"  # said without a number where it is one
WORD_UNITS = [form for form in UNIT_OF if form.isalpha() and form != "in"]  # "one in bamboo" is no inch
FACTORS = {"litre": (1000, "ml"), "l": (1000, "ml"), "tb": (1000, "gb"), "kg": (1000, "g"), "k": (720, "p")}
SIZE_OF = {form: sizes[0] for sizes in LETTER_SIZES for form in sizes}


@dataclass(frozen=True)
class Token:
    text: str  # lower case
    norm: str  # what its other spellings have in common
    number: float | None
    sentence: int
    clause: int


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


def in_smallest(number: float, unit: str) -> tuple[float, str]:
    factor, smallest = FACTORS.get(unit, (1, unit))
    return round(number * factor, 3), smallest


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'")
    plain = re.sub(r"(?<=\d) ?(\"|''|\u201d)", " inch ", plain)
    plain = re.sub(r"(?<=\w)'s\b", "", plain).replace("'", "")
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", plain)
    plain = re.sub(rf"\bhalf (?:an? )?{MEASURE}\b", r"0.5 \1", plain)
    plain = re.sub(rf"(?<!\d )(?<!\d)\b(?:one )?{MEASURE}\b", r"1 \1", plain)  # "the litre one"
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
