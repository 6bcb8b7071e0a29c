"""Regular expressions that find words in values, read alike by Python's `re` (SQLite) and by PostgreSQL.

They run over lower-case text, some over the text of a JSON column: `{"switch type": "clicky", "size": "60%"}`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.search.words import alternatives, stem
from assistant.texts import raw_words

START = "(?<![a-z0-9.])"
END = "($|[^a-z0-9.]|[.]($|[^0-9]))"  # "1" is not in "1.5", but may end a sentence
VALUE = '[^"]*'  # JSON escapes a quote as \", which ends the value too early: it is then not found, never wrongly found
NOT_REAL = f"{START}(synthetic|faux|imitation|artificial|vegan|fake|not|no|without)"
LIKE_IT = "[ -](feel|look|like|effect|free)"  # "cotton-feel"
BEFORE_WORD = '([^"]*[^"a-z0-9.])?'  # of a JSON string
IN_SENTENCE = "([^.;!?]|[.;!?][^ ])*"
BETWEEN = "[ -]((a|an|the|for|of|to|and|in|on|with) )?"
OF_NAME = "( needed| required| included)?"
NO_DIMENSION = "(?![ -]?(x|{})([^a-z]|$))"  # after a number: the 30 of "30 ml" is no size 30
PLURALS = (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("s", ""))
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


def beginnings(word: str) -> list[str]:
    """What one of begins whatever the patterns take for this word; plain letters and digits, in lower case."""
    found = []
    for other in alternatives(word):
        root = stem(other)
        found.append(re.match("[a-z0-9.]*", root[:-1] if root.endswith("y") else root)[0])  # type: ignore[index]
    return found


def has_word(word: str) -> str:
    """The word, with its endings and synonyms, as a whole word."""
    return f"{START}({_forms(word)}){END}"


def says_no(words: Sequence[str], least: int | None = None) -> str:
    """A JSON name of these words, and a value that denies it: `"waterproof": "no, but quick drying"`. In this and the
    next two the last `least` of the words will do, where it is given."""
    together = _together(words, least)
    return f'"{together}{OF_NAME}": ?"((no|not|none|never|without)[^a-z0-9]|{VALUE}[^a-z]not {together})'


def is_named(words: Sequence[str], least: int | None = None) -> str:
    """A JSON name of these words."""
    return f'"{_together(words, least)}{OF_NAME}": ?"'


def is_denied(words: Sequence[str], least: int | None = None) -> str:
    """A sentence that denies these words: "it is not waterproof", "without laces", "fragrance-free"."""
    denial = (
        f"{START}(not|isn.?t|aren.?t|never|without|no) (a |any |fully |really |at all )?"  # not that of "merino wool"
    )
    free = _together(words[-least:] if least else words)  # whatever stands before them
    return f"{denial}{_together(words, least)}|{START}{free}[ -]free"


def says_yes(words: Sequence[str]) -> str:
    """A JSON name of these words, and a value that does not deny it."""
    return f'{_name(words)}: ?"(?!(no|not|none|never|without)[^a-z0-9])'


def in_one_string(words: Sequence[str]) -> str:
    """All of these words in one JSON pair, its name or its value, or in one string of a JSON list."""
    return r"([{,]|\[) ?" + "".join(f'(?="([^"]*": ?")?{BEFORE_WORD}({_forms(word)}){END})' for word in words)


def in_one_sentence(words: Sequence[str]) -> str:
    return "(^|[.;!?] )" + "".join(f"(?=({IN_SENTENCE}[^a-z0-9.])?({_forms(word)}){END})" for word in words)


def is_said_of(name: Sequence[str], words: Sequence[str]) -> str:
    """A JSON name of these words, and all of the others in its value: "filling": "goose down"."""
    return f'{_name(name)}: ?"' + "".join(f"(?={BEFORE_WORD}({_forms(word)}){END})" for word in words)


def is_said_otherwise(name: Sequence[str], words: Sequence[str]) -> str:
    """A JSON name of these words, and a value that lacks one of the others."""
    return f'{_name(name)}: ?"(' + "|".join(f"(?!{BEFORE_WORD}({_forms(word)}){END})" for word in words) + ")"


def is_tagged(words: Sequence[str], with_age: bool) -> str:
    """A whole string of a JSON list is one of the words, or an age: "4 year old"."""
    age = "|[0-9]+ (year|month)s? old" if with_age else ""
    return f'"({"|".join(map(re.escape, words))}{age})"'


def noun(word: str) -> str:
    """The word, or one that means the same, in singular or plural; not the backpack in "backpacker"."""
    return f"{START}({'|'.join(map(_counted, alternatives(word)))}){END}"


def named_value(names: str, value: str) -> str:
    """A JSON pair whose name holds one of `names` ("color|colour") and whose value fits the pattern `value`."""
    return f'"{VALUE}({names}){VALUE}": ?"({VALUE}[^a-z0-9."])?({value})([^a-z0-9."]{VALUE})?"'


def spelled(words: Sequence[str]) -> str:
    """These words in this order inside one value, each with at most the ending of a plural."""
    between = f'[^a-z0-9"]({VALUE}[^a-z0-9"])?'
    return between.join(f"({'|'.join(map(re.escape, alternatives(word)))})(s|es)?" for word in words)


def color_words(color: str) -> list[str]:
    """The words of a color that tell it: "navy blue" is listed as navy, "forest green" as forest."""
    words = raw_words(color)
    named_shade = len(words) == 2 and words[1] in HUES and words[0] not in NOT_SHADES
    return words[:1] if named_shade else words


def not_real(words: Sequence[str]) -> str:
    """The material in an imitation: leather in "synthetic leather"."""
    return f"{NOT_REAL}[ -]{spelled(words)}|{spelled(words)}{LIKE_IT}"


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
    if re.fullmatch(r"\d+([.]\d+)?", text):
        units = "|".join(re.escape(spelling) for unit in UNITS for spelling in unit)
        return re.escape(text) + NO_DIMENSION.format(units)
    return "[ -]?".join(re.escape(part) for part in re.split("[ -]", text) if part) or re.escape(text)


def _name(words: Sequence[str]) -> str:
    """Made of exactly these words, but for "batteries included"."""
    return f'"{_together(words)}{OF_NAME}"'


def _together(words: Sequence[str], least: int | None = None) -> str:
    """These words in this order, all of them or at least the last `least`, with as many before as there are."""
    forms = [f"({_forms(word)})" for word in words]
    more = forms[: -least if least else 0]
    before = ""
    for form in more:
        before = f"({before}{form}{BETWEEN})?"
    return before + BETWEEN.join(forms[len(more) :])


def _counted(word: str) -> str:
    """In singular and plural."""
    for ending, singular in PLURALS:
        if word.endswith(ending) and not word.endswith(("ss", "us", "is")):
            word = word.removesuffix(ending) + singular
            break
    return (
        re.escape(word[:-1]) + "(y|ys|ies)"
        if word.endswith("y")
        else re.escape(word).replace("\\-", "[ -]?").replace("\\ ", "[ -]?") + "(s|es)?"
    )


def _forms(word: str) -> str:
    forms = []
    for other in alternatives(word):
        root = stem(other)
        stemmed = re.escape(root[:-1]) + "(y|i)" if root.endswith("y") else re.escape(root)  # battery, batteries
        forms.append(stemmed + "[a-z]?[a-z]?[a-z]?" if len(root) > 3 else re.escape(other) + "(s|es)?")
    return "|".join(forms)
