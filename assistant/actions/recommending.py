"""Recommend: gifts by recipient, occasion and budget, what goes with a product, or what suits this shopper. Reads only.

Every product shown says in one line why it is there, and the line is true of the store's rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.actions.base import ShopAction
from assistant.actions.comparing import cents
from assistant.actions.product_references import ask_which, items_said, products_meant
from assistant.actions.products import search_and_show
from assistant.actions.results import cards_of, page, recommended, said_back, shown
from assistant.presentation import cell, money
from assistant.recommendation import Pick, Wish, for_shopper, goes_with, interests_of, popular, varied
from assistant.search import ProductQuery, search
from assistant.search.words import audience
from assistant.store import Product

MOST_PICKS = 12  # on all pages
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
        wish = Wish(most_cents=cents(asked.get("max_price")))
        with self.shop.database.reading() as session:
            if tracker.slots.get("item"):
                return self._to_go_with(session, dispatcher, tracker, wish)
            if set(asked) - {"max_price"}:
                return self._for_the_occasion(session, dispatcher, asked)
            return self._for_the_shopper(session, dispatcher, tracker, asked, wish)

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
        events = self._show(session, dispatcher, picks, {}, "utter_goes_with", product=cell(product, "name"))
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
        return self._show(session, dispatcher, picks, query.to_slots(), "utter_gift_ideas", query=said_back(asked))

    def _for_the_shopper(
        self,
        session: Session,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        asked: Mapping[str, Any],
        wish: Wish,
    ) -> list[EventType]:
        interests = interests_of(session, tracker.sender_id, tracker.slots.get("customer_id"))
        vectors = self.shop.vectors
        picks = for_shopper(session, interests, vectors, wish, MOST_PICKS) if interests and vectors else []
        if picks:
            return self._show(session, dispatcher, picks, asked, "utter_recommended")
        ids = [one["id"] for one in tracker.slots.get("shown") or ()]
        department = _department_of(session, ids)
        facts = {"department": cell(session.get_one(Product, ids[0]), "department")} if department else {}
        picks = popular(session, wish, MOST_PICKS, department)
        return self._show(session, dispatcher, picks, asked, "utter_popular", **facts)

    def _show(
        self,
        session: Session,
        dispatcher: CollectingDispatcher,
        picks: Sequence[Pick],
        filters: Mapping[str, Any],
        response: str,
        **facts: str,
    ) -> list[EventType]:
        if not picks:
            dispatcher.utter_message(response="utter_nothing_to_recommend")
            return []
        looked_for = recommended(filters, picks)
        matches, _ = page(session, looked_for, 0, self.shop.vectors)
        dispatcher.utter_message(response=response, json_message=cards_of(matches, looked_for), **facts)
        return shown(looked_for, matches)


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


def _department_of(session: Session, ids: Sequence[str]) -> str | None:
    """The department of what is on screen, if all of it is of one."""
    found = session.scalars(select(Product.department).where(Product.id.in_(ids)).distinct()).all()
    return found[0] if len(found) == 1 else None
