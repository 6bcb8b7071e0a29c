"""The full-text index in a query: which products hold a word, and how well they fit a handful of them.

Fields are "heading" (name, brand, category, department), "facts" (all but the description) or "all". Words come from
`words.py`: they hold no sign that either database would read as an operator.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Float, FromClause, bindparam, column, func, literal_column, select, table

from assistant.search.words import alternatives
from assistant.store import Product
from assistant.texts import fold

INDEX = table("product_search", column("product_id"), column("document"))
SQLITE_FIELDS = {
    "heading": "{name brand category department} : ",
    "facts": "{name brand category department tags details} : ",
    "all": "",
}
POSTGRESQL_FIELDS = {"heading": ":AB", "facts": ":ABC", "all": ""}
# name, brand, category, department, tags, details, description; the first is product_id, which is not indexed
BM25 = "bm25(product_search, 0, 10, 6, 8, 3, 3, 2, 1)"
WEIGHTS = "{0.1, 0.3, 0.7, 1.0}"  # description, details with tags, brand with category, name
STEPS = 4  # ts_rank lies within 0..1; so many steps of it count as one of bm25


def holds(words: Sequence[str], dialect: str, *, fields: str = "all") -> ColumnElement[bool]:
    """The product's text holds each of the words, or a synonym of it."""
    return Product.id.in_(select(INDEX.c.product_id).where(_matches(words, dialect, every=True, fields=fields)))


def holds_any(words: Sequence[str], dialect: str) -> ColumnElement[bool]:
    return Product.id.in_(select(INDEX.c.product_id).where(_matches(words, dialect, every=False, fields="all")))


def scores(words: Sequence[str], dialect: str) -> FromClause:
    """A row (product_id, score) for each product that holds one of the words; higher is better."""
    score: ColumnElement[float]
    if dialect == "sqlite":
        score = -literal_column(BM25, Float)
    else:
        score = STEPS * func.ts_rank(literal_column(f"'{WEIGHTS}'"), INDEX.c.document, _tsquery(words, every=False))
    hit = select(INDEX.c.product_id, score.label("score")).where(_matches(words, dialect, every=False, fields="all"))
    # Materialized: SQLite can compute bm25 only where the index is read, not inside the grouping around it.
    return hit.cte("scores").prefix_with("MATERIALIZED")


def _matches(words: Sequence[str], dialect: str, *, every: bool, fields: str) -> ColumnElement[bool]:
    if dialect == "postgresql":
        return INDEX.c.document.bool_op("@@")(_tsquery(words, every=every, fields=fields))
    query = (" AND " if every else " OR ").join(
        "(" + " OR ".join(f'"{form}"' for form in _forms(word)) + ")" for word in words
    )
    return literal_column("product_search").bool_op("MATCH")(bindparam(None, f"{SQLITE_FIELDS[fields]}({query})"))


def _tsquery(words: Sequence[str], *, every: bool, fields: str = "all") -> ColumnElement[str]:
    query = (" & " if every else " | ").join(
        "(" + " | ".join(f"'{form}'{POSTGRESQL_FIELDS[fields]}" for form in _forms(word)) + ")" for word in words
    )
    return func.to_tsquery("english", query)


def _forms(word: str) -> list[str]:
    """The word and those that mean the same, as the index spells them."""
    return [fold(form) for form in alternatives(word)]
