"""Numbers that shoppers say with what is counted: "a two person tent" is a tent "for 2 people".

    counted("two person tent")  ->  ("tent", ("for 2 people",))
    of_people("for four")       ->  "for 4 people"

A number that stands apart from what it counts would be found anywhere in a listing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
NUMBER = rf"(?P<number>\d{{1,2}}|{'|'.join(NUMBERS)}|single)"
COUNTED = re.compile(
    rf"\b(?:for (?:up to )?)?{NUMBER}[ -](?:person|persons|people|man|adults?|sleeper|berth)\b", re.IGNORECASE
)
SO_MANY = re.compile(rf"(?:it's |is )?for (?:up to |the |just )?{NUMBER}(?: of us)?", re.IGNORECASE)


def counted(query: str) -> tuple[str, tuple[str, ...]]:
    """The query without how many people it is for, and that as a feature; both as before where nothing is left."""
    match = COUNTED.search(query)
    rest = " ".join(COUNTED.sub(" ", query, count=1).split()) if match else ""
    return (rest, (_for(match["number"]),)) if match and rest else (query, ())


def of_people(feature: str) -> str:
    """How many people a thing is for, said one way; any other feature as it is."""
    match = COUNTED.fullmatch(feature.strip()) or SO_MANY.fullmatch(feature.strip())
    return _for(match["number"]) if match else feature


def of_others(words: Sequence[str]) -> str | None:
    """A pattern of a JSON value that is for another number of people than these words say: "6 people"."""
    number = next((word for word in words if word.isdigit()), None)
    if number is None or len(words) != 2 or not {"person", "people"} & set(words):
        return None
    return f': ?"(?!{number}[^0-9])[0-9]+ (people|persons?)[^a-z]'


def _for(number: str) -> str:
    count = NUMBERS.get(number.lower()) or (int(number) if number.isdigit() else 1)
    return f"for {count} {'person' if count == 1 else 'people'}"
