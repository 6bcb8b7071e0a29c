"""Find others like one product, also on a condition: "like this one but in blue", "similar but cheaper". Reads only.

The conditions stand in the message after "but" or "only": the recogniser gives the product and a highest price.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.base import ShopAction
from assistant.actions.likeness import SIMILAR, similar
from assistant.actions.measuring import bound_of, show_beyond
from assistant.actions.product_references import ask_which, items_said, products_meant, shown_as
from assistant.actions.results import PAGE, cards_of, remember
from assistant.comparatives import Comparative, comparative
from assistant.facts import as_said, told
from assistant.presentation import cell, listing, money, product_card
from assistant.product_answers import asked_for
from assistant.search import ProductQuery, search
from assistant.search.refusals import with_refusals
from assistant.search.words import colors, content_words
from assistant.store import Product
from assistant.texts import raw_words

MOST_LOOKED_AT = 50
BUT = re.compile(r"\b(?:but|only|just|though|except)\b", re.IGNORECASE)
APART = re.compile(r"\s*(?:,|\band\b|&|\bbut\b)\s*", re.IGNORECASE)
PRICED = re.compile(
    r"\b(?:under|below|over|above|less|more|max\w*|up to|at most|around|about)\b.*\d|^[$\u00a3\u20ac]?\d", re.IGNORECASE
)
POINTS = re.compile(
    r"\b(?:this|that|the)? ?(?:first|second|third|fourth|last|this|that|it)? ?(?:one|ones)\b|\bplease\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Conditions:
    comparatives: tuple[Comparative, ...] = ()
    slots: Mapping[str, Any] | None = None  # as of a search


class ActionFindSimilar(ShopAction):
    def name(self) -> str:
        return "action_find_similar"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        item = items_said(tracker)[0]
        most = ProductQuery.from_slots({"max_price": tracker.slots.get("max_price")}).max_cents
        with self.shop.database.reading() as session:
            candidates = products_meant(session, tracker, item)
            if len(candidates) != 1:
                ask_which(dispatcher, item, candidates, "find_similar", {})
                return []
            product = candidates[0]
            said = conditions_of(str(tracker.latest_message.get("text") or ""))
            if product.category and (said.comparatives or said.slots):
                return self._on_conditions(session, dispatcher, product, said, most)
            return _show_similar(session, dispatcher, product, most)

    def _on_conditions(
        self,
        session: Session,
        dispatcher: CollectingDispatcher,
        product: Product,
        said: Conditions,
        most: int | None,
    ) -> list[EventType]:
        """A search in the product's category, without the product itself."""
        filters = {"category": product.category, **(said.slots or {})}
        filters |= {"max_price": most / 100} if most is not None else {}
        bounds = [bound_of(one, [product]) for one in said.comparatives]
        for one, bound in zip(said.comparatives, bounds, strict=True):
            if bound is None:
                facts = {"attribute": asked_for(one.measure.name), "product": cell(product, "name")}
                dispatcher.utter_message(response="utter_measure_unstated", **facts)
                return [SlotSet("last_product_id", product.id)]
        known = [bound for bound in bounds if bound]
        if known:
            return show_beyond(session, dispatcher, filters, known, self.shop.vectors, [product.id])
        found = search(session, ProductQuery.from_slots(filters), MOST_LOOKED_AT, vectors=self.shop.vectors)
        others = [match for match in found.products if match.product.id != product.id]
        if not others:
            return _show_nearest(session, dispatcher, product, filters)
        cards = cards_of(others[:PAGE])
        dispatcher.utter_message(response="utter_similar_products", json_message=cards, product=cell(product, "name"))
        return remember(filters, PAGE, found.total, others[:PAGE])


def conditions_of(message: str) -> Conditions:
    """What a message adds after "but": comparisons, a color, and else what the listing must say."""
    parts = BUT.split(message, maxsplit=1)
    comparatives: list[Comparative] = []
    slots: dict[str, Any] = {}
    for part in APART.split(parts[1].strip(" .!?")) if len(parts) > 1 else ():
        if not content_words(part) and not comparative(part):
            continue
        if compares := comparative(part):
            comparatives.append(replace(compares, than="", most=False))
        elif not PRICED.search(part):
            slots = _with(slots, " ".join(POINTS.sub(" ", part).split()))
    return Conditions(tuple(comparatives), slots or None)


def _with(slots: Mapping[str, Any], said: str) -> dict[str, Any]:
    words = [word for word in raw_words(said) if word not in ("in", "a", "an", "the", "color", "colour", "one")]
    if words and words[-1] in colors() and len(words) <= 2:
        return with_refusals({**slots, "color": " ".join(words)}, said)
    return with_refusals({**slots, "feature": [*slots.get("feature", ()), said]}, said) if said else dict(slots)


def _show_nearest(
    session: Session, dispatcher: CollectingDispatcher, product: Product, filters: Mapping[str, Any]
) -> list[EventType]:
    """Nothing like it meets the conditions: say which, and show what is like it without them."""
    color, features = filters.get("color"), filters.get("feature") or []
    refused = [f"not {value}" for _, value in filters.get("refused") or ()]
    conditions = [f"in {color}"] * bool(color) + [*features, *refused]
    nearest = similar(session, product)[:PAGE]
    if not nearest:
        dispatcher.utter_message(response="utter_no_similar_products", product=cell(product, "name"))
        return [SlotSet("last_product_id", product.id)]
    facts = {"condition": as_said(listing(conditions)), "query": something_like(product)}
    cards = {"cards": [product_card(one) for one in nearest]}
    dispatcher.utter_message(response="utter_nearest_products", json_message=cards, **facts)
    return [
        SlotSet("search", {"filters": {"category": product.category}, "offset": PAGE, "total": 0, SIMILAR: product.id}),
        SlotSet("shown", [shown_as(one) for one in nearest]),
        SlotSet("last_product_id", nearest[0].id if len(nearest) == 1 else None),
    ]


@told
def something_like(product: Product) -> str:
    """Reads well after "for"."""
    return f"something like the {product.name}"


def _show_similar(
    session: Session, dispatcher: CollectingDispatcher, product: Product, most: int | None
) -> list[EventType]:
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
