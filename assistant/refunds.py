"""The money that goes back for an order: promised, approved, sent, refused. Pure, over an order's rows.

A promise (Refund) counts once, also when the ledger shows it paid; a refund in the ledger alone counts as sent. A
return or an exchange that was asked for without either, as imported orders have them, counts as requested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from assistant.importers.tau2 import PRICE_DIFFERENCE_CENTS
from assistant.store import Order, Payment, PaymentMethod, Refund

SETTLED = ("paid", "refused", "sent")  # statuses of money that nobody waits for any more, once its day is known
STILL_NEWS = 30  # days after which money that arrived is no longer what "where is my refund" asks for


@dataclass(frozen=True)
class MoneyBack:
    """One refund of an order."""

    order_id: str
    amount_cents: int
    currency: str
    status: str  # one of REFUND_STATUSES, or "sent"
    method: PaymentMethod | None
    on: date | None  # when it was paid, or else asked for

    @property
    def awaited(self) -> bool:
        """Whether the money has not arrived and will."""
        return self.status not in SETTLED or (self.status == "sent" and self.on is None)

    def is_news(self, today: date) -> bool:
        """Whether the shopper may still be waiting for it."""
        settled = self.status in SETTLED and self.on is not None
        return not settled or (today - (self.on or today)).days <= STILL_NEWS


def money_back(order: Order) -> list[MoneyBack]:
    """Every refund of an order, promises first."""
    promised = [_promised(refund) for refund in order.refunds]
    known = Counter((one.amount_cents, one.method.id if one.method else None) for one in promised)
    sent = []
    for payment in order.payments:
        if payment.transaction_type != "refund" or payment.amount_cents == 0:
            continue
        same = (payment.amount_cents, payment.payment_method_id)
        if known[same]:
            known[same] -= 1  # the ledger row that keeps a promise
        else:
            sent.append(_sent(payment))
    found = [*promised, *sent]
    return found or _asked_for(order)


def total_cents(refunds: Iterable[MoneyBack]) -> int:
    """What goes back in all; what was refused does not."""
    return sum(one.amount_cents for one in refunds if one.status != "refused")


def _promised(refund: Refund) -> MoneyBack:
    paid_at = refund.payment.paid_at if refund.payment else None
    when = paid_at or refund.requested_at
    return MoneyBack(
        refund.order_id, refund.amount_cents, refund.currency, refund.status, refund.payment_method, when.date()
    )


def _sent(payment: Payment) -> MoneyBack:
    on = payment.paid_at.date() if payment.paid_at else None
    return MoneyBack(payment.order_id, payment.amount_cents, payment.currency, "sent", payment.payment_method, on)


def _asked_for(order: Order) -> list[MoneyBack]:
    """Of a return or an exchange that is under way: what its items cost, or by how much the new ones are cheaper."""
    if order.status == "return requested":
        cents, method_id = _returned_cents(order), order.extras.get("return_payment_method_id")
    elif order.status == "exchange requested":
        cents = max(0, -int(order.extras.get(PRICE_DIFFERENCE_CENTS) or 0))
        method_id = order.extras.get("exchange_payment_method_id")
    else:
        return []
    method = next((one for one in order.customer.payment_methods if one.id == method_id), None)
    return [MoneyBack(order.id, cents, order.currency, "requested", method, None)] if cents else []


def _returned_cents(order: Order) -> int:
    returned = Counter(order.extras.get("return_items") or ())
    cents = 0
    for item in order.items:
        quantity = min(item.quantity, returned[item.variant_id])
        returned[item.variant_id] -= quantity
        cents += quantity * item.price_cents
    return cents
