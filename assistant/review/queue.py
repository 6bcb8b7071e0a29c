"""Find conversations: by what was said, whom and what they are about, and the saved filters. Paged in SQL.

    find(session, Wanted(text="refund boots", saved="thumbs_down"), page=0)  ->  Found(rows, total)

Every word of `text` must have been said in the conversation, in any of its turns. Rows come latest first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from assistant.staff.access import Staff
from assistant.store import (
    ConversationFacts,
    ConversationMention,
    Customer,
    Product,
    StaffUser,
    matching,
    normalise_email,
    now,
)
from assistant.texts import clean

PAGE_ROWS = 25
MOST_WORDS = 8  # of a search
UNSURE_BELOW = 0.55  # confidence; about where the assistant asks back
LONG_FROM = 12  # turns
QUIET_AFTER = timedelta(minutes=30)  # a task that waits longer was abandoned
LIVE_WITHIN = timedelta(minutes=10)
MOST_NAMED = 500  # products or customers that a name may stand for
Where = Literal["said", "shopper", "order", "product", "label"]
Facts = ConversationFacts
LATEST_FIRST = (Facts.last_at.desc(), Facts.conversation_id.desc())


@dataclass(frozen=True)
class Wanted:
    """What to look for; all of it must hold."""

    text: str = ""
    where: Where = "said"
    saved: str = "all"  # one of SAVED
    intent: str | None = None
    outcome: str | None = None
    since: date | None = None  # last active on this day (UTC) or later
    until: date | None = None  # or earlier


@dataclass(frozen=True)
class Row:
    """One conversation in the queue. Nothing personal is in it: the preview is masked."""

    id: str
    last_at: datetime
    turns: int
    preview: str
    outcome: str
    open_task: str | None
    lowest_confidence: float | None
    not_understood: int
    thumbs_up: int
    thumbs_down: int
    flagged: bool
    resolved: bool
    assigned_to: str | None  # a name
    taken_by: str | None


@dataclass(frozen=True)
class Found:
    rows: tuple[Row, ...]
    total: int


Condition = Callable[[Staff, datetime], ColumnElement[bool]]
SAVED: Mapping[str, tuple[str, Condition]] = {  # name: what staff read, and the condition
    "all": ("All", lambda staff, at: Facts.turns > 0),
    "waiting": (
        "Wait for a person",
        lambda staff, at: and_(Facts.handed_over, Facts.resolved_at.is_(None), Facts.taken_by.is_(None)),
    ),
    "live": ("Live", lambda staff, at: or_(Facts.last_at > at - LIVE_WITHIN, Facts.taken_by.is_not(None))),
    "mine": ("Mine", lambda staff, at: or_(Facts.assigned_to == staff.id, Facts.taken_by == staff.id)),
    "low_confidence": ("Low confidence", lambda staff, at: Facts.lowest_confidence < UNSURE_BELOW),
    "fell_back": ("Fell back", lambda staff, at: Facts.not_understood > 0),
    "thumbs_down": ("Thumbs down", lambda staff, at: Facts.thumbs_down > 0),
    "handed_over": ("Handed over", lambda staff, at: Facts.handed_over.is_(True)),
    "abandoned": (
        "Abandoned in a task",
        lambda staff, at: and_(Facts.open_task.is_not(None), Facts.last_at < at - QUIET_AFTER, ~Facts.handed_over),
    ),
    "long": ("Long", lambda staff, at: Facts.turns >= LONG_FROM),
    "flagged": ("Flagged", lambda staff, at: Facts.flagged.is_(True)),
    "open": ("Not resolved", lambda staff, at: Facts.resolved_at.is_(None)),
}


def find(session: Session, staff: Staff, wanted: Wanted, page: int = 0) -> Found:
    """A page of the conversations that are wanted, and how many there are. Raises NotAllowed without the right."""
    staff.need("desk")
    conditions = _conditions(session, staff, wanted)
    on_page = (
        select(Facts.conversation_id, func.count().over())  # counted in the same pass: a text is looked for once
        .where(*conditions)
        .order_by(*LATEST_FIRST)
        .limit(PAGE_ROWS)
        .offset(PAGE_ROWS * max(page, 0))
    )
    found = session.execute(on_page).all()
    if not found:
        total = session.scalar(select(func.count()).select_from(Facts).where(*conditions)) if page > 0 else 0
        return Found((), total or 0)
    assignee, taker = aliased(StaffUser), aliased(StaffUser)
    rows = (
        select(Facts, assignee.name, taker.name)
        .outerjoin(assignee, assignee.id == Facts.assigned_to)
        .outerjoin(taker, taker.id == Facts.taken_by)
        .where(Facts.conversation_id.in_([sender for sender, _ in found]))
        .order_by(*LATEST_FIRST)
    )
    return Found(tuple(_row(*row) for row in session.execute(rows)), found[0][1])


def matching_ids(session: Session, staff: Staff, wanted: Wanted) -> list[str]:
    """Every conversation that is wanted, latest first. Raises NotAllowed without the right."""
    staff.need("desk")
    chosen = select(Facts.conversation_id).where(*_conditions(session, staff, wanted))
    return list(session.scalars(chosen.order_by(*LATEST_FIRST)))


def intents_seen(session: Session) -> list[str]:
    """The intents to choose from."""
    seen = select(ConversationMention.value).where(ConversationMention.kind == "intent").distinct()
    return sorted(session.scalars(seen))


def _row(facts: ConversationFacts, assigned_to: str | None, taken_by: str | None) -> Row:
    return Row(
        facts.conversation_id, facts.last_at, facts.turns, facts.preview, facts.outcome, facts.open_task,
        facts.lowest_confidence, facts.not_understood, facts.thumbs_up, facts.thumbs_down, facts.flagged,
        facts.resolved_at is not None, assigned_to, taken_by,
    )  # fmt: skip


def _conditions(session: Session, staff: Staff, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [SAVED.get(wanted.saved, SAVED["all"])[1](staff, now())]
    if wanted.intent:
        conditions.append(_mentions("intent", [wanted.intent]))
    if wanted.outcome:
        conditions.append(Facts.outcome == wanted.outcome)
    if wanted.since:
        conditions.append(Facts.last_at >= _midnight(wanted.since))
    if wanted.until:
        conditions.append(Facts.last_at < _midnight(wanted.until) + timedelta(days=1))
    if typed := clean(wanted.text):
        conditions += _BY[wanted.where](session, staff, typed)
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _mentions(kind: str, values: list[str]) -> ColumnElement[bool]:
    return Facts.conversation_id.in_(
        select(ConversationMention.conversation_id).where(
            ConversationMention.kind == kind, ConversationMention.value.in_(values)
        )
    )


# where a text is looked for


def _said(session: Session, staff: Staff, text: str) -> list[ColumnElement[bool]]:
    words = [word for word in text.split() if any(char.isalnum() for char in word)][:MOST_WORDS]
    return [Facts.conversation_id.in_(matching(session, word, f"word_{place}")) for place, word in enumerate(words)]


def _by_shopper(session: Session, staff: Staff, text: str) -> list[ColumnElement[bool]]:
    """A conversation's or customer's id; name and e-mail only for who may see them, or a search would tell them."""
    of_id = or_(Facts.conversation_id == text, Facts.customer_id == text)
    if not staff.may("unmask"):
        return [of_id]
    name = func.lower(Customer.first_name + " " + Customer.last_name)
    fitting = or_(Customer.email == normalise_email(text), name.contains(text.lower(), autoescape=True))
    return [or_(of_id, Facts.customer_id.in_(select(Customer.id).where(fitting).limit(MOST_NAMED)))]


def _by_order(session: Session, staff: Staff, text: str) -> list[ColumnElement[bool]]:
    return [_mentions("order", [text, f"#{text.lstrip('#').upper()}"])]


def _by_product(session: Session, staff: Staff, text: str) -> list[ColumnElement[bool]]:
    named = func.lower(Product.name).contains(text.lower(), autoescape=True)
    ids = session.scalars(select(Product.id).where(or_(Product.id == text, named)).limit(MOST_NAMED)).all()
    return [_mentions("product", [text, *ids])]


def _by_label(session: Session, staff: Staff, text: str) -> list[ColumnElement[bool]]:
    return [_mentions("label", [text.lower()])]


_BY: Mapping[str, Callable[[Session, Staff, str], list[ColumnElement[bool]]]] = {
    "said": _said,
    "shopper": _by_shopper,
    "order": _by_order,
    "product": _by_product,
    "label": _by_label,
}
