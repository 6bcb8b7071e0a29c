"""Where in a message the words of a slot stand."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

SAME_WORDS = 0.75  # how alike a slot's text and a stretch of the message must be to be the same words
LETTERS = r"[^\W\d_]*"


def said_as(value: str, text: str) -> str | None:
    """The stretch of the message that a slot's text stands for, or None when the shopper said no such thing.

    A small model now and then mends a typo or drops a letter while copying; the shopper's spelling counts.
    """
    message, wanted = " ".join(text.split()), " ".join(value.split())
    before, after = (LETTERS if end.isalpha() else "" for end in (wanted[:1], wanted[-1:]))
    for pattern in (rf"(?<!\w){re.escape(wanted)}(?!\w)", before + re.escape(wanted) + after):  # whole words first
        found = re.search(pattern, message) or re.search(pattern, message, re.IGNORECASE)
        if found:
            return found.group()
    words = message.split()
    width = len(wanted.split())
    stretches = [
        " ".join(words[start : start + size]).strip(".,!?;:\"'()")
        for size in {width - 1, width, width + 1} - {0}
        for start in range(max(0, len(words) - size + 1))
    ]
    best = max(stretches, key=lambda one: _likeness(one, wanted), default="")
    return best if best and _likeness(best, wanted) >= SAME_WORDS else None


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).ratio()
