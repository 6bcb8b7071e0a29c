"""What a shopper's page tells beside a message: consent, who is signed in, and which product's page is open.

`visit_events` turns it into slots before the message is read, so that "is this one machine washable?" has a product to
be about, and an order question of a signed-in shopper needs no e-mail. Only what is new makes an event.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from assistant.actions.product_references import shown_as
from assistant.recommendation.interests import REMEMBER
from assistant.review.privacy import PRIVATE
from assistant.store import Customer, Product
from assistant.tokens import TokenRefused, Tokens
from dialogues.tracker import Event, Tracker, slot_event

log = logging.getLogger(__name__)

OPEN_PRODUCT = "open_product_id"  # the conversation's slot: whose page was open when the shopper last wrote
NO_MORE_CLAIMS = 1_000_000  # attempts: more than any shop allows
BY_TOKEN = "signed token"  # how they were identified, beside "email" and "name and zip"


@dataclass(frozen=True)
class Visit:
    """None means that the channel does not know."""

    consent: bool | None = None  # that what is looked at is remembered, for suggestions
    token: str | None = field(default=None, repr=False)  # a signed shopper token (tokens.py), not checked yet
    title: str | None = None  # of a button: what the shopper saw in place of the payload that it sends
    product: str | None = None  # the id of the product whose page is open, "" on any other page
    private: bool | None = None  # that nobody learns from this conversation
    guesses: bool = False  # whether this address has made too many wrong claims to be somebody


NOTHING_TOLD = Visit()


def visit_events(session: Session, tracker: Tracker, visit: Visit, tokens: Tokens) -> list[Event]:
    """The slots that the visit changes."""
    events = _identity_events(session, tracker, visit.token, tokens) if visit.token else []
    if visit.guesses and not tracker.slots.get("customer_id") and not events:
        events.append(slot_event("identity_attempts", NO_MORE_CLAIMS))
    if visit.consent is not None and tracker.slots.get(REMEMBER) != visit.consent:
        events.append(slot_event(REMEMBER, visit.consent))
    if visit.private is not None and bool(tracker.slots.get(PRIVATE)) != visit.private:
        events.append(slot_event(PRIVATE, visit.private))
    if visit.product is not None and visit.product != (tracker.slots.get(OPEN_PRODUCT) or ""):
        events += _page_events(session, tracker, visit.product)
    return events


def _identity_events(session: Session, tracker: Tracker, token: str, tokens: Tokens) -> list[Event]:
    """A conversation stays with whom it began: another customer's token, like a wrong one, changes nothing."""
    try:
        customer = session.get(Customer, tokens.subject_of(token))
    except TokenRefused as refused:
        log.warning("conversation %r: the shopper's token does not count: %s", tracker.sender, refused)
        return []
    known = tracker.slots.get("customer_id")
    if customer is None or known not in (None, customer.id):
        whose = "nobody here" if customer is None else "another customer than the conversation's"
        log.warning("conversation %r: the shopper's token does not count: it names %s", tracker.sender, whose)
        return []
    if known:
        return []
    slots = {"customer_id": customer.id, "first_name": customer.first_name, "identified_by": BY_TOKEN}
    return [slot_event(name, value) for name, value in slots.items()] + [slot_event("identity_attempts", None)]


def _page_events(session: Session, tracker: Tracker, product_id: str) -> list[Event]:
    """A page that is newly open is what the talk is about; results that it is one of stay for "and the third one?"."""
    product = session.get(Product, product_id) if product_id else None
    if product is None:
        return [slot_event(OPEN_PRODUCT, None)] if tracker.slots.get(OPEN_PRODUCT) else []
    events = [slot_event(OPEN_PRODUCT, product.id), slot_event("last_product_id", product.id)]
    if product.id not in {one["id"] for one in tracker.shown}:
        events.append(slot_event("shown", [shown_as(product)]))
    return events
