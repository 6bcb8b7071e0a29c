"""A conversation as plain text, for the shopper to keep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.presentation import date_in_full
from assistant.terminal import card_lines, printable
from assistant.web.cards import Entry, words_of
from dialogues.messages import BotMessage


def copy_text(shop: str, entries: Sequence[Entry], day: date) -> str:
    """Who said what, an empty line between; a card is a few lines below its message."""
    said = [
        bot_text(said) if isinstance(said, BotMessage) else f"You: {printable(words_of(said, entries[:place]))}"
        for place, (_, said) in enumerate(entries)
    ]
    return "\n\n".join([f"{shop}: your conversation, as of {date_in_full(day)}", *said]) + "\n"


def bot_text(message: BotMessage) -> str:
    lines = [line for card in message.cards for line in card_lines(card)]
    return "\n".join([f"Assistant: {printable(message.text)}", *lines])
