"""Facts for any response, drawn from the rows of a shop: what `aisle evaluate replies` fills into replies.

A scene is one customer with an order of theirs, and a product: the facts of a reply belong together.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.desk.rules import RETURN_DAYS
from assistant.presentation import (
    address_text,
    all_items_text,
    date_in_full,
    day,
    listing,
    method_text,
    money,
    options_text,
    order_status,
    payment_text,
    price_range,
    refund_text,
)
from assistant.store import Customer, Order, OrderItem, Product

REASONS = ("no longer needed", "ordered by mistake")  # what the order desk takes
TASKS = ("tracking your order", "cancelling your order", "finding a product", "returning an item")
MISSING = ("the street", "the city and state", "the zip code")
LONGEST_MESSAGE = "2,000 characters"
PROBLEMS = ("it arrived broken", "a part is missing", "it is the wrong color")


@dataclass(frozen=True)
class Rows:
    """The rows that facts are drawn from, read once."""

    customers: Sequence[Customer]  # with orders and payment methods
    products: Sequence[Product]

    @property
    def names(self) -> list[str]:
        """Every name that a reply could tell: products, brands, customers."""
        people = [name for one in self.customers for name in (one.first_name, one.last_name)]
        return [*people, *filter(None, (name for one in self.products for name in (one.name, one.brand)))]


@dataclass(frozen=True)
class Scene:
    customer: Customer
    order: Order
    item: OrderItem  # of the order
    product: Product
    chance: random.Random


def read_rows(session: Session) -> Rows:
    customers = [one for one in session.scalars(select(Customer).order_by(Customer.id)) if one.orders]
    paying = [one for one in customers if one.payment_methods and one.addresses]
    products = session.scalars(select(Product).order_by(Product.id)).all()
    return Rows(paying, [one for one in products if one.variants and one.attributes])


def draw_facts(rows: Rows, names: Sequence[str], chance: random.Random) -> dict[str, str]:
    """A value for every name, as the actions would tell it. Raises KeyError for a name that is not known here."""
    customer = chance.choice(rows.customers)
    orders = [one for one in customer.orders if one.items and one.placed_at]
    order = chance.choice(orders or customer.orders)
    scene = Scene(customer, order, chance.choice(order.items), chance.choice(rows.products), chance)
    facts = {name: FACTS[name](scene) for name in names}
    if "item" in facts and "price" in facts:  # of an item in an order, so one price and not a range
        facts["price"] = money(scene.item.price_cents, order.currency)
    if "limit" in facts and "product" not in facts:
        facts["limit"] = f"{RETURN_DAYS} days" if "order_id" in facts else LONGEST_MESSAGE
    return facts


def _amount(scene: Scene) -> str:
    return money(scene.item.price_cents * scene.item.quantity, scene.order.currency)


def _total(scene: Scene) -> str:
    return money(scene.order.total_cents, scene.order.currency)


def _method(scene: Scene) -> str:
    return method_text(scene.chance.choice(scene.customer.payment_methods))


def _refund(scene: Scene) -> str:
    return refund_text(scene.order.total_cents, scene.chance.choice(scene.customer.payment_methods))


def _item(scene: Scene) -> str:
    return scene.item.name


def _items(scene: Scene) -> str:
    return all_items_text(scene.order.items)


def _address(scene: Scene) -> str:
    return address_text(scene.chance.choice(scene.customer.addresses).snapshot())


def _orders(scene: Scene) -> str:
    return listing(f"order {one.id}" for one in scene.chance.sample(scene.customer.orders, 1))


def _options(scene: Scene, apart: str = ", ") -> str:
    return (
        apart.join(options_text(variant.options) for variant in scene.product.variants[:3] if variant.options) or "blue"
    )


def _attribute(scene: Scene) -> str:
    return str(scene.chance.choice(sorted(scene.product.attributes)))


def _placed(scene: Scene) -> str:
    placed = scene.order.placed_at
    assert placed is not None
    return date_in_full(placed)


def _eta(scene: Scene) -> str:
    placed = scene.order.placed_at
    assert placed is not None
    return day(placed.date() + timedelta(days=scene.chance.randint(2, 9)))


def _tracking(scene: Scene) -> str:
    numbers = [number for one in scene.order.shipments for number in one.tracking_ids]
    return listing(numbers) or f"{scene.chance.randrange(10**11, 10**12)}"


def _count(scene: Scene) -> str:
    return str(scene.chance.randint(2, 40))


def _condition(scene: Scene) -> str:
    limit = money(scene.chance.choice(scene.product.variants).price_cents)
    return scene.chance.choice((f"under {limit}", f"in {scene.chance.choice(('red', 'black', 'green'))}"))


def _query(scene: Scene) -> str:
    return str(scene.product.category or scene.product.name).lower()


def _changes(scene: Scene) -> str:
    return f"the {_item(scene)} for the same in {_options(scene)}"


FACTS: Mapping[str, Callable[[Scene], str]] = {
    "address": _address,
    "amount": _amount,
    "attribute": _attribute,
    "balance": _amount,
    "cards": lambda scene: str(scene.chance.randint(2, 4)),
    "changes": _changes,
    "choices": lambda scene: _options(scene, "; "),
    "condition": _condition,
    "count": _count,
    "country": lambda scene: scene.customer.addresses[0].country,
    "department": lambda scene: str(scene.product.department or "the shop").lower(),
    "email": lambda scene: f"{scene.customer.email[:1]}***@{scene.customer.email.partition('@')[2]}",
    "eta": _eta,
    "first_name": lambda scene: scene.customer.first_name,
    "item": _item,
    "items": _items,
    "known": _address,
    "left": lambda scene: str(scene.chance.randint(1, 9)),
    "left_out": lambda scene: str(scene.chance.randint(1, 3)),
    "limit": lambda scene: money(scene.product.variants[0].price_cents),
    "meant": lambda scene: scene.order.id,
    "method": _method,
    "methods": lambda scene: listing(map(method_text, scene.customer.payment_methods)),
    "missing": lambda scene: scene.chance.choice(MISSING),
    "most": lambda scene: str(scene.chance.randint(5, 20)),
    "needed": _total,
    "old": _address,
    "option": lambda scene: scene.chance.choice(sorted(scene.product.variants[0].options) or ["size"]),
    "order_id": lambda scene: scene.order.id,
    "orders": _orders,
    "others": _items,
    "payment": lambda scene: payment_text(scene.chance.choice(scene.customer.payment_methods)),
    "placed": _placed,
    "points": lambda scene: str(scene.customer.loyalty_points),
    "price": lambda scene: price_range(scene.product.variants),
    "problem": lambda scene: scene.chance.choice(PROBLEMS),
    "product": lambda scene: scene.product.name,
    "products": lambda scene: f"the {scene.product.name} and the {_item(scene)}",
    "quantity": lambda scene: str(scene.item.quantity),
    "query": _query,
    "quote": lambda scene: str(scene.product.description).partition(". ")[0],
    "rating": lambda scene: f"{scene.product.rating or 4.0} out of 5",
    "reason": lambda scene: scene.chance.choice(REASONS),
    "refund": _refund,
    "shop": lambda scene: "Harbour & Finch",
    "status": lambda scene: order_status(scene.order),
    "stock": lambda scene: "in stock" if any(one.in_stock for one in scene.product.variants) else "out of stock",
    "task": lambda scene: scene.chance.choice(TASKS),
    "tasks": lambda scene: listing(scene.chance.sample(TASKS, 2)),
    "text": lambda scene: str(scene.product.description),
    "total": _total,
    "tracking": _tracking,
    "value": lambda scene: str(scene.chance.choice(sorted(scene.product.attributes.values()))),
    "values": lambda scene: _options(scene),
    "wanted": lambda scene: _options(scene),
    "when": _placed,
    "zip": lambda scene: scene.customer.addresses[0].zip,
}  # fmt: skip
