"""The full-text index in a query: which products hold a word, and how well they fit a handful of them.

Fields are "heading" (name, brand, category, department), "facts" (all but the description) or "all". Words come from
`words.py`: they hold no sign that either database would read as an operator.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy.orm import Session

from assistant.search.sql import Sql, all_of, put, run
from assistant.search.words import alternatives
from assistant.store.product_search import as_words

SQLITE_FIELDS = {
    "heading": "{name brand category department} : ",
    "facts": "{name brand category department tags details} : ",
    "all": "",
}
POSTGRESQL_FIELDS = {"heading": ":AB", "facts": ":ABC", "all": ""}
# name, brand, category, department, tags, details, description; the first is product_id, which is not indexed
BM25 = "-bm25(product_search, 0, 10, 6, 8, 3, 3, 2, 1)"
WEIGHTS = "{{0.1, 0.3, 0.7, 1.0}}"  # description, details with tags, brand with category, name
MOST_SCORED = 1_000  # products of a shop; bm25 takes a microsecond for each
FEW = f"(SELECT count(*) FROM (SELECT 1 FROM search_entries LIMIT {MOST_SCORED + 1}) counted) <= {MOST_SCORED}"
_MATCHES = {"sqlite": "product_search MATCH ?", "postgresql": "document @@ to_tsquery('english', ?)"}
STEPS = 4  # ts_rank lies within 0..1; so many steps of it count as one of bm25


def holds(words: Sequence[str], dialect: str, *, fields: str = "all", or_categories: Sequence[str] = ()) -> Sql:
    """The product's text holds each of the words, or a synonym of it; or, on SQLite, its category the name of one of
    these, which is so for all of that category and for some others."""
    query = _query(words, dialect, every=True, fields=fields).values[0]
    phrases = "".join(f' OR {{category}} : "{as_words(category)}"' for category in or_categories)
    return Sql(_lookup(dialect), (f"({query}){phrases}" if phrases else query,))


def holds_any(words: Sequence[str], dialect: str) -> Sql:
    return Sql(_lookup(dialect), _query(words, dialect, every=False, fields="all").values)


def together(test: Sql, dialect: str) -> Sql:
    """The same test, with all that it looks up in the index looked up at once: what holds "machine" and what holds
    "washable" are many, and what holds both are few."""
    lookup = _lookup(dialect)
    held = [part for part in test.parts if part.text == lookup]
    if len(held) < 2:
        return test
    queries = (f"({query})" for part in held for query in part.values)
    at_once = Sql(lookup, ((" & " if dialect == "postgresql" else " AND ").join(queries),))
    return all_of(at_once, *(part for part in test.parts if part.text != lookup))


def is_held(session: Session, words: Sequence[str], *, fields: str = "all") -> bool:
    """Some product's text holds each of the words, or a synonym of it."""
    dialect = session.get_bind().dialect.name
    match = _match(words, dialect, every=True, fields=fields)
    # PostgreSQL would look for one in the table itself, row by row, and where none is there, through all of it
    fence = " OFFSET 0" if dialect == "postgresql" else ""
    return bool(
        run(session, put(f"SELECT 1 FROM (SELECT 1 FROM product_search WHERE {{}}{fence}) held LIMIT 1", match))
    )


def by_score(words: Sequence[str], dialect: str, most: int) -> Sql:
    """A row (id, name) for each of the products that fit the words best, the best first."""
    return put(
        "WITH hits AS MATERIALIZED (SELECT product_id, {} AS score FROM product_search WHERE {})"
        " SELECT p.id, p.name FROM hits JOIN products p ON p.id = hits.product_id"
        f" ORDER BY hits.score DESC, p.name LIMIT {most}",
        *_scored(words, dialect),
    )


def places(words: Sequence[str], dialect: str, numbers: Sequence[int]) -> Sql:
    """A row (number, place) for each entry with one of these numbers that holds one of the words; the best has place 1.

    They are counted among all that hold one, or in a shop of more than MOST_SCORED products, among those asked for."""
    score, match = _scored(words, dialect)
    # SQLite's is cast, or it would run the match once for each number asked for
    number = "number" if dialect == "postgresql" else "CAST(rowid AS INTEGER)"
    asked_for = is_one_of(number, numbers, dialect)
    scored = put(f"SELECT {number} AS number, {{}} AS score FROM product_search WHERE {{}}", score, match)
    if dialect == "postgresql":  # which plans both ways apart, and takes one; in one test it would read all that match
        scores = put(f"{{}} AND {FEW} UNION ALL {{}} AND NOT {FEW} AND {{}}", scored, scored, asked_for)
    else:
        scores = put(f"{{}} AND ({FEW} OR {{}})", scored, asked_for)
    # Materialized: SQLite can compute bm25 only where the index is read, not inside the grouping around it.
    return put(
        "WITH scores AS MATERIALIZED ({}),"
        " ranks AS (SELECT number, rank() OVER (ORDER BY round(score) DESC) AS place FROM scores)"
        " SELECT number, place FROM ranks WHERE {}",
        scores,
        is_one_of("number", numbers, dialect),
    )


def is_one_of(number: str, numbers: Sequence[int], dialect: str) -> Sql:
    """The numbers are one value: hundreds would take longer to write into a statement than to look up."""
    if dialect == "postgresql":
        return Sql(f"{number} = ANY(?)", (list(numbers),))
    return Sql(f"{number} IN (SELECT value FROM json_each(?))", (json.dumps(numbers),))


def _lookup(dialect: str) -> str:
    number, match = ("number" if dialect == "postgresql" else "rowid"), _MATCHES[dialect]
    return f"e.number IN (SELECT {number} FROM product_search WHERE {match})"


def _scored(words: Sequence[str], dialect: str) -> tuple[Sql, Sql]:
    """How well a product fits the words, and whether it holds one of them."""
    match = _match(words, dialect, every=False, fields="all")
    if dialect == "postgresql":
        query = _query(words, dialect, every=False, fields="all")
        return put(f"{STEPS} * ts_rank('{WEIGHTS}', document, to_tsquery('english', {{}}))", query), match
    return Sql(BM25), match


def _match(words: Sequence[str], dialect: str, *, every: bool, fields: str) -> Sql:
    return Sql(_MATCHES[dialect], _query(words, dialect, every=every, fields=fields).values)


def _query(words: Sequence[str], dialect: str, *, every: bool, fields: str) -> Sql:
    if dialect == "postgresql":
        joined = (" & " if every else " | ").join(
            "(" + " | ".join(f"'{form}'{POSTGRESQL_FIELDS[fields]}" for form in _forms(word)) + ")" for word in words
        )
        return Sql("?", (joined,))
    joined = (" AND " if every else " OR ").join(
        "(" + " OR ".join(f'"{form}"' for form in _forms(word)) + ")" for word in words
    )
    return Sql("?", (f"{SQLITE_FIELDS[fields]}({joined})",))


def _forms(word: str) -> list[str]:
    """The word and those that mean the same, as the index spells them."""
    return [as_words(form) for form in alternatives(word)]
