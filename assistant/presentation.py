"""How facts read: money, dates and lists as text for a sentence, products and orders as cards for the screen.

Everything a shopper is shown of the store passes through here, so that a price reads the same wherever it stands. What
stands under `@told` carries the rows that it was read from (facts.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from assistant.facts import told
from assistant.store import Base, Order, OrderItem, PaymentMethod, Product, Variant, now

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
SOURCES = {"gift_card": "a gift card", "paypal": "PayPal"}
MOST_VARIANTS = 6  # on one product card
OWN_METHODS = {"gift_card": "your gift card", "paypal": "your PayPal account"}
STATUS_SAID = {  # where "is" and the status are no English
    "processed": "processed and about to leave",
    "return requested": "delivered, with a return requested",
    "exchange requested": "delivered, with an exchange requested",
}
ARRIVES = {"gift_card": "at once"}  # when a refund is there, as policies.yml says
ARRIVES_ELSEWHERE = "within 5 to 7 business days"


def money(cents: int, currency: str = "USD") -> str:
    """As in "$1,089.00"; a currency without a symbol here stands behind the number, "1,089.00 SEK"."""
    sign = "-" if cents < 0 else ""
    amount = f"{abs(cents) // 100:,}.{abs(cents) % 100:02}"
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{amount}" if symbol else f"{sign}{amount} {currency}"


def day(when: date) -> str:
    """A day close by, "Tuesday, November 24"."""
    return f"{when:%A}, {when:%B} {when.day}"


def date_in_full(when: date) -> str:
    """A day of any year, "November 3, 2026"."""
    return f"{when:%B} {when.day}, {when.year}"


def listing(names: Iterable[str]) -> str:
    """As in "a, b and c". Articles are the caller's: `listing(f"the {name}" for name in names)`."""
    return joined(list(names))


@told
def joined(names: Sequence[str], last: str = " and ") -> str:
    *head, end = names or [""]
    return f"{', '.join(head)}{last}{end}" if head else end


@told
def cell(row: Base, column: str) -> str:
    """What stands in a column, as it is."""
    value = getattr(row, column)
    return f"{value:,}" if isinstance(value, int) else str(value or "")


@told
def how_many(rows: Sequence[Any]) -> str:
    """The number of rows."""
    return f"{len({row.id for row in rows}):,}"


@told
def order_total(order: Order) -> str:
    return money(order.total_cents, order.currency)


@told
def orders_total(orders: Sequence[Order]) -> str:
    return money(sum(order.total_cents for order in orders), orders[0].currency)


@told
def item_price(item: OrderItem) -> str:
    """Of one piece, as it was bought."""
    return money(item.price_cents, item.order.currency)


@told
def items_cost(items: Sequence[OrderItem], quantities: Sequence[int] | None = None) -> str:
    """What they cost together, so many of each; all that was bought where no number is given."""
    counts = quantities or [item.quantity for item in items]
    cents = sum(count * item.price_cents for item, count in zip(items, counts, strict=True))
    return money(cents, items[0].order.currency)


@told
def pieces(items: Sequence[OrderItem]) -> str:
    return str(sum(item.quantity for item in items))


@told
def the_names(rows: Sequence[Any]) -> str:
    """As in "the Lamp and the Rug"; what is called the same is named once."""
    return listing(f"the {name}" for name in dict.fromkeys(row.name for row in rows))


@told
def item_text(item: OrderItem) -> str:
    """As in "Lamp (brass, tall)"."""
    options = options_text(item.options)
    return f"{item.name} ({options})" if options else item.name


@told
def order_address(order: Order) -> str:
    return address_text(order.shipping_address)


@told
def placed_on(order: Order) -> str:
    return date_in_full(order.placed_at) if order.placed_at else ""


@told
def tracking_text(order: Order) -> str:
    return listing(number for one in order.shipments for number in one.tracking_ids)


@told
def paid_with(order: Order) -> str:
    """As in "a Visa card ending in 4821 and a gift card"."""
    paid = [one.payment_method for one in order.payments if one.transaction_type == "payment"]
    return listing(dict.fromkeys(payment_text(method) for method in paid))


@told
def method_text(method: PaymentMethod) -> str:
    """As in "your Visa card ending in 4821"; a gift card is never told by its number."""
    if method.source != "credit_card":
        return OWN_METHODS[method.source]
    brand = f"{method.brand.title()} " if method.brand else ""
    return f"your {brand}card" + (f" ending in {method.last_four}" if method.last_four else "")


@told
def refund_text(cents: int, method: PaymentMethod, currency: str = "USD") -> str:
    """As in "$89.00 to your PayPal account within 5 to 7 business days"."""
    return f"{money(cents, currency)} to {method_text(method)} {ARRIVES.get(method.source, ARRIVES_ELSEWHERE)}"


@told
def payment_text(method: PaymentMethod) -> str:
    """As in "a Visa card ending in 4821"; a gift card is never told by its number."""
    if method.source != "credit_card":
        return SOURCES[method.source]
    brand = f"{method.brand.title()} " if method.brand else ""
    return f"a {brand}card" + (f" ending in {method.last_four}" if method.last_four else "")


def address_text(address: Mapping[str, str]) -> str:
    """An address on one line, "1 Elm St, Suite 2, Denver, CO 80201, USA"."""
    place = " ".join(filter(None, (address.get("state"), address.get("zip"))))
    parts = (address.get("address1"), address.get("address2"), address.get("city"), place, address.get("country"))
    return ", ".join(part for part in parts if part)


@told
def all_items_text(items: Sequence[OrderItem]) -> str:
    """Every item, as in "the Lamp and the Rug (2 of them)"."""
    counts = {item: f" ({item.quantity} of them)" if item.quantity > 1 else "" for item in items}
    return listing(f"the {item.name}{count}" for item, count in counts.items())


def options_text(options: Mapping[str, str]) -> str:
    """A variant's options as one phrase, "clicky, RGB, size 10, waterproof"."""
    return ", ".join(_option(name, value) for name, value in options.items())


@told
def chosen_options(row: Variant | OrderItem) -> str:
    """The options of a variant, or of an item as it was bought."""
    return options_text(row.options)


@told
def price_text(variants: Sequence[Variant]) -> str:
    """For a card: "$89.00", or "from $89.00" where the variants differ; those in stock count if there are any."""
    cheapest, _, dearest = price_range(variants).partition(" to ")
    return f"from {cheapest}" if dearest else cheapest


@told
def price_range(variants: Sequence[Variant]) -> str:
    """For a sentence: "$89.00", or "$89.00 to $120.00" where the variants differ."""
    counted = [variant for variant in variants if variant.in_stock] or variants
    if not counted:
        return ""
    low = min(counted, key=lambda variant: variant.price_cents)
    high = max(counted, key=lambda variant: variant.price_cents)
    ends = (money(low.price_cents, low.currency), money(high.price_cents, high.currency))
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


@told
def product_card(product: Product, matching: Sequence[Variant] = ()) -> dict[str, Any]:
    """A product for the screen. `matching`: the variants that a shopper asked for, shown with their own prices."""
    card: dict[str, Any] = {
        "kind": "product",
        "id": product.id,
        "name": product.name,
        "brand": product.brand,
        "category": product.category,
        "price": price_text(matching or product.variants),
        "rating": product.rating,
        "ratings": product.rating_count,
        "in_stock": any(variant.in_stock for variant in matching or product.variants),
        "image": f"/media/products/{product.id}.svg",
        "options": option_values(product.variants),
    }
    if matching:
        card["variants"] = [_variant_line(variant) for variant in matching[:MOST_VARIANTS]]
    return card


def option_values(variants: Iterable[Variant]) -> dict[str, list[str]]:
    """Each option with the values that the variants have, in the shop's order."""
    values: dict[str, list[str]] = {}
    for variant in variants:
        for name, value in variant.options.items():
            seen = values.setdefault(name, [])
            if value not in seen:
                seen.append(value)
    return values


@told
def order_status(order: Order) -> str:
    """The status in shoppers' words: that items were changed does not matter to them."""
    return "pending" if order.status == "pending (item modified)" else order.status


@told
def status_said(order: Order) -> str:
    """The status as a sentence says it after "is"."""
    status = order_status(order)
    return STATUS_SAID.get(status, status)


@told
def order_card(order: Order) -> dict[str, Any]:
    """An order for the screen; `eta` is the last parcel's day while one is still to come."""
    coming = [one.eta for one in order.shipments if one.eta and not one.delivered_at and one.eta >= now().date()]
    under_way = order_status(order) in ("pending", "processed", "shipped")
    return {
        "kind": "order",
        "id": order.id,
        "status": order_status(order),
        "placed": date_in_full(order.placed_at) if order.placed_at else None,
        "total": money(order.total_cents, order.currency),
        "eta": day(max(coming)) if coming and under_way else None,
        "items": [_item_line(item, order.currency) for item in order.items],
    }


def table_card(title: str, columns: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> dict[str, Any]:
    """A table for the screen: each row has a name and a value for each column, or for the one nameless column."""
    lines = [{"name": name, "values": list(values)} for name, values in rows]
    return {"kind": "table", "title": title, "columns": list(columns), "rows": lines}


@told
def details_card(product: Product) -> dict[str, Any]:
    """What the listing says of a product, its attributes and then its description."""
    described = [("description", [product.description])] if product.description else []
    return table_card("Details", [], [*((name, [value]) for name, value in product.attributes.items()), *described])


def _option(name: str, value: str) -> str:
    if value.lower() == "yes":
        return name
    if value.lower() == "no":
        return f"{name}: no"
    # A bare number or letter says nothing without its option: "size 10", "size M"
    return f"{name} {value}" if len(value) <= 2 or value.replace(".", "").isdigit() else value


def _variant_line(variant: Variant) -> dict[str, Any]:
    return {
        "options": options_text(variant.options),
        "price": money(variant.price_cents, variant.currency),
        "in_stock": variant.in_stock,
    }


def _item_line(item: OrderItem, currency: str) -> dict[str, Any]:
    return {
        "name": item.name,
        "options": options_text(item.options),
        "quantity": item.quantity,
        "price": money(item.price_cents, currency),
    }
