"""What staff do beside a conversation: notes, labels, a flag, whose it is, whether it is settled. Each is audited.

Every function raises NotAllowed without the right, and NoSuchConversation.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.review.transcript import NoSuchConversation
from assistant.staff.access import Right, Staff
from assistant.staff.audit import record
from assistant.store import Annotation, ConversationFacts, ConversationMention, StaffUser, now
from assistant.texts import clean

LONGEST_NOTE = 2000
LONGEST_LABEL = 40
WHOLE = 0  # the turn of a note about the whole conversation


class BadWork(ValueError):
    """What was typed cannot be kept; the message says why."""


def add_note(session: Session, staff: Staff, sender: str, text: str) -> None:
    """Words for colleagues. Raises BadWork."""
    _facts(session, staff, sender, "mark")
    text = clean(text)
    if not text or len(text) > LONGEST_NOTE:
        raise BadWork(f"A note has 1 to {LONGEST_NOTE:,} characters.")
    session.add(Annotation(conversation_id=sender, turn=WHOLE, kind="note", text=text, author_id=staff.id))
    record(session, staff, "conversation.noted", sender)


def turn_label(session: Session, staff: Staff, sender: str, label: str) -> None:
    """Put a label on, or take it off where it is. Raises BadWork."""
    _facts(session, staff, sender, "mark")
    label = clean(label).lower()
    if not label or len(label) > LONGEST_LABEL:
        raise BadWork(f"A label has 1 to {LONGEST_LABEL} characters.")
    there = session.get(ConversationMention, ("label", label, sender))
    if there:
        session.delete(there)
    else:
        session.add(ConversationMention(kind="label", value=label, conversation_id=sender))
    record(session, staff, "conversation.unlabelled" if there else "conversation.labelled", sender, label=label)


def turn_flag(session: Session, staff: Staff, sender: str) -> None:
    """Flag it, or take the flag off."""
    facts = _facts(session, staff, sender, "mark")
    facts.flagged = not facts.flagged
    record(session, staff, "conversation.flagged" if facts.flagged else "conversation.unflagged", sender)


def who_answer(session: Session) -> list[str]:
    """The names of those to whom a conversation may be given."""
    users = session.scalars(select(StaffUser).where(StaffUser.active).order_by(StaffUser.name))
    return [user.name for user in users if _answers(user)]


def assign(session: Session, staff: Staff, sender: str, name: str | None) -> None:
    """Give it to somebody who answers shoppers, or to nobody. Raises BadWork."""
    facts = _facts(session, staff, sender, "answer")
    user = session.scalar(select(StaffUser).where(StaffUser.name == name, StaffUser.active)) if name else None
    if name and (user is None or not _answers(user)):
        raise BadWork(f"{name} does not answer shoppers; choose an agent or an admin.")
    facts.assigned_to = user.id if user else None
    record(session, staff, "conversation.assigned" if user else "conversation.unassigned", sender, to=name)


def turn_resolved(session: Session, staff: Staff, sender: str) -> None:
    """Settle it, or open it again."""
    facts = _facts(session, staff, sender, "answer")
    facts.resolved_at = None if facts.resolved_at else now()
    record(session, staff, "conversation.resolved" if facts.resolved_at else "conversation.reopened", sender)


def _answers(user: StaffUser) -> bool:
    return Staff(user.id, user.name, user.role).may("answer")


def _facts(session: Session, staff: Staff, sender: str, right: Right) -> ConversationFacts:
    staff.need(right)
    facts = session.get(ConversationFacts, sender)
    if facts is None:
        raise NoSuchConversation(f"There is no conversation {sender[:80]!r}.")
    return facts
