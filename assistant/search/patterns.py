"""Regular expressions that find words in values, read alike by Python's `re` (SQLite) and by PostgreSQL.

They run over lower-case text, some over the text of a JSON column: `{"switch type": "clicky", "size": "60%"}`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.search.words import alternatives, raw_words, stem

START = "(^|[^a-z0-9.])"
END = "($|[^a-z0-9.]|[.]($|[^0-9]))"  # "1" is not in "1.5", but may end a sentence
VALUE = '[^"]*'  # JSON escapes a quote as \", which ends the value too early: it is then not found, never wrongly found
NOT_REAL = "(synthetic|faux|imitation|artificial|vegan|fake|not|no|without)"
HUES = frozenset("blue green red grey gray brown pink purple yellow orange".split())
NOT_SHADES = HUES | frozenset("light dark pale bright deep hot soft dusty neon black white and or not".split())
LETTER_SIZES = (
    ("xxs", "2xs"),
    ("xs", "extra small", "x small"),
    ("s", "small"),
    ("m", "medium", "med"),
    ("l", "large"),
    ("xl", "extra large", "x large"),
    ("xxl", "2xl"),
    ("xxxl", "3xl"),
)
UNITS = (
    ("l", "litre", "litres", "liter", "liters"),
    ("ml", "millilitre", "milliliter", "millilitres", "milliliters"),
    ("inch", "inches", "in", "''"),
    ("ft", "feet", "foot"),
    ("m", "metre", "metres", "meter", "meters"),
    ("cm", "centimetre", "centimetres", "centimeters"),
    ("mm", "millimetre", "millimetres", "millimeters"),
    ("kg", "kilo", "kilos", "kgs"),
    ("g", "gram", "grams"),
    ("lb", "lbs", "pound", "pounds"),
    ("oz", "ounce", "ounces"),
    ("cup", "cups"),
    ("piece", "pieces", "pc", "pcs"),
    ("gb", "gigabytes"),
    ("tb", "terabytes"),
)


def has_word(word: str) -> str:
    """The word, with its endings and synonyms, as a whole word."""
    return f"{START}({_forms(word)}){END}"


def says_no(words: Sequence[str]) -> str:
    """A JSON name made of exactly these words, and a value that denies it: `"waterproof": "no, but quick drying"`."""
    name = _name(words)
    return f'{name}: ?"((no|not|none|never|without)[^a-z0-9]|{VALUE}[^a-z]not {_together(words)})'


def is_named(words: Sequence[str]) -> str:
    """A JSON name made of exactly these words."""
    return f'{_name(words)}: ?"'


def is_denied(words: Sequence[str]) -> str:
    """A sentence that denies these words: "it is not waterproof", "without laces", "fragrance-free"."""
    together = _together(words)
    return f"(not|isn.?t|aren.?t|never|without|no) (a |any |fully |really |at all )?{together}|{together}[ -]free"


def named_value(names: str, value: str) -> str:
    """A JSON pair whose name holds one of `names` ("color|colour") and whose value fits the pattern `value`."""
    return f'"{VALUE}({names}){VALUE}": ?"({VALUE}[^a-z0-9."])?({value})([^a-z0-9."]{VALUE})?"'


def spelled(words: Sequence[str]) -> str:
    """These words in this order inside one value, each with at most the ending of a plural."""
    return VALUE.join(f"({'|'.join(map(re.escape, alternatives(word)))})(s|es)?" for word in words)


def color_words(color: str) -> list[str]:
    """The words of a color that tell it: "navy blue" is listed as navy, "forest green" as forest."""
    words = raw_words(color)
    named_shade = len(words) == 2 and words[1] in HUES and words[0] not in NOT_SHADES
    return words[:1] if named_shade else words


def not_real(words: Sequence[str]) -> str:
    """The material in an imitation: leather in "synthetic leather"."""
    return f"{NOT_REAL}[ -]{spelled(words)}"


def sized(size: str) -> str:
    """A size as shops spell it: M for "medium", "1.7 L" for "1.7 litres"."""
    text = " ".join(
        word for word in size.lower().replace('"', "''").split() if word not in ("size", "sized", "a", "uk", "us")
    )
    text = re.sub(r"^(extra|x)-(small|large)$", r"\1 \2", text)
    for spellings in LETTER_SIZES:
        if text in spellings:
            return "|".join(re.escape(spelling) for spelling in spellings)
    measured = re.fullmatch(r"(\d+(?:[.]\d+)?)[ -]?([a-z']+)", text)
    unit = next((units for units in UNITS if measured and measured[2] in units), None)
    if measured and unit:
        return f"{re.escape(measured[1])}[ -]?({'|'.join(map(re.escape, unit))})"
    return "[ -]?".join(re.escape(part) for part in re.split("[ -]", text) if part) or re.escape(text)


def _name(words: Sequence[str]) -> str:
    return f'"{_together(words)}"'


def _together(words: Sequence[str]) -> str:
    return "[ -]".join(f"({_forms(word)})" for word in words)


def _forms(word: str) -> str:
    forms = []
    for other in alternatives(word):
        root = stem(other)
        forms.append(re.escape(root) + "[a-z]?[a-z]?[a-z]?" if len(root) > 3 else re.escape(other) + "(s|es)?")
    return "|".join(forms)
