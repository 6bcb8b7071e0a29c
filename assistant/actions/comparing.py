"""Compare products, and find others like one. Reads only.

What differs is shown as a table; where the shopper asked about one attribute, its values are said. Similar products are
of the same category, in stock, those nearest in price first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from assistant.actions.base import ShopAction
from assistant.actions.product_references import ask_which, items_said, on_screen, products_meant, products_of, shown_as
from assistant.facts import as_said, told
from assistant.presentation import cell, listing, money, option_values, price_range, product_card, table_card, the_names
from assistant.product_answers import Stated, answer, rating_text, stock_text
from assistant.search.query import HIGHEST_PRICE
from assistant.store import Product

MOST_COMPARED = 4
PAGE = 4  # similar products in one message
LONGEST_SAID_BACK = 60
SEVERAL = re.compile(
    r"(the |all )*((first|last|top) )?(both|all|these|those|them|they|two|three|four|2|3|4)"
    r"( of (these|those|them))?( ones| products| items)?",
    re.IGNORECASE,
)
COUNTS = {"both": 2, "two": 2, "2": 2, "couple": 2, "three": 3, "3": 3, "four": 4, "4": 4}
NO_VALUE = "-"
SIMILAR = "similar_to"  # in the slot `search`: the product to which the results are similar


class ActionCompareProducts(ShopAction):
    """Show in what the products differ."""

    def name(self) -> str:
        return "action_compare_products"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        asked = str(tracker.slots.get("attribute") or "")
        with self.shop.database.reading() as session:
            products, unclear = _to_compare(session, tracker)
            if unclear is not None:
                item, candidates = unclear
                ask_which(dispatcher, item, candidates, "product_details", {})
                return []
            if len(products) < 2:
                dispatcher.utter_message(response="utter_ask_compare")
                return []
            _say_difference(dispatcher, products, asked)
        return [SlotSet("shown", [shown_as(product) for product in products]), SlotSet("last_product_id", None)]


class ActionFindSimilar(ShopAction):
    """Show other products of the same category, nearest in price first."""

    def name(self) -> str:
        return "action_find_similar"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        item, most = items_said(tracker)[0], cents(tracker.slots.get("max_price"))
        with self.shop.database.reading() as session:
            candidates = products_meant(session, tracker, item)
            if len(candidates) != 1:
                ask_which(dispatcher, item, candidates, "find_similar", {})
                return []
            product = candidates[0]
            alike = similar(session, product, most)
            found = alike[:PAGE]
            facts = {"product": cell(product, "name")} | ({"limit": as_said(money(most))} if most is not None else {})
            if not found:
                dispatcher.utter_message(response="utter_no_similar_products", **facts)
                return [SlotSet("last_product_id", product.id)]
            cards = {"cards": [product_card(one) for one in found]}
            dispatcher.utter_message(response="utter_similar_products", json_message=cards, **facts)
            filters = {"category": product.category} | ({"max_price": most / 100} if most is not None else {})
            return [
                SlotSet("search", {"filters": filters, "offset": PAGE, "total": len(alike), SIMILAR: product.id}),
                SlotSet("shown", [shown_as(one) for one in found]),
                SlotSet("last_product_id", found[0].id if len(found) == 1 else None),
            ]


def similar(session: Session, product: Product, most_cents: int | None = None) -> list[Product]:
    """Others of its category that can be bought, for the same people, the nearest in price first."""
    if not product.category:
        return []
    others = session.scalars(
        select(Product)
        .where(Product.category == product.category, Product.id != product.id)
        .options(selectinload(Product.variants))
    )
    price = _price(product)
    fitting = [
        one
        for one in others
        if one.audience == product.audience
        and any(variant.in_stock for variant in one.variants)
        and (most_cents is None or _price(one) <= most_cents)
    ]
    return sorted(fitting, key=lambda one: (abs(_price(one) - price), -(one.rating or 0), one.name))


def differences(products: Sequence[Product]) -> list[tuple[str, list[str]]]:
    """What the listings say that is not the same for all of them: a name and each product's value, or "-"."""
    listed = [_listing_of(product) for product in products]
    names = dict.fromkeys(name for one in listed for name in one)
    rows = [(name, [one.get(name, NO_VALUE) for one in listed]) for name in names]
    return [(name, values) for name, values in rows if len(set(values)) > 1]


def _listing_of(product: Product) -> dict[str, str]:
    options = {name: listing(values) for name, values in option_values(product.variants).items()}
    facts = {
        "price": price_range(product.variants),
        "rating": rating_text(product) if product.rating is not None else NO_VALUE,
        "availability": stock_text(product.variants),
        "brand": product.brand or NO_VALUE,
        "category": product.category or NO_VALUE,
    }
    return facts | options | dict(product.attributes)


def _to_compare(session: Session, tracker: Tracker) -> tuple[list[Product], tuple[str, list[Product]] | None]:
    """The products to compare; or the name that is not clear and what it may mean."""
    items = items_said(tracker)
    screen = [one.id for one in on_screen(session, tracker.slots.get("shown") or [])]
    message = str(tracker.latest_message.get("text") or "")
    if items == [""] or (len(items) == 1 and SEVERAL.fullmatch(items[0])):
        several = products_of(session, _several(items[0] or message, screen))
        if len(several) > 1:
            return several, None
    found: dict[str, Product] = {}
    for item in items:
        candidates = [one for one in products_meant(session, tracker, item) if one.id not in found]
        if len(candidates) != 1:
            return [], (item, candidates) if item else None
        found[candidates[0].id] = candidates[0]
    last = tracker.slots.get("last_product_id")
    if len(found) == 1 and last and last not in found:
        found |= {product.id: product for product in products_of(session, [last])}
    elif len(found) == 1 and len(screen) == 2:
        found |= {product.id: product for product in products_of(session, screen)}
    return list(found.values())[:MOST_COMPARED], None


def _several(words: str, screen: Sequence[str]) -> list[str]:
    """Those of the screen that "these", "both", "the first two" mean."""
    count = next((COUNTS[word] for word in words.lower().split() if word in COUNTS), MOST_COMPARED)
    return list(screen[-count:] if "last" in words.lower().split() else screen[:count])


def _say_difference(dispatcher: CollectingDispatcher, products: Sequence[Product], asked: str) -> None:
    names = the_names(products)
    if not differences(products):
        dispatcher.utter_message(response="utter_products_alike", products=names)
        return
    cards = {"cards": [comparison_card(products)]}
    answers = [answer(product, asked) if asked else None for product in products]
    stated = [one for one in answers if isinstance(one, Stated)]
    if not stated:
        dispatcher.utter_message(response="utter_comparison", json_message=cards, products=names)
        return
    facts = {"attribute": stated[0].attribute, "values": values_compared(products, asked)}
    dispatcher.utter_message(response="utter_comparison_attribute", json_message=cards, **facts)


@told
def comparison_card(products: Sequence[Product]) -> dict[str, Any]:
    return table_card("Comparison", [product.name for product in products], differences(products))


@told
def values_compared(products: Sequence[Product], asked: str) -> str:
    """Each product's value for what was asked: "Mug A, 300 ml; Mug B, 350 ml"."""
    answers = [(product, answer(product, asked)) for product in products]
    return "; ".join(f"{product.name}, {found.value}" for product, found in answers if isinstance(found, Stated))


def _price(product: Product) -> int:
    """Of the cheapest variant that can be bought; of the cheapest at all if none can."""
    counted = [variant for variant in product.variants if variant.in_stock] or product.variants
    return min((variant.price_cents for variant in counted), default=0)


def cents(price: Any) -> int | None:
    return round(price * 100) if isinstance(price, int | float) and 0 <= price <= HIGHEST_PRICE else None
