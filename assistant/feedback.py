"""A shopper's thumb on a reply: an event `feedback` of that turn, appended when it changes; the last one counts.

with database.session() as session:
    rate(session, "web-1", turn=3, thumb="down")      # None takes it back
    thumbs_of(session, "web-1")  ->  {3: "down"}
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from assistant.conversations import append_turn
from assistant.store import Conversation
from assistant.store import Event as EventRow

FEEDBACK = "feedback"
Thumb = Literal["up", "down"]


class NoSuchReply(LookupError):
    """Nothing was said in that turn."""


def thumbs_of(session: Session, sender: str) -> dict[int, Thumb]:
    """The thumbs that stand, by turn (the first message of the shopper begins turn 1)."""
    of_feedback = (EventRow.conversation_id == sender, EventRow.type == FEEDBACK)
    rows = session.execute(select(EventRow.turn, EventRow.data).where(*of_feedback).order_by(EventRow.seq))
    last = {turn: data["thumb"] for turn, data in rows}
    return {turn: thumb for turn, thumb in last.items() if thumb}


def rate(session: Session, sender: str, turn: int, thumb: Thumb | None) -> bool:
    """Keep the thumb; False where it stands so already. Raises NoSuchReply, and ConversationMoved as a turn does."""
    reply = (EventRow.conversation_id == sender, EventRow.turn == turn, EventRow.type == "bot")
    if not session.scalar(select(exists().where(*reply))):
        raise NoSuchReply(f"Conversation {sender!r} has no reply in turn {turn}.")
    if thumbs_of(session, sender).get(turn) == thumb:
        return False
    length = session.get_one(Conversation, sender).event_count
    append_turn(session, sender, length, turn, [{"event": FEEDBACK, "turn": turn, "thumb": thumb}], None)
    return True
