"""Take a person out of the database: `erase`. What the books need of an order stays, under a name that is nobody's.

Start at `erase`. Removed: the account, addresses, ways to pay, conversations with all that hangs on them, carts, what
was looked at. Kept: orders with items, prices and the ledger, and the audit log; the person's e-mail, phone and id are
replaced wherever else they stand.
"""

from __future__ import annotations

import logging
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, String, Table, delete, insert, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from assistant.operations.persons import Person, conversations_of, find_person, naming, says
from assistant.review.facts import index_whole
from assistant.staff.audit import record
from assistant.store import (
    AuditEntry,
    Base,
    ConversationFacts,
    Customer,
    Database,
    Event,
    Order,
    Payment,
    PaymentMethod,
    Refund,
    Shipment,
    unindex,
)

log = logging.getLogger(__name__)

AT_ONCE = 200  # conversations in one statement
KEPT_EXTRAS = ("return_items", "exchange_items", "exchange_new_items")  # of an order, beside amounts and ways to pay
KEPT_ADDRESS = ("country", "state")  # where taxes were due
WITHOUT_PEOPLE = ("products", "variants", "search_entries", "product_vectors", "staff_sessions", "events")


@dataclass(frozen=True)
class Erased:
    """What became of a person's rows."""

    pseudonym: str | None  # under which their orders stay; None where there are none
    conversations: int
    orders: int
    elsewhere: int  # rows of others in which the e-mail, phone or id was replaced
    named_in: tuple[str, ...]  # conversations of others that say the full name, for a person to look at


def erase(database: Database, said: str) -> Erased:
    """In one transaction. Raises NoSuchCustomer."""
    with database.session() as session:
        person = find_person(session, said)
        conversations = conversations_of(session, person)
        remove_conversations(session, conversations)
        _delete_linked(session, Base.metadata.tables["customers"], [person.id], but=("orders", "payment_methods"))
        pseudonym = f"erased-{uuid.uuid4().hex[:12]}"
        orders = _pseudonymise_orders(session, person.id, pseudonym)
        session.execute(delete(Customer).where(Customer.id == person.id))
        elsewhere = _replace_everywhere(session, person, pseudonym)
        counts = {"conversations": len(conversations), "orders": orders, "elsewhere": elsewhere}
        record(session, None, "customer.erased", pseudonym, **counts)
        named = tuple(naming(session, person))
    scrub(database)
    return Erased(pseudonym if orders else None, named_in=named, **counts)


def remove_conversations(session: Session, ids: Sequence[str]) -> None:
    """With their events, notes, facts, proofs and carts, and what was said out of the full-text index."""
    for start in range(0, len(ids), AT_ONCE):
        some = list(ids[start : start + AT_ONCE])
        conversations = Base.metadata.tables["conversations"]
        _delete_linked(session, conversations, some)
        session.execute(conversations.delete().where(conversations.c.id.in_(some)))


def scrub(database: Database) -> None:
    """Leave nothing of what was deleted in the text index and in the file, on SQLite. It only warns if it cannot."""
    if database.engine.dialect.name != "sqlite":
        return
    try:
        with database.session() as session:
            session.execute(text("INSERT INTO conversation_search (conversation_search) VALUES ('optimize')"))
        database.compact()
    except (OperationalError, sqlite3.OperationalError):
        log.warning("The database is in use: what was erased may stand in its free pages until they are used again.")


def _delete_linked(session: Session, to: Table, keys: Sequence[str], but: Sequence[str] = ()) -> None:
    """The rows of every table that points at `keys`, children before parents."""
    for table in reversed(Base.metadata.sorted_tables):
        for link in table.foreign_keys:
            if link.column.table is to and table.name not in but:
                session.execute(table.delete().where(link.parent.in_(keys)))


def _pseudonymise_orders(session: Session, customer_id: str, pseudonym: str) -> int:
    """Hand the orders over to a customer who is nobody. Returns how many there are."""
    orders = session.scalars(select(Order).where(Order.customer_id == customer_id)).all()
    wanted = bool(orders) or _is_in_ledger(session, customer_id)
    if wanted:
        name = {"first_name": "Erased", "last_name": "Customer"}
        session.execute(insert(Customer).values(id=pseudonym, email=f"{pseudonym}@erased.invalid", **name))
    methods = _pseudonymise_methods(session, customer_id, pseudonym, wanted)
    for order in orders:
        order.customer_id = pseudonym
        order.shipping_address = {
            name: value if name in KEPT_ADDRESS else "" for name, value in order.shipping_address.items()
        }
        order.extras = _kept_extras(order.extras or {}, methods)
        session.execute(update(Shipment).where(Shipment.order_id == order.id).values(tracking_ids=[]))
    session.flush()
    return len(orders)


def _is_in_ledger(session: Session, customer_id: str) -> bool:
    """Whether anybody's order was paid, or paid back, by a way to pay of theirs."""
    theirs = select(PaymentMethod.id).where(PaymentMethod.customer_id == customer_id)
    rows = (select(ledger.id).where(ledger.payment_method_id.in_(theirs)).limit(1) for ledger in (Payment, Refund))
    return any(session.scalar(row) is not None for row in rows)


def _pseudonymise_methods(session: Session, customer_id: str, pseudonym: str, wanted: bool) -> dict[str, str]:
    """The ledger's ways to pay under new ids, without brand, digits or balance; the old ones go. Old id -> new id."""
    methods = session.scalars(select(PaymentMethod).where(PaymentMethod.customer_id == customer_id)).all()
    renamed = {method.id: f"{pseudonym}-{place}" for place, method in enumerate(methods, 1)} if wanted else {}
    for method in methods:
        if wanted:
            kept = {"id": renamed[method.id], "customer_id": pseudonym, "source": method.source}
            session.execute(insert(PaymentMethod).values(**kept, currency=method.currency, position=method.position))
            for ledger in (Payment, Refund):
                of_method = ledger.payment_method_id == method.id
                session.execute(update(ledger).where(of_method).values(payment_method_id=renamed[method.id]))
        session.execute(delete(PaymentMethod).where(PaymentMethod.id == method.id))
    return renamed


def _kept_extras(extras: dict[str, Any], methods: dict[str, str]) -> dict[str, Any]:
    """What is known to name nobody: amounts, item numbers and, under their new ids, ways to pay."""
    kept = {name: value for name, value in extras.items() if name in KEPT_EXTRAS}
    kept |= {name: value for name, value in extras.items() if name.endswith("_cents") and isinstance(value, int)}
    return kept | {
        name: methods[value] for name, value in extras.items() if isinstance(value, str) and value in methods
    }


def _replace_everywhere(session: Session, person: Person, pseudonym: str) -> int:
    """Put the pseudonym in place of what stands for the person in any text that is left. Returns in how many rows."""
    changed = _replace_in_events(session, person, pseudonym) + _replace_in_own_entries(session, person, pseudonym)
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            texts = isinstance(column.type, String | JSON) and not column.primary_key and not column.foreign_keys
            if not texts or table.name in WITHOUT_PEOPLE:
                continue
            found = session.execute(select(*table.primary_key.columns, column).where(says(column, person.marks))).all()
            for *key, value in found:
                if person.is_in(value):
                    here = [one == part for one, part in zip(table.primary_key.columns, key, strict=True)]
                    session.execute(table.update().where(*here).values({column: _replaced(value, person, pseudonym)}))
                    changed += 1
    return changed


def _replace_in_own_entries(session: Session, person: Person, pseudonym: str) -> int:
    """An id that is digits, or short, is looked for in no text; where it is all that stands there, it is theirs."""
    theirs = AuditEntry.subject == person.id, AuditEntry.action.startswith("customer.")
    found = session.execute(update(AuditEntry).where(*theirs).values(subject=pseudonym))
    return int(found.rowcount)  # type: ignore[attr-defined]


def _replace_in_events(session: Session, person: Person, pseudonym: str) -> int:
    """Events are never updated, the database refuses it: one that must lose a word is written anew in its place.

    So is the full-text index of its conversation, which is no table of a model and may hold the word as well."""
    events = Base.metadata.tables["events"]
    found = session.execute(select(events).where(says(Event.data, person.marks))).mappings().all()
    chosen = [row for row in found if person.is_in(row["data"])]
    for row in chosen:
        here = events.c.conversation_id == row["conversation_id"], events.c.seq == row["seq"]
        session.execute(events.delete().where(*here))
        session.execute(insert(events).values({**row, "data": _replaced(row["data"], person, pseudonym)}))
    for sender in {row["conversation_id"] for row in chosen}:
        facts = session.get(ConversationFacts, sender)
        unindex(session, sender)
        index_whole(session, sender, facts.customer_id if facts else None)
    return len(chosen)


def _replaced(value: Any, person: Person, pseudonym: str) -> Any:
    if isinstance(value, str):
        return person.pattern.sub(pseudonym, value)
    if isinstance(value, Mapping):
        return {_replaced(key, person, pseudonym): _replaced(one, person, pseudonym) for key, one in value.items()}
    return [_replaced(one, person, pseudonym) for one in value] if isinstance(value, list) else value
