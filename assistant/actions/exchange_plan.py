"""The change that an exchange comes to: of a delivered order an exchange, of a pending one a change of its items.

Shoppers say "exchange" of an order that has not left yet and "change" of one that has come, so the order decides.
"""

from __future__ import annotations

from rasa_sdk import Tracker
from sqlalchemy.orm import Session

from assistant.actions.changing import order_of
from assistant.desk.terms import CHANGE_ITEMS, EXCHANGE, Change, Line
from assistant.store import Order


def kind_of(order: Order) -> str:
    return CHANGE_ITEMS if order.status.startswith("pending") else EXCHANGE


def exchange_of(session: Session, tracker: Tracker, method_id: str) -> Change:
    """The change that the slots describe, paid with this method. Raises Refused."""
    order = order_of(session, tracker)
    lines = [
        Line(line["item_id"], line["quantity"], line["variant_id"]) for line in tracker.slots.get("variants") or ()
    ]
    return Change(
        kind=kind_of(order),
        customer_id=order.customer_id,
        order_id=order.id,
        version=order.version,
        lines=tuple(lines),
        payment_method_id=method_id,
    )
