"""Made-up conversations, to measure how the desk grows:   fill_conversations(database, 10_000, seed=7)

The same seed gives the same conversations. Shoppers say the training examples (intents/*.yml), the assistant answers
with written variations; a tenth is handed over, a tenth is left in the middle of a task, some were not understood.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from assistant.review.facts import backfill
from assistant.store import Conversation, Database, Product, now
from assistant.store import Event as EventRow
from assistant.understanding import EXAMPLES
from dialogues.messages import BotMessage
from dialogues.responses import load_responses, placeholders
from dialogues.tracker import Event, Frame, action_event, slot_event, stack_event
from intents.catalogue import load_catalogue
from intents.commands import format_commands
from intents.examples import Example, load_examples

DAYS = 90  # that the conversations are spread over
AT_ONCE = 500  # in one transaction
TURNS = (1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 13)
UNSURE, LEFT_IN_TASK, HANDED_OVER, THUMBED = 0.08, 0.1, 0.1, 0.1  # shares of turns; of conversations; of turns
TASKS = ("cancel_order", "return_items", "exchange_items", "checkout", "change_address")


@dataclass(frozen=True)
class Matter:
    """What the conversations are made of."""

    examples: list[Example]
    replies: list[tuple[str, str]]  # response and text
    products: list[str]


def fill_conversations(database: Database, count: int, seed: int, tell: Callable[[int], Any] = lambda n: None) -> int:
    """Write them and make their facts. Returns the number of turns."""
    chance = random.Random(seed)
    with database.reading() as session:
        matter = _matter(session)
    turns = 0
    start = now() - timedelta(days=DAYS)
    for first in range(0, count, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, count))
        with database.session() as session:
            for number in numbers:
                at = start + timedelta(days=DAYS * chance.random())
                turns += _write(session, f"made-{number:06}", at, list(_conversation(chance, matter)))
        backfill(database)
        tell(len(numbers))
    return turns


def _matter(session: Session) -> Matter:
    examples = load_examples([EXAMPLES], load_catalogue())
    replies = [
        (name, text)
        for name, response in load_responses().items()
        for text in response.variations
        if not placeholders(text)
    ]
    return Matter(examples, replies, list(session.scalars(select(Product.id).order_by(Product.id))))


def _conversation(chance: random.Random, matter: Matter) -> Iterator[list[Event]]:
    """The turns, each as its events."""
    count, end = chance.choice(TURNS), chance.random()
    for number in range(1, count + 1):
        yield _turn(chance, matter)
        if chance.random() < THUMBED:
            yield [{"event": "feedback", "turn": number, "thumb": chance.choice(("up", "up", "down"))}]
    if end < LEFT_IN_TASK:
        yield [*_turn(chance, matter), stack_event([Frame(chance.choice(TASKS), asked="order_id")])]
    elif end < LEFT_IN_TASK + HANDED_OVER:
        yield [*_turn(chance, matter), slot_event("handed_over", True)]


def _turn(chance: random.Random, matter: Matter) -> list[Event]:
    example, (response, text) = chance.choice(matter.examples), chance.choice(matter.replies)
    confidence = round(chance.uniform(0.2, 0.5) if chance.random() < UNSURE else chance.uniform(0.6, 1.0), 4)
    intent = {"name": example.commands[0].intent, "confidence": confidence}
    parsed = {"intent": intent, "commands": format_commands(example.commands), "model": "made up"}
    user: Event = {"event": "user", "text": example.text, "message_id": None, "parse_data": parsed}
    shown = chance.sample(matter.products, min(3, len(matter.products))) if chance.random() < 0.4 else []
    cards = tuple({"kind": "product", "id": one, "name": one, "price": "$1.00", "in_stock": True} for one in shown)
    if confidence < 0.5:
        response, text, cards = "utter_rephrase", text, ()
    return [
        user,
        action_event(f"action_{example.commands[0].intent}"),
        {**BotMessage(text, response, cards=cards, wording=text).to_event(), "turn_first": True},
        {"event": "timing", "seconds": {"understand": 0.2, "act": 0.02, "reply": 0.2}},
    ]


def _write(session: Session, sender: str, at: datetime, turns: list[list[Event]]) -> int:
    """One conversation, a turn a minute. Returns its turns."""
    rows: list[dict[str, Any]] = []
    number = 0
    for events in turns:
        number += any(event["event"] == "user" for event in events)
        for event in events:
            rows.append(
                {"conversation_id": sender, "seq": len(rows), "turn": number, "type": event["event"], "data": event,
                 "message_id": None, "created_at": at + timedelta(minutes=number)}
            )  # fmt: skip
    last = rows[-1]["created_at"]
    session.add(Conversation(id=sender, event_count=len(rows), created_at=at, updated_at=last))
    session.flush()
    session.execute(insert(EventRow), rows)
    return number
