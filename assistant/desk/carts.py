"""The cart of a conversation: put in, take out, and buy. Checked on the rows as they are now.

A cart belongs to its conversation, and to the customer too once we know who it is. Buying makes the order with its
items and payment, takes the stock, empties the cart and stores the proof, all in the transaction of the turn.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from assistant.desk import ledger, stock
from assistant.desk.proofs import Proof
from assistant.desk.shipping import shipping_cents
from assistant.desk.terms import Refused
from assistant.facts import from_elsewhere
from assistant.presentation import cell
from assistant.store import Cart, CartItem, Customer, Order, OrderItem, PaymentMethod, Variant, now
from assistant.store import Proof as ProofRow
from assistant.store.orders import SHIPPING_CENTS

ADD, REMOVE, CHECKOUT = "cart_add", "cart_remove", "checkout"
KINDS = (ADD, REMOVE, CHECKOUT)
MOST_OF_ONE = 99  # pieces of one variant in a cart


def apply(session: Session, change: Mapping[str, Any], proof: Proof) -> None:
    """Make one change of KINDS. Raises Refused, having written nothing that counts."""
    WRITES[change["kind"]](session, change, proof)
    session.flush()


def lines_of(session: Session, conversation_id: str) -> list[CartItem]:
    """What is in the conversation's cart, in the order it was put in."""
    cart = _cart(session, conversation_id)
    return list(cart.items) if cart else []


def total_cents(lines: list[CartItem]) -> int:
    return sum(line.quantity * line.variant.price_cents for line in lines)


def due_cents(change: Mapping[str, Any], lines: list[CartItem]) -> int:
    """What a checkout comes to: the items and what sending them costs."""
    return total_cents(lines) + int(change.get(SHIPPING_CENTS) or 0)


def refuse_short(variant: Variant, quantity: int) -> None:
    """Raise Refused if so many of it cannot be bought now."""
    stock.refuse_gone(variant, 1)
    if variant.stock is not None and variant.stock < quantity:
        raise Refused("utter_stock_short", {"item": stock.variant_text(variant), "left": cell(variant, "stock")})
    if quantity > MOST_OF_ONE:
        raise Refused(
            "utter_cart_too_many",
            {"item": stock.variant_text(variant), "most": from_elsewhere(str(MOST_OF_ONE), "the rules of the cart")},
        )


def new_order_id(session: Session) -> str:
    """An id of the shop's shape that no order has."""
    while True:
        number = f"#W{secrets.randbelow(9_000_000) + 1_000_000}"
        if session.get(Order, number) is None:
            return number


def checkout_change(
    customer: Customer, lines: list[CartItem], method: PaymentMethod, order_id: str | None = None
) -> dict[str, Any]:
    """What the shopper is shown and says yes to, in full. Raises Refused for a country it does not ship to."""
    address = customer.default_address.snapshot() if customer.default_address else None
    return {
        "kind": CHECKOUT,
        "customer_id": customer.id,
        "order_id": order_id,
        "payment_method_id": method.id,
        "address": address,
        "lines": _priced(lines),
        SHIPPING_CENTS: shipping_cents(total_cents(lines), address) if address else 0,
    }


def refuse_checkout(session: Session, change: Mapping[str, Any], conversation_id: str) -> list[CartItem]:
    """The lines to buy. Raises Refused where they, their prices or their stock are not as the shopper was shown."""
    lines = lines_of(session, conversation_id)
    if not lines or _priced(lines) != list(change["lines"]):
        raise Refused("utter_cart_moved")
    for line in lines:
        refuse_short(line.variant, line.quantity)
    method = session.get(PaymentMethod, change["payment_method_id"])
    if method is None or method.customer_id != change["customer_id"] or not change["address"]:
        raise Refused("utter_cart_moved")
    ledger.refuse_short(method, due_cents(change, lines))
    return lines


def _add(session: Session, change: Mapping[str, Any], proof: Proof) -> None:
    cart = _cart(session, proof.conversation_id)
    if cart is None:
        cart = Cart(conversation_id=proof.conversation_id)
        session.add(cart)
    cart.customer_id = change.get("customer_id") or cart.customer_id
    variant = session.get(Variant, change["variant_id"])
    if variant is None:
        raise Refused("utter_cart_moved")
    line = next((one for one in cart.items if one.variant_id == variant.id), None)
    wanted = change["quantity"] + (line.quantity if line else 0)
    refuse_short(variant, wanted)
    if line:
        line.quantity = wanted
    else:
        cart.items.append(CartItem(variant=variant, quantity=wanted))


def _remove(session: Session, change: Mapping[str, Any], proof: Proof) -> None:
    """Take out so many, or all of it where no quantity is given."""
    cart = _cart(session, proof.conversation_id)
    line = next((one for one in cart.items if one.variant_id == change["variant_id"]), None) if cart else None
    if cart is None or line is None:
        raise Refused("utter_cart_moved")
    quantity = change.get("quantity")
    if quantity is None or quantity >= line.quantity:
        cart.items.remove(line)
    else:
        line.quantity -= quantity


def _checkout(session: Session, change: Mapping[str, Any], proof: Proof) -> None:
    lines = refuse_checkout(session, change, proof.conversation_id)
    cart = lines[0].cart
    method = session.get_one(PaymentMethod, change["payment_method_id"])
    stock.move(session, [(line.variant, line.quantity) for line in lines])
    order = _order(session, change, lines)
    session.add(order)
    ledger.charge(session, order, method, due_cents(change, lines))
    cart.customer_id = change["customer_id"]
    cart.items.clear()
    session.flush()
    session.add(
        ProofRow(
            conversation_id=proof.conversation_id,
            turn=proof.turn,
            customer_id=change["customer_id"],
            order_id=order.id,
            change=dict(change),
            identified_by=proof.identified_by,
            state=proof.state,
            details=proof.details,
            yes=proof.yes,
        )
    )


def _order(session: Session, change: Mapping[str, Any], lines: list[CartItem]) -> Order:
    last = session.scalar(select(func.max(Order.position)).where(Order.customer_id == change["customer_id"]))
    return Order(
        id=change["order_id"],
        customer_id=change["customer_id"],
        position=0 if last is None else last + 1,
        status="pending",
        placed_at=now(),
        currency=lines[0].variant.currency,
        shipping_address=dict(change["address"]),
        extras={SHIPPING_CENTS: int(change.get(SHIPPING_CENTS) or 0)},
        items=[
            OrderItem(
                variant=line.variant,
                name=line.variant.product.name,
                options=dict(line.variant.options),
                quantity=line.quantity,
                price_cents=line.variant.price_cents,
            )
            for line in lines
        ],
    )


def _priced(lines: list[CartItem]) -> list[dict[str, Any]]:
    return [
        {"variant_id": line.variant_id, "quantity": line.quantity, "price_cents": line.variant.price_cents}
        for line in lines
    ]


def _cart(session: Session, conversation_id: str) -> Cart | None:
    parts = selectinload(Cart.items).joinedload(CartItem.variant).joinedload(Variant.product)
    return session.scalar(select(Cart).where(Cart.conversation_id == conversation_id).options(parts))


WRITES: dict[str, Callable[[Session, Mapping[str, Any], Proof], None]] = {
    ADD: _add,
    REMOVE: _remove,
    CHECKOUT: _checkout,
}
