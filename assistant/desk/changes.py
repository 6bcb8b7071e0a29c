"""Change an order or a default address: quote what it comes to, then apply it, once.

    quoted = quote(session, change)              # for the confirmation; raises Refused
    apply(session, change, proof)                # after the yes, in the transaction of the turn; raises Refused

The rules are in rules.py, the money in ledger.py. Who applies a change first wins: the version of the order tells
whether it is still the one whose details were shown. After Refused the transaction must be rolled back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from assistant.desk import ledger, rules, stock
from assistant.desk.proofs import Proof, keep
from assistant.desk.terms import (
    CANCEL,
    CHANGE_ADDRESS,
    CHANGE_ITEMS,
    CHANGE_PAYMENT,
    DEFAULT_ADDRESS,
    EXCHANGE,
    KINDS,
    RETURN,
    Change,
    Line,
    Quote,
    QuotedLine,
    Refused,
)
from assistant.facts import as_said
from assistant.importers.tau2 import PRICE_DIFFERENCE_CENTS
from assistant.store import Address, Customer, Order, OrderItem, Payment, PaymentMethod, Variant
from assistant.store.customers import ADDRESS_FIELDS

__all__ = ["KINDS", "Change", "Line", "Quote", "QuotedLine", "Refused", "apply", "quote"]

NEEDS = {  # what must be known before a change is applied
    CANCEL: ("reason",),
    CHANGE_ITEMS: ("lines", "payment_method_id"),
    CHANGE_ADDRESS: ("address",),
    CHANGE_PAYMENT: ("payment_method_id",),
    RETURN: ("lines", "payment_method_id"),
    EXCHANGE: ("lines", "payment_method_id"),
    DEFAULT_ADDRESS: ("address",),
}


def quote(session: Session, change: Change) -> Quote:
    """What the change comes to on the rows as they are now. Writes nothing. Raises Refused."""
    return _quote(session, change, lock=False)


def apply(session: Session, change: Change, proof: Proof) -> Quote:
    """Make the change and keep its proof; the quote is as of before. Raises Refused, and then the caller rolls back.

    Raises ValueError when the change lacks what its kind needs, which no shopper can bring about.
    """
    _refuse_incomplete(change)
    quoted = _quote(session, change, lock=True)
    if quoted.order:
        _bump_version(session, quoted.order)
    WRITES[change.kind](session, change, quoted)
    keep(session, change, proof)
    session.flush()
    return quoted


def _quote(session: Session, change: Change, *, lock: bool) -> Quote:
    if change.kind == DEFAULT_ADDRESS:
        return Quote(None)
    order = _read_order(session, change, lock=lock)
    if order is None:
        raise Refused("utter_order_not_found", {"order_id": as_said(str(change.order_id))})
    variants = _read_variants(session, change)
    return rules.check(change, rules.Rows(order, order.customer, variants))


def _read_order(session: Session, change: Change, *, lock: bool) -> Order | None:
    """The customer's order with its parts, read afresh; locked until the transaction ends, where rows can be."""
    parts = (
        selectinload(Order.items).selectinload(OrderItem.variant).selectinload(Variant.product),
        selectinload(Order.payments).selectinload(Payment.payment_method),
        selectinload(Order.refunds),
        selectinload(Order.customer).selectinload(Customer.payment_methods),
    )
    query = select(Order).where(Order.id == change.order_id, Order.customer_id == change.customer_id).options(*parts)
    if lock:
        query = query.with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def _read_variants(session: Session, change: Change) -> dict[str, Variant]:
    wanted = {line.variant_id for line in change.lines if line.variant_id}
    query = select(Variant).where(Variant.id.in_(wanted)).options(selectinload(Variant.product))
    found = session.scalars(query.execution_options(populate_existing=True))
    return {variant.id: variant for variant in found}


def _refuse_incomplete(change: Change) -> None:
    missing = [field for field in NEEDS[change.kind] if not getattr(change, field)]
    if change.kind in (CHANGE_ITEMS, EXCHANGE) and not all(line.variant_id for line in change.lines):
        missing.append("variant_id")
    if change.address is not None:
        missing += [field for field in ADDRESS_FIELDS if field not in change.address]
    if missing:
        raise ValueError(f"The change {change.kind} of order {change.order_id} lacks {', '.join(missing)}.")


def _bump_version(session: Session, order: Order) -> None:
    """Make the order's next version. Raises Refused if somebody else has made it meanwhile."""
    seen = (Order.id == order.id, Order.version == order.version)
    bumped = update(Order).where(*seen).values(version=Order.version + 1)
    result = session.execute(bumped, execution_options={"synchronize_session": False})
    session.refresh(order, ["version", "status"])
    if result.rowcount == 0:  # type: ignore[attr-defined]
        raise rules.moved(order)


def _cancel(session: Session, change: Change, quoted: Quote) -> None:
    order = _order(quoted)
    stock.move(session, [(item.variant, -item.quantity) for item in order.items])
    for method, cents in list(ledger.not_paid_back(order)):
        ledger.pay_back(session, order, method, cents, str(change.reason))
    order.status, order.cancel_reason = "cancelled", change.reason


def _change_items(session: Session, change: Change, quoted: Quote) -> None:
    order, method = _order(quoted), _method(quoted)
    taken = [(_variant(line), line.quantity) for line in quoted.lines]
    put_back = [(line.item.variant, -line.quantity) for line in quoted.lines]
    stock.move(session, [*taken, *put_back])
    if quoted.charge_cents:
        ledger.charge(session, order, method, quoted.charge_cents)
    else:
        ledger.pay_back(session, order, method, quoted.refund_cents, "items changed")
    for item in dict.fromkeys(line.item for line in quoted.lines):
        _swap_item(order, item, [line for line in quoted.lines if line.item is item])
    order.status = rules.ITEM_MODIFIED


def _swap_item(order: Order, item: OrderItem, lines: list[QuotedLine]) -> None:
    """Give the row its new variant. Of several alike, those that stay or become different keep or get their own row."""
    stays = item.quantity - sum(line.quantity for line in lines)
    if stays:
        item.quantity = stays
    else:
        _become(item, lines.pop(0))
    place = order.items.index(item)
    for line in reversed(lines):
        order.items.insert(place + 1, _become(OrderItem(name=item.name), line))


def _become(item: OrderItem, line: QuotedLine) -> OrderItem:
    variant = _variant(line)
    item.variant, item.options, item.price_cents = variant, dict(variant.options), variant.price_cents
    item.quantity = line.quantity
    return item


def _change_address(session: Session, change: Change, quoted: Quote) -> None:
    _order(quoted).shipping_address = _address(change)


def _change_payment(session: Session, change: Change, quoted: Quote) -> None:
    order, first = _order(quoted), _order(quoted).payments[0].payment_method
    ledger.charge(session, order, _method(quoted), quoted.charge_cents)
    ledger.pay_back(session, order, first, quoted.refund_cents, "payment method changed")


def _return(session: Session, change: Change, quoted: Quote) -> None:
    order, method = _order(quoted), _method(quoted)
    order.extras = order.extras | {
        "return_items": sorted(line.item.variant_id for line in _each(quoted)),
        "return_payment_method_id": method.id,
    }
    ledger.promise(order, method, quoted.refund_cents, change.reason or "items returned")
    order.status = "return requested"


def _exchange(session: Session, change: Change, quoted: Quote) -> None:
    """The price difference is settled when the items have come back, so no money moves yet."""
    order, method = _order(quoted), _method(quoted)
    stock.move(session, [(_variant(line), line.quantity) for line in quoted.lines])
    order.extras = order.extras | {
        "exchange_items": sorted(line.item.variant_id for line in _each(quoted)),
        "exchange_new_items": sorted(_variant(line).id for line in _each(quoted)),
        "exchange_payment_method_id": method.id,
        PRICE_DIFFERENCE_CENTS: quoted.charge_cents - quoted.refund_cents,
    }
    if quoted.refund_cents:
        ledger.promise(order, method, quoted.refund_cents, change.reason or "items exchanged")
    order.status = "exchange requested"


def _default_address(session: Session, change: Change, quoted: Quote) -> None:
    customer = session.get_one(Customer, change.customer_id, populate_existing=True)
    default = customer.default_address
    if default is None:
        customer.addresses.append(Address(is_default=True, **_address(change)))
        return
    for field, value in _address(change).items():
        setattr(default, field, value)


WRITES: Mapping[str, Callable[[Session, Change, Quote], None]] = {
    CANCEL: _cancel,
    CHANGE_ITEMS: _change_items,
    CHANGE_ADDRESS: _change_address,
    CHANGE_PAYMENT: _change_payment,
    RETURN: _return,
    EXCHANGE: _exchange,
    DEFAULT_ADDRESS: _default_address,
}


def _address(change: Change) -> dict[str, str]:
    given = change.address or {}
    return {field: given[field] for field in ADDRESS_FIELDS}


def _each(quoted: Quote) -> Iterator[QuotedLine]:
    """Each line as often as its quantity."""
    return (line for line in quoted.lines for _ in range(line.quantity))


# What `_refuse_incomplete` and the rules have made sure of:


def _order(quoted: Quote) -> Order:
    assert quoted.order is not None
    return quoted.order


def _method(quoted: Quote) -> PaymentMethod:
    assert quoted.method is not None
    return quoted.method


def _variant(line: QuotedLine) -> Variant:
    assert line.variant is not None
    return line.variant
