"""Figures of a span of days: how much was asked, how it ended, how quick the answers were, what was liked.

    read_figures(session, staff, Span.last(30))  ->  Figures(conversations=..., days=(Day(...), ...), ...)

All is counted in SQL, from the rows of facts per conversation and per message. A conversation belongs to the day it
began, a message to its own; days are UTC.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from assistant.staff.access import Staff
from assistant.store import AuditEntry, ConversationFacts, TurnFacts, now

SHOWN_INTENTS = 8
MEDIAN, P95 = 0.5, 0.95
TAKEN = "conversation.taken_over"


@dataclass(frozen=True)
class Span:
    """From `since`, a midnight, up to now."""

    since: datetime
    days: int

    @classmethod
    def last(cls, days: int) -> Span:
        """The last so many days, today among them."""
        midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(midnight - timedelta(days=days - 1), days)

    @property
    def dates(self) -> list[date]:
        return [(self.since + timedelta(days=number)).date() for number in range(self.days)]


@dataclass(frozen=True)
class Day:
    """A day's figures; rates are 0..1, times in seconds, None where nothing happened."""

    date: date
    conversations: int = 0
    contained: float | None = None  # ended, or goes on, without a person
    handed_over: float | None = None
    messages: int = 0
    fell_back: float | None = None  # messages after which the assistant asked back, or to say it again
    median_s: float | None = None
    p95_s: float | None = None
    thumbs_up: int = 0
    thumbs_down: int = 0


@dataclass(frozen=True)
class Figures:
    whole: Day  # the span as if it were one day; its date is the first
    days: tuple[Day, ...]  # each day of the span, oldest first
    intents: tuple[tuple[date, str, int], ...]  # how often the commonest intents were read, by day
    totals: tuple[tuple[str, int], ...]  # and in the whole span, commonest first


def read_figures(session: Session, staff: Staff, span: Span) -> Figures:
    """Raises NotAllowed."""
    staff.need("desk")
    by_day: dict[date, dict[str, float | int | None]] = defaultdict(dict)
    whole: dict[str, float | int | None] = {}
    for counted in (_conversations(session, span), _messages(session, span), _times(session, span)):
        for day, values in counted.items():
            (whole if day is None else by_day[day]).update(values)
    totals = _intents(session, span)
    return Figures(
        Day(span.dates[0], **whole),  # type: ignore[arg-type]
        tuple(Day(day, **by_day[day]) for day in span.dates),  # type: ignore[arg-type]
        _intents_by_day(session, span, [name for name, _ in totals]),
        totals,
    )


def unanswered(session: Session, staff: Staff, span: Span, limit: int) -> list[str]:
    """The last messages, masked, that were out of scope or not understood. Raises NotAllowed."""
    staff.need("desk")
    asked = select(TurnFacts.unanswered).where(TurnFacts.at >= span.since, TurnFacts.unanswered.is_not(None))
    found = session.scalars(asked.order_by(TurnFacts.at.desc()).limit(limit))
    return [text for text in found if text]


Counted = dict[date | None, dict[str, float | int | None]]  # by day; None is the whole span


def _conversations(session: Session, span: Span) -> Counted:
    day = _day(session, ConversationFacts.started_at)
    taken = select(AuditEntry.subject).where(AuditEntry.action == TAKEN, AuditEntry.at >= span.since)
    with_person = case((ConversationFacts.handed_over, 1), (ConversationFacts.conversation_id.in_(taken), 1), else_=0)
    handed_over = case((ConversationFacts.handed_over, 1), else_=0)
    asked = select(day, func.count(), func.sum(with_person), func.sum(handed_over))
    rows = session.execute(asked.where(ConversationFacts.started_at >= span.since).group_by(day)).all()
    return {
        found: {"conversations": count, "contained": 1 - persons / count, "handed_over": handed / count}
        for found, (count, persons, handed) in _with_sum(rows).items()
    }


def _messages(session: Session, span: Span) -> Counted:
    day = _day(session, TurnFacts.at)
    sums = (
        func.sum(case((condition, 1), else_=0))
        for condition in (TurnFacts.fell_back, TurnFacts.thumb == "up", TurnFacts.thumb == "down")
    )
    asked = select(day, func.count(), *sums).where(TurnFacts.at >= span.since).group_by(day)
    return {
        found: {"messages": count, "fell_back": fell_back / count, "thumbs_up": up, "thumbs_down": down}
        for found, (count, fell_back, up, down) in _with_sum(session.execute(asked).all()).items()
    }


def _with_sum(rows: object) -> dict[date | None, tuple[int, ...]]:
    """The counts by day, and under None their sum; nothing for no rows."""
    counted: dict[date | None, tuple[int, ...]] = {}
    for day, *counts in rows:  # type: ignore[attr-defined]
        counted[date.fromisoformat(day)] = tuple(map(int, counts))
    if counted:
        counted[None] = tuple(map(sum, zip(*counted.values(), strict=True)))
    return counted


def _times(session: Session, span: Span) -> Counted:
    day = _day(session, TurnFacts.at)
    timed = (TurnFacts.at >= span.since, TurnFacts.seconds.is_not(None))
    by_day = _percentiles(session, select(day.label("day"), TurnFacts.seconds).where(*timed).subquery())
    whole = _percentiles(session, select(_nothing().label("day"), TurnFacts.seconds).where(*timed).subquery())
    return {
        date.fromisoformat(found) if found else None: {"median_s": median, "p95_s": p95}
        for found, median, p95 in (*by_day, *whole)
    }


def _nothing() -> ColumnElement[str]:
    return func.coalesce("", "")


def _percentiles(session: Session, timed: object) -> list[tuple[str, float, float]]:
    """The day, the median and the 95th percentile: the smallest time that so many of its turns do not exceed."""
    columns = timed.c  # type: ignore[attr-defined]
    place = func.row_number().over(partition_by=columns.day, order_by=columns.seconds).label("place")
    count = func.count().over(partition_by=columns.day).label("count")
    ranked = select(columns.day, columns.seconds, place, count).subquery()
    median, p95 = (
        func.min(case((ranked.c.place >= share * ranked.c["count"], ranked.c.seconds))) for share in (MEDIAN, P95)
    )
    rows = session.execute(select(ranked.c.day, median, p95).group_by(ranked.c.day))
    return [(day, float(half), float(most)) for day, half, most in rows]


def _intents(session: Session, span: Span) -> tuple[tuple[str, int], ...]:
    count = func.count()
    asked = select(TurnFacts.intent, count).where(TurnFacts.at >= span.since, TurnFacts.intent.is_not(None))
    asked = asked.group_by(TurnFacts.intent).order_by(count.desc(), TurnFacts.intent).limit(SHOWN_INTENTS)
    return tuple((str(name), int(found)) for name, found in session.execute(asked))


def _intents_by_day(session: Session, span: Span, names: list[str]) -> tuple[tuple[date, str, int], ...]:
    day = _day(session, TurnFacts.at)
    asked = select(day, TurnFacts.intent, func.count()).where(TurnFacts.at >= span.since, TurnFacts.intent.in_(names))
    rows = session.execute(asked.group_by(day, TurnFacts.intent))
    found = {(date.fromisoformat(on), name): count for on, name, count in rows}
    return tuple((on, name, found.get((on, name), 0)) for name in names for on in span.dates)


def _day(session: Session, at: InstrumentedAttribute[datetime]) -> ColumnElement[str]:
    """The day of a time in UTC, as "2026-11-28"."""
    if session.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", at), "YYYY-MM-DD")
    return func.date(at)
