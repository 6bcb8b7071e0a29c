"""What the database has of one person: by which conversations and rows, whatever tables there are.

A conversation is theirs if it identified them, touched their orders while nobody else was identified, or says their
e-mail, phone number or customer id before anybody was. Rows are found along foreign keys, so that a table which is
added later is found too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, Table, cast, false, func, or_, select
from sqlalchemy.orm import Session

from assistant.store import (
    Base,
    Cart,
    Conversation,
    ConversationFacts,
    ConversationMention,
    Customer,
    Event,
    Order,
    ProductEvent,
    Proof,
    normalise_email,
)

SHORTEST_MARK = 6  # characters of a phone number or an id that is looked for in texts; a shorter one means other things
OWNED = ("customers", "conversations", "orders", "carts")  # whose rows are a person's, and what hangs on them


class NoSuchCustomer(LookupError):
    """Nobody has this id or e-mail."""


@dataclass(frozen=True)
class Person:
    """A customer, and how they are recognised in texts."""

    id: str
    email: str
    phone: str | None
    full_name: str

    @property
    def marks(self) -> tuple[str, ...]:
        """What stands for this person and for nobody else."""
        told = (self.email, self.phone or "", "" if self.id.isdigit() else self.id)  # digits may be a price
        return tuple(mark for mark in told if len(mark) >= SHORTEST_MARK)

    @property
    def pattern(self) -> re.Pattern[str]:
        """Any of the marks as a whole: `mia@x.com` does not stand in `lamia@x.com`."""
        marks = "|".join(re.escape(mark) for mark in sorted(self.marks, key=len, reverse=True)) or "(?!)"
        return re.compile(rf"(?<![\w.+-])(?:{marks})(?![\w-])", re.IGNORECASE)

    def is_in(self, value: Any) -> bool:
        """Whether a mark stands in a text, or in any text of a JSON value."""
        if isinstance(value, str):
            return self.pattern.search(value) is not None
        inner = [*value.keys(), *value.values()] if isinstance(value, Mapping) else value
        return isinstance(inner, list) and any(self.is_in(one) for one in inner)


def find_person(session: Session, said: str) -> Person:
    """By customer id or e-mail. Raises NoSuchCustomer."""
    found = session.get(Customer, said) or session.scalar(
        select(Customer).where(Customer.email == normalise_email(said))
    )
    if found is None:
        raise NoSuchCustomer(f"There is no customer with the id or e-mail {said}.")
    return Person(found.id, found.email, found.phone, f"{found.first_name} {found.last_name}")


def conversations_of(session: Session, person: Person) -> list[str]:
    """The ids of their conversations, sorted."""
    mine = ConversationMention.value == person.id, ConversationMention.kind == "customer"
    ids = set(session.scalars(select(ConversationMention.conversation_id).where(*mine)))
    for table in (ConversationFacts, Cart, ProductEvent, Proof):
        ids |= set(session.scalars(select(table.conversation_id).where(table.customer_id == person.id)))
    others = _of_somebody_else(session, person.id)
    named = session.scalars(select(Conversation.id).where(says(Conversation.id, person.marks)))
    ids |= {one for one in named if person.is_in(one)}
    said = session.execute(select(Event.conversation_id, Event.data).where(says(Event.data, person.marks)))
    ids |= {sender for sender, data in said if person.is_in(data)} - others
    their_orders = select(Order.id).where(Order.customer_id == person.id)
    of_orders = select(ConversationMention.conversation_id).where(
        ConversationMention.kind == "order", ConversationMention.value.in_(their_orders)
    )
    ids |= set(session.scalars(of_orders)) - others
    return sorted(one for one in ids if one is not None)


def naming(session: Session, person: Person) -> list[str]:
    """Conversations, whoever's, in which their full name stands."""
    return sorted(
        session.scalars(select(Event.conversation_id).where(says(Event.data, (person.full_name,))).distinct())
    )


def rows_of(session: Session, person: Person, conversations: list[str]) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    """Every row about the person by table, parents before children; tables without any are left out."""
    keys: dict[str, list[Any]] = {"customers": [person.id], "conversations": conversations}
    for table in Base.metadata.sorted_tables:
        rows = [dict(row) for row in session.execute(select(table).where(_belongs(table, keys))).mappings()]
        if not rows:
            continue
        yield table, rows
        if table.name in OWNED:
            (key,) = table.primary_key.columns
            keys[table.name] = [row[key.name] for row in rows]


def says(column: Any, marks: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether any of the marks stands in a text or JSON column, in any case, written plainly or as JSON escapes."""
    written = {form for mark in marks for form in (mark, json.dumps(mark)[1:-1])}
    text = func.lower(cast(column, String))
    return or_(false(), *(text.contains(form.lower(), autoescape=True) for form in sorted(written)))


def _of_somebody_else(session: Session, customer_id: str) -> set[str]:
    somebody = ConversationMention.kind == "customer", ConversationMention.value != customer_id
    return set(session.scalars(select(ConversationMention.conversation_id).where(*somebody)))


def _belongs(table: Table, keys: dict[str, list[Any]]) -> ColumnElement[bool]:
    if table.name in ("customers", "conversations"):
        (key,) = table.primary_key.columns
        return key.in_(keys[table.name])
    found = [
        link.parent.in_(keys[link.column.table.name])
        for link in table.foreign_keys
        if link.column.table.name in keys and link.column.table.name in OWNED
    ]
    return or_(false(), *found)
