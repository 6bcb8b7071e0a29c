"""Money of an order: what a payment method still holds, charging one, paying back to one. Integer cents.

A gift card is moved at once, in SQL, so that two changes at the same moment cannot both spend its last cents. Money
for a card or PayPal is on its way for some days: its refund is "approved" until it has arrived.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from assistant.desk.terms import Refused
from assistant.facts import from_elsewhere, told
from assistant.presentation import money
from assistant.store import Order, Payment, PaymentMethod, Refund, now

GIFT_CARD = "gift_card"


def not_paid_back(order: Order) -> Iterator[tuple[PaymentMethod, int]]:
    """Each payment of the order with what has not been paid back of it, oldest first."""
    returned: dict[str, int] = {}
    for payment in order.payments:
        if payment.transaction_type == "refund":
            returned[payment.payment_method_id] = returned.get(payment.payment_method_id, 0) + payment.amount_cents
    for payment in order.payments:
        if payment.transaction_type == "payment":
            offset = min(returned.get(payment.payment_method_id, 0), payment.amount_cents)
            returned[payment.payment_method_id] = returned.get(payment.payment_method_id, 0) - offset
            if payment.amount_cents > offset:
                yield payment.payment_method, payment.amount_cents - offset


def refuse_short(method: PaymentMethod, cents: int, spoken_for: int = 0) -> None:
    """Raise Refused if it is a gift card that holds less, apart from what another change takes of it."""
    balance = (method.balance_cents or 0) - spoken_for
    if method.source == GIFT_CARD and balance < cents:
        raise Refused("utter_gift_card_short", short_facts(method, cents, spoken_for))


def short_facts(method: PaymentMethod, cents: int, spoken_for: int = 0) -> dict[str, str]:
    """What a gift card still holds, and what would be needed."""
    needed = from_elsewhere(money(cents, method.currency), "the order desk", "needed")
    return {"balance": left_on(method, spoken_for), "needed": needed}


@told
def left_on(method: PaymentMethod, spoken_for: int) -> str:
    return money((method.balance_cents or 0) - spoken_for, method.currency)


def charge(session: Session, order: Order, method: PaymentMethod, cents: int) -> None:
    """Take the amount from the method and write it down. Raises Refused, when another change spent it meanwhile."""
    _move(session, method, -cents)
    order.payments.append(_row(order, "payment", method, cents, arrived=True))


def pay_back(session: Session, order: Order, method: PaymentMethod, cents: int, reason: str) -> None:
    """Send the amount to the method; write down the ledger row and, above zero, the promise that it keeps."""
    _move(session, method, cents)
    at_once = method.source == GIFT_CARD
    row = _row(order, "refund", method, cents, arrived=at_once)
    order.payments.append(row)
    if cents:
        promise(order, method, cents, reason, "paid" if at_once else "approved", row)


def promise(
    order: Order, method: PaymentMethod, cents: int, reason: str, status: str = "requested", row: Payment | None = None
) -> None:
    """Note that money is owed: "requested" until the items are back, "approved" when it is on its way, then "paid"."""
    order.refunds.append(
        Refund(
            payment_method=method,
            payment=row,
            amount_cents=cents,
            currency=order.currency,
            reason=reason,
            status=status,
        )
    )


def _row(order: Order, transaction_type: str, method: PaymentMethod, cents: int, *, arrived: bool) -> Payment:
    return Payment(
        transaction_type=transaction_type,
        amount_cents=cents,
        currency=order.currency,
        payment_method=method,
        paid_at=now() if arrived else None,
    )


def _move(session: Session, method: PaymentMethod, cents: int) -> None:
    """Add to a gift card's balance, which must not fall below zero."""
    if method.source != GIFT_CARD:
        return
    balance = func.coalesce(PaymentMethod.balance_cents, 0) + cents
    moved = update(PaymentMethod).where(PaymentMethod.id == method.id, balance >= 0).values(balance_cents=balance)
    result = session.execute(moved, execution_options={"synchronize_session": False})
    session.refresh(method, ["balance_cents"])
    if result.rowcount == 0:  # type: ignore[attr-defined]  # nothing was taken, whatever the card holds by now
        raise Refused("utter_gift_card_short", short_facts(method, -cents))
