"""Find products, change the search, show more of it, and tell about one product. Reads only.

When nothing matched and the nearest are shown, the search kept (results.py) is the one they match.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.base import ShopAction
from assistant.actions.comparing_results import compare_results
from assistant.actions.product_references import (
    ask_which,
    items_said,
    products_meant,
    put_on_screen,
)
from assistant.actions.results import LONGEST_QUERY, PAGE, cards_of, page, query_of, shown
from assistant.actions.searching import said_of_search, search_and_show
from assistant.actions.suggesting import suggest_instead
from assistant.comparatives import comparative, taken_apart
from assistant.facts import as_said
from assistant.presentation import cell, details_card, price_range, product_card
from assistant.product_answers import Answer, Quoted, Stated, answer, availability, out_of_five, stock_text
from assistant.search import ProductQuery
from assistant.search.dropped import without_dropped
from assistant.search.mistyped import heard_beside, with_message
from assistant.search.refusals import with_refusals
from assistant.search.vectors import ProductVectors
from assistant.store import Product

BACK = re.compile(r"\b(?:back|previous|earlier|before|last page|first (?:ones|page|results|list))\b", re.IGNORECASE)
OF_ONE_PRODUCT = ("utter_product_details", "utter_product_attribute", "utter_product_quote", "utter_attribute_unknown")


class ActionSearchProducts(ShopAction):
    def name(self) -> str:
        return "action_search_products"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        message = str(tracker.latest_message.get("text") or "")
        asked = with_refusals(without_dropped(said_of_search(tracker))[0], message)
        if not ProductQuery.from_slots(asked).says_something:
            dispatcher.utter_message(response="utter_nothing_to_refine")
            return []
        with self.shop.database.reading() as session:
            if suggested := suggest_instead(session, dispatcher, tracker, asked, self.shop.vectors):
                return suggested
            asked, comparatives = taken_apart(heard_beside(session, asked, message), message)
            if comparatives:
                return compare_results(session, dispatcher, tracker, asked, comparatives, self.shop.vectors, True)
            return search_and_show(session, dispatcher, with_message(asked, message), self.shop.vectors)


class ActionShowMore(ShopAction):
    def name(self) -> str:
        return "action_show_more"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        before = tracker.slots.get("search")
        if not before:
            dispatcher.utter_message(response="utter_nothing_to_refine")
            return []
        if BACK.search(str(tracker.latest_message.get("text") or "")):
            with self.shop.database.reading() as session:
                return _page_before(session, dispatcher, tracker, before, self.shop.vectors)
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


def _page_before(
    session: Session,
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    before: Mapping[str, Any],
    vectors: ProductVectors | None,
) -> list[EventType]:
    """The results from which the shopper went to one product, or else the page before the one on screen."""
    if events := results_again(session, dispatcher, tracker, vectors):
        return events
    start = max(before["offset"] - 2 * PAGE, 0)
    found, total = page(session, before, start, vectors)
    if not found:
        dispatcher.utter_message(response="utter_nothing_to_refine")
        return []
    cards, facts = cards_of(found, before), query_of(before)
    dispatcher.utter_message(response="utter_results_again", json_message=cards, **facts)
    return shown({**before, "offset": start + PAGE, "total": total}, found)


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
                if not candidates and not asked and (compares := comparative(item)):  # "a bigger one"
                    filters = (tracker.slots.get("search") or {}).get("filters") or {}
                    return compare_results(session, dispatcher, tracker, filters, [compares], self.shop.vectors)
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
