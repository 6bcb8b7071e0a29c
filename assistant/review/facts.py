"""Keep what the desk reads of each conversation up to date: its row of facts, its mentions, its full-text index.

`note_events` is called by whoever appends events, in the same transaction, so the queue is never behind. It reads the
new events and the row alone; the events before them are read only where the row is missing. `backfill` makes the rows
of conversations from before there were any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from assistant.masking import mask
from assistant.review.privacy import known_of, told_in
from assistant.review.turn_facts import (
    NOT_UNDERSTOOD,
    TimedTurn,
    backfill_turns,
    mask_earlier,
    note_thumbs,
    note_turns,
    thumbs_of,
)
from assistant.store import Conversation, ConversationFacts, ConversationMention, Database, TurnFacts, index_turns, now
from assistant.store import Event as EventRow
from dialogues.tracker import Event
from dialogues.uptake import OFFERS, REPHRASE
from intents.commands import CommandSyntaxError, parse_commands

NO_TASK = {*OFFERS, REPHRASE, "human_handoff"}  # flows whose open question is no task of the shopper's
PREVIEW_CHARS = 120
INDEXED_CHARS = 4000  # of one turn, in the full-text index
ORDER_ID = re.compile(r"#?\bW\d{4,10}\b")
BATCH = 200  # conversations in a transaction of the backfill
Mention = tuple[str, str]  # kind, value


def note_events(session: Session, sender: str, turn: int, events: Sequence[Event]) -> None:
    """Bring a conversation's facts up to its new events, which are in the database already."""
    facts = session.get(ConversationFacts, sender)
    if facts is None:
        rebuild(session, sender)
        return
    facts.last_at = now()
    _note(session, facts, [(turn, facts.last_at, events)])
    mentions = mentions_of(events)
    _insert_mentions(session, sender, mentions - _mentions_there(session, sender) if mentions else mentions)


def rebuild(session: Session, sender: str) -> None:
    """Make the facts of a conversation that has none, from its first event on."""
    chosen = select(EventRow.turn, EventRow.created_at, EventRow.data).where(EventRow.conversation_id == sender)
    rows = session.execute(chosen.order_by(EventRow.seq)).all()
    if not rows:
        return
    times = [at for _, at, _ in rows]
    facts = ConversationFacts(conversation_id=sender, started_at=min(times), last_at=max(times), turns=0)
    facts.not_understood = facts.thumbs_up = facts.thumbs_down = facts.changes = 0
    facts.handed_over, facts.outcome, facts.preview = False, "answered", ""
    session.execute(delete(TurnFacts).where(TurnFacts.conversation_id == sender))
    turns: list[TimedTurn] = []
    for turn, of_turn in groupby(rows, key=lambda row: row[0]):
        kept = list(of_turn)
        turns.append((turn, kept[0][1], [data for *_, data in kept]))
    _note(session, facts, turns)
    session.add(facts)
    _insert_mentions(session, sender, mentions_of(data for *_, data in rows))


def index_whole(session: Session, sender: str, customer_id: str | None) -> None:
    """Put all that was said in a conversation into the full-text index, which holds nothing of it yet."""
    chosen = select(EventRow.turn, EventRow.data).where(EventRow.conversation_id == sender).order_by(EventRow.seq)
    rows = session.execute(chosen).all()
    known = told_in(known_of(session, customer_id), (data for _, data in rows))
    turns = ((turn, words_of(data for _, data in of_turn)) for turn, of_turn in groupby(rows, key=lambda row: row[0]))
    index_turns(session, sender, [(turn, mask(said, known)[:INDEXED_CHARS]) for turn, said in turns if said])


def backfill(database: Database) -> int:
    """Make the facts of every conversation that lacks them. Returns how many did; may be interrupted and run again."""
    missing = (
        select(Conversation.id)
        .where(Conversation.event_count > 0)
        .where(~select(ConversationFacts).where(ConversationFacts.conversation_id == Conversation.id).exists())
        .limit(BATCH)
    )
    done = 0
    while True:
        with database.session() as session:
            senders = session.scalars(missing).all()
            for sender in senders:
                rebuild(session, sender)
        if not senders:
            backfill_turns(database)
            return done
        done += len(senders)


def _note(session: Session, facts: ConversationFacts, turns: Sequence[TimedTurn]) -> None:
    """Add turns to the facts, to those of each turn and to the full-text index."""
    events = [event for *_, of_turn in turns for event in of_turn]
    for event in events:
        _NOTES.get(event["event"], _pass_over)(facts, event)
    facts.outcome = outcome(facts)
    known = told_in(known_of(session, facts.customer_id), events)
    note_turns(session, facts.conversation_id, turns, known)
    if any(event["event"] == "slot" and event["name"] == "customer_id" for event in events):
        mask_earlier(session, facts.conversation_id, known)
    if any(event["event"] == "feedback" for event in events):
        _count_thumbs(session, facts)
    preview = next((str(event["text"]) for event in reversed(events) if event["event"] == "user"), None)
    if preview:
        facts.preview = mask(preview, known)[:PREVIEW_CHARS]
    said = [(turn, mask(words, known)[:INDEXED_CHARS]) for turn, _, of_turn in turns if (words := words_of(of_turn))]
    index_turns(session, facts.conversation_id, said)


def outcome(facts: ConversationFacts) -> str:
    """How a conversation stands: with a person, in the middle of a task, something done, or answered."""
    if facts.handed_over:
        return "handed_over"
    if facts.open_task:
        return "task_open"
    return "done" if facts.changes else "answered"


def words_of(events: Iterable[Event]) -> str:
    """What both said. A payload, "/affirm", is no words."""
    texts = (str(event.get("text") or "") for event in events if event["event"] in ("user", "bot"))
    return "\n".join(text for text in texts if text and not text.startswith("/"))


def mentions_of(events: Iterable[Event]) -> set[Mention]:
    """What events are about: intents, products, orders, the customer."""
    found: set[Mention] = set()
    for event in events:
        if event["event"] == "user":
            found |= {("intent", name) for name in intents_of(event)}
            found |= {("order", f"#{order.lstrip('#')}") for order in ORDER_ID.findall(str(event.get("text") or ""))}
        elif event["event"] == "bot":
            found |= {(str(card["kind"]), str(card["id"])) for card in event["data"]["cards"] if _names_thing(card)}
        elif event["event"] == "slot" and event["name"] == "customer_id" and event["value"]:
            found.add(("customer", str(event["value"])))
        elif event["event"] == "change" and event["change"].get("order_id"):
            found.add(("order", str(event["change"]["order_id"])))
    return found


def intents_of(user: Event) -> list[str]:
    """The intents that a message was read as, in order; none for one that nobody read."""
    try:
        return [command.intent for command in parse_commands((user.get("parse_data") or {}).get("commands") or "")]
    except CommandSyntaxError:  # written by an older version
        return []


def _names_thing(card: Mapping[str, Any]) -> bool:
    return card.get("kind") in ("product", "order") and bool(card.get("id"))


def _mentions_there(session: Session, sender: str) -> set[Mention]:
    of_sender = ConversationMention.conversation_id == sender
    rows = session.execute(select(ConversationMention.kind, ConversationMention.value).where(of_sender))
    return {(kind, value) for kind, value in rows}


def _insert_mentions(session: Session, sender: str, mentions: set[Mention]) -> None:
    if mentions:
        rows = [{"kind": kind, "value": value, "conversation_id": sender} for kind, value in sorted(mentions)]
        session.execute(insert(ConversationMention), rows)


def _count_thumbs(session: Session, facts: ConversationFacts) -> None:
    """The last thumb of each turn counts."""
    of_feedback = (EventRow.conversation_id == facts.conversation_id, EventRow.type == "feedback")
    rows = session.execute(select(EventRow.turn, EventRow.data).where(*of_feedback).order_by(EventRow.seq))
    thumbs = thumbs_of([(turn, data) for turn, data in rows])
    last = list(thumbs.values())
    facts.thumbs_up, facts.thumbs_down = last.count("up"), last.count("down")
    note_thumbs(session, facts.conversation_id, thumbs)


# what each kind of event adds


def _note_user(facts: ConversationFacts, event: Event) -> None:
    facts.turns += 1
    confidence = ((event.get("parse_data") or {}).get("intent") or {}).get("confidence")
    if confidence is not None:
        facts.lowest_confidence = min(confidence, 1.0 if facts.lowest_confidence is None else facts.lowest_confidence)


def _note_slot(facts: ConversationFacts, event: Event) -> None:
    if event["name"] == "handed_over" and event["value"]:
        facts.handed_over, facts.resolved_at = True, None
    elif event["name"] == "customer_id":
        facts.customer_id = str(event["value"]) if event["value"] else None


def _note_stack(facts: ConversationFacts, event: Event) -> None:
    open_flows = [frame["flow"] for frame in event["frames"] if not frame.get("called")]
    facts.open_task = next((flow for flow in reversed(open_flows) if flow not in NO_TASK), None)


def _note_bot(facts: ConversationFacts, event: Event) -> None:
    if event["data"]["response"] in NOT_UNDERSTOOD:
        facts.not_understood += 1


def _note_change(facts: ConversationFacts, event: Event) -> None:
    facts.changes += 1


def _pass_over(facts: ConversationFacts, event: Event) -> None:
    """Nothing of it is asked in the queue."""


_NOTES = {
    "user": _note_user,
    "slot": _note_slot,
    "stack": _note_stack,
    "bot": _note_bot,
    "change": _note_change,
}
