"""Conversations out of the house: those that a search found, as CSV, Aisle's events, Rasa trackers or OpenAI chats.

Streamed in batches, masked unless who asks may see personal data and wants it, which is logged for each conversation.
The chats are what models are taught from, so a conversation that its shopper asked to keep private is not among them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.review.privacy import PRIVATE, known_of, told_in
from assistant.review.queue import Wanted, matching_ids
from assistant.review.rasa_export import rasa_tracker_json
from assistant.review.transcript import NoSuchConversation, SeenTurn, corrections, masked, turns_of
from assistant.staff.access import Staff
from assistant.staff.audit import record
from assistant.store import ConversationFacts, Database
from assistant.store import Event as EventRow
from dialogues.messages import BotMessage
from dialogues.tracker import Event, fold

AT_ONCE = 50  # conversations read in one transaction
COLUMNS = (
    "conversation",
    "turn",
    "at",
    "shopper",
    "assistant",
    "commands",
    "confidence",
    "corrected",
    "thumb",
    "seconds",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula
Turned = tuple[int, datetime, Event]


@dataclass(frozen=True)
class Exported:
    """One conversation on its way out."""

    id: str
    events: tuple[Turned, ...]
    meant: Mapping[int, str]


@dataclass(frozen=True)
class Format:
    title: str
    suffix: str
    media_type: str
    begin: str
    between: str
    end: str
    write: Callable[[Exported], str]  # "" leaves the conversation out


def export(database: Database, staff: Staff, wanted: Wanted, form: str, *, unmasked: bool = False) -> Iterator[str]:
    """The file in pieces. Raises NotAllowed at once; `form` is one of FORMATS."""
    staff.need("desk")
    if unmasked:
        staff.need("unmask")
    with database.session() as session:
        ids = matching_ids(session, staff, wanted)
        subject = f"{len(ids)} conversations"
        record(session, staff, "transcripts.exported", subject, form=form, saved=wanted.saved, unmasked=unmasked)
    return _pieces(database, staff, ids, FORMATS[form], unmasked)


def tracker_of(session: Session, staff: Staff, sender: str, *, unmasked: bool = False) -> dict[str, Any]:
    """One conversation as Rasa's tracker. Raises NotAllowed and NoSuchConversation."""
    staff.need("desk")
    if unmasked:
        staff.need("unmask")
    if session.get(ConversationFacts, sender) is None:
        raise NoSuchConversation(f"There is no conversation {sender[:80]!r}.")
    record(session, staff, "transcript.unmasked" if unmasked else "transcript.read", sender, form="rasa")
    return _tracker(_read(session, sender, unmasked))


def _pieces(database: Database, staff: Staff, ids: list[str], form: Format, unmasked: bool) -> Iterator[str]:
    yield form.begin
    before = ""
    for first in range(0, len(ids), AT_ONCE):
        batch = ids[first : first + AT_ONCE]
        for written in filter(None, map(form.write, _batch(database, staff, batch, unmasked))):
            yield before + written
            before = form.between
    yield form.end


def _batch(database: Database, staff: Staff, ids: list[str], unmasked: bool) -> list[Exported]:
    """Whole before anything is sent: no transaction waits for a slow reader."""
    with database.session() if unmasked else database.reading() as session:
        if unmasked:
            for sender in ids:
                record(session, staff, "transcript.unmasked", sender, form="export")
        return [_read(session, sender, unmasked) for sender in ids]


def _read(session: Session, sender: str, unmasked: bool) -> Exported:
    facts = session.get(ConversationFacts, sender)
    chosen = select(EventRow.turn, EventRow.created_at, EventRow.data).where(EventRow.conversation_id == sender)
    rows = session.execute(chosen.order_by(EventRow.seq)).all()
    on_record = known_of(session, facts.customer_id if facts else None)
    known = None if unmasked else told_in(on_record, (data for *_, data in rows))
    events = tuple((turn, at, data if known is None else masked(data, known)) for turn, at, data in rows)
    return Exported(sender, events, corrections(session, sender))


# what each format writes of a conversation


def _csv(one: Exported) -> str:
    lines = io.StringIO()
    writer = csv.writer(lines)
    for turn in turns_of(one.events, None):
        writer.writerow(map(_cell, _columns(one, turn)))
    return lines.getvalue()


def _columns(one: Exported, turn: SeenTurn) -> tuple[Any, ...]:
    shopper = "\n".join(str(text) for who, text in turn.said if who == "user")
    replies = "\n".join(message.text for _, message in turn.said if isinstance(message, BotMessage))
    reading = turn.reading
    seconds = round(sum(took for stage, took in turn.seconds.items() if stage != "first_words"), 3)
    return (
        one.id, turn.number, turn.at.isoformat(timespec="seconds"), shopper, replies,
        reading.commands if reading else "", reading.confidence if reading else "", one.meant.get(turn.number, ""),
        turn.thumb or "", seconds or "",
    )  # fmt: skip


def _cell(value: Any) -> str:
    """A cell that no spreadsheet runs."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _events(one: Exported) -> str:
    events = [{"turn": turn, "at": at.isoformat(), **event} for turn, at, event in one.events]
    return _json({"conversation": one.id, "events": events}) + "\n"


def _rasa(one: Exported) -> str:
    return _json(_tracker(one))


def _chat(one: Exported) -> str:
    if fold(one.id, (event for *_, event in one.events)).slots.get(PRIVATE):
        return ""
    roles = {"user": "user", "bot": "assistant"}
    messages = [
        {"role": roles[event["event"]], "content": event["text"]}
        for *_, event in one.events
        if event["event"] in roles and event["text"]
    ]
    return _json({"messages": messages}) + "\n" if messages else ""


def _tracker(one: Exported) -> dict[str, Any]:
    return rasa_tracker_json(one.id, [(at, event) for _, at, event in one.events])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


FORMATS: Mapping[str, Format] = {
    "csv": Format("CSV", "csv", "text/csv", ",".join(COLUMNS) + "\r\n", "", "", _csv),
    "jsonl": Format("JSONL", "jsonl", "application/x-ndjson", "", "", "", _events),
    "rasa": Format("Rasa", "rasa.json", "application/json", "[", ",\n", "]\n", _rasa),
    "openai": Format("OpenAI", "openai.jsonl", "application/x-ndjson", "", "", "", _chat),
}
