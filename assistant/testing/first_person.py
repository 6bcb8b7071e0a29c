"""Turn what a task tells a person ("You want to return your lamp") into what the person says."""

from __future__ import annotations

import re

AGENT = "\0"
SWAPS: tuple[tuple[str, str], ...] = (
    (r"\b(?:the |an? )?(?:customer service )?agent's\b", AGENT + "r"),
    (r"\b(?:the |an? )?(?:customer service )?agent\b", AGENT),
    (r"\byou are\b|\byou're\b", "I am"),
    (r"\byou've\b", "I have"),
    (r"\byou'd\b", "I would"),
    (r"\byou'll\b", "I will"),
    (r"\byourself\b", "myself"),
    (r"\byours\b", "mine"),
    (r"\byour\b", "my"),
    (r"\b(for|to|of|at|with|from|than|let|cost|give|tell|help|refund|charge) you\b", r"\1 me"),
    (r"\byou\b", "I"),
)


def in_first_person(words: str) -> str:
    """ "You want to cancel your order" as "I want to cancel my order"; the agent becomes "you"."""
    for pattern, said in SWAPS:
        words = re.sub(pattern, said, words, flags=re.I)
    words = words.replace(AGENT, "you").strip(" .;,")
    return words[:1].upper() + words[1:]
