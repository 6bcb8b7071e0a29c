"""The web application with its desk, over a database with a few conversations and one person of each role."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from fastapi import FastAPI
from scripted_assistant import BOOTS, ORDER_CARD, ScriptedAssistant, web_app

from assistant.assembly import load_voice
from assistant.conversations import append_turn
from assistant.review.correcting import Corrector
from assistant.staff import people
from assistant.store import Customer, Database
from assistant.turns import Drafted
from assistant.web.staff import mount_staff
from dialogues.messages import BotMessage
from dialogues.tracker import Event, Frame, action_event, slot_event, stack_event
from intents.catalogue import load_catalogue
from intents.context import Context

PASSWORD = "correct horse battery"
NOWHERE = Path("/dev/null/regressions")  # for who corrects nothing
ROLES = {"kim": "agent", "tess": "trainer", "ada": "admin"}


def desk_app(database: Database, regressions: Path = NOWHERE) -> FastAPI:
    with database.session() as session:
        session.add(Customer(id="mia_12", email="mia@example.com", first_name="Mia", last_name="Lindqvist"))
        for name, role in ROLES.items():
            people.add(session, name, role, PASSWORD)
    talk(database)
    app = web_app(ScriptedAssistant())
    corrector = Corrector(load_catalogue(), lambda tracker: Context(asked="order_id"), regressions)
    mount_staff(app, database, load_voice(), hours=12, corrector=corrector, embed=two_numbers, drafter=drafted)
    return app


def drafted(sender: str) -> Drafted | None:
    """Stands for the assistant, where only the page is looked at."""
    return Drafted(f"A draft for {sender}.", changes=False)


def two_numbers(texts: Sequence[str]) -> np.ndarray:
    """Stands for the model of meaning where only the page is looked at."""
    return np.array([[len(text), 1.0] for text in texts])


def talk(database: Database) -> None:
    """Mia looks for boots, asks for an order, and is in the middle of cancelling it; somebody else said hello."""
    turns: list[list[Event]] = [
        [
            said("waterproof hiking boots under $120", 'search_products(query="hiking boots", max_price=120)', 0.93),
            action_event("action_search_products"),
            bot("I found two that fit.", "utter_products_found", facts={"count": "2"}, cards=BOOTS[:2]),
            {"event": "timing", "seconds": {"understand": 0.21, "act": 0.03, "reply": 0.18}},
        ],
        [
            said("where is my order? mia@example.com", 'track_order(); identify(email="mia@example.com")', 0.71),
            action_event("action_identify"),
            slot_event("customer_id", "mia_12"),
            action_event("action_order_status"),
            bot("Thanks, Mia. It was delivered.", "utter_order_status", facts={"name": "Mia"}, cards=(ORDER_CARD,)),
            {"event": "timing", "seconds": {"understand": 0.24, "act": 0.05, "reply": 0.17}},
        ],
        [
            said("hm cancel it then", 'cancel_order(order_id="#W2378156")', 0.41),
            stack_event([Frame("cancel_order", asked="reason")]),
            bot("Why would you like to cancel?", "utter_ask_reason", written_by="written"),
        ],
    ]
    with database.session() as session:
        length = 0
        for number, events in enumerate(turns, start=1):
            append_turn(session, "mia", length, number, events, None)
            length += len(events)
        hello = [said("hello there", "greet()", 0.98), bot("Hello.", "utter_greet")]
        append_turn(session, "somebody", 0, 1, hello, None)


def said(text: str, commands: str, confidence: float) -> Event:
    intent = {"name": commands.partition("(")[0], "confidence": confidence}
    ranking = [intent, {"name": "return_items", "confidence": 0.04}]
    parsed = {"intent": intent, "intent_ranking": ranking, "commands": commands, "model": "scripted"}
    return {"event": "user", "text": text, "message_id": None, "parse_data": parsed}


def bot(text: str, response: str, **more: object) -> Event:
    message = BotMessage(text, response, **{"written_by": "model", **more})  # type: ignore[arg-type]
    return {**message.to_event(), "turn_first": True}
