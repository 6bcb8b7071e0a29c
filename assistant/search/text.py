"""The full-text index in a query: which products hold a word, and how well they fit a handful of them.

Fields are "heading" (name, brand, category, department), "facts" (all but the description) or "all". Words come from
`words.py`: they hold no sign that either database would read as an operator.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Float,
    FromClause,
    Integer,
    Select,
    any_,
    bindparam,
    cast,
    column,
    func,
    join,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.orm import Session

from assistant.search.words import alternatives
from assistant.store import SearchEntry
from assistant.texts import fold

INDEX = table("product_search", column("rowid"), column("product_id"), column("document"))
SQLITE_FIELDS = {
    "heading": "{name brand category department} : ",
    "facts": "{name brand category department tags details} : ",
    "all": "",
}
POSTGRESQL_FIELDS = {"heading": ":AB", "facts": ":ABC", "all": ""}
# name, brand, category, department, tags, details, description; the first is product_id, which is not indexed
BM25 = "bm25(product_search, 0, 10, 6, 8, 3, 3, 2, 1)"
WEIGHTS = "{0.1, 0.3, 0.7, 1.0}"  # description, details with tags, brand with category, name
MOST_SCORED = 5_000  # products; bm25 takes a microsecond for each
STEPS = 4  # ts_rank lies within 0..1; so many steps of it count as one of bm25


def holds(words: Sequence[str], dialect: str, *, fields: str = "all") -> ColumnElement[bool]:
    """The product's text holds each of the words, or a synonym of it."""
    return _among(words, dialect, every=True, fields=fields)


def holds_any(words: Sequence[str], dialect: str) -> ColumnElement[bool]:
    return _among(words, dialect, every=False, fields="all")


def is_held(session: Session, words: Sequence[str], *, fields: str = "all") -> bool:
    """Some product's text holds each of the words, or a synonym of it."""
    matches = _matches(words, session.get_bind().dialect.name, every=True, fields=fields)
    return session.scalar(select(literal_column("1")).select_from(INDEX).where(matches).limit(1)) is not None


def scores(words: Sequence[str], dialect: str, always: Sequence[int] | None = None) -> FromClause:
    """A row (product_id, number, score) for each product that holds one of the words; higher is better.

    Where more than MOST_SCORED do, only for those with the numbers `always`. Without it there are no numbers."""
    held = _matches(words, dialect, every=False, fields="all")
    score: ColumnElement[float]
    number: Any
    if dialect == "sqlite":
        score = -literal_column(BM25, Float)
        number = cast(INDEX.c.rowid, Integer)  # cast, or SQLite would run the match once for each number asked for
    else:
        score = STEPS * func.ts_rank(literal_column(f"'{WEIGHTS}'"), INDEX.c.document, _tsquery(words, every=False))
        number = SearchEntry.number
    hit: Select[Any] = select(INDEX.c.product_id, score.label("score")).where(held)
    if always is not None:
        few = select(func.count()).select_from(INDEX).where(held).scalar_subquery() <= MOST_SCORED
        of_entry = join(INDEX, SearchEntry, SearchEntry.product_id == INDEX.c.product_id)
        numbered = select(number.label("number"), score.label("score")).where(held)
        numbered = numbered.select_from(INDEX if dialect == "sqlite" else of_entry)
        hit = numbered.where(or_(few, is_one_of(number, always, dialect)))
    # Materialized: SQLite can compute bm25 only where the index is read, not inside the grouping around it.
    return hit.cte("scores").prefix_with("MATERIALIZED")


def is_one_of(number: Any, numbers: Sequence[int], dialect: str) -> ColumnElement[bool]:
    """The numbers are one parameter: hundreds would take longer to write into a statement than to look up."""
    if dialect == "postgresql":
        matches: ColumnElement[bool] = number == any_(literal(numbers, ARRAY(Integer)))
        return matches
    told = func.json_each(json.dumps(numbers)).table_valued("value")
    found: ColumnElement[bool] = number.in_(select(told.c.value))
    return found


def _among(words: Sequence[str], dialect: str, *, every: bool, fields: str) -> ColumnElement[bool]:
    matches = _matches(words, dialect, every=every, fields=fields)
    if dialect == "postgresql":
        return SearchEntry.product_id.in_(select(INDEX.c.product_id).where(matches))
    return SearchEntry.number.in_(select(INDEX.c.rowid).where(matches))


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
