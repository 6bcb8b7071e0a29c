"""Compare products. Reads only.

What differs is shown as a table; where the shopper asked about one attribute, its values are said. "Lighter than the
second one" names one product: it asks for others, and is answered as a search (comparing_results.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.base import ShopAction
from assistant.actions.comparing_results import compare_results
from assistant.actions.measuring import measure_of
from assistant.actions.product_references import ask_which, items_said, on_screen, products_meant, products_of, shown_as
from assistant.comparatives import Comparative, Measured, comparative, parted
from assistant.facts import Card, told
from assistant.presentation import listing, option_values, price_range, product_card, table_card, the_names
from assistant.product_answers import Answer, Stated, answer, asked_for, listed, listed_name, rating_text, stock_text
from assistant.store import Product

MOST_COMPARED = 4
SEVERAL = re.compile(
    r"(the |all )*((first|last|top) )?(both|all|these|those|them|they|two|three|four|2|3|4)"
    r"( of (these|those|them))?( ones| products| items)?",
    re.IGNORECASE,
)
COUNTS = {"both": 2, "two": 2, "2": 2, "couple": 2, "three": 3, "3": 3, "four": 4, "4": 4}
NO_VALUE = "-"


class ActionCompareProducts(ShopAction):
    """Show in what the products differ."""

    def name(self) -> str:
        return "action_compare_products"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        asked = str(tracker.slots.get("attribute") or "")
        with self.shop.database.reading() as session:
            products, unclear = _to_compare(session, tracker)
            if unclear is None and (compares := _beyond_one(tracker, asked)):
                filters = (tracker.slots.get("search") or {}).get("filters") or {}
                return compare_results(session, dispatcher, tracker, filters, [compares], self.shop.vectors)
            if unclear is not None:
                item, candidates = unclear
                ask_which(dispatcher, item, candidates, "product_details", {})
                return []
            if asked and (alone := _alone(session, tracker)):
                cards = {"cards": [product_card(alone)]}
                dispatcher.utter_message(response="utter_one_product_found", json_message=cards)
                return []
            if len(products) < 2:
                dispatcher.utter_message(response="utter_ask_compare")
                return []
            _say_difference(dispatcher, products, asked)
        return [SlotSet("shown", [shown_as(product) for product in products]), SlotSet("last_product_id", None)]


def _beyond_one(tracker: Tracker, asked: str) -> Comparative | None:
    """A comparison with the one product that is named: "lighter than the second one"."""
    items = items_said(tracker)
    message = str(tracker.latest_message.get("text") or "")
    compares = comparative(asked) if asked else None
    if compares is None or compares.most or len(items) != 1 or not items[0] or SEVERAL.fullmatch(items[0]):
        return None
    return replace(compares, than=parted(message)[1] or items[0])


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
    if _those_on_screen(items):
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


def _those_on_screen(items: Sequence[str]) -> bool:
    return items == [""] or (len(items) == 1 and bool(SEVERAL.fullmatch(items[0])))


def _alone(session: Session, tracker: Tracker) -> Product | None:
    """The one product on screen, where those on screen are asked about: "which of them is the cheapest?"."""
    screen = [one.id for one in on_screen(session, tracker.slots.get("shown") or [])]
    return products_of(session, screen)[0] if len(screen) == 1 and _those_on_screen(items_said(tracker)) else None


def _several(words: str, screen: Sequence[str]) -> list[str]:
    """Those of the screen that "these", "both", "the first two" mean."""
    count = next((COUNTS[word] for word in words.lower().split() if word in COUNTS), MOST_COMPARED)
    return list(screen[-count:] if "last" in words.lower().split() else screen[:count])


def _answers(products: Sequence[Product], asked: str) -> tuple[Sequence[Product], list[Answer]]:
    """What each listing says on what was asked; of what can be measured, the lightest of "lighter" first."""
    compares = comparative(asked) if asked else None
    found = [measure_of(product, compares.measure, compares.sign) if compares else None for product in products]
    if compares is None or not any(found):
        return products, [answer(product, asked) if asked else None for product in products]
    in_order = sorted(
        zip(products, found, strict=True),
        key=lambda one: -compares.sign * one[1].number(compares.sign) if one[1] else math.inf,
    )
    answers: list[Answer] = [Stated(_name_of(of, one), one.text) if one else None for of, one in in_order]
    return [product for product, _ in in_order], answers


def _name_of(product: Product, found: Measured) -> str:
    """What the listing calls that which is measured; a price and a rating are called so in a reply."""
    return listed_name(product, found.attribute) if found.attribute in listed(product) else asked_for(found.attribute)


def _say_difference(dispatcher: CollectingDispatcher, products: Sequence[Product], asked: str) -> None:
    names = the_names(products)
    if not differences(products):
        dispatcher.utter_message(response="utter_products_alike", products=names)
        return
    cards = {"cards": [_with_stock(comparison_card(products), products)]}
    stated = [one for one in _answers(products, asked)[1] if isinstance(one, Stated)]
    if not stated:
        dispatcher.utter_message(response="utter_comparison", json_message=cards, products=names)
        return
    facts = {"attribute": stated[0].attribute, "values": values_compared(products, asked)}
    dispatcher.utter_message(response="utter_comparison_attribute", json_message=cards, **facts)


@told
def comparison_card(products: Sequence[Product]) -> dict[str, Any]:
    return table_card("Comparison", [product.name for product in products], differences(products))


def _with_stock(card: dict[str, Any], products: Sequence[Product]) -> dict[str, Any]:
    """Which of them can be bought now, for the buttons below the table; its receipt is of what the table says."""
    more = card | {"in_stock": [any(variant.in_stock for variant in product.variants) for product in products]}
    return Card(more, card.receipt) if isinstance(card, Card) else more


@told
def values_compared(products: Sequence[Product], asked: str) -> str:
    """Each product's value for what was asked: "Mug A, 300 ml; Mug B, 350 ml"."""
    answers = zip(*_answers(products, asked), strict=True)
    return "; ".join(f"{product.name}, {found.value}" for product, found in answers if isinstance(found, Stated))
