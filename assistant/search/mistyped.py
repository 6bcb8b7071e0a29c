"""What the reading of a message left out: mistyped words ("wirless hedphones" read as "wirless" alone), and the rest.

    heard_beside(session, {"query": "wirless"}, "a wirless hedphones please")  ->  {"query": "wirless hedphones"}
    with_message({"query": "mug"}, "a mug for my desk")  ->  {"query": "mug", "said": "a mug for my desk"}

A recogniser leaves out what it has never seen. A word beside those of the query which nothing in the shop holds, and
which is mended to a word of the catalogue, belongs to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from assistant.search.query import SAID
from assistant.search.spelling import corrected
from assistant.search.words import content_words
from assistant.texts import raw_words

TOLD = ("query", "category", "feature", "recipient", "occasion")
MOST_WORDS = 60  # of a message; a longer one is on more than the search


def heard_beside(session: Session, asked: Mapping[str, Any], message: str) -> dict[str, Any]:
    query = raw_words(str(asked.get("query") or ""))
    said = raw_words(message)
    at = _place(query, said)
    if at is None:
        return dict(asked)
    taken = {word for value in asked.values() for word in raw_words(_text(value))}
    begin, end = at, at + len(query)
    beside = {word for place in (begin - 1, end, end + 1) if 0 <= place < len(said) and (word := said[place])}
    unread = [word for word in content_words(message) if word in beside - taken]
    mended = corrected(session, unread)
    while begin > 0 and said[begin - 1] in mended:
        begin -= 1
    while end < len(said) and said[end] in mended:
        end += 1
    return {**asked, "query": " ".join(said[begin:end])} if (begin, end) != (at, at + len(query)) else dict(asked)


def with_message(asked: Mapping[str, Any], message: str) -> dict[str, Any]:
    """The slots with the message, for what is nearest in meaning, where they were read from it: a search that waited
    for another task comes with a message on something else."""
    said = raw_words(message)
    read = {word for slot in TOLD for word in raw_words(_text(asked.get(slot) or ""))}
    if message.startswith("/") or len(said) > MOST_WORDS or not read or not read <= set(said):
        return dict(asked)
    return {**asked, SAID: message}


def _place(words: list[str], within: list[str]) -> int | None:
    """Where these words stand together in others."""
    places = range(len(within) - len(words) + 1) if words else ()
    return next((place for place in places if within[place : place + len(words)] == words), None)


def _text(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
