"""A row of facts for each message of a shopper, from which the figures are counted.

`note_turns` is called with the conversation's facts, in the transaction that appends a turn's events. `backfill_turns`
makes the rows of conversations from before there were any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assistant.masking import Known, mask
from assistant.review.privacy import known_of
from assistant.store import ConversationFacts, Database, TurnFacts
from assistant.store import Event as EventRow
from dialogues.tracker import Event

NOT_UNDERSTOOD = {"utter_ask_which_meaning", "utter_rephrase", "utter_offer_person"}  # what is said then
OUT_OF_SCOPE = "out_of_scope"
KEPT_CHARS = 300  # of a message that was not answered
FIRST_WORDS = "first_words"  # a time within the reply's, not one beside it
BATCH = 200  # conversations in a transaction of the backfill
TimedTurn = tuple[int, datetime, Sequence[Event]]  # number, when it began, what happened


def note_turns(session: Session, sender: str, turns: Sequence[TimedTurn], known: Known) -> None:
    """Add the rows of turns in which the shopper wrote."""
    session.add_all(row for turn in turns if (row := _row(sender, *turn, known)))


def note_thumbs(session: Session, sender: str, thumbs: Mapping[int, str | None]) -> None:
    """The thumbs that stand, by turn."""
    session.flush()
    for turn, thumb in thumbs.items():
        of_turn = (TurnFacts.conversation_id == sender, TurnFacts.turn == turn)
        session.execute(update(TurnFacts).where(*of_turn).values(thumb=thumb))


def mask_earlier(session: Session, sender: str, known: Known) -> None:
    """What a shopper wrote before it was known who they are, masked again by what is known now."""
    session.flush()
    of_sender = (TurnFacts.conversation_id == sender, TurnFacts.unanswered.is_not(None))
    for row in session.scalars(select(TurnFacts).where(*of_sender)):
        row.unanswered = mask(row.unanswered or "", known)


def thumbs_of(events: Sequence[tuple[int, Event]]) -> dict[int, str | None]:
    """The last thumb of each turn, of events in their order, each with its turn's number."""
    return {turn: event.get("thumb") for turn, event in events if event["event"] == "feedback"}


def backfill_turns(database: Database) -> int:
    """Make the rows of every conversation that has none. Returns how many conversations; may be run again."""
    missing = (
        select(ConversationFacts.conversation_id, ConversationFacts.customer_id)
        .where(ConversationFacts.turns > 0)
        .where(~select(TurnFacts).where(TurnFacts.conversation_id == ConversationFacts.conversation_id).exists())
        .limit(BATCH)
    )
    done = 0
    while True:
        with database.session() as session:
            found = session.execute(missing).all()
            for sender, customer_id in found:
                _rebuild(session, sender, known_of(session, customer_id))
        if not found:
            return done
        done += len(found)


def _rebuild(session: Session, sender: str, known: Known) -> None:
    chosen = select(EventRow.turn, EventRow.created_at, EventRow.data).where(EventRow.conversation_id == sender)
    rows = session.execute(chosen.order_by(EventRow.seq)).all()
    turns: list[TimedTurn] = []
    for number, of_turn in groupby(rows, key=lambda row: row[0]):
        kept = list(of_turn)
        turns.append((number, kept[0][1], [data for *_, data in kept]))
    note_turns(session, sender, turns, known)
    note_thumbs(session, sender, thumbs_of([(turn, data) for turn, _, data in rows]))


def _row(sender: str, turn: int, at: datetime, events: Sequence[Event], known: Known) -> TurnFacts | None:
    user = next((event for event in events if event["event"] == "user"), None)
    if user is None:
        return None
    intent = ((user.get("parse_data") or {}).get("intent") or {}).get("name")
    fell_back = any(event["event"] == "bot" and event["data"]["response"] in NOT_UNDERSTOOD for event in events)
    words = str(user.get("text") or "")
    lost = words.strip() and not words.startswith("/") and (fell_back or intent == OUT_OF_SCOPE)
    return TurnFacts(
        conversation_id=sender,
        turn=turn,
        at=at,
        intent=intent,
        seconds=_seconds(events),
        fell_back=fell_back,
        unanswered=mask(words, known)[:KEPT_CHARS] if lost else None,
    )


def _seconds(events: Sequence[Event]) -> float | None:
    """How long the shopper waited for the whole answer."""
    timings = [event["seconds"] for event in events if event["event"] == "timing"]
    if not timings:
        return None
    return round(sum(took for one in timings for stage, took in one.items() if stage != FIRST_WORDS), 4)
