"""What the assistant says: a text with its cards and buttons, and what it was made from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


def source(where: str, *keys: str) -> dict[str, Any]:
    """The receipt of a fact that is not from SQL: the file, or what of the conversation, and the keys in it."""
    return {"from": [[where, list(keys), []]]}


@dataclass(frozen=True)
class Button:
    """A quick reply: pressing it sends `payload` as the shopper's message."""

    title: str
    payload: str


@dataclass(frozen=True)
class Say:
    """A response to be worded: its name and its facts as ready-to-read text."""

    response: str
    facts: Mapping[str, str] = field(default_factory=dict)
    cards: tuple[Mapping[str, Any], ...] = ()
    buttons: tuple[Button, ...] = ()
    receipts: Mapping[str, Any] = field(default_factory=dict)  # by fact, where it comes from; "cards": of each card

    def receipts_of(self, used: Collection[str]) -> dict[str, Any]:
        """The receipts of the facts that a wording used, and of the cards."""
        return {name: receipt for name, receipt in self.receipts.items() if name in used or name == "cards"}


@dataclass(frozen=True)
class BotMessage:
    """A response as the shopper sees it. `text` is plain text, never HTML."""

    text: str
    response: str
    facts: Mapping[str, str] = field(default_factory=dict)
    cards: tuple[Mapping[str, Any], ...] = ()
    buttons: tuple[Button, ...] = ()
    written_by: str = "written"  # "model", "written" or, of a person, "staff"
    wording: str = ""  # the text before the facts were filled in
    how: str = ""  # the wording came about; dialogues.replies.HOW lists the ways
    refused: tuple[str, ...] = ()  # what was wrong with each of the model's tries, kinds of dialogues.checker
    receipts: Mapping[str, Any] = field(default_factory=dict)  # for staff and tests, never for the shopper

    def to_event(self) -> dict[str, Any]:
        """As Rasa's `bot` event, ready for JSON."""
        buttons = [{"title": button.title, "payload": button.payload} for button in self.buttons]
        data = {
            "response": self.response,
            "facts": dict(self.facts),
            "cards": [dict(card) for card in self.cards],
            "buttons": buttons,
            "written_by": self.written_by,
            "wording": self.wording,
            "how": self.how,
            "refused": list(self.refused),
        }
        if self.receipts:
            data["receipts"] = dict(self.receipts)
        return {"event": "bot", "text": self.text, "data": data}

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> BotMessage:
        data = event["data"]
        buttons = tuple(Button(button["title"], button["payload"]) for button in data["buttons"])
        cards = tuple(data["cards"])
        made = (data["written_by"], data["wording"], data.get("how", ""), tuple(data.get("refused", ())))
        receipts = data.get("receipts") or {}
        return cls(
            event["text"], data["response"], data["facts"], cards, buttons, *made, receipts
        )  # older events lack some
