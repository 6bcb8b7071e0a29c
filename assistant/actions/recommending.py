"""Recommend: gifts by recipient, occasion and budget, what goes with a product, or what suits this shopper. Reads only.

Every product shown says in one line why it is there, and the line is true of the store's rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.base import ShopAction
from assistant.actions.product_references import ask_which, items_said, products_meant
from assistant.actions.results import said_back
from assistant.actions.searching import search_and_show
from assistant.actions.suggesting import ASKS_POPULAR, MOST_PICKS, department_named, show_picks, show_popular, suggest
from assistant.presentation import cell, money
from assistant.recommendation import Pick, Wish, goes_with, varied
from assistant.search import ProductQuery, search
from assistant.search.mistyped import with_message
from assistant.search.words import audience
from assistant.store import Product

LOOKED_AT = 24  # results of a search that are made different from each other
SHOPPER = frozenset("me myself us ourselves".split())
WISHES = ("category", "recipient", "occasion", "max_price")


class ActionRecommend(ShopAction):
    def name(self) -> str:
        return "action_recommend"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        asked = {name: value for name in WISHES if (value := tracker.slots.get(name)) not in (None, "", [])}
        if str(asked.get("recipient", "")).lower() in SHOPPER:
            del asked["recipient"]
        wish = Wish(most_cents=ProductQuery.from_slots(asked).max_cents)
        with self.shop.database.reading() as session:
            if tracker.slots.get("item"):
                return self._to_go_with(session, dispatcher, tracker, wish)
            message = str(tracker.latest_message.get("text") or "")
            if ASKS_POPULAR.search(message) and set(asked) <= {"max_price", "category"}:
                department = department_named(session, f"{asked.get('category', '')} {message}")
                budget = {name: value for name, value in asked.items() if name == "max_price"}
                return show_popular(session, dispatcher, department, budget, wish, self.shop.vectors)
            if set(asked) - {"max_price"}:
                department = department_named(session, str(asked.get("category") or ""))
                if department and set(asked) <= {"category", "max_price"}:
                    return show_popular(session, dispatcher, department, asked, wish, self.shop.vectors)
                return self._for_the_occasion(session, dispatcher, with_message(asked, message))
            if department := department_named(session, message):
                return show_popular(session, dispatcher, department, asked, wish, self.shop.vectors)
            return suggest(session, dispatcher, tracker, asked, wish, self.shop.vectors)

    def _to_go_with(
        self, session: Session, dispatcher: CollectingDispatcher, tracker: Tracker, wish: Wish
    ) -> list[EventType]:
        item = items_said(tracker)[0]
        candidates = products_meant(session, tracker, item)
        if len(candidates) != 1:
            ask_which(dispatcher, item, candidates, "recommend", {})
            return []
        product = candidates[0]
        picks = goes_with(session, product, wish, MOST_PICKS)
        facts = {"product": cell(product, "name")}
        events = show_picks(session, dispatcher, picks, {}, "utter_goes_with", self.shop.vectors, **facts)
        return [*events, SlotSet("last_product_id", product.id)]

    def _for_the_occasion(
        self, session: Session, dispatcher: CollectingDispatcher, asked: Mapping[str, Any]
    ) -> list[EventType]:
        """The best results of a search, those that differ first; where nothing fits, what the search says of it."""
        query = ProductQuery.from_slots(asked)
        found = search(session, query, LOOKED_AT, vectors=self.shop.vectors).products
        if not found:
            return search_and_show(session, dispatcher, asked, self.shop.vectors)
        products = {match.product.id: match.product for match in found}
        relevance = [-float(place) for place in range(len(found))]
        chosen = varied(session, list(products), relevance, MOST_PICKS)
        picks = [Pick(key, why_it_fits(products[key], query)) for key in chosen]
        facts = {"query": said_back(asked)}
        return show_picks(session, dispatcher, picks, query.to_slots(), "utter_gift_ideas", self.shop.vectors, **facts)


def why_it_fits(product: Product, query: ProductQuery) -> str:
    """What of the wish the listing meets: "for kids, under $30, rated 4.7 by 210 shoppers"."""
    whom = audience(query.recipient)
    said = [f"for {whom}"] if whom and product.audience == whom else []
    tags = {tag.lower(): tag for tag in product.tags}
    said += [
        f'listed under "{tags[word]}"' for word in (query.occasion.lower(), query.recipient.lower()) if word in tags
    ]
    said += [f"under {money(query.max_cents).removesuffix('.00')}"] if query.max_cents is not None else []
    if product.rating is not None and product.rating_count:
        said.append(f"rated {product.rating:g} by {product.rating_count:,} shoppers")
    return ", ".join(said) or (f"from {product.department}" if product.department else "in stock")
