"""Suggest products that were not searched for: what suits this shopper, or what is popular in a department or anywhere.

Shared by recommending and by a search that names nothing but "best sellers". Every pick says in one line why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.actions.results import cards_of, page, recommended, shown
from assistant.presentation import cell
from assistant.recommendation import Pick, Wish, for_shopper, interests_of, popular
from assistant.search import ProductQuery
from assistant.search.known import known
from assistant.search.vectors import ProductVectors
from assistant.search.words import keys
from assistant.store import Product
from assistant.texts import raw_words

MOST_PICKS = 12  # on all pages
POPULAR = keys(
    "popular popularity bestseller bestsellers best seller sellers selling sell sold trending trend trends hot hottest "
    "hit hits top favourite favourites favorite favorites fashionable loved everyone everybody people buy buying most"
)  # what shoppers call it
ASKS_POPULAR = re.compile(r"\b(?:popular\w*|best[ -]?sell\w*|trend\w*)\b", re.IGNORECASE)
WHOLE_SHOP = frozenset("your you shop store site here overall everyone everybody people whole".split())


def show_picks(
    session: Session,
    dispatcher: CollectingDispatcher,
    picks: Sequence[Pick],
    filters: Mapping[str, Any],
    response: str,
    vectors: ProductVectors | None,
    **facts: str,
) -> list[EventType]:
    if not picks:
        dispatcher.utter_message(response="utter_nothing_to_recommend")
        return []
    looked_for = recommended(filters, picks)
    matches, _ = page(session, looked_for, 0, vectors)
    dispatcher.utter_message(response=response, json_message=cards_of(matches, looked_for), **facts)
    return shown(looked_for, matches)


def show_popular(
    session: Session,
    dispatcher: CollectingDispatcher,
    department: str | None,
    asked: Mapping[str, Any],
    wish: Wish,
    vectors: ProductVectors | None,
) -> list[EventType]:
    """What is popular; the search that is kept is of the department, so that "under 30" goes on with it."""
    picks = popular(session, wish, MOST_PICKS, department)
    filters = {**asked, "category": department} if department else asked
    in_it = session.get_one(Product, picks[0].product_id) if picks and department else None
    facts = {"department": cell(in_it, "department")} if in_it else {}
    return show_picks(session, dispatcher, picks, filters, "utter_popular", vectors, **facts)


def suggest(
    session: Session,
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    asked: Mapping[str, Any],
    wish: Wish,
    vectors: ProductVectors | None,
) -> list[EventType]:
    """What is near to what this shopper bought, carted and looked at; where nothing is known, what is popular."""
    interests = interests_of(session, tracker.sender_id, tracker.slots.get("customer_id"))
    picks = for_shopper(session, interests, vectors, wish, MOST_PICKS) if interests and vectors else []
    if picks:
        return show_picks(session, dispatcher, picks, asked, "utter_recommended", vectors)
    department = _department_of(session, [one["id"] for one in tracker.slots.get("shown") or ()])
    return show_popular(session, dispatcher, department, asked, wish, vectors)


def suggest_instead(
    session: Session,
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    asked: Mapping[str, Any],
    vectors: ProductVectors | None,
) -> list[EventType]:
    """What is popular, or suits the shopper, where a search names nothing else; empty where it names a thing."""
    message = str(tracker.latest_message.get("text") or "")
    wish = Wish(most_cents=ProductQuery.from_slots(asked).max_cents)
    budget = {"max_price": asked["max_price"]} if "max_price" in asked else {}
    if asks_what_is_popular(session, asked):
        words = f"{asked.get('query', '')} {asked.get('category', '')} {message}"
        department = department_named(session, words)
        on_screen = tracker.slots.get("search") and not department
        if on_screen and not WHOLE_SHOP & set(raw_words(message)):
            return []  # the results on screen are to be sorted so
        return show_popular(session, dispatcher, department, budget, wish, vectors)
    if set(asked) == {"query"} and not keys(str(asked["query"])):  # "anything for me?"
        return suggest(session, dispatcher, tracker, budget, wish, vectors)
    return []


def department_named(session: Session, words: str) -> str | None:
    """The department all of whose words are said; the one with the most words where several are."""
    said = keys(words)
    named = [(len(has), name) for name, has in known(session).departments.items() if has and has <= said]
    return max(named)[1] if named else None


def asks_what_is_popular(session: Session, asked: Mapping[str, Any]) -> bool:
    """Whether a search names nothing but popularity, and perhaps a department: "best sellers in electronics"."""
    said = keys(" ".join(str(asked.get(name) or "") for name in ("query", "category")))
    department = department_named(session, " ".join(map(str, (asked.get("query"), asked.get("category")))))
    rest = said - POPULAR - (known(session).departments[department] if department else frozenset())
    popularity = asked.get("sort") == "popular" or bool(said & POPULAR)
    return popularity and not rest and not set(asked) - {"query", "category", "sort", "max_price", "in_stock"}


def _department_of(session: Session, ids: Sequence[str]) -> str | None:
    """The department of what is on screen, if all of it is of one."""
    found = session.scalars(select(Product.department).where(Product.id.in_(ids)).distinct()).all()
    return found[0] if len(found) == 1 else None
