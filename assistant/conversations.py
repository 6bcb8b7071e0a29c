"""Conversations in SQL: read a conversation's events, append a turn's.

A turn is appended whole or not at all, and only if the conversation is still as long as when the turn began: two turns
at once cannot both commit. A client's message id is kept, so that the same message is answered from what was said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assistant.review.facts import note_events
from assistant.store import Conversation, now
from assistant.store import Event as EventRow
from dialogues.messages import BotMessage
from dialogues.tracker import Event

BY_STAFF = "staff"  # who wrote a message, where it was no answer of the assistant


class ConversationMoved(RuntimeError):
    """Another turn was appended meanwhile; this one must be done again on what is there now."""


def read_events(session: Session, sender: str) -> list[Event]:
    """Every event of a conversation, oldest first; none for one that is not known yet."""
    rows = session.scalars(select(EventRow.data).where(EventRow.conversation_id == sender).order_by(EventRow.seq))
    return list(rows)


def earlier_answer(session: Session, sender: str, message_id: str) -> list[BotMessage] | None:
    """What was answered to a message id, or None if the message is new."""
    asked = select(EventRow.turn).where(EventRow.conversation_id == sender, EventRow.message_id == message_id)
    turn = session.scalar(asked)
    if turn is None:
        return None
    same_turn = (EventRow.conversation_id == sender, EventRow.turn == turn, EventRow.type == "bot")
    rows = session.scalars(select(EventRow.data).where(*same_turn).order_by(EventRow.seq))
    return [message for data in rows if (message := BotMessage.from_event(data)).written_by != BY_STAFF]


def staff_messages(session: Session, sender: str, after: int = 0) -> list[tuple[int, BotMessage]]:
    """What people said to the shopper from event number `after` on, each with its event's number."""
    said = (EventRow.conversation_id == sender, EventRow.type == "bot", EventRow.seq >= after)
    rows = session.execute(select(EventRow.seq, EventRow.data).where(*said).order_by(EventRow.seq))
    messages = [(seq, BotMessage.from_event(data)) for seq, data in rows]
    return [(seq, message) for seq, message in messages if message.written_by == BY_STAFF]


def append_turn(
    session: Session, sender: str, expected: int, turn: int, events: Sequence[Event], message_id: str | None
) -> None:
    """Append a turn's events after the `expected` ones, and note what the desk reads of them.

    Raises ConversationMoved, having written nothing.
    """
    try:
        _lengthen(session, sender, expected, expected + len(events))
        session.add_all(
            EventRow(
                conversation_id=sender,
                seq=expected + place,
                turn=turn,
                type=event["event"],
                message_id=message_id if event["event"] == "user" else None,
                data=dict[str, Any](event),
            )
            for place, event in enumerate(events)
        )
        session.flush()
    except IntegrityError as error:
        raise ConversationMoved(f"Conversation {sender!r} has another turn after event {expected}.") from error
    note_events(session, sender, turn, events)


def begin(session: Session, sender: str) -> None:
    """Make sure of the conversation's row, which what its first turn writes points at, and hold it until the end of the
    transaction: another process that writes for the same conversation waits. Raises ConversationMoved."""
    if session.get(Conversation, sender, with_for_update=True) is not None:
        return
    try:
        session.add(Conversation(id=sender, event_count=0))
        session.flush()
    except IntegrityError as error:
        raise ConversationMoved(f"Conversation {sender!r} is being begun by another turn.") from error


def _lengthen(session: Session, sender: str, expected: int, length: int) -> None:
    if expected == 0:
        begin(session, sender)
    unchanged = (Conversation.id == sender, Conversation.event_count == expected)
    result = session.execute(update(Conversation).where(*unchanged).values(event_count=length, updated_at=now()))
    if result.rowcount == 0:  # type: ignore[attr-defined]
        raise ConversationMoved(f"Conversation {sender!r} is no longer {expected} events long.")
