"""Answer a question about orders from their rows: totals, payment, address, tracking, an item's price or option.

    about_order(order, Question("total"))             ->  OrderAnswer("utter_order_total", {...})
    about_orders(orders, Question("total of both"))   ->  a sum over several orders, or None: not asked across orders

Sums are integer cents. What the rows do not say is None: the caller shows the whole order instead.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.desk.item_words import described, words_of
from assistant.facts import told
from assistant.presentation import (
    cell,
    how_many,
    item_price,
    item_text,
    items_cost,
    listing,
    money,
    order_address,
    order_status,
    order_total,
    orders_total,
    paid_with,
    pieces,
    placed_on,
    status_said,
    the_names,
    tracking_text,
)
from assistant.product_answers import Stated, answer
from assistant.store import Order, OrderItem, Product, Variant

MONEY = r"total|cost|price|came to|come to|how much|sum|amount|spen[dt]|paid|pay|value|bill"
TOTAL = re.compile(rf"\b({MONEY}|expensive)\w*\b", re.IGNORECASE)
WHOLE = re.compile(r"\b(total|sum|altogether|in all|combined)\b", re.IGNORECASE)
HOW_PAID = re.compile(
    r"\b(how(?! much)\W*d? (did|do|was|were|have)?.{0,12}(pay|paid)|how'd|card|paypal|payment|method"
    r"|paid (with|by|from))\b",
    re.IGNORECASE,
)
ADDRESS = re.compile(
    r"\b(address|where .*(sent|going|shipped|delivered|go)|(sent|shipped|delivered) to)\b", re.IGNORECASE
)
TRACKING = re.compile(r"\b(tracking|track number|tracking id)\b", re.IGNORECASE)
PLACED = re.compile(r"\b(date|when|placed|bought on|day)\b", re.IGNORECASE)
COUNT = re.compile(r"\b(how many|number of|count)\b.*\b(items?|things|products|pieces)\b|\bhow many\b", re.IGNORECASE)
DEAREST = re.compile(r"\b(most expensive|priciest|dearest|highest( priced?)?|costliest)\b", re.IGNORECASE)
CHEAPEST = re.compile(r"\b(cheapest|least expensive|lowest( priced?)?)\b", re.IGNORECASE)
BACK = re.compile(r"\b((?<!set me )(?<!set us )(?<!set you )back|refund\w*|return\w*)\b", re.IGNORECASE)
REST = re.compile(r"\b(remaining|rest|other items|left|keep(ing)?|kept|didn'?t return)\b", re.IGNORECASE)
SEVERAL = re.compile(
    r"\b(both|all|these|those|every|each|previous|past|together|combined|two|three|four)\b"
    r"(?! (of )?(it|the items?|items?|its)\b)",
    re.IGNORECASE,
)
ORDERS = re.compile(r"\b(orders|purchases|them|both|every (one|order)|each order|everything)\b", re.IGNORECASE)
STATUSES = ("pending", "processed", "shipped", "delivered", "cancelled", "returned")
MOST_TOLD = 3  # items of one kind, each with an answer of its own
SPOKEN_OF = 80  # characters of a message that may say what is asked, where no attribute was understood
STRONG = re.compile(
    rf"\b(how much|total|tracking|how many|{DEAREST.pattern}|{CHEAPEST.pattern})\b", re.IGNORECASE
)  # plain enough to be read from the message alone


@dataclass(frozen=True)
class Question:
    """What is asked, in the shopper's words."""

    attribute: str = ""
    items: tuple[str, ...] = ()
    message: str = ""

    @property
    def asked(self) -> str:
        """The attribute; without one, the message if it asks plainly."""
        if self.attribute:
            return self.attribute
        return self.message if STRONG.search(self.message) else ""

    @property
    def all_words(self) -> str:
        return f"{self.attribute} {' '.join(self.items)} {self.message}"


@dataclass(frozen=True)
class OrderAnswer:
    response: str
    facts: dict[str, str]


def about_order(order: Order, question: Question) -> list[OrderAnswer]:
    """What the order's rows say to the question; nothing where they do not, or where nothing special is asked."""
    asked = question.asked
    if not asked:
        return []
    items = _items_named(order.items, question.items)
    if DEAREST.search(asked) or CHEAPEST.search(asked):
        return [_extreme(order, items or list(order.items), asked)]
    if REST.search(question.all_words) and TOTAL.search(asked):
        return [_rest(order)]
    if BACK.search(asked):
        return [_worth(order, items or list(order.items))]
    if _asks_of_order(question, items) and (told := _of_order(order, asked)):
        return [told]
    told_of_items = [told for item in items[:MOST_TOLD] if (told := _of_item(order, item, items, asked))]
    return told_of_items or [told for told in (_of_order(order, asked),) if told]


def about_orders(orders: Sequence[Order], question: Question, shown: Sequence[str] = ()) -> OrderAnswer | None:
    """A sum over several orders, if that is asked: of the orders, or of one kind of item in all of them."""
    asked = question.asked
    if not (TOTAL.search(asked) or BACK.search(asked)):
        return None
    words = question.all_words
    if not (SEVERAL.search(words) and ORDERS.search(words)):
        return None
    counted, left_out = _counted(orders, words, shown)
    kind = [item for item in question.items if words_of(item) and not ORDERS.search(item)]
    if kind:
        return _sum_of_items(counted, kind)
    if len(counted) < 2:
        return None
    ids = listing(cell(order, "id") for order in counted)
    facts = {"count": how_many(counted), "total": orders_total(counted), "orders": ids}
    return OrderAnswer("utter_orders_total", facts | ({"left_out": how_many(left_out)} if left_out else {}))


def _counted(orders: Sequence[Order], words: str, shown: Sequence[str]) -> tuple[list[Order], list[Order]]:
    """The orders that are summed, and those left out because they are cancelled and nobody asked for those."""
    statuses = [status for status in STATUSES if status in words.lower()]
    if statuses:
        return [order for order in orders if order_status(order) in statuses], []
    on_screen = [order for order in orders if order.id in shown]
    pointed = re.search(r"\b(both|these|those|them)\b", words, re.IGNORECASE)
    scope = on_screen if pointed and len(on_screen) > 1 else list(orders)
    if "both" in words.lower() and len(scope) != 2:
        return [], []
    counted = [order for order in scope if order.status != "cancelled"]
    return counted, [order for order in scope if order.status == "cancelled"]


def _sum_of_items(orders: Sequence[Order], kind: Sequence[str]) -> OrderAnswer | None:
    found = [(order, item) for order in orders for item in _items_named(order.items, kind)]
    if not found:
        return None
    items = [item for _, item in found]
    facts = {
        "item": listing(dict.fromkeys(cell(item, "name") for item in items)),
        "count": pieces(items),
        "total": items_cost(items),
        "orders": listing(dict.fromkeys(cell(order, "id") for order, _ in found)),
    }
    return OrderAnswer("utter_items_total", facts)


def _items_named(items: Iterable[OrderItem], names: Iterable[str]) -> list[OrderItem]:
    """The items that the names describe, each once, in the order's order; "the lamp and the rug" names two."""
    rows = list(items)
    parts = [part for name in names for part in re.split(r",|&|\band\b", name, flags=re.IGNORECASE)]
    found = {id(item) for part in parts for item in described(words_of(part), rows)}
    return [item for item in rows if id(item) in found]


def _asks_of_order(question: Question, items: Sequence[OrderItem]) -> bool:
    """Whether the order as a whole is meant, also where an item tells which order it is."""
    if not items:
        return True
    if HOW_PAID.search(question.asked) or ADDRESS.search(question.asked) or TRACKING.search(question.asked):
        return True
    return bool(re.search(r"\border\b (with|that|of|containing)\b", question.message, re.IGNORECASE)) or (
        bool(WHOLE.search(question.asked)) and len(items) == 1 and not re.search("price|cost", question.asked)
    )


def _of_order(order: Order, asked: str) -> OrderAnswer | None:
    facts = {"order_id": cell(order, "id")}
    paid = paid_with(order)
    if ADDRESS.search(asked):
        address = order_address(order)
        return OrderAnswer("utter_order_address", facts | {"address": address}) if address else None
    if TRACKING.search(asked):
        return _tracking(order)
    if HOW_PAID.search(asked):
        return OrderAnswer("utter_order_payment", facts | {"payment": paid}) if paid else None
    if COUNT.search(asked):
        return OrderAnswer("utter_order_count", facts | {"count": pieces(order.items)})
    if TOTAL.search(asked):
        total = {"total": order_total(order)}
        return OrderAnswer("utter_order_total", facts | total | ({"payment": paid} if paid else {}))
    if PLACED.search(asked) and order.placed_at:
        return OrderAnswer("utter_order_placed", facts | {"placed": placed_on(order)})
    return None


def _tracking(order: Order) -> OrderAnswer:
    numbers = tracking_text(order)
    facts = {"order_id": cell(order, "id"), "status": status_said(order)}
    if not numbers:
        return OrderAnswer("utter_order_no_tracking", facts)
    return OrderAnswer("utter_order_tracking", {**facts, "tracking": numbers})


def _of_item(order: Order, item: OrderItem, alike: Sequence[OrderItem], asked: str) -> OrderAnswer | None:
    """The price that was paid for it, or what it is like as it was bought."""
    name = item_text(item) if sum(one.name == item.name for one in alike) > 1 else cell(item, "name")
    if TOTAL.search(asked):
        facts = {"item": name, "price": item_price(item), "order_id": cell(order, "id")}
        if item.quantity > 1:
            facts |= {"count": cell(item, "quantity"), "total": items_cost([item])}
        return OrderAnswer("utter_order_item_price", facts)
    attribute, value = asked_of_item(item, asked, "attribute"), asked_of_item(item, asked, "value")
    if not value:
        return None
    facts = {"item": name, "attribute": attribute, "value": value, "order_id": cell(order, "id")}
    return OrderAnswer("utter_order_item_attribute", facts)


@told
def asked_of_item(item: OrderItem, asked: str, part: str) -> str:
    """What the item is like as it was bought: the name of the attribute asked for, or its value."""
    found = answer(_as_bought(item), asked)
    return str(getattr(found, part)) if isinstance(found, Stated) else ""


def _as_bought(item: OrderItem) -> Product:
    """The product with the one variant that the order holds, at the price paid."""
    product = item.variant.product
    bought = Variant(options=item.options, price_cents=item.price_cents, currency="USD", available=True, stock=None)
    return Product(
        name=item.name, brand=product.brand, category=product.category, description=None,
        attributes=product.attributes, rating=None, variants=[bought],
    )  # fmt: skip


def _extreme(order: Order, items: Sequence[OrderItem], asked: str) -> OrderAnswer:
    dearest = bool(DEAREST.search(asked))
    found = (max if dearest else min)(items, key=lambda item: item.price_cents)
    facts = {"item": item_text(found), "price": item_price(found), "order_id": cell(order, "id")}
    return OrderAnswer("utter_order_dearest_item" if dearest else "utter_order_cheapest_item", facts)


def _rest(order: Order) -> OrderAnswer:
    return OrderAnswer("utter_order_rest_total", {"order_id": cell(order, "id"), "total": rest_total(order)})


@told
def rest_total(order: Order) -> str:
    """What is left when the items of a return are gone."""
    gone = Counter(order.extras.get("return_items") or ())
    cents = 0
    for item in order.items:
        returned = min(item.quantity, gone[item.variant_id])
        gone[item.variant_id] -= returned
        cents += (item.quantity - returned) * item.price_cents
    return money(cents, order.currency)


def _worth(order: Order, items: Sequence[OrderItem]) -> OrderAnswer:
    """What was paid for the items, which is what a return of them gives back."""
    facts = {"items": the_names(items), "amount": items_cost(items), "order_id": cell(order, "id")}
    return OrderAnswer("utter_order_items_worth", facts)
