"""Conversations in a few words, written as events the way a turn writes them."""

from __future__ import annotations

from typing import Any

from assistant.conversations import append_turn, read_events
from assistant.staff.access import Staff
from assistant.store import Database, StaffUser
from dialogues.messages import BotMessage
from dialogues.tracker import Event, Frame, action_event, fold, slot_event, stack_event

BOOT = {"kind": "product", "id": "ridgeline", "name": "Tarnbeck Ridgeline Mid", "price": "$109.00", "in_stock": True}
MODEL = "SmolLM2-135M-Instruct.Q4_1+shipped@49a5c035"
ORDER = {"kind": "order", "id": "#W4821093", "status": "shipped", "total": "$89.00", "items": []}


def said(text: str, commands: str = "greet()", confidence: float = 0.9) -> Event:
    intent = commands.partition("(")[0]
    read = {"intent": {"name": intent, "confidence": confidence}, "commands": commands, "model": MODEL}
    return {"event": "user", "text": text, "message_id": None, "parse_data": read}


def reply(text: str, response: str = "utter_greet", **more: Any) -> Event:
    return {**BotMessage(text, response, **more).to_event(), "turn_first": True}


def in_task(flow: str, asked: str | None = None) -> Event:
    return stack_event([Frame(flow, asked=asked)])


def happens(database: Database, sender: str, *events: Event) -> None:
    """One turn, appended as the assistant appends it."""
    with database.session() as session:
        before = read_events(session, sender)
        tracker = fold(sender, [*before, *events])
        append_turn(session, sender, len(before), tracker.turn, list(events), None)


def search_for_boots(database: Database, sender: str = "mia") -> None:
    happens(
        database,
        sender,
        said("I need waterproof boots", 'search_products(query="boots")'),
        action_event("action_search_products"),
        reply("I found one.", "utter_products_found", cards=(BOOT,), facts={"count": "1"}, written_by="model"),
    )


def hand_over(database: Database, sender: str = "mia") -> None:
    happens(
        database,
        sender,
        said("a person please", "human_handoff()"),
        slot_event("handed_over", True),
        reply("I'm passing you to a colleague.", "utter_handoff"),
    )


def hired(database: Database, name: str, role: str) -> Staff:
    """Somebody of a role, without a password."""
    with database.session() as session:
        user = StaffUser(name=name, role=role, password_hash="-")
        session.add(user)
        session.flush()
        return Staff(user.id, name, role)
