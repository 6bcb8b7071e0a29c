"""Find messages worth labelling in real conversations: those the assistant was unsure of, those like nothing taught.

Nothing comes from a conversation that its shopper asked to keep private, none while a person answers, and none twice:
of messages that are like each other one is enough. Conversations are read since the last search; what is kept is
masked (inbox.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.masking import mask
from assistant.review.privacy import is_private, known_of, told_in
from assistant.staff.access import Staff
from assistant.staff.audit import record
from assistant.store import AuditEntry, Conversation, ConversationFacts, Database, InboxItem, now
from assistant.store import Event as EventRow
from assistant.studio.inbox import Source, add_item
from assistant.studio.live_examples import LiveExamples
from assistant.studio.neighbours import said
from dialogues.tracker import Tracker, fold
from intents.commands import CommandSyntaxError, parse_commands
from intents.context import Context

UNSURE_BELOW = 0.6  # confidence; about where the assistant asks back
NOVEL_BELOW = 0.62  # likeness to the nearest example in the same context
ALIKE = 0.9  # cosine of two messages of which one is enough
MOST_ADDED = 30  # in one search: a morning's work
MOST_CONVERSATIONS = 500
SHORT = 2  # words
UNDER_WAY = timedelta(minutes=1)  # a turn that had begun before the search may be written after it
SEARCHED = "inbox.searched"
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
ContextOf = Callable[[Tracker], Context]


@dataclass(frozen=True)
class Found:
    """A message and why it is worth a label. `worth` is 0..1."""

    conversation: str
    seq: int
    text: str  # masked
    context: Context
    commands: str
    source: Source
    worth: float


def search_messages(database: Database, staff: Staff, context_of: ContextOf, live: LiveExamples | None) -> int:
    """Put what is worth a label into the inbox; how many there were. Raises NotAllowed."""
    staff.need("studio")
    began = now()
    with database.reading() as session:
        talked = _talked(session, _searched_until(session))
        found = [one for sender in talked for one in messages_of(session, sender, context_of, live)]
        there = session.execute(select(InboxItem.conversation_id, InboxItem.event_seq, InboxItem.text)).all()
    kept = {(sender, seq) for sender, seq, _ in there}
    new = sorted((one for one in found if (one.conversation, one.seq) not in kept), key=lambda one: -one.worth)
    chosen = _different(new, [text for *_, text in there], live)
    with database.session() as session:
        chosen = _still_open(session, chosen)
        for one in chosen:
            add_item(
                session, None, text=one.text, context=one.context, proposed=one.commands, source=one.source,
                conversation_id=one.conversation, event_seq=one.seq, worth=one.worth,
            )  # fmt: skip
        record(session, staff, SEARCHED, "inbox", added=len(chosen), until=began.isoformat())
    return len(chosen)


def _still_open(session: Session, found: Sequence[Found]) -> list[Found]:
    """Those whose conversation was neither erased nor made private while others were weighed; they are held as they are
    until the end of the transaction."""
    senders = {one.conversation for one in found}
    held = select(Conversation.id).where(Conversation.id.in_(senders)).with_for_update(read=True, key_share=True)
    there = {sender for sender in session.scalars(held) if not is_private(session, sender)}
    return [one for one in found if one.conversation in there]


def messages_of(session: Session, sender: str, context_of: ContextOf, live: LiveExamples | None) -> Iterator[Found]:
    """What of a conversation is worth a label, with the context in which it was said."""
    if is_private(session, sender):
        return
    facts = session.get(ConversationFacts, sender)
    rows = session.execute(select(EventRow.seq, EventRow.data).where(EventRow.conversation_id == sender))
    events = sorted(((seq, data) for seq, data in rows), key=lambda one: one[0])
    known = told_in(known_of(session, facts.customer_id if facts else None), (data for _, data in events))
    for place, (seq, event) in enumerate(events):
        read = event.get("parse_data") or {} if event["event"] == "user" else {}
        commands = str(read.get("commands") or "")
        if (
            not commands
            or event.get("title")
            or event["text"].startswith("/")
            or len(said(event["text"]).split()) < SHORT
        ):
            continue
        before = fold(sender, [data for _, data in events[:place]])
        if before.paused or not _parses(commands):
            continue
        context = context_of(before)
        masked = mask(event["text"], known)
        source, worth = judged(masked, context, (read.get("intent") or {}).get("confidence"), live)
        if source:
            yield Found(sender, seq, masked, context, commands, source, worth)


def judged(
    text: str, context: Context, confidence: float | None, live: LiveExamples | None
) -> tuple[Source | None, float]:
    """Why a message is worth a label, and how much: how unsure it was, or how unlike anything."""
    near = live().nearest((text, context), 1) if live else []
    unlike = 1 - near[0].likeness if near else 0.0
    unsure = 1 - confidence if confidence is not None else 0.0
    if confidence is not None and confidence < UNSURE_BELOW:
        return "uncertain", round(max(unsure, unlike), 4)
    if near and near[0].likeness < NOVEL_BELOW:
        return "novel", round(unlike, 4)
    return None, 0.0


def _searched_until(session: Session) -> datetime:
    """Up to when the last search has looked: a search takes a while, and shoppers write meanwhile."""
    last = select(AuditEntry.at, AuditEntry.data).where(AuditEntry.action == SEARCHED).order_by(AuditEntry.id.desc())
    found = session.execute(last.limit(1)).first()
    if found is None:
        return NEVER
    return (datetime.fromisoformat(found.data["until"]) if "until" in found.data else found.at) - UNDER_WAY


def _talked(session: Session, since: datetime) -> list[str]:
    """The conversations that went on since then, latest first."""
    chosen = select(Conversation.id).where(Conversation.updated_at > since).order_by(Conversation.updated_at.desc())
    return list(session.scalars(chosen.limit(MOST_CONVERSATIONS)))


def _different(found: Sequence[Found], there: Sequence[str], live: LiveExamples | None) -> list[Found]:
    """The best that are not like one chosen before, nor like one in the inbox."""
    chosen: list[Found] = []
    words = {said(text) for text in there}
    vectors = [] if live is None else list(live.base.embed(list(there)))
    for one in found:
        if len(chosen) == MOST_ADDED:
            break
        if said(one.text) in words:
            continue
        if live is not None:
            vector = live.base.embed([one.text])[0]
            if any(float(vector @ other) >= ALIKE for other in vectors):
                continue
            vectors.append(vector)
        words.add(said(one.text))
        chosen.append(one)
    return chosen


def _parses(commands: str) -> bool:
    try:
        return bool(parse_commands(commands))
    except CommandSyntaxError:  # written by an older version
        return False
