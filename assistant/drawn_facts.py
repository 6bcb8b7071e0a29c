"""Facts for any response, drawn from the rows of a shop: what `aisle evaluate replies` fills into replies.

A scene is one customer with an order of theirs, and a product: the facts of a reply belong together. Of many scenes the
one is taken whose facts name most of what the shopper's words name, so that a question about a kettle is answered about
one, and `as_asked` puts the drawn order's number into those words: only then can a judge tell a good answer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.actions.after_sales import PROBLEM_TEXT
from assistant.actions.exchanging import swaps_text
from assistant.actions.returning import priced_item
from assistant.desk.rules import RETURN_DAYS
from assistant.presentation import (
    address_text,
    all_items_text,
    date_in_full,
    day,
    items_cost,
    listing,
    method_text,
    money,
    options_text,
    order_status,
    payment_text,
    price_range,
    refund_text,
)
from assistant.search.words import keys
from assistant.store import Customer, Order, OrderItem, PaymentMethod, Product, Variant

REASONS = ("no longer needed", "ordered by mistake")  # what the order desk takes
TASKS = ("the return", "the exchange", "the cancellation", "the payment method", "the shipping address", "the invoice")
MISSING = ("the street", "the city and state", "the zip code")
LONGEST_MESSAGE = "2,000 characters"
PROBLEMS = ("damaged", "missing", "late", "defective", *PROBLEM_TEXT.values())
SCENES = 60  # drawn for one message
ORDER_NUMBER = re.compile(r"#?\bW\d{5,}\b", re.IGNORECASE)
ZIP_CODE = re.compile(r"\b\d{5}\b")


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
    product: Product  # the item's, where the reply is about one
    attribute: str  # of the product
    methods: Sequence[PaymentMethod]  # the customer's, in an order drawn; the last pays
    orders: Sequence[Order]  # the customer's that the reply is about, the order among them
    chance: random.Random


def read_rows(session: Session) -> Rows:
    customers = [one for one in session.scalars(select(Customer).order_by(Customer.id)) if one.orders]
    paying = [one for one in customers if one.payment_methods and one.addresses]
    products = session.scalars(select(Product).order_by(Product.id)).all()
    return Rows(paying, [one for one in products if one.variants and one.attributes])


def draw_facts(rows: Rows, names: Sequence[str], chance: random.Random, says: str = "") -> dict[str, str]:
    """A value for every name, as the actions would tell it, those that fit the shopper's words best of `SCENES` draws.
    Raises KeyError for a name that is not known here."""
    named = keys(says)
    drawn = [_facts(rows, names, chance) for _ in range(SCENES if named else 1)]
    facts = max(drawn, key=lambda facts: len(named & keys(" ".join(facts.values()))))
    if "zip" in facts and (found := ZIP_CODE.findall(says)):
        facts["zip"] = found[-1]
    if "meant" in facts:  # what was typed is like another order's number
        facts["order_id"] = facts["meant"][:-1] + str((int(facts["meant"][-1]) + 1) % 10)
    return facts


def as_asked(says: str, facts: Mapping[str, str]) -> str:
    """The shopper's words with the order's number where they name one."""
    return ORDER_NUMBER.sub(facts["order_id"], says) if "order_id" in facts else says


def _facts(rows: Rows, names: Sequence[str], chance: random.Random) -> dict[str, str]:
    scene = _scene(rows, names, chance)
    facts = {name: FACTS[name](scene) for name in names}
    if "item" in facts and "price" in facts:  # of an item in an order, so one price and not a range
        facts["price"] = money(scene.item.price_cents, scene.order.currency)
    if "limit" in facts and "product" not in facts:
        facts["limit"] = f"{RETURN_DAYS} days" if "order_id" in facts else LONGEST_MESSAGE
    if "items" in facts and "refund" in facts:  # what is sent back, each with its price
        facts["items"] = listing(priced_item(one, one.quantity) for one in scene.order.items)
        facts["refund"] = items_cost(scene.order.items)
    if "orders" in facts and "count" in facts and "item" not in facts:
        facts |= {"count": str(len(scene.orders)), "total": _sum(scene.orders)}
    return facts


def _scene(rows: Rows, names: Sequence[str], chance: random.Random) -> Scene:
    customer = chance.choice(rows.customers)
    order = chance.choice([one for one in customer.orders if one.items and one.placed_at] or customer.orders)
    item = chance.choice(order.items)
    others = [one for one in rows.products if one.id == item.variant.product_id] if "item" in names else []
    product = chance.choice(others or rows.products)
    orders = [one for one in chance.sample(customer.orders, min(3, len(customer.orders))) if one is not order]
    methods = chance.sample(customer.payment_methods, len(customer.payment_methods))
    attribute = chance.choice(sorted(product.attributes))
    return Scene(customer, order, item, product, attribute, methods, [order, *orders[:2]], chance)


def _sum(orders: Sequence[Order]) -> str:
    return money(sum(one.total_cents for one in orders), orders[0].currency)


def _amount(scene: Scene) -> str:
    return money(scene.item.price_cents * scene.item.quantity, scene.order.currency)


def _total(scene: Scene) -> str:
    return money(scene.order.total_cents, scene.order.currency)


def _method(scene: Scene) -> str:
    return method_text(scene.methods[0])


def _refund(scene: Scene) -> str:
    return refund_text(scene.order.total_cents, scene.methods[-1])


def _item(scene: Scene) -> str:
    return scene.item.name


def _items(scene: Scene) -> str:
    return all_items_text(scene.order.items)


def _address(scene: Scene) -> str:
    return address_text(scene.customer.addresses[-1].snapshot())


def _orders(scene: Scene) -> str:
    return listing(f"order {one.id}" for one in scene.orders)


def _variants(scene: Scene) -> list[Variant]:
    """Up to four that differ."""
    by_options = {options_text(one.options): one for one in scene.product.variants if one.options}
    return list(by_options.values())[:4] or list(scene.product.variants[:1])


def _choices(scene: Scene) -> str:
    """What there is instead of the wanted one."""
    return "; ".join(options_text(one.options) for one in _variants(scene)[1:]) or "none in stock"


def _option(scene: Scene) -> str:
    return scene.chance.choice(sorted(_variants(scene)[0].options) or ["size"])


def _values(scene: Scene) -> str:
    """Of the options' first name."""
    name = next(iter(_variants(scene)[0].options), "size")
    return ", ".join(dict.fromkeys(one.options.get(name, "one size") for one in _variants(scene)))


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
    others = [one for one in _variants(scene) if one.options != scene.item.options] or [scene.item.variant]
    return swaps_text([scene.item], [1], others[:1])


FACTS: Mapping[str, Callable[[Scene], str]] = {
    "address": _address,
    "amount": _amount,
    "attribute": lambda scene: scene.attribute,
    "balance": _amount,
    "cards": lambda scene: str(scene.chance.randint(2, 4)),
    "changes": _changes,
    "choices": _choices,
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
    "old": lambda scene: address_text(scene.order.shipping_address),
    "option": _option,
    "order_id": lambda scene: scene.order.id,
    "orders": _orders,
    "others": _items,
    "payment": lambda scene: payment_text(scene.methods[-1]),
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
    "value": lambda scene: str(scene.product.attributes[scene.attribute]),
    "values": _values,
    "wanted": lambda scene: options_text(_variants(scene)[0].options) or "blue",
    "when": _placed,
    "zip": lambda scene: scene.customer.addresses[0].zip,
}  # fmt: skip
