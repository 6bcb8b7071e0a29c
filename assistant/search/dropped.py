"""Conditions that a shopper lifts in words: "any colour", "whatever brand", "the price doesn't matter".

without_dropped({"color": "any", "size": "L"})  ->  ({"size": "L"}, {"color"})
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.search.query import TEXTS
from assistant.texts import fold

NAMES = {  # what shoppers call a condition: the slots that hold it
    "colou?rs?|shades?": ("color",),
    "brands?|makes?|labels?|manufacturers?": ("brand",),
    "sizes?": ("size",),
    "materials?|fabrics?": ("material",),
    "prices?(?: ?range)?|budgets?|costs?|(?:price |spending )?limit": ("min_price", "max_price"),
    "ratings?|stars?|reviews?": ("min_rating",),
    "features?": ("feature",),
    "occasions?": ("occasion",),
}
NAMED_SLOTS = {slot: re.compile(name) for name, slots in NAMES.items() for slot in slots}
ANY = (
    r"any(?: kind of)?|whatever|whichever|all|every|either|no (?:particular|specific|preferred)|regardless of(?: the)?|"
    r"irrespective of(?: the)?|(?:i )?do(?:n'?t| not) (?:care|mind)(?: about| what| which| the)*|"
    r"(?:forget|ignore|drop|lose|scrap|skip|remove|never mind|nevermind|take off)(?: about)?(?: the| that| my)?"
    r"(?: max(?:imum)?| top| \$?\d+)?|any old|no matter(?: what| the)*"
)
NO_MATTER = (
    r"does(?:n'?t| not) matter|is(?:n'?t| not) important|do(?:n'?t| not) matter|not important|no preference|"
    r"(?:is(?:n'?t| not) |not |is no |no )(?:a |an )?(?:problem|issue|object|concern)|can be anything"
)
OF_NAMED = "(?: preference| limit| cap| filter| thing| bit| part)?"
FINE = (
    r"(?: (?:is|are|will be|would be|works?|will do|does)(?: (?:fine|ok|okay|good|all right|great))?| please| at all)*"
)
LIFTS_NAMED = {
    re.compile(rf"(?:in |of |for )?(?:(?:{ANY}) (?:{name}){OF_NAMED}{FINE}"
               rf"|(?:the |my )?(?:{name})(?:'s)? (?:{NO_MATTER})|no (?:{name}) preference)"): slots
    for name, slots in NAMES.items()
}  # fmt: skip
LIFTED_WITHIN = {re.compile(rf"\b{pattern.pattern}(?![a-z])"): slots for pattern, slots in LIFTS_NAMED.items()}
TAKES_BACK = (
    r"(?:do(?:es)?(?:n'?t| not) (?:have|need) to (?:be|have)|need(?:n'?t| not) (?:be|have)|not necessarily|"
    r"(?:forget|ignore|drop|lose|skip|scrap|never mind|nevermind|remove|leave out)(?: about)?|no need (?:for|to be)|"
    r"also without)"
)
LIFTS_OWN = re.compile(
    rf"(?:(?:{ANY})(?: (?:ones?|things?|of them))?|any(?:thing|body|one)|everything|(?:it )?(?:{NO_MATTER})){FINE}"
)


def without_dropped(asked: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """The slots without the words that lift a condition, and the slots that these words lift."""
    kept: dict[str, Any] = {}
    dropped: set[str] = set()
    for slot, value in asked.items():
        values = value if isinstance(value, list) else [value]
        left = []
        for one in values:
            lifted = _lifted(slot, one)
            dropped |= set(lifted)
            left += [] if lifted else [one]
        if left:
            kept[slot] = left if isinstance(value, list) else left[0]
    return kept, frozenset(dropped - set(kept))


def lifted_in(message: str) -> frozenset[str]:
    """The slots of the conditions that a message names and lifts: "the colour doesn't matter after all"."""
    said = _plain(message)
    return frozenset(slot for pattern, slots in LIFTED_WITHIN.items() if pattern.search(said) for slot in slots)


def without_values(asked: Mapping[str, Any], message: str) -> dict[str, Any]:
    """The slots without the values that a message takes back: "it needn't be waterproof", "forget the red"."""
    said = _plain(message)
    kept: dict[str, Any] = {}
    for slot, value in asked.items():
        values = value if isinstance(value, list) else [value]
        if slot == "query":
            kept[slot] = _without_words(str(value), said)
            continue
        left = [one for one in values if not (isinstance(one, str) and _is_taken_back(one, said))]
        if left:
            kept[slot] = left if isinstance(value, list) else left[0]
    return kept


def _without_words(query: str, message: str) -> str:
    """ "Waterproof boots" less a word that describes them; the last is the thing itself."""
    *describing, thing = query.split() or [""]
    return " ".join([*(word for word in describing if not _is_taken_back(word, message)), thing])


def _is_taken_back(value: str, message: str) -> bool:
    words = re.sub(r"^(?:with|that is|that are|made of|in|for) ", "", _plain(value))
    return bool(words and re.search(rf"\b{TAKES_BACK} (?:the |a |an |in )?{re.escape(words)}(?![a-z])", message))


def _plain(text: str) -> str:
    return fold(text).replace("\u2019", "'").strip(" .!?")


def _lifted(slot: str, value: Any) -> tuple[str, ...]:
    """The slots that a value lifts: those that it names, or its own."""
    if not isinstance(value, str):
        return ()
    said = _plain(value)
    for pattern, slots in LIFTS_NAMED.items():
        if pattern.fullmatch(said):
            return slots
    if slot in NAMED_SLOTS and NAMED_SLOTS[slot].fullmatch(said):  # the name alone, out of "color doesn't matter"
        return (slot,)
    own = slot in TEXTS and slot != "query"
    return (slot,) if own and LIFTS_OWN.fullmatch(said) else ()
