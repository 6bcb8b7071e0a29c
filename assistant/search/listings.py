"""Products as their rows have them, for measuring a search: nothing of the search is used to read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.store import Product, Variant


@dataclass(frozen=True, eq=False)
class Offer:
    """A variant."""

    options: Mapping[str, str]
    price_cents: int
    buyable: bool


@dataclass(frozen=True, eq=False)
class Listing:
    """A product with its variants, as its rows have it."""

    id: str
    name: str
    brand: str
    category: str
    department: str
    audience: str
    description: str
    attributes: Mapping[str, str]
    tags: Sequence[str]
    rating: float | None
    rating_count: int
    offers: tuple[Offer, ...]


def read_listings(session: Session) -> tuple[Listing, ...]:
    """Every product of the shop that has a variant, by id."""
    offers: dict[str, list[Offer]] = {}
    columns = (Variant.product_id, Variant.options, Variant.price_cents, Variant.available, Variant.stock)
    for product_id, options, price, available, stock in session.execute(select(*columns).order_by(Variant.id)):
        buyable = available and (stock is None or stock > 0)
        offers.setdefault(product_id, []).append(Offer(options, price, buyable))
    return tuple(
        Listing(
            id=product.id,
            name=product.name,
            brand=product.brand or "",
            category=product.category or "",
            department=product.department or "",
            audience=product.audience or "",
            description=product.description or "",
            attributes=product.attributes,
            tags=product.tags,
            rating=product.rating,
            rating_count=product.rating_count,
            offers=tuple(offers[product.id]),
        )
        for product in session.execute(select(*Product.__table__.columns).order_by(Product.id))
        if product.id in offers
    )
