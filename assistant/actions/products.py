"""Find products, change the search, show more of it, and tell about one product. Reads only.

When nothing matched and the nearest are shown, the search kept (results.py) is the one they match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.base import ShopAction
from assistant.actions.product_references import (
    ask_which,
    items_said,
    on_screen,
    products_meant,
    put_on_screen,
)
from assistant.actions.results import LONGEST_QUERY, PAGE, cards_of, page, query_of, remember, said_back, shown
from assistant.facts import Fact, as_said
from assistant.presentation import cell, details_card, price_range, product_card
from assistant.product_answers import Answer, Quoted, Stated, answer, availability, out_of_five, stock_text
from assistant.search import SLOTS, Found, ProductQuery, search
from assistant.search.dropped import without_dropped
from assistant.search.vectors import ProductVectors
from assistant.store import Product

OF_ONE_PRODUCT = ("utter_product_details", "utter_product_attribute", "utter_product_quote", "utter_attribute_unknown")


class ActionSearchProducts(ShopAction):
    def name(self) -> str:
        return "action_search_products"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        asked, _ = without_dropped(_asked(tracker))
        if not ProductQuery.from_slots(asked).says_something:
            dispatcher.utter_message(response="utter_nothing_to_refine")
            return []
        with self.shop.database.reading() as session:
            return search_and_show(session, dispatcher, asked, self.shop.vectors)


class ActionRefineSearch(ShopAction):
    """Search again with what is new laid over what was asked before: a new colour replaces the old one."""

    def name(self) -> str:
        return "action_refine_search"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        before = tracker.slots.get("search")
        if not before:
            dispatcher.utter_message(response="utter_nothing_to_refine")
            return []
        new, dropped = without_dropped(_asked(tracker))
        old = {name: value for name, value in before["filters"].items() if name not in dropped}
        with self.shop.database.reading() as session:
            if direction := tracker.slots.get("price_direction"):
                new |= _beyond_screen(session, str(direction), tracker.slots.get("shown") or [])
            merged = _merge(old, new)
            if new.get("query"):
                narrowed = merged | {"query": f"{new['query']} {old.get('query', '')}"}
                if search(session, ProductQuery.from_slots(narrowed), 1).total:
                    merged = narrowed  # "trail ones" of the boots; otherwise another thing: "jackets instead"
            if not ProductQuery.from_slots(merged).says_something:
                dispatcher.utter_message(response="utter_nothing_to_refine")
                return []
            return search_and_show(session, dispatcher, merged, self.shop.vectors)


class ActionShowMore(ShopAction):
    def name(self) -> str:
        return "action_show_more"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        before = tracker.slots.get("search")
        if not before:
            dispatcher.utter_message(response="utter_nothing_to_refine")
            return []
        if before["offset"] >= before["total"]:
            dispatcher.utter_message(response="utter_no_more_products")
            return []
        with self.shop.database.reading() as session:
            found, total = page(session, before, before["offset"], self.shop.vectors)
            if not found:  # sold since
                dispatcher.utter_message(response="utter_no_more_products")
                return []
            cards, facts = cards_of(found, before), query_of(before)
            dispatcher.utter_message(response="utter_more_products", json_message=cards, **facts)
            return shown(before | {"offset": before["offset"] + PAGE, "total": total}, found)


def results_again(
    session: Session, dispatcher: CollectingDispatcher, tracker: Tracker, vectors: ProductVectors | None
) -> list[EventType] | None:
    """Show the results again from which the shopper went to look at a product; None where they did not."""
    before = tracker.slots.get("search")
    looked_at = any(event["data"].get("response") in OF_ONE_PRODUCT for event in tracker.events)
    if not before or not looked_at or not before["total"]:
        return None
    found, total = page(session, before, max(before["offset"] - PAGE, 0), vectors)
    if not found:
        return None
    cards, facts = cards_of(found, before), query_of(before)
    dispatcher.utter_message(response="utter_results_again", json_message=cards, **facts)
    return shown(before | {"total": total}, found)


class ActionProductDetails(ShopAction):
    """Tell about one product, or answer a question about it out of its listing."""

    intent = "product_details"
    asked_by: tuple[str, ...] = ("attribute",)  # slots that say what is asked about the product

    def name(self) -> str:
        return f"action_{self.intent}"

    def tell(self, dispatcher: CollectingDispatcher, product: Product, asked: Mapping[str, str]) -> None:
        _tell(dispatcher, product, asked.get("attribute", ""))

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        asked = {name: str(value) for name in self.asked_by if (value := tracker.slots.get(name))}
        events: list[EventType] = []
        with self.shop.database.reading() as session:
            for item in items_said(tracker):
                candidates = products_meant(session, tracker, item)
                if len(candidates) != 1:
                    ask_which(dispatcher, item, candidates, self.intent, asked)
                    continue
                self.tell(dispatcher, candidates[0], asked)
                events = [SlotSet("last_product_id", candidates[0].id), *put_on_screen(tracker, candidates[0])]
        return events


class ActionCheckStock(ActionProductDetails):
    """Say whether a product can be had, in the color and size asked for."""

    intent = "check_stock"
    asked_by = ("color", "size")

    def tell(self, dispatcher: CollectingDispatcher, product: Product, asked: Mapping[str, str]) -> None:
        found, variants = availability(product, asked.get("color", ""), asked.get("size", ""))
        _say_answer(dispatcher, product, found, ", ".join(asked.values()), product_card(product, variants))


def _asked(tracker: Tracker) -> dict[str, Any]:
    slots = {name: tracker.slots.get(name) for name in SLOTS}
    return {name: value for name, value in slots.items() if value not in (None, "", [])}


def search_and_show(
    session: Session, dispatcher: CollectingDispatcher, asked: Mapping[str, Any], vectors: ProductVectors | None
) -> list[EventType]:
    query = ProductQuery.from_slots(asked)
    found = search(session, query, PAGE, vectors=vectors)
    filters = (found.nearest_query or query).to_slots()
    on_page = (*found.products, *found.related)[:PAGE] or found.nearest
    _say_found(dispatcher, query, found, said_back({**asked, "query": found.query or asked.get("query")}))
    if not on_page:
        return remember(filters, 0, 0, ())
    return remember(filters, PAGE, found.total, on_page)


def _say_found(dispatcher: CollectingDispatcher, query: ProductQuery, found: Found, words: str) -> None:
    cards = cards_of(found.products or found.nearest)
    if found.total > 1:
        receipt = {
            "rule": "products_found",
            "args": [{"value": query.to_slots()}],
            "from": [["products", [], ["count"]]],
        }
        facts = {"count": Fact(f"{found.total:,}", receipt), "query": words}
        dispatcher.utter_message(response="utter_products_found", json_message=cards, **facts)
    elif found.total == 1:
        dispatcher.utter_message(response="utter_one_product_found", json_message=cards, query=words)
    elif found.nearest and found.emptied_by:
        facts = {"condition": as_said(found.emptied_by), "query": words}
        dispatcher.utter_message(response="utter_nearest_products", json_message=cards, **facts)
    else:
        dispatcher.utter_message(response="utter_no_products", query=words)
    if found.related:
        related = cards_of(found.related[: PAGE - found.total])
        dispatcher.utter_message(response="utter_related_products", json_message=related)


def _merge(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**old, **new}
    features = [*ProductQuery.from_slots(old).features, *ProductQuery.from_slots(new).features]
    if features:
        merged["feature"] = list(dict.fromkeys(features))
    low, high = merged.get("min_price"), merged.get("max_price")
    if low is not None and high is not None and float(low) > float(high):
        merged.pop("min_price" if "max_price" in new else "max_price")  # the new bound is the one that is meant
    return merged


def _beyond_screen(session: Session, direction: str, shown: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """A bound that leaves only what is cheaper, or dearer, than everything on screen."""
    prices = [referent.price_cents for referent in on_screen(session, shown) if referent.price_cents is not None]
    if not prices:
        return {"sort": "price_asc" if direction == "cheaper" else "price_desc"}
    if direction == "cheaper":
        return {"max_price": (min(prices) - 1) / 100}
    return {"min_price": (max(prices) + 1) / 100}


def _tell(dispatcher: CollectingDispatcher, product: Product, asked: str) -> None:
    if not asked:
        variants = product.variants
        facts = {"product": cell(product, "name"), "price": price_range(variants), "stock": stock_text(variants)}
        if product.rating is not None:
            facts["rating"] = out_of_five(product)
        cards = [product_card(product), *([details_card(product)] if product.attributes or product.description else [])]
        dispatcher.utter_message(response="utter_product_details", json_message={"cards": cards}, **facts)
        return
    _say_answer(dispatcher, product, answer(product, asked), asked)


def _say_answer(
    dispatcher: CollectingDispatcher, product: Product, found: Answer, asked: str, *cards: dict[str, Any]
) -> None:
    if isinstance(found, Stated):
        facts = {"product": cell(product, "name"), "attribute": found.attribute, "value": found.value}
        dispatcher.utter_message(response="utter_product_attribute", json_message={"cards": list(cards)}, **facts)
    elif isinstance(found, Quoted):
        dispatcher.utter_message(response="utter_product_quote", product=cell(product, "name"), quote=found.sentence)
    else:
        facts = {"product": cell(product, "name"), "attribute": as_said(asked[:LONGEST_QUERY])}
        dispatcher.utter_message(response="utter_attribute_unknown", **facts)
