"""Results on screen: what is being looked through, a page of it, and its cards.

The slot `search` holds it: {"filters": slots of the search, "offset", "total"}, and for what was not searched for, how
it came about: `similar_to` a product, or `picks`, recommendations with a line of why. `shown` is what is on screen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from sqlalchemy.orm import Session

from assistant.actions.likeness import SIMILAR, similar
from assistant.actions.product_references import products_of, shown_as
from assistant.facts import Card, as_said
from assistant.presentation import product_card
from assistant.recommendation import Pick
from assistant.search import Match, ProductQuery, search
from assistant.search.vectors import ProductVectors
from assistant.store import Product

PAGE = 4  # cards in one message
PICKS = "picks"  # in the slot `search`: [[product id, why], …], all pages of them
LONGEST_QUERY = 60  # characters of the shopper's own words that are said back


def page(
    session: Session, looked_for: Mapping[str, Any], offset: int, vectors: ProductVectors | None
) -> tuple[Sequence[Match], int]:
    """The results from this place on, and how many there are in all."""
    if PICKS in looked_for:
        picks = [product_id for product_id, _ in looked_for[PICKS]]
        return [_whole(product) for product in products_of(session, picks[offset : offset + PAGE])], len(picks)
    if SIMILAR not in looked_for:
        found = search(session, ProductQuery.from_slots(looked_for["filters"]), PAGE, offset, vectors)
        return found.products, found.total
    most = ProductQuery.from_slots(looked_for["filters"]).max_cents
    alike = [one for product in products_of(session, [looked_for[SIMILAR]]) for one in similar(session, product, most)]
    return [_whole(one) for one in alike[offset : offset + PAGE]], len(alike)


def cards_of(matches: Sequence[Match], looked_for: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A card for each; one that was recommended says why."""
    why = dict((looked_for or {}).get(PICKS) or ())
    cards = [product_card(match.product, match.variants) for match in matches]
    return {"cards": [_with_why(card, why.get(card["id"])) for card in cards]}


def _with_why(card: dict[str, Any], why: str | None) -> dict[str, Any]:
    if not why:
        return card
    return Card(card | {"why": why}, card.receipt) if isinstance(card, Card) else card | {"why": why}


def remember(filters: Mapping[str, Any], offset: int, total: int, matches: Sequence[Match]) -> list[EventType]:
    return shown({"filters": dict(filters), "offset": offset, "total": total}, matches)


def recommended(filters: Mapping[str, Any], picks: Sequence[Pick]) -> dict[str, Any]:
    """What is being looked through once the first page of the picks is on screen."""
    kept = [[pick.product_id, pick.why] for pick in picks]
    return {"filters": dict(filters), "offset": PAGE, "total": len(picks), PICKS: kept}


def shown(looked_for: Mapping[str, Any], matches: Sequence[Match]) -> list[EventType]:
    return [
        SlotSet("search", dict(looked_for)),
        SlotSet("shown", [shown_as(match.product) for match in matches]),
        SlotSet("last_product_id", matches[0].product.id if len(matches) == 1 else None),
    ]


def query_of(looked_for: Mapping[str, Any]) -> dict[str, str]:
    """The fact `query` for a reply, of results that were searched for."""
    searched = SIMILAR not in looked_for and PICKS not in looked_for
    return {"query": said_back(looked_for["filters"])} if searched else {}


def said_back(asked: Mapping[str, Any], not_in: str | None = None) -> str:
    """The shopper's own search words, or what else they asked for. Where a condition, `not_in`, emptied the search,
    with colour and material: of brown boots none under $150 is not of boots none."""
    words: list[Any] = [asked.get("query") or asked.get("category")]
    if not words[0]:
        words = [asked.get(name) for name in ("color", "material", "brand", "size", "recipient", "occasion")]
        words += [*ProductQuery.from_slots(asked).features]
    elif not_in is not None:
        words[0] = " ".join([*_described(asked, f"{not_in} {words[0]}"), str(words[0])])
    text = ", ".join(str(word) for word in words if word) or "your search"
    text = re.sub(r"\b(my|our)\b", "your", " ".join(text.split()), flags=re.IGNORECASE)
    text = re.sub(r"^(some|any)thing\b", "things", re.sub(r"^for ", "", text, flags=re.IGNORECASE), flags=re.IGNORECASE)
    return as_said(text if len(text) <= LONGEST_QUERY else text[:LONGEST_QUERY].rsplit(" ", 1)[0])


def _described(asked: Mapping[str, Any], said: str) -> list[str]:
    values = [asked.get(name) for name in ("color", "material")]
    return [value for value in values if isinstance(value, str) and value.casefold() not in said.casefold()]


def _whole(product: Product) -> Match:
    return Match(product, tuple(product.variants))
