"""What the shop's pages show, read from the store: shelves, pages of product cards, one product, rows of suggestions.

A shelf is a department or, in a shop that names none, a category. Cards are the chat's own (assistant/presentation.py),
so that a price reads the same on a page and in the conversation.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, nulls_last, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from assistant.presentation import money, options_text, product_card
from assistant.recommendation import Pick, Wish, for_shopper, goes_with, interests_of, popular
from assistant.search import ProductQuery, search
from assistant.search.vectors import ProductVectors
from assistant.store import Product, Variant
from assistant.texts import fold
from intents.amounts import LEAST, MOST, prices_meant

Card = dict[str, Any]
PAGE = 24  # cards: whole rows of two, three and four
ROW = 8
MOST_CATEGORIES = 24
LAST_PAGE = 10_000  # beyond it nobody turns pages
FEW_LEFT = 5
SORTS = {
    "popular": "Most popular",
    "rating": "Best rated",
    "price_asc": "Price, low to high",
    "price_desc": "Price, high to low",
}


@dataclass(frozen=True)
class Shelf:
    slug: str
    name: str
    count: int


@dataclass(frozen=True)
class Page:
    """Cards of one page; `number` counts from 1."""

    cards: tuple[Card, ...]
    total: int
    number: int = 1
    emptied_by: str | None = None  # a search that found nothing: the condition; the cards are the nearest
    price: str = ""  # how a search understood the price

    @property
    def last(self) -> int:
        return max(1, math.ceil(self.total / PAGE))


@dataclass(frozen=True)
class Details:
    """One product's page."""

    card: Card
    shelf: Shelf | None
    description: str
    attributes: dict[str, str]
    tags: tuple[str, ...]
    versions: tuple[dict[str, Any], ...]  # of each variant: options, words for them, price, stock, what to send


def shelves(session: Session) -> tuple[Shelf, ...]:
    """All shelves, the fullest first."""
    named = _shelf_column(session)
    counts = select(named, func.count()).group_by(named)
    found: dict[str, Shelf] = {}
    for name, number in session.execute(counts.order_by(func.count().desc(), named)):
        if not name:
            continue
        slug = _slug(name)
        while slug in found:  # two names with the same letters
            slug += "-2"
        found[slug] = Shelf(slug, name, number)
    return tuple(found.values())


def count(session: Session) -> int:
    """How many products the shop has."""
    return session.scalar(select(func.count()).select_from(Product)) or 0


def categories(session: Session, shelf: Shelf) -> list[str]:
    """The kinds of things on a shelf, where it holds several."""
    if _shelf_column(session) is Product.category:
        return []
    counts = select(Product.category).where(Product.department == shelf.name, Product.category.is_not(None))
    counts = counts.group_by(Product.category).order_by(func.count().desc(), Product.category)
    found = [name for name in session.scalars(counts.limit(MOST_CATEGORIES)) if name]
    return sorted(found) if len(found) > 1 else []


def shelf_page(session: Session, shelf: Shelf | None, category: str, sort: str, number: int) -> Page:
    """A page of a shelf, or of the whole shop."""
    wanted: list[ColumnElement[bool]] = []
    if shelf is not None:
        wanted.append(_shelf_column(session) == shelf.name)
    if category:
        wanted.append(Product.category == category)
    total = session.scalar(select(func.count()).select_from(Product).where(*wanted)) or 0
    number = min(number, max(1, math.ceil(total / PAGE)))
    ids = _sorted(select(Product.id).where(*wanted), sort).limit(PAGE).offset((number - 1) * PAGE)
    return Page(tuple(cards(session, session.scalars(ids).all())), total, number)


def found_page(session: Session, words: str, number: int, vectors: ProductVectors | None) -> Page:
    """A page of what a search finds; where nothing meets the words, the nearest. "Under 50" is a price, not words."""
    prices, words = prices_meant(words)
    found = search(session, ProductQuery.from_slots({"query": words, **prices}), PAGE, (number - 1) * PAGE, vectors)
    matches = found.products or found.nearest
    shown = tuple(product_card(match.product, ()) for match in (*matches, *found.related))
    priced = next((one.product.variants[0].currency for one in matches if one.product.variants), None)
    return Page(shown[:PAGE], found.total, number, found.emptied_by, price_words(prices, priced) if priced else "")


def price_words(prices: Mapping[str, float], currency: str) -> str:
    """What was understood of the price, so that the shopper can see it: "at most $50.00"."""
    low, high = (money(round(100 * prices[name]), currency) if name in prices else "" for name in (LEAST, MOST))
    if low and high:
        return f"{low} to {high}"
    return f"at most {high}" if high else f"at least {low}" if low else ""


def details(session: Session, product_id: str) -> Details | None:
    product = session.get(Product, product_id, options=[selectinload(Product.variants)])
    if product is None:
        return None
    named = _shelf_column(session)
    name = product.category if named is Product.category else product.department
    shelf = next((one for one in shelves(session) if one.name == name), None)
    versions = tuple(_version(product, variant) for variant in product.variants)
    return Details(
        product_card(product), shelf, product.description or "", product.attributes, tuple(product.tags), versions
    )


def row_to_go_with(session: Session, product_id: str) -> list[Card]:
    product = session.get_one(Product, product_id)
    return _row(session, goes_with(session, product, Wish(), ROW // 2))


def row_for(session: Session, customer_id: str, vectors: ProductVectors | None) -> list[Card]:
    """What suits this customer, each with a line of why; nothing where too little is known."""
    interests = interests_of(session, "", customer_id)
    return _row(session, for_shopper(session, interests, vectors, Wish(), ROW)) if interests and vectors else []


def row_of_popular(session: Session) -> list[Card]:
    return _row(session, popular(session, Wish(), ROW))


def face_of(session: Session, shelf: Shelf) -> str | None:
    """The id of the product whose picture stands for a shelf: the one most shoppers rated."""
    ids = select(Product.id).where(_shelf_column(session) == shelf.name)
    return session.scalar(ids.order_by(Product.rating_count.desc(), Product.id).limit(1))


def cards(session: Session, ids: Sequence[str]) -> list[Card]:
    rows = session.scalars(select(Product).where(Product.id.in_(ids)).options(selectinload(Product.variants)))
    products = {product.id: product for product in rows}
    return [product_card(products[one]) for one in ids if one in products]


def _row(session: Session, picks: Iterable[Pick]) -> list[Card]:
    why = {pick.product_id: pick.why for pick in picks}
    return [card | {"why": why[card["id"]]} for card in cards(session, list(why))]


def _shelf_column(session: Session) -> InstrumentedAttribute[str | None]:
    named = session.scalar(select(Product.id).where(Product.department.is_not(None)).limit(1))
    return Product.department if named is not None else Product.category


def _sorted(ids: Select[str], sort: str) -> Select[str]:
    if sort in ("price_asc", "price_desc"):
        of_product = select(func.min(Variant.price_cents)).where(Variant.product_id == Product.id)
        price = func.coalesce(of_product.where(Variant.in_stock).scalar_subquery(), of_product.scalar_subquery())
        return ids.order_by(nulls_last(price.asc() if sort == "price_asc" else price.desc()), Product.id)
    if sort == "rating":
        return ids.order_by(nulls_last(Product.rating.desc()), Product.rating_count.desc(), Product.id)
    return ids.order_by(Product.rating_count.desc(), Product.id)


def _version(product: Product, variant: Variant) -> dict[str, Any]:
    """A variant for the page: what it is, what it costs, and the message that puts it into the cart."""
    said: dict[str, Any] = {"item": product.name}
    for option, value in variant.options.items():
        if option in ("color", "size", "material"):
            said[option] = value
        else:
            said.setdefault("feature", []).append(f"{option} {value}")
    left = variant.stock if variant.in_stock and variant.stock is not None and variant.stock <= FEW_LEFT else None
    return {
        "options": dict(variant.options),
        "words": options_text(variant.options) or "One version",
        "price": money(variant.price_cents, variant.currency),
        "in_stock": variant.in_stock,
        "left": left,
        "payload": f"/add_to_cart{json.dumps(said, ensure_ascii=False)}",
    }


def _slug(name: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", fold(name))) or "shelf"
