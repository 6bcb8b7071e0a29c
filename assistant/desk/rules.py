"""The rules of the retail policy: what a change comes to on the rows as they are, or why it is refused.

Start at `check`; each kind of change has one function below it. Nothing is written here. What a shopper has not said
yet (the payment method, the reason) is not checked, so that a change can be quoted before it is complete.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from assistant.desk.ledger import GIFT_CARD, not_paid_back, refuse_short
from assistant.desk.stock import refuse_gone
from assistant.desk.terms import (
    CANCEL,
    CHANGE_ADDRESS,
    CHANGE_ITEMS,
    CHANGE_PAYMENT,
    EXCHANGE,
    RETURN,
    Change,
    Line,
    Quote,
    QuotedLine,
    Refused,
)
from assistant.facts import as_said, from_elsewhere
from assistant.presentation import cell, method_text, status_said
from assistant.store import Customer, Order, OrderItem, PaymentMethod, Variant, now

CANCEL_REASONS = ("no longer needed", "ordered by mistake")
ITEM_MODIFIED = "pending (item modified)"
RETURN_LIMIT = from_elsewhere("30 days", "policies.yml", "returns")
RETURN_DAYS = 30  # after delivery, as the topic `returns` of dialogues/policies.yml tells shoppers
CHANGED_ALREADY = (ITEM_MODIFIED, "exchange requested", "return requested")
ALLOWED_IN = {
    CANCEL: ("pending",),
    CHANGE_ITEMS: ("pending",),
    CHANGE_ADDRESS: ("pending", ITEM_MODIFIED),
    CHANGE_PAYMENT: ("pending",),
    RETURN: ("delivered",),
    EXCHANGE: ("delivered",),
}


@dataclass(frozen=True)
class Rows:
    """What a change of an order is checked on."""

    order: Order
    customer: Customer
    variants: Mapping[str, Variant]  # those wanted, by id


def check(change: Change, rows: Rows) -> Quote:
    """What the change of this order comes to. Raises Refused."""
    refuse_moved(change, rows.order)
    refuse_status(change.kind, rows.order)
    return CHECKS[change.kind](change, rows)


def refuse_moved(change: Change, order: Order) -> None:
    """Raise Refused if the order was changed since its details were shown."""
    if change.version is not None and change.version != order.version:
        raise moved(order)


def moved(order: Order) -> Refused:
    return Refused("utter_order_moved", {"order_id": cell(order, "id"), "status": status_said(order)})


def refuse_status(kind: str, order: Order) -> None:
    """Raise Refused if an order in this status cannot be changed so."""
    allowed = ALLOWED_IN[kind]
    if order.status in allowed:
        if kind in (RETURN, EXCHANGE) and too_late(order):
            raise Refused("utter_return_too_late", {"order_id": cell(order, "id"), "limit": RETURN_LIMIT})
        return
    begins = "pending" if "pending" in allowed else "delivered"
    once = (ITEM_MODIFIED,) if begins == "pending" else CHANGED_ALREADY[1:]
    if order.status in once:
        raise Refused("utter_order_changed_already", {"order_id": cell(order, "id")})
    raise Refused(f"utter_order_not_{begins}", {"order_id": cell(order, "id"), "status": status_said(order)})


def too_late(order: Order) -> bool:
    """Whether a delivered order came too long ago to be sent back; where the day is not known, never."""
    came = [shipment.delivered_at for shipment in order.shipments if shipment.delivered_at]
    return bool(came) and now().date() - max(came).date() > timedelta(days=RETURN_DAYS)


def _cancel(change: Change, rows: Rows) -> Quote:
    if change.reason is not None and change.reason not in CANCEL_REASONS:
        raise Refused("utter_bad_cancel_reason")
    held = list(not_paid_back(rows.order))
    methods = {method.id: method for method, _ in held}
    only = next(iter(methods.values())) if len(methods) == 1 else None
    return Quote(rows.order, refund_cents=sum(cents for _, cents in held), method=only)


def _change_address(change: Change, rows: Rows) -> Quote:
    return Quote(rows.order)


def _change_payment(change: Change, rows: Rows) -> Quote:
    payments = rows.order.payments
    if len(payments) != 1 or payments[0].transaction_type != "payment":
        raise Refused("utter_payment_not_changeable", {"order_id": cell(rows.order, "id")})
    method, cents = _method(change, rows.customer), payments[0].amount_cents
    if method and method.id == payments[0].payment_method_id:
        raise Refused("utter_same_payment_method", {"method": method_text(method)})
    if method:
        refuse_short(method, cents)
    return Quote(rows.order, refund_cents=cents, charge_cents=cents, method=method)


def _return(change: Change, rows: Rows) -> Quote:
    lines = _lines(change, rows)
    method = _method(change, rows.customer)
    if method and method.source != GIFT_CARD and method not in [paid for paid, _ in not_paid_back(rows.order)]:
        raise Refused("utter_refund_method_not_allowed", {"method": method_text(method)})
    refund = sum(line.quantity * line.item.price_cents for line in lines)
    return Quote(rows.order, lines, refund_cents=refund, method=method)


def _swap(change: Change, rows: Rows) -> Quote:
    """Other variants of the same products, of a pending or a delivered order."""
    lines = _lines(change, rows)
    wanted: Counter[Variant] = Counter()
    for line in lines:
        _refuse_variant(change.kind, line)
        if line.variant:
            wanted[line.variant] += line.quantity
    for variant, quantity in wanted.items():
        refuse_gone(variant, quantity)
    difference = sum(line.difference_cents for line in lines)
    method = _method(change, rows.customer)
    if method:
        refuse_short(method, difference)
    return Quote(rows.order, lines, max(-difference, 0), max(difference, 0), method)


CHECKS: Mapping[str, Callable[[Change, Rows], Quote]] = {
    CANCEL: _cancel,
    CHANGE_ITEMS: _swap,
    CHANGE_ADDRESS: _change_address,
    CHANGE_PAYMENT: _change_payment,
    RETURN: _return,
    EXCHANGE: _swap,
}


def _method(change: Change, customer: Customer) -> PaymentMethod | None:
    """The customer's own method of that id, if the change names one yet."""
    if change.payment_method_id is None:
        return None
    found = next((one for one in customer.payment_methods if one.id == change.payment_method_id), None)
    if found is None:
        raise Refused("utter_payment_method_not_on_file", {"method": as_said(change.payment_method_id)})
    return found


def _lines(change: Change, rows: Rows) -> tuple[QuotedLine, ...]:
    items = {item.id: item for item in rows.order.items}
    wanted: Counter[int] = Counter()
    for line in change.lines:
        wanted[line.item_id] += line.quantity
        if line.quantity < 1 or line.item_id not in items:
            raise moved(rows.order)  # items were picked from this very order, so it is another by now
    for item_id, quantity in wanted.items():
        item = items[item_id]
        if quantity > item.quantity:
            raise Refused("utter_too_many", {"item": cell(item, "name"), "quantity": cell(item, "quantity")})
    return tuple(_quoted(line, items[line.item_id], rows.variants) for line in change.lines)


def _quoted(line: Line, item: OrderItem, variants: Mapping[str, Variant]) -> QuotedLine:
    if line.variant_id is None:
        return QuotedLine(item, line.quantity, None, 0)
    variant = variants.get(line.variant_id)
    if variant is None or variant.product_id != item.variant.product_id:
        raise Refused("utter_other_product", {"item": cell(item, "name")})
    return QuotedLine(item, line.quantity, variant, line.quantity * (variant.price_cents - item.price_cents))


def _refuse_variant(kind: str, line: QuotedLine) -> None:
    """Raise Refused if an item of an order not yet sent would become what it is; after delivery it may be replaced."""
    if kind == CHANGE_ITEMS and line.variant and line.variant.id == line.item.variant_id:
        raise Refused("utter_same_variant", {"item": cell(line.item, "name")})
