"""The lines of an address before its city: street, unit, and where the street ends when no comma says so.

split_city("1420 N Damen Ave Unit 3 Chicago")  ->  ("1420 N Damen Ave Unit 3", "Chicago")
"""

from __future__ import annotations

import re
from collections.abc import Sequence

UNIT = re.compile(
    r"(?<![\w/])(?:(?:apt|apartment|appt|app|unit|suite|ste|flat|room|rm|floor|fl|level|lvl|building|bldg|block|lot|"
    r"studio|trailer|space|dept)\b[.:]? ?(?:no\.? ?|number |#)?(?:\d[\w/-]*|[a-z]\d*)\b|"
    r"# ?[\w-]+|\d+(?:st|nd|rd|th) floor\b|penthouse\b)",
    re.IGNORECASE,
)
CARE_OF = re.compile(r"c/o .+|care of .+", re.IGNORECASE)
BOX = re.compile(r"\bp\.? ?o\.? ?box \d+", re.IGNORECASE)
STREETS = frozenset(
    "street st avenue ave av road rd drive dr lane ln boulevard blvd highway hwy parkway pkwy terrace ter way place pl "
    "court ct circle cir square sq trail trl crescent cres close turnpike tpke alley row walk loop expressway pike "
    "plaza gardens grove mews quay broadway path strasse".split()
)
ALSO_STREETS = frozenset(
    "park hill rise view green run crossing ridge point hollow bend creek".split()
)  # in cities too
DIRECTIONS = frozenset("n s e w ne nw se sw north south east west".split())
NUMBERED = frozenset("highway hwy route road".split())  # "4500 Highway 35"
HOUSES = re.compile(
    r"\b(farm|house|cottage|rectory|hall|lodge|barn|mill|villa|manor|rue|calle|via|avenida|plaza|\w+stra(ß|ss)e|\w+weg|\w+laan|"
    r"\w+straat)\b",
    re.IGNORECASE,
)


def split_city(text: str) -> tuple[str, str]:
    """Street and city of a text without commas. A text without a number and without a street is a city; where the
    street's end cannot be told, all of it is street."""
    if is_unit(text):
        return text, ""
    if found := BOX.search(text) or _last(UNIT, text):
        before, after = text[: found.end()], text[found.end() :].strip()
        return (before, after) if after or _street_end(before.split()) is None else (before, "")
    words = text.split()
    end = _street_end(words)
    if end is not None:
        return " ".join(words[:end]), " ".join(words[end:])
    return (text, "") if re.search(r"\d", text) else ("", text)


def ends_in_city(segments: Sequence[str]) -> bool:
    """Whether the last, after a street, is nothing but a city, be there a number in it: "Dublin 8"."""
    *before, last = segments
    told = any(is_street(segment) and not is_unit(segment) for segment in before)
    return told and not re.match(r"\d", last) and not UNIT.search(last) and not names_street(last)


def is_unit(text: str) -> bool:
    return bool(UNIT.fullmatch(text) or CARE_OF.fullmatch(text))


def take_units(line: str) -> list[str]:
    """The line without its units, then those: "12 Oak Ave Apt 3" is "12 Oak Ave" and "Apt 3"."""
    if CARE_OF.fullmatch(line) or UNIT.fullmatch(line):
        return [line]
    rest = " ".join(UNIT.sub(" ", line).split())
    return [rest, *(found[0] for found in UNIT.finditer(line))]


def is_street(line: str) -> bool:
    """Whether a line can be where a house is: it has a number or names a street, a box or a house."""
    if re.match(r"(my|our|the|some\w*|any\w*)\b", line, re.IGNORECASE) and not re.search(r"\d", line):
        return False
    return bool(re.search(r"[a-z]", line, re.IGNORECASE) and (re.search(r"\d", line) or names_street(line)))


def names_street(line: str) -> bool:
    return bool({_plain(word) for word in line.split()[1:]} & STREETS or HOUSES.search(line))


def place_lines(lines: Sequence[str]) -> tuple[str, str]:
    """address1, the street, and address2, all else; address1 is empty where no line is a street."""
    streets = [line for line in lines if not is_unit(line) and is_street(line)]
    numbered = [line for line in streets if re.match(r"\d", line)]
    parks = [line for line in lines if not is_unit(line)] if len(lines) > 1 and any(map(is_unit, lines)) else []
    first = next(iter(numbered or streets or parks), "")  # "Lot 9" of a park is a place too
    return first, ", ".join(line for line in lines if line != first) if first else ""


def capitalised(text: str) -> str:
    """What was typed without any capital as it is written: "500 n capitol st nw"."""
    return " ".join(word.upper() if word in ("ne", "nw", "se", "sw") else _upper_first(word) for word in text.split())


def _upper_first(word: str) -> str:
    if re.fullmatch(r"#?\d+[a-z]", word):
        return word.upper()  # 4F
    return word if word == "c/o" else "-".join(part[:1].upper() + part[1:] for part in word.split("-"))


def _street_end(words: Sequence[str]) -> int | None:
    """After the first word that ends a street's name, with the direction after it; a city may follow."""
    plain = [_plain(word) for word in words]
    for names in (STREETS, ALSO_STREETS):
        for place, word in enumerate(plain):
            if word in NUMBERED and place and "".join(plain[place + 1 : place + 2]).isdigit():
                return _past(plain, place + 2)
            if word in names and (place >= 2 or (place == 1 and word == "broadway") or (place == 1 == len(words) - 1)):
                return _past(plain, place + 1)
    return None


def _past(plain: Sequence[str], end: int) -> int:
    while end < len(plain) and (
        (plain[end] in DIRECTIONS and len(plain[end]) < 3) or (plain[end] in STREETS and end + 1 < len(plain))
    ):
        end += 1
    return end


def _plain(word: str) -> str:
    return word.strip(".,").lower()


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(reversed(list(pattern.finditer(text))), None)
