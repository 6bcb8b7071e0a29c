"""Which words of a message are about one item, when the shopper speaks of several.

about_item("the lamp in black and the rug in red", {"item": ["rug"]}, "Woven Rug", …)  ->  " the rug in red"
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.desk.named_values import named_values
from assistant.desk.options import Option
from assistant.desk.tokens import alike, read_tokens
from assistant.search.words import keys

OPTION_SLOTS = ("color", "size", "material", "feature")
STARTS_ANOTHER = re.compile(
    r"(?:,? and|,? plus|, also|, then|;|&)(?= (?:also )?(?:(?:i|you|we) )?(?:(?:want|need|would like) (?:to )?)?"
    r"(?:exchange |swap |change |modify )?(?:the|my|our|both)\b)|\blastly\b",
    re.IGNORECASE,
)
HANDLES = re.compile(
    r"\b(?:adjust|change|exchange|swap|return|cancel|modify|replace|switch|refund|send|and|plus)\b "
    r"(?:also |back |only |just )?(?:the|my|our|both) (\w+)|^\W*(?:and |also |then |plus )*(?:my|our|both|the) (\w+)"
)


def about_item(
    message: str, wish: Mapping[str, Any], name: str, options: Sequence[Option], current: Mapping[str, str]
) -> str:
    """The parts of the message that are about the wish's item; all of it where none names the item.

    Words that only tell which item it is are left out: "the blue shirt in XL" asks for no blue."""
    text = _parts_about(message, wish, name, options)
    for item in texts_of(wish, "item"):
        found = named_values(read_tokens(item), options)
        tells_which = found and all(current.get(mention.option) == mention.value for mention in found)
        if tells_which or (keys(item) and keys(item) <= keys(name)):
            text = _without(text, item)
    return _without(text, name)


def _without(text: str, item: str) -> str:
    return re.sub(rf"\b{re.escape(item)}\b", "item", text, flags=re.IGNORECASE) if item else text


def texts_of(wish: Mapping[str, Any], slot: str) -> list[str]:
    value = wish.get(slot) or []
    return [str(one) for one in (value if isinstance(value, list | tuple) else [value])]


def holds(text: str, words: str) -> bool:
    return f" {normal(words)} " in f" {normal(text)} "


def normal(text: str) -> str:
    return " ".join(token.norm for token in read_tokens(text))


def _parts_about(message: str, wish: Mapping[str, Any], name: str, options: Sequence[Option]) -> str:
    names = keys(" ".join([name, *texts_of(wish, "item")]))
    asked = [words for slot in OPTION_SLOTS for words in texts_of(wish, slot)]
    segments = re.split(r"(?<=[.;!?\n])(?=\s)", STARTS_ANOTHER.sub(".\n", message))
    named = [bool(names & keys(segment)) for segment in segments]
    mine = [one or any(holds(segment, words) for words in asked) for one, segment in zip(named, segments, strict=True)]
    if not any(mine):
        return message
    kept: list[str] = []
    about = False
    for own, segment in zip(mine, segments, strict=True):
        about = own or (about and not _handles_another(segment, options))
        kept += [segment] if about else []
    return " ".join(kept)


def _handles_another(segment: str, options: Sequence[Option]) -> bool:
    """It does something to a thing that is no option: "and change the lamp", but not "the colour should be"."""
    known = [word for option in options for word in option.words] + "one same size price rest other".split()
    things = [first or second for first, second in HANDLES.findall(segment.lower())]
    return any(
        not any(alike(thing, word) for word in known) and not named_values(read_tokens(thing), options)
        for thing in things
    )
