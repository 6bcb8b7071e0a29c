"""What a shopper does not want: "not leather", "anything but black", "no Tarnbeck".

    with_refusals({"material": "leather"}, "not leather")       ->  {"refused": [["material", "leather"]]}
    with_refusals({"color": "anything but black"}, "")           ->  {"refused": [["color", "black"]]}
    with_refusals({"feature": ["no leather"]}, "")               ->  {"refused": [["material", "leather"]]}

A color, material or brand that is refused is another one that the listing states. What is not one of these ("without
laces") stays a feature, which the listing has to deny (features.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.search.query import REFUSABLE
from assistant.search.words import colors, materials
from assistant.texts import fold, raw_words

REFUSES = (
    r"(?:any(?:thing|one)? (?:but|except)(?: for)?|(?:some|any)(?:thing|one)? other than|other than|everything but|"
    r"not(?: in| from| made (?:of|from)| from)?(?: a| an| the)?|no|non|without(?: any)?|except(?: for)?|nothing in|"
    r"none (?:from|of|in)|(?:is|are)(?:n'?t| not)(?: made)?(?: from| of| in| by)?|"
    r"never|(?:do(?:n'?t| not)|does(?:n'?t| not)) (?:want|like|need)(?: any| it in)?|hates?|avoid(?:ing)?|instead of)"
)
REFUSED_VALUE = re.compile(rf"(?:in |of |but )?{REFUSES}[ -](?P<value>.+)")
REFUSES_IT = r"(?:is|are|'?s) (?:an? )?(?:absolute )?(?:no[ -]go|out of the question|not for me|no good)"
ALLOWED_AFTER = re.compile(r"^(?:not|no)\b.*\b(?:but|only|just)\b")  # "not leather but suede" says what is wanted too


def with_refusals(asked: Mapping[str, Any], message: str) -> dict[str, Any]:
    """The slots with each color, material and brand that is refused among `refused`, and no longer asked for."""
    kept: dict[str, Any] = {}
    refused: list[list[str]] = [list(one) for one in asked.get("refused") or ()]
    said = fold(message).replace("\u2019", "'")
    for slot, value in asked.items():
        if slot == "refused":
            continue
        values = value if isinstance(value, list) else [value]
        left = []
        for one in values:
            found = _refused(slot, one, said)
            refused += [found] if found else []
            left += [] if found else [one]
        if left:
            kept[slot] = left if isinstance(value, list) else left[0]
    return kept | ({"refused": [list(one) for one in dict.fromkeys(map(tuple, refused))]} if refused else {})


def _refused(slot: str, value: Any, message: str) -> list[str] | None:
    """The slot and the value that a value refuses, by its own words or by what stands beside it in the message."""
    if not isinstance(value, str) or not value:
        return None
    said = fold(value).replace("\u2019", "'").strip(" .!?,")
    match = REFUSED_VALUE.fullmatch(said)
    if match:
        of = slot if slot in REFUSABLE else _slot_of(match["value"])
        return [of, _bare(match["value"])] if of and _bare(match["value"]) else None
    if slot not in REFUSABLE:
        return None
    before = re.search(rf"\b{REFUSES}[ -](?:(?:any|the|a|an|in|of) )?{re.escape(said)}(?![a-z])", message)
    after = re.search(rf"(?<![a-z]){re.escape(said)} {REFUSES_IT}\b", message)
    return [slot, _bare(said)] if before or after else None


def _slot_of(value: str) -> str | None:
    """Whether all that is refused are colors, or all materials."""
    words = raw_words(_bare(value))
    if words and all(word in materials() for word in words):
        return "material"
    return "color" if words and all(word in colors() for word in words) else None


def _bare(value: str) -> str:
    return re.sub(r"\b(?:please|pls|ones?|things?|colou?rs?|at all|any|made of|in)\b", " ", value).strip(" .!?,-")
