"""The trainers' inbox: real messages worth labelling, each with the commands that somebody proposes.

`add_item` puts one in: a colleague who corrected a turn ("corrected"), or the search for messages that the assistant
was unsure of ("uncertain") or that are like nothing it was taught ("novel"). A message is masked before it is kept, and
none comes in from a conversation that its shopper asked to keep private. A message is in the inbox once: a correction
takes the place of what was found there, and brings back what was dismissed.
"""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.masking import Known, mask, mask_value
from assistant.review.privacy import is_private, known_of, told_in
from assistant.staff.access import Staff
from assistant.staff.audit import record
from assistant.store import ConversationFacts, InboxItem, now
from assistant.store import Event as EventRow
from intents.commands import Command, format_commands, parse_commands
from intents.context import Context

Source = Literal["corrected", "uncertain", "novel"]
PAGE_ITEMS = 50
DECIDED = "A colleague has decided on this message already."
PRIVATE_SINCE = "Its shopper has asked since to keep the conversation private: nothing is learnt from it. Dismiss it."


class NotForTheInbox(ValueError):
    """The message cannot be put into the inbox; the message says why."""


class NoSuchItem(LookupError):
    """There is no such message in the inbox, or somebody has decided on it already."""


def add_item(
    session: Session,
    staff: Staff | None,  # None where the search for messages worth labelling found it
    *,
    text: str,
    context: Context,
    proposed: str,
    source: Source,
    conversation_id: str,
    event_seq: int,  # of the shopper's message
    worth: float = 1.0,  # 0..1
    with_stand_ins: bool = False,  # whether made-up values stand for all that is personal already
) -> InboxItem:
    """Put a message into the inbox, masked unless stand-ins have seen to it, and give it.

    Raises NotForTheInbox, NotAllowed without the right to mark conversations, and CommandSyntaxError.
    """
    if staff:
        staff.need("mark")
    facts = session.get(ConversationFacts, conversation_id)
    if facts is None:
        raise NotForTheInbox(f"There is no conversation {conversation_id[:80]!r}.")
    if is_private(session, conversation_id):
        raise NotForTheInbox("The shopper asked to keep this conversation private: nothing is learnt from it.")
    if not text.strip() or text.startswith("/"):
        raise NotForTheInbox("Only what a shopper wrote in words can be learnt from.")
    content, meant = context_json(context), parse_commands(proposed)
    if not with_stand_ins:
        said = session.scalars(select(EventRow.data).where(EventRow.conversation_id == conversation_id))
        known = told_in(known_of(session, facts.customer_id), said)
        text, content, meant = mask(text, known), mask_value(content, known), masked_commands(proposed, known)
    of_message = (InboxItem.conversation_id == conversation_id, InboxItem.event_seq == event_seq)
    item = session.scalar(select(InboxItem).where(*of_message))
    if item and source != "corrected":
        return item
    if item is None:
        item = InboxItem(conversation_id=conversation_id, event_seq=event_seq)
        session.add(item)
    item.text, item.context, item.proposed = text, content, format_commands(meant)
    item.source, item.worth, item.state = source, worth, "open"
    item.added_by, item.added_at = staff.id if staff else None, now()
    item.decided_by = item.decided_at = None
    session.flush()
    if staff:
        record(session, staff, "inbox.added", conversation_id, item=item.id, event=event_seq)
    return item


def open_items(session: Session, limit: int = PAGE_ITEMS) -> list[InboxItem]:
    """What waits for a trainer: corrections first, then by how much each would teach."""
    chosen = (
        select(InboxItem)
        .where(InboxItem.state == "open")
        .order_by(InboxItem.source != "corrected", InboxItem.worth.desc(), InboxItem.id)
        .limit(limit)
    )
    return list(session.scalars(chosen))


def open_item(session: Session, item_id: int) -> InboxItem:
    """One that may become an example. Raises NoSuchItem."""
    item = session.get(InboxItem, item_id)
    if item is None or item.state != "open":
        raise NoSuchItem(DECIDED)
    if is_private(session, item.conversation_id):
        raise NoSuchItem(PRIVATE_SINCE)
    return item


def accept(session: Session, staff: Staff, item_id: int) -> InboxItem:
    """It has become an example. Raises NoSuchItem and NotAllowed."""
    return _decide(session, staff, item_id, "accepted")


def dismiss(session: Session, staff: Staff, item_id: int) -> InboxItem:
    """It teaches nothing. Raises NoSuchItem and NotAllowed."""
    return _decide(session, staff, item_id, "dismissed")


def context_of(item: InboxItem) -> Context:
    given = item.context
    return Context(given.get("bot"), given.get("task"), given.get("asked"), tuple(given.get("shown") or ()))


def context_json(context: Context) -> dict[str, Any]:
    """Only what is known of it."""
    whole = {"bot": context.bot, "task": context.task, "asked": context.asked, "shown": list(context.shown)}
    return {name: value for name, value in whole.items() if value}


def masked_commands(commands: str, known: Known) -> tuple[Command, ...]:
    """The commands with nothing personal in their slots. Raises CommandSyntaxError."""
    return tuple(
        Command(command.intent, tuple((name, mask_value({name: value}, known)[name]) for name, value in command.slots))
        for command in parse_commands(commands)
    )


def _decide(session: Session, staff: Staff, item_id: int, state: str) -> InboxItem:
    staff.need("studio")
    item = session.get(InboxItem, item_id, with_for_update=True)
    if item is None or item.state != "open":
        raise NoSuchItem(DECIDED)
    item.state, item.decided_by, item.decided_at = state, staff.id, now()
    record(session, staff, f"inbox.{state}", item.conversation_id, item=item.id)
    return item
