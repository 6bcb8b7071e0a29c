"""Search and show what was found; where nothing was, the nearest, and which condition emptied the result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.results import PAGE, cards_of, remember, said_back
from assistant.facts import as_said, count_of, recounted
from assistant.search import SLOTS, Found, ProductQuery, search
from assistant.search.vectors import ProductVectors
from dialogues.language import is_foreign


def said_of_search(tracker: Tracker) -> dict[str, Any]:
    """The slots of a search that the shopper filled."""
    slots = {name: tracker.slots.get(name) for name in SLOTS}
    return {name: value for name, value in slots.items() if value not in (None, "", [])}


def search_and_show(
    session: Session, dispatcher: CollectingDispatcher, asked: Mapping[str, Any], vectors: ProductVectors | None
) -> list[EventType]:
    query = ProductQuery.from_slots(asked)
    found = search(session, query, PAGE, vectors=vectors)
    filters = (found.nearest_query or query).to_slots()
    if not found.products and is_foreign(str(asked.get("query") or "")):
        dispatcher.utter_message(response="utter_english_only")
        return []
    on_page = (*found.products, *found.related)[:PAGE] or found.nearest
    words = said_back(
        {**asked, "query": found.query or asked.get("query")}, found.emptied_by if found.nearest else None
    )
    _say_found(dispatcher, query, found, words)
    if not on_page:
        return remember(filters, 0, 0, ())
    return remember(filters, PAGE, found.total, on_page)


@recounted
def products_found(session: Session, vectors: ProductVectors | None, asked: Mapping[str, Any]) -> int:
    return search(session, ProductQuery.from_slots(asked), 1, vectors=vectors).total


def _say_found(dispatcher: CollectingDispatcher, query: ProductQuery, found: Found, words: str) -> None:
    cards = cards_of(found.products or found.nearest)
    if found.total > 1:
        facts = {"count": count_of(products_found, found.total, query.to_slots()), "query": words}
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
