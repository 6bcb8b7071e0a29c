"""A conversation as Rasa's `GET /conversations/{id}/tracker` gives it, from our events.

Rasa knows no event for the stack, a change, a time or a thumb, and refuses what it does not know: those are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from dialogues.tracker import Event, fold

TimedEvent = tuple[datetime, Event]


def rasa_tracker_json(sender: str, events: Sequence[TimedEvent]) -> dict[str, Any]:
    """The tracker's current state with all events, times in seconds since 1970."""
    tracker = fold(sender, (event for _, event in events))
    told = [one for at, event in events if (one := rasa_event(at, event))]
    action = next((event["name"] for event in reversed(told) if event["event"] == "action"), None)
    users = [event for event in told if event["event"] == "user"]
    return {
        "sender_id": sender,
        "slots": tracker.all_slots(),
        "latest_message": users[-1]["parse_data"] if users else {},
        "latest_event_time": told[-1]["timestamp"] if told else None,
        "followup_action": None,
        "paused": tracker.paused,
        "events": told,
        "latest_input_channel": None,
        "active_loop": {},
        "latest_action": {"action_name": action} if action else {},
        "latest_action_name": action,
    }


def rasa_event(at: datetime, event: Event) -> dict[str, Any] | None:
    """One event in Rasa's shape, or None for one that Rasa has not."""
    shape = _SHAPES.get(event["event"])
    return {"event": event["event"], "timestamp": at.timestamp(), **shape(event)} if shape else None


def _user(event: Event) -> dict[str, Any]:
    parsed: Mapping[str, Any] = event.get("parse_data") or {}
    intent = parsed.get("intent") or {"name": None, "confidence": 0.0}
    message_id, text = event.get("message_id"), event["text"]
    return {
        "text": text,
        "parse_data": {
            "intent": intent,
            "entities": parsed.get("entities") or [],
            "text": text,
            "message_id": message_id,
            "metadata": {"commands": parsed.get("commands"), "model": parsed.get("model")} if parsed else {},
            "intent_ranking": parsed.get("intent_ranking") or [intent],
        },
        "input_channel": None,
        "message_id": message_id,
        "metadata": {},
    }


def _bot(event: Event) -> dict[str, Any]:
    data = event["data"]
    told = {"elements": None, "quick_replies": None, "buttons": data["buttons"] or None}
    told |= {"attachment": None, "image": None, "custom": {"cards": data["cards"]} if data["cards"] else None}
    return {"text": event["text"], "data": told, "metadata": {"utter_action": data["response"]}}


def _slot(event: Event) -> dict[str, Any]:
    return {"name": event["name"], "value": event["value"]}


def _action(event: Event) -> dict[str, Any]:
    return {
        "name": event["name"], "policy": None, "confidence": None, "action_text": None, "hide_rule_turn": False
    }  # fmt: skip


def _nothing(event: Event) -> dict[str, Any]:
    return {}


_SHAPES: Mapping[str, Callable[[Event], dict[str, Any]]] = {
    "user": _user,
    "bot": _bot,
    "slot": _slot,
    "action": _action,
    "pause": _nothing,
    "resume": _nothing,
}
