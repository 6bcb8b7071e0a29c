"""The prompt by which the model is asked to word a reply: the response, the names of its facts, the shopper's words."""

from __future__ import annotations

from collections.abc import Collection

from intents.prompts import chat_prompt, clip, plain

LONGEST_WORDS = 240  # of the shopper's, enough for the tone


def reply_prompt(response: str, facts: Collection[str], says: str) -> str:
    """The prompt for one reply. The model sees the facts' names only, so it cannot write the facts."""
    body = f"response: {response.removeprefix('utter_')}"
    if facts:
        body += "\nfacts: " + " ".join("{" + name + "}" for name in sorted(facts))
    return chat_prompt("reply", f"{body}\nsays: {clip(plain(says))[:LONGEST_WORDS]}")
