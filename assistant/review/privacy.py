"""What is known of a conversation's shopper, for the masking."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assistant.masking import NOBODY, Known
from assistant.store import Customer

COUNTRIES = ("USA", "US", "UK")  # no secret, and in many texts


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
