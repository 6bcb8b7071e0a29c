"""What the query's own words ask for: the thing ("boots"), what describes it ("waterproof"), and whom it is for.

The thing has to be what a product is, not just what its text mentions: its category, or a word of its name, brand,
category or department, wherever the catalogue has any such product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from assistant.search import text
from assistant.search.filters import LONGEST_WORDS, Condition, described, filters, in_stock, made_for
from assistant.search.query import ProductQuery
from assistant.search.words import audience, content_words, key, keys, phrase
from assistant.store import Product


@dataclass(frozen=True)
class Plan:
    query: ProductQuery
    dialect: str
    conditions: tuple[Condition, ...]  # the first to give way first
    ranked_by: tuple[str, ...]  # words that make a product a better match
    categories: tuple[str, ...]  # that are what is sought; what only bears the name comes after them
    audience: str | None


def plan(session: Session, query: ProductQuery) -> Plan:
    dialect = session.get_bind().dialect.name
    asked, who = _asked(query)
    spoken = phrase(query.query or query.category)
    head = spoken.head if spoken.head in asked else next(reversed(asked), None)
    conditions = list(filters(query, dialect))
    categories: tuple[str, ...] = ()
    if head:
        thing, others, categories = _thing(session, asked, head, dialect)
        conditions += [described(asked, asked.index(word), dialect) for word in others]
        conditions += [made_for(who, dialect)] if who else []
        conditions.append(thing)
    elif who:
        conditions.append(made_for(who, dialect))
    if query.in_stock is None and any(condition.variant is not None for condition in conditions):
        conditions.insert(0, in_stock())
    return Plan(query, dialect, tuple(conditions), tuple(_ranking_words(query, asked)), categories, who)


def _asked(query: ProductQuery) -> tuple[tuple[str, ...], str | None]:
    """The words of the query less those that say whom it is for, and whom it is for."""
    words = content_words(query.query or query.category)
    for_adults = [word for word in words if audience(word) in ("women", "men")]
    who = audience(query.recipient) or (audience(for_adults[-1]) if for_adults else None)
    return tuple(word for word in words if word not in for_adults), who


def _thing(
    session: Session, asked: Sequence[str], head: str, dialect: str
) -> tuple[Condition, list[str], tuple[str, ...]]:
    """The condition on the thing itself, the words that are left to describe it, and the categories that are it."""
    categories = {
        category: keys(category) for category in session.scalars(select(Product.category).distinct()) if category
    }
    wanted = {key(word) for word in asked}
    named = [words for words in categories.values() if key(head) in words and words <= wanted]
    words = [word for word in asked if key(word) in max(named, key=len)] if named else [head]
    exact = tuple(category for category, has in categories.items() if named and has == max(named, key=len))
    others = [word for word in asked if word not in words]
    instead = text.holds_any(others, dialect) if others else None
    test: ColumnElement[bool] = text.holds(words, dialect, fields="heading")
    if named:
        # "running shoes" are also the "trail running shoes"
        inside = [category for category, has in categories.items() if has >= max(named, key=len)]
        test = or_(Product.category.in_(inside), test)
    elif not _sold(session, test):
        test = text.holds(words, dialect, fields="facts")
        if not _sold(session, test):
            instead = false() if instead is None else instead
    name = " ".join(words)
    return Condition(f'called "{name[:LONGEST_WORDS]}"', "query", test, value=name, instead=instead), others, exact


def _sold(session: Session, test: ColumnElement[bool]) -> bool:
    return session.scalar(select(Product.id).where(test).limit(1)) is not None


def _ranking_words(query: ProductQuery, asked: Sequence[str]) -> Iterator[str]:
    yield from asked
    for said in (query.category, query.occasion, query.color, query.material, *query.features):
        yield from content_words(said)
    if query.recipient and audience(query.recipient) is None:
        yield from content_words(query.recipient)
