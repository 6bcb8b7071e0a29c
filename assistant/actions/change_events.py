"""The event by which an action asks the turn to write, with the proof of why it may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType

NOBODY = "nobody yet"  # who a shopper is who has not said so: a cart needs no account
NOT_RECORDED = "not recorded"  # how a customer was identified in a conversation older than that note


def change_event(tracker: Tracker, change: Mapping[str, Any], state: str) -> EventType:
    """A change, the state it was checked in, what was shown, and the shopper's words.

    It is for the customer that it names; for the one we know, or for nobody, when it names none.
    """
    customer_id = change.get("customer_id") or tracker.slots.get("customer_id")
    shown = [str(event.get("text") or "") for event in tracker.events if event.get("event") == "bot"]
    return {
        "event": "change",
        "change": {**change, "customer_id": customer_id},
        "identified_by": str(tracker.slots.get("identified_by") or (NOT_RECORDED if customer_id else NOBODY)),
        "state": state,
        "details": shown[-1] if shown else "",
        "yes": str(tracker.latest_message.get("text") or ""),
    }
