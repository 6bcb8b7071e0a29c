"""Which products to recommend, and why: by interest, by what was bought together, by what is popular.

The interest of a shopper is the weighted mean of the vectors of what they showed interest in, as in content-based
filtering (Lops et al. 2011). What goes together is counted from orders and ranked by the cosine of co-occurrence, as
in item-to-item collaborative filtering (Linden et al. 2003).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import ColumnElement, distinct, func, select
from sqlalchemy.orm import Session, aliased, selectinload

from assistant.recommendation.diversity import diverse
from assistant.recommendation.interests import Interest
from assistant.search.vectors import ProductVectors
from assistant.store import Order, OrderItem, Product, ProductVector, Variant
from assistant.store.product_vectors import DIMENSIONS

CANDIDATES = 80  # looked at before they are made different from each other
FEWEST_ORDERS = 2  # with both products: one basket tells nothing about another
BECAUSE = {
    "view": "because you looked at the {name}",
    "click": "because you looked at the {name}",
    "cart": "because the {name} is in your cart",
    "bought": "because you bought the {name}",
}


@dataclass(frozen=True)
class Wish:
    """What every recommendation must meet."""

    most_cents: int | None = None
    without: frozenset[str] = frozenset()  # ids of products that the shopper has or knows


@dataclass(frozen=True)
class Pick:
    product_id: str
    why: str  # reads well alone and under a card: "bought with the Lamp in 4 orders"


def for_shopper(
    session: Session, interests: Sequence[Interest], vectors: ProductVectors, wish: Wish, limit: int
) -> list[Pick]:
    """What is nearest to the interests, each told by the one it is nearest to; nothing where none has a vector."""
    known = _vectors_of(session, [one.product_id for one in interests])
    interests = [one for one in interests if one.product_id in known]
    if not interests:
        return []
    rows = np.stack([known[one.product_id] for one in interests])
    weights = np.array([one.weight for one in interests], np.float32)
    profile = weights @ rows
    profile /= np.linalg.norm(profile) or 1.0
    seen = wish.without | {one.product_id for one in interests}
    near = vectors.near(session, profile, CANDIDATES + len(seen))
    fitting = _fitting(session, [one.product_id for one in near if one.product_id not in seen], wish)
    cosines = {one.product_id: one.cosine for one in near}
    chosen = varied(session, list(fitting), [cosines[key] for key in fitting], limit)
    named = session.execute(select(Product.id, Product.name).where(Product.id.in_(known)))
    names = {key: name for key, name in named}
    vectors_of = _vectors_of(session, chosen)
    picks = []
    for key in chosen:
        nearest = interests[int(np.argmax(weights * (rows @ vectors_of[key])))]
        picks.append(Pick(key, BECAUSE[nearest.kind].format(name=names[nearest.product_id])))
    return picks


def goes_with(session: Session, product: Product, wish: Wish, limit: int) -> list[Pick]:
    """What others bought in the same order; filled up from its department with things of another kind."""
    together = _bought_with(session, product)
    fitting = _fitting(session, [key for key, _ in together], wish)
    orders = dict(together)
    picks = [
        Pick(key, f"bought with the {product.name} in {orders[key]:,} orders") for key in fitting if key != product.id
    ][:limit]
    if len(picks) < limit and product.department:
        there = wish.without | {product.id, *(pick.product_id for pick in picks)}
        others = _of_department(session, product, there, wish)
        picks += [Pick(one.id, _liked(one, f"also in {product.department}")) for one in others[: limit - len(picks)]]
    return picks


def popular(session: Session, wish: Wish, limit: int, department: str | None = None) -> list[Pick]:
    """What most shoppers rated, or where nothing is rated, ordered; in a department or anywhere."""
    inside = [Product.department == department] if department else []
    wanted = select(Product.id).where(Product.rating_count > 0, *inside).order_by(Product.rating_count.desc())
    ids = session.scalars(wanted.order_by(Product.id).limit(CANDIDATES)).all() or _most_ordered(session, inside)
    fitting = _fitting(session, ids, wish)
    relevance = [-float(place) for place in range(len(fitting))]
    chosen = varied(session, list(fitting), relevance, limit)
    where = f"popular in {department}" if department else "popular here"
    return [Pick(key, _liked(fitting[key], where)) for key in chosen]


def _most_ordered(session: Session, inside: Sequence[ColumnElement[bool]]) -> Sequence[str]:
    orders = func.count(distinct(OrderItem.order_id))
    wanted = select(Product.id).outerjoin(Product.variants).outerjoin(OrderItem, OrderItem.variant_id == Variant.id)
    wanted = wanted.where(*inside).group_by(Product.id).order_by(orders.desc(), Product.id)
    return session.scalars(wanted.limit(CANDIDATES)).all()


def varied(session: Session, ids: Sequence[str], relevance: Sequence[float], limit: int) -> list[str]:
    """The `limit` of the products that are relevant and differ from each other in what they are about."""
    known = _vectors_of(session, ids)
    nothing = np.zeros(DIMENSIONS, np.float32)
    rows = np.array([known.get(key, nothing) for key in ids], np.float32).reshape(-1, DIMENSIONS)
    return [ids[place] for place in diverse(relevance, rows, limit)]


def _bought_with(session: Session, product: Product) -> list[tuple[str, int]]:
    """(product id, orders with both), those first that are seldom bought without it."""
    mine, other = aliased(OrderItem), aliased(OrderItem)
    of_mine, of_other = aliased(Variant), aliased(Variant)
    count = func.count(distinct(other.order_id))
    together = (
        select(of_other.product_id, count)
        .select_from(mine)
        .join(of_mine, of_mine.id == mine.variant_id)
        .join(other, other.order_id == mine.order_id)
        .join(of_other, of_other.id == other.variant_id)
        .join(Order, Order.id == mine.order_id)
        .where(of_mine.product_id == product.id, of_other.product_id != product.id, Order.status != "cancelled")
        .group_by(of_other.product_id)
        .having(count >= FEWEST_ORDERS)
    )
    counts = {key: orders for key, orders in session.execute(together)}
    alone = (
        select(Variant.product_id, func.count(distinct(OrderItem.order_id)))
        .join(OrderItem.variant)
        .join(OrderItem.order)
        .where(Variant.product_id.in_(counts), Order.status != "cancelled")
        .group_by(Variant.product_id)
    )
    orders = {key: number for key, number in session.execute(alone)}
    return sorted(counts.items(), key=lambda one: (-one[1] / math.sqrt(orders[one[0]]), one[0]))


def _of_department(session: Session, product: Product, there: frozenset[str], wish: Wish) -> list[Product]:
    """Others of the department, of another category, for the same people; the nearest in meaning first."""
    wanted = select(Product.id).where(Product.department == product.department, Product.category != product.category)
    ids = session.scalars(wanted.order_by(Product.rating_count.desc(), Product.id).limit(CANDIDATES)).all()
    fitting = _fitting(session, [key for key in ids if key not in there], wish)
    alike = [one for one in fitting.values() if one.audience in (None, product.audience)]
    known = _vectors_of(session, [product.id, *(one.id for one in alike)])
    if product.id not in known:
        return alike
    nothing = np.zeros(DIMENSIONS, np.float32)
    return sorted(alike, key=lambda one: -float(known.get(one.id, nothing) @ known[product.id]))


def _fitting(session: Session, ids: Sequence[str], wish: Wish) -> dict[str, Product]:
    """Those of the products that can be bought now within the wish, in their order."""
    rows = session.scalars(select(Product).where(Product.id.in_(ids)).options(selectinload(Product.variants)))
    products: Mapping[str, Product] = {product.id: product for product in rows}
    most = math.inf if wish.most_cents is None else wish.most_cents
    return {
        key: products[key]
        for key in dict.fromkeys(ids)
        if key in products
        and key not in wish.without
        and any(variant.in_stock and variant.price_cents <= most for variant in products[key].variants)
    }


def _vectors_of(session: Session, ids: Sequence[str]) -> dict[str, np.ndarray]:
    rows = select(ProductVector.product_id, ProductVector.vector).where(ProductVector.product_id.in_(ids))
    return {key: vector for key, vector in session.execute(rows)}


def _liked(product: Product, where: str) -> str:
    if product.rating is None or not product.rating_count:
        return where
    return f"{where}, rated {product.rating:g} by {product.rating_count:,} shoppers"
