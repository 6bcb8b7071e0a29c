"""A conversation turn by turn: what the shopper saw, and what happened behind it. Masked, unless asked otherwise.

Start at `read_transcript`, which also writes into the audit log who looked. `turns_of` is pure: events in, turns out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.masking import Known, mask, mask_value
from assistant.review.privacy import known_of, told_in
from assistant.staff.access import Staff
from assistant.staff.audit import record
from assistant.store import Annotation, ConversationFacts, ConversationMention, StaffUser
from assistant.store import Event as EventRow
from dialogues.messages import BotMessage
from dialogues.tracker import Event

CORRECTED = "label"  # the kind of an annotation that says what a turn should have been understood as
Said = tuple[str, "str | BotMessage"]  # ("user", text) or ("bot", message)


class NoSuchConversation(LookupError):
    """There is no conversation of this id."""


@dataclass(frozen=True)
class Reading:
    """What the shopper's message was read as."""

    commands: str
    confidence: float | None
    model: str
    runners_up: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Reply:
    """How one message came about."""

    response: str
    written_by: str  # "model", "written" or "staff"
    how: str
    refused: tuple[str, ...]
    facts: Mapping[str, Any]
    receipts: Mapping[str, Any]  # where each fact came from, in events that tell


@dataclass(frozen=True)
class SeenTurn:
    number: int
    at: datetime
    said: tuple[Said, ...] = ()
    reading: Reading | None = None
    stack: tuple[str, ...] | None = None  # tasks after the turn, the active one last; None where it did not change
    actions: tuple[str, ...] = ()
    slots: tuple[tuple[str, Any], ...] = ()  # set in this turn, in order
    changes: tuple[Mapping[str, Any], ...] = ()  # made in SQL
    replies: tuple[Reply, ...] = ()
    summary: tuple[str, ...] = ()  # for whoever takes over
    seconds: Mapping[str, float] = field(default_factory=dict)
    thumb: str | None = None
    notices: tuple[str, ...] = ()  # "taken over by kim"
    meant: str | None = None  # commands that staff corrected the reading to; without personal data


@dataclass(frozen=True)
class Note:
    at: datetime
    author: str
    text: str


@dataclass(frozen=True)
class Transcript:
    id: str
    facts: ConversationFacts
    turns: tuple[SeenTurn, ...]
    notes: tuple[Note, ...]
    labels: tuple[str, ...]
    assigned_to: str | None
    taken_by: str | None
    masked: bool
    length: int  # events, by which a page sees whether there is more


def read_transcript(
    session: Session, staff: Staff, sender: str, *, unmasked: bool = False, again: bool = False
) -> Transcript:
    """Read a conversation and log who looked; `again` is a page that brings itself up to date, which is not logged.

    Raises NoSuchConversation, and NotAllowed.
    """
    staff.need("desk")
    if unmasked:
        staff.need("unmask")
    facts = session.get(ConversationFacts, sender)
    if facts is None:
        raise NoSuchConversation(f"There is no conversation {sender[:80]!r}.")
    rows = session.scalars(select(EventRow).where(EventRow.conversation_id == sender).order_by(EventRow.seq)).all()
    known = None if unmasked else told_in(known_of(session, facts.customer_id), (row.data for row in rows))
    if not again:
        record(session, staff, "transcript.unmasked" if unmasked else "transcript.read", sender)
    turns = turns_of(((row.turn, row.created_at, row.data) for row in rows), known)
    meant = corrections(session, sender)
    return Transcript(
        sender,
        facts,
        tuple(replace(turn, meant=meant.get(turn.number)) for turn in turns),
        _notes(session, sender, known),
        _labels(session, sender),
        _name(session, facts.assigned_to),
        _name(session, facts.taken_by),
        masked=not unmasked,
        length=len(rows),
    )


def corrections(session: Session, sender: str) -> dict[int, str]:
    """What staff said that turns should have been understood as, by turn; without personal data."""
    of_turns = (Annotation.conversation_id == sender, Annotation.kind == CORRECTED)
    rows = session.execute(select(Annotation.turn, Annotation.text).where(*of_turns).order_by(Annotation.id))
    return {turn: text for turn, text in rows}


def turns_of(events: Iterable[tuple[int, datetime, Event]], known: Known | None) -> tuple[SeenTurn, ...]:
    """Events, each with its turn's number and time, as turns. `known` is None to leave personal data in.

    A thumb is shown with the turn it is about, however much later it was given.
    """
    turns: list[SeenTurn] = []
    thumbs: dict[int, str | None] = {}
    for number, of_turn in groupby(events, key=lambda one: one[0]):
        kept = [(at, event) for _, at, event in of_turn]
        thumbs |= {int(event.get("turn", number)): event["thumb"] for _, event in kept if event["event"] == "feedback"}
        seen = [event for _, event in kept if event["event"] != "feedback"]
        if seen:
            turns.append(_turn(number, kept[0][0], seen if known is None else [masked(one, known) for one in seen]))
    return tuple(replace(turn, thumb=thumbs.get(turn.number)) for turn in turns)


def _turn(number: int, at: datetime, events: Sequence[Event]) -> SeenTurn:
    by_kind: dict[str, list[Event]] = {}
    for event in events:
        by_kind.setdefault(event["event"], []).append(event)
    user = next(iter(by_kind.get("user", [])), None)
    stacks = by_kind.get("stack", [])
    return SeenTurn(
        number,
        at,
        tuple(_said(event) for event in events if event["event"] in ("user", "bot")),
        _reading(user["parse_data"]) if user and user.get("parse_data") else None,
        tuple(_task(frame) for frame in stacks[-1]["frames"]) if stacks else None,
        tuple(event["name"] for event in by_kind.get("action", [])),
        tuple((event["name"], event["value"]) for event in by_kind.get("slot", [])),
        tuple(event["change"] for event in by_kind.get("change", [])),
        tuple(_reply(event) for event in by_kind.get("bot", [])),
        tuple(line for event in by_kind.get("summary", []) for line in event["lines"]),
        {name: took for event in by_kind.get("timing", []) for name, took in event["seconds"].items()},
        None,
        tuple(_notice(event) for event in events if event["event"] in ("pause", "resume")),
    )


def _said(event: Event) -> Said:
    return ("user", str(event["text"])) if event["event"] == "user" else ("bot", BotMessage.from_event(event))


def _reading(parsed: Mapping[str, Any]) -> Reading:
    intent = parsed.get("intent") or {}
    ranking = tuple((str(one["name"]), float(one["confidence"])) for one in parsed.get("intent_ranking") or ())
    runners_up = tuple(one for one in ranking if one[0] != intent.get("name"))
    return Reading(
        str(parsed.get("commands") or ""), intent.get("confidence"), str(parsed.get("model") or ""), runners_up
    )


def _task(frame: Mapping[str, Any]) -> str:
    return f"{frame['flow']} (asks {frame['asked']})" if frame.get("asked") else str(frame["flow"])


def _reply(event: Event) -> Reply:
    data = event["data"]
    return Reply(
        data["response"], data["written_by"], data.get("how", ""), tuple(data.get("refused", ())),
        data["facts"], data.get("receipts") or {},
    )  # fmt: skip


def _notice(event: Event) -> str:
    return f"{'taken over' if event['event'] == 'pause' else 'given back'} by {event.get('by') or 'a colleague'}"


def masked(event: Event, known: Known) -> Event:
    """An event without personal data; what it is keeps its name, what it says is masked. A model's name looks like an
    e-mail address and is none."""
    kept: Event = {name: event[name] for name in ("event", "name", "by", "seconds") if name in event}
    if event["event"] == "slot":
        return {**kept, "value": mask_value({event["name"]: event["value"]}, known)[event["name"]]}
    hidden = {name: kept[name] if name in kept else mask_value(value, known) for name, value in event.items()}
    parsed = event.get("parse_data")
    if parsed and "model" in parsed:
        hidden["parse_data"]["model"] = parsed["model"]
    return hidden


def _notes(session: Session, sender: str, known: Known | None) -> tuple[Note, ...]:
    """What colleagues wrote; they may have named the shopper."""
    chosen = (
        select(Annotation.created_at, StaffUser.name, Annotation.text)
        .outerjoin(StaffUser, StaffUser.id == Annotation.author_id)
        .where(Annotation.conversation_id == sender, Annotation.kind == "note")
        .order_by(Annotation.id)
    )
    rows = session.execute(chosen)
    return tuple(
        Note(at, author or "somebody who left", text if known is None else mask(text, known))
        for at, author, text in rows
    )


def _labels(session: Session, sender: str) -> tuple[str, ...]:
    of_sender = (ConversationMention.conversation_id == sender, ConversationMention.kind == "label")
    return tuple(
        session.scalars(select(ConversationMention.value).where(*of_sender).order_by(ConversationMention.value))
    )


def _name(session: Session, staff_id: int | None) -> str | None:
    user = session.get(StaffUser, staff_id) if staff_id else None
    return user.name if user else None
