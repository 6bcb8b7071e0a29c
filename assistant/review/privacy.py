"""What is known of a conversation's shopper, for the masking; and whether they asked to keep it private."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.masking import NOBODY, Known
from assistant.store import Customer
from assistant.store import Event as EventRow
from dialogues.tracker import Event
from intents.commands import CommandSyntaxError, parse_commands

PRIVATE = "private"  # the slot that says that a shopper asked to keep the conversation private


def known_of(session: Session, customer_id: str | None) -> Known:
    """The names and addresses on record of a customer; nothing for a stranger."""
    customer = session.get(Customer, customer_id) if customer_id else None
    if customer is None:
        return NOBODY
    parts = [
        part
        for address in customer.addresses
        for name, part in address.snapshot().items()
        if name in ("address1", "address2", "city", "zip") and part
    ]
    return Known((customer.first_name, customer.last_name), tuple(dict.fromkeys(parts)))


def told_in(known: Known, events: Iterable[Event]) -> Known:
    """What is known and what the shopper gave as a name or an address, by what their messages were read as."""
    names, addresses = list(known.names), list(known.addresses)
    for slot, value in (pair for event in events for pair in _slots_read(event)):
        if slot == "name":
            names += [value, *value.split()]
        elif slot in ("address", "zip"):
            addresses.append(value)
    return Known(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(addresses)))


def _slots_read(event: Event) -> list[tuple[str, str]]:
    if event["event"] != "user" or not event.get("parse_data"):
        return []
    try:
        commands = parse_commands(event["parse_data"].get("commands") or "")
    except CommandSyntaxError:  # written by an older version, or nothing was read
        return []
    return [(slot, str(value)) for command in commands for slot, value in command.slots]


def is_private(session: Session, sender: str) -> bool:
    """Whether the shopper asked that nobody learns from this conversation; the last word counts."""
    slots = select(EventRow.data).where(EventRow.conversation_id == sender, EventRow.type == "slot")
    told = [data["value"] for data in session.scalars(slots.order_by(EventRow.seq)) if data["name"] == PRIVATE]
    return bool(told and told[-1])
