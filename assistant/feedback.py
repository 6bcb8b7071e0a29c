"""What a shopper says of the conversation: a thumb on a reply, and that nobody is to learn from it.

Each is an event, appended when it changes; the last one counts.

with database.session() as session:
    rate(session, "web-1", turn=3, thumb="down")      # None takes it back
    thumbs_of(session, "web-1")  ->  {3: "down"}
    keep_private(session, "web-1", True)              # review/privacy.py says whether it is
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from assistant.conversations import append_turn
from assistant.review.privacy import PRIVATE, is_private
from assistant.store import Conversation
from assistant.store import Event as EventRow
from dialogues.tracker import slot_event

FEEDBACK = "feedback"
Thumb = Literal["up", "down"]


class NoSuchReply(LookupError):
    """Nothing was said in that turn."""


class NoSuchConversation(LookupError):
    """Nothing has been said in it yet."""


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


def keep_private(session: Session, sender: str, private: bool) -> bool:
    """Note what the shopper asks; False where it stands so already.

    Raises NoSuchConversation, and ConversationMoved as a turn does.
    """
    row = session.get(Conversation, sender)
    if row is None:
        raise NoSuchConversation(f"There is no conversation {sender!r}.")
    if is_private(session, sender) == private:
        return False
    turn = session.scalar(select(func.max(EventRow.turn)).where(EventRow.conversation_id == sender)) or 0
    append_turn(session, sender, row.event_count, turn, [slot_event(PRIVATE, private)], None)
    return True
