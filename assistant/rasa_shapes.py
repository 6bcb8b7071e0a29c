"""The shapes that rasa-sdk gives and takes, to and from ours: a message, the tracker, what an action says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.facts import receipts_of
from dialogues.messages import Button, Say
from dialogues.tracker import Event, Tracker
from intents.commands import format_commands
from intents.recogniser import Understanding

RASA_MESSAGE_KEYS = {"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"}


def user_event(text: str, message_id: str | None, understood: Understanding | None, title: str | None = None) -> Event:
    """The event of a shopper's message; `understood` is None where nobody has read it.

    `title` is what the shopper saw in place of the text, of a button that was pressed."""
    event: Event = {"event": "user", "text": text, "message_id": message_id, "parse_data": {}}
    if title:
        event["title"] = title
    if understood:
        first = understood.commands[0]
        event["parse_data"] = {
            "intent": {"name": first.intent, "confidence": round(understood.confidence, 4)},
            "entities": [{"entity": name, "value": value} for name, value in first.slots],
            "commands": format_commands(understood.commands),
            "model": understood.model,
        }
        if understood.runners_up:
            ranked = [(first.intent, understood.confidence), *understood.runners_up]
            event["parse_data"]["intent_ranking"] = [
                {"name": name, "confidence": round(sure, 4)} for name, sure in ranked
            ]
    return event


def rasa_tracker(tracker: Tracker) -> dict[str, Any]:
    """The tracker as rasa-sdk actions read it; its events are the assistant's last messages only."""
    return {
        "sender_id": tracker.sender,
        "slots": tracker.all_slots(),
        "latest_message": dict(tracker.latest),
        "events": [message.to_event() for message in tracker.said],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }


def say_of(message: dict[str, Any]) -> Say:
    """An action's message as a response to word. A `text` is said as it is."""
    told = {name: value for name, value in message.items() if name not in RASA_MESSAGE_KEYS and value is not None}
    if message.get("text"):
        told["text"] = message["text"]
    buttons = tuple(Button(button["title"], button["payload"]) for button in message.get("buttons") or ())
    return say(message["response"], told, (message.get("custom") or {}).get("cards") or (), buttons)


def say(
    response: str, told: Mapping[str, Any], cards: Sequence[Mapping[str, Any]] = (), buttons: tuple[Button, ...] = ()
) -> Say:
    """A response to word, with the receipts of its facts and cards."""
    facts = {name: str(value) for name, value in told.items()}
    return Say(response, facts, tuple(cards), buttons, receipts_of(told, cards))
