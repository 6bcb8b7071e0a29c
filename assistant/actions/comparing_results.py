"""Which results a comparison is about, and with what it compares: the product that is named, else all on screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.measuring import Bound, bound_of, bounds_kept, show_beyond
from assistant.actions.product_references import ask_which, products_meant, products_of
from assistant.actions.searching import search_and_show
from assistant.comparatives import Comparative
from assistant.measures import first_of
from assistant.presentation import cell
from assistant.product_answers import asked_for
from assistant.references import POINTING
from assistant.search import ProductQuery, search
from assistant.search.vectors import ProductVectors
from assistant.store import Product
from assistant.texts import raw_words


def compare_results(
    session: Session,
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    filters: Mapping[str, Any],
    comparatives: Sequence[Comparative],
    vectors: ProductVectors | None,
    new_search: bool = False,
) -> list[EventType]:
    """Search by the filters, and show what compares so. An order is all that a new search can ask for: nothing is
    on screen to compare with."""
    screen = [] if new_search else _on_screen(session, tracker)
    bounds: list[Bound] = []
    references: list[Product] = []
    for one in comparatives:
        references = _references(session, tracker, one, screen)
        if len(references) != 1 and one.than and not _points(one.than) and not first_of(one.than):
            ask_which(dispatcher, one.than, references, "product_details", {})
            return []
        bound = bound_of(one, references)
        if bound is None and one.measure.by_words:
            return _as_feature(session, dispatcher, filters, one, vectors)
        if bound is None:
            return _unstated(dispatcher, one, references)
        bounds.append(bound)
    if not bounds:
        return []
    measures = {bound.measure for bound in bounds}
    kept = [bound for bound in bounds_kept(filters) if bound.measure not in measures]
    filters = _wide_enough(session, filters, references, vectors)
    return show_beyond(session, dispatcher, filters, [*bounds, *kept], vectors)


def _on_screen(session: Session, tracker: Tracker) -> list[Product]:
    ids = [one["id"] for one in tracker.slots.get("shown") or () if one.get("kind") == "product"]
    return products_of(session, ids)


def _references(session: Session, tracker: Tracker, asked: Comparative, screen: list[Product]) -> list[Product]:
    if not asked.than or first_of(asked.than):
        return screen
    return products_meant(session, tracker, asked.than) or (screen if _points(asked.than) else [])


def _points(than: str) -> bool:
    """Whether the words only point: "than these", "than that"."""
    return all(word in POINTING or word in ("all", "both", "the", "of") for word in raw_words(than))


def _as_feature(
    session: Session,
    dispatcher: CollectingDispatcher,
    filters: Mapping[str, Any],
    asked: Comparative,
    vectors: ProductVectors | None,
) -> list[EventType]:
    """No listing has such a measure: "more colourful" is looked for in words."""
    features = [*ProductQuery.from_slots(filters).features, asked.measure.name]
    return search_and_show(session, dispatcher, {**filters, "feature": features}, vectors)


def _unstated(dispatcher: CollectingDispatcher, asked: Comparative, references: Sequence[Product]) -> list[EventType]:
    product = {"product": cell(references[0], "name")} if len(references) == 1 else {}
    dispatcher.utter_message(response="utter_measure_unstated", attribute=asked_for(asked.measure.name), **product)
    return []


def _wide_enough(
    session: Session, filters: Mapping[str, Any], references: Sequence[Product], vectors: ProductVectors | None
) -> Mapping[str, Any]:
    """The filters; where they find nothing but the one product that is compared with, those of its category."""
    if len(references) != 1 or not references[0].category:
        return filters
    found = search(session, ProductQuery.from_slots(filters), 2, vectors=vectors).products if filters else ()
    if {match.product.id for match in found} - {references[0].id}:
        return filters
    named = ("query", "category", "brand", "feature")
    kept = {name: value for name, value in filters.items() if name not in named}
    return {**kept, "category": references[0].category}
