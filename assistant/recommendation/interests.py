"""What a shopper is interested in: products looked at, put into the cart and bought, the latest counting most.

Orders and the cart are the shop's own books. What was only looked at is remembered where the shopper allows it (the
setting `remember_views`, and the consent that the channel passes on or the customer gave before), and not otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from assistant.desk.carts import ADD
from assistant.store import Cart, CartItem, Customer, Order, OrderItem, Product, ProductEvent, Variant, now
from dialogues.tracker import Event, Tracker

REMEMBER = "remember_views"  # the conversation's slot: what the shopper said of it, True or False
WEIGHTS = {"view": 1.0, "click": 1.0, "cart": 2.0, "bought": 3.0}  # what it took to show it
HALF_LIFE_DAYS = 30.0  # an interest so old counts half
MOST_EVENTS = 60  # looked at, the latest of them
Remembering = Literal["never", "with_consent", "always"]


@dataclass(frozen=True)
class Interest:
    product_id: str
    kind: str  # one of WEIGHTS
    weight: float


def interests_of(session: Session, conversation_id: str, customer_id: str | None) -> list[Interest]:
    """All that is known of this shopper, the weightiest first; a product once, by what tells most."""
    known = [*_looked_at(session, conversation_id, customer_id), *_in_cart(session, conversation_id)]
    known += _bought(session, customer_id) if customer_id else []
    best: dict[str, Interest] = {}
    for product_id, kind, at in known:
        age = (now() - at).total_seconds() / 86_400
        weight = WEIGHTS[kind] * 0.5 ** (max(age, 0.0) / HALF_LIFE_DAYS)
        if product_id not in best or best[product_id].weight < weight:
            best[product_id] = Interest(product_id, kind, weight)
    return sorted(best.values(), key=lambda one: (-one.weight, one.product_id))


def remember_interests(session: Session, tracker: Tracker, events: Iterable[Event], setting: Remembering) -> None:
    """Write down what the turn's events say was looked at, if it may be; and the customer's consent."""
    customer_id = tracker.slots.get("customer_id")
    said = tracker.slots.get(REMEMBER)
    customer = session.get(Customer, customer_id) if customer_id else None
    if customer is not None and said is not None and customer.remember_views != said:
        customer.remember_views = said
    consented = said if said is not None else customer is not None and customer.remember_views
    if setting == "never" or (setting == "with_consent" and not consented):
        return
    for product_id, kind in _shown_interest(session, events):
        if session.get(Product, product_id) is not None:  # it may have left the catalogue meanwhile
            whose = {"conversation_id": tracker.sender, "customer_id": customer_id}
            session.add(ProductEvent(kind=kind, product_id=product_id, **whose))


def _shown_interest(session: Session, events: Iterable[Event]) -> dict[tuple[str, str], None]:
    """(product id, kind) once each, in order."""
    shown: dict[tuple[str, str], None] = {}
    kind = "view"
    for event in events:
        if event["event"] == "user":
            kind = "click" if str(event.get("text", "")).startswith("/") else "view"
        elif event["event"] == "slot" and event["name"] == "last_product_id" and event["value"]:
            shown[event["value"], kind] = None
        elif event["event"] == "change" and event["change"]["kind"] == ADD:
            variant = session.get(Variant, event["change"]["variant_id"])
            if variant is not None:
                shown[variant.product_id, "cart"] = None
    return shown


def _looked_at(session: Session, conversation_id: str, customer_id: str | None) -> list[tuple[str, str, datetime]]:
    own = ProductEvent.conversation_id == conversation_id
    mine = or_(own, ProductEvent.customer_id == customer_id) if customer_id else own
    latest = select(ProductEvent).where(mine).order_by(ProductEvent.at.desc(), ProductEvent.id.desc())
    return [(one.product_id, one.kind, one.at) for one in session.scalars(latest.limit(MOST_EVENTS))]


def _in_cart(session: Session, conversation_id: str) -> list[tuple[str, str, datetime]]:
    lines = select(Variant.product_id, CartItem.added_at).join(CartItem.variant).join(CartItem.cart)
    rows = session.execute(lines.where(Cart.conversation_id == conversation_id))
    return [(product_id, "cart", at) for product_id, at in rows]


def _bought(session: Session, customer_id: str) -> list[tuple[str, str, datetime]]:
    lines = select(Variant.product_id, Order.placed_at).join(OrderItem.variant).join(OrderItem.order)
    kept = lines.where(Order.customer_id == customer_id, Order.status.not_in(("cancelled", "returned")))
    rows: Iterable[tuple[str, datetime | None]] = [(product_id, at) for product_id, at in session.execute(kept)]
    return [(product_id, "bought", at or now()) for product_id, at in rows]
