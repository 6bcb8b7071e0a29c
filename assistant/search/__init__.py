"""Search the catalogue: a ProductQuery in, at most `limit` products out, best match first.

    found = search(session, ProductQuery.from_slots({"query": "waterproof hiking boots", "max_price": 120}), limit=4)

Every product found meets every condition. When none does, the result says which condition emptied it and holds the
nearest products instead. Start at `search`; `thing.py` reads the query's words, `filters.py` the other slots,
`vectors.py` tells what is alike in meaning, and `ranking.py` fuses the ranks by text and by vector.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from assistant.presentation import listing
from assistant.search.filters import without
from assistant.search.nearest import emptied_by, related
from assistant.search.query import SLOTS, ProductQuery
from assistant.search.ranking import Match, best, count
from assistant.search.thing import plan
from assistant.search.vectors import ProductVectors

__all__ = ["SLOTS", "Found", "Match", "ProductQuery", "search"]


@dataclass(frozen=True)
class Found:
    products: tuple[Match, ...]
    total: int  # of all pages
    emptied_by: str | None = None  # set when total is 0 and one can tell: "under $40"
    nearest: tuple[Match, ...] = ()  # only with emptied_by
    nearest_query: ProductQuery | None = None  # what the nearest do match
    related: tuple[Match, ...] = ()  # what is more likely meant than the few that bear the name
    query: str = ""  # the words that were searched, mistyped ones mended


def search(
    session: Session, query: ProductQuery, limit: int, offset: int = 0, vectors: ProductVectors | None = None
) -> Found:
    """Without `vectors`, a product is found and ranked by its words alone."""
    asked = plan(session, query, vectors)
    products, total = best(session, asked, limit, offset)
    if not total and offset:
        total = count(session, asked)
    if total:
        few = 0 < total < limit and not offset and not query.sort
        others = related(session, asked, products, limit - total) if few else ()
        return Found(products, total, related=others, query=asked.query.query)
    query = asked.query
    dropped = emptied_by(session, asked)
    for condition in dropped:
        query = without(query, condition)
    nearest = best(session, asked, limit, 0, dropped)[0] if dropped else ()
    nearest += related(session, asked, nearest, limit - len(nearest), dropped)
    if not nearest:
        return Found((), 0, query=asked.query.query)
    emptied = listing(condition.text for condition in dropped or asked.conditions[-1:])
    return Found((), 0, emptied, nearest, query, query=asked.query.query)
