"""What a simulated customer says instead of a yes, as its task tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.testing.first_person import in_first_person
from assistant.testing.request_reading import is_request, read_requests
from assistant.testing.requests import Request

MIND = re.compile(
    r"^(?:do not say yes immediately, because|mention that|you add another request and"
    r"|you change your mind(?: to| and)?)\s*",
    re.I,
)


@dataclass(frozen=True)
class Reaction:
    """What to say instead of a yes: more requests, corrections, or no."""

    words: str  # in the first person
    requests: tuple[Request, ...] = ()
    refuses: bool = False
    adds: bool = False  # to what is under way, rather than leaving only this of it


def read_reaction(words: str) -> Reaction:
    adds = re.search(r"\balso want\b|\badd\b", words) is not None
    words = MIND.sub("", words)
    keeps = re.search(r"\b(?:regret|keep it)\b", words, re.I) is not None
    more = tuple(read_requests(words)) if is_request(words) and not keeps else ()
    return Reaction(in_first_person(words), more, keeps, adds)
