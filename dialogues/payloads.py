"""Payloads: what a button sends, in Rasa's form `/intent{"slot": "value"}`, and buttons that are typed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from dialogues.messages import BotMessage
from intents.catalogue import Catalogue
from intents.commands import Command

LARGEST_NUMBER = 1e9


def read_payload(text: str, catalogue: Catalogue) -> Command | None:
    """The command of a payload `/intent{"slot": "value"}` (Rasa's form for buttons), or None if the text is none."""
    name, brace, rest = text.removeprefix("/").partition("{")
    if not text.startswith("/") or name not in catalogue.intents:
        return None
    try:
        slots = json.loads(brace + rest) if brace else {}
        listed = {slot: value if isinstance(value, list) else [value] for slot, value in slots.items()}
        command = Command(name, tuple((slot, one) for slot, values in listed.items() for one in values))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None
    return command if catalogue.is_valid(command) and all(_plain(value) for _, value in command.slots) else None


def typed_button(text: str, said: Iterable[BotMessage]) -> str | None:
    """The payload of the button just shown whose title the text is, case and punctuation apart; None if of none."""
    title = _bare(text)
    payloads = {button.payload for message in said for button in message.buttons if _bare(button.title) == title}
    return payloads.pop() if title and len(payloads) == 1 else None


def _bare(title: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", title.casefold()))


def _plain(value: object) -> bool:
    """Whether a payload's value is one that a shopper could have typed."""
    if isinstance(value, str):
        return value.isprintable()
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST_NUMBER
