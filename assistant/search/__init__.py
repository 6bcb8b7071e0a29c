"""Search the catalogue: a ProductQuery in, at most `limit` products out, best match first.

    found = search(session, ProductQuery.from_slots({"query": "waterproof hiking boots", "max_price": 120}), limit=4)

Every product found meets every condition. When none does, the result says which condition emptied it and holds the
nearest products instead. Start at `search`; `thing.py` reads the query's words, `filters.py` the other slots.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from assistant.presentation import listing
from assistant.search.filters import without
from assistant.search.nearest import emptied_by
from assistant.search.query import SLOTS, ProductQuery
from assistant.search.ranking import Match, best, count
from assistant.search.thing import plan

__all__ = ["SLOTS", "Found", "Match", "ProductQuery", "search"]


@dataclass(frozen=True)
class Found:
    products: tuple[Match, ...]
    total: int  # of all pages
    emptied_by: str | None = None  # set when total is 0 and one can tell: "under $40"
    nearest: tuple[Match, ...] = ()  # only with emptied_by
    nearest_query: ProductQuery | None = None  # what the nearest do match


def search(session: Session, query: ProductQuery, limit: int, offset: int = 0) -> Found:
    asked = plan(session, query)
    products, total = best(session, asked, limit, offset)
    if not total and offset:
        total = count(session, asked)
    if total:
        return Found(products, total)
    dropped = emptied_by(session, asked)
    if not dropped:
        return Found((), 0)
    for condition in dropped:
        query = without(query, condition)
    nearest, _ = best(session, asked, limit, 0, dropped)
    return Found((), 0, listing(condition.text for condition in dropped), nearest, query)
