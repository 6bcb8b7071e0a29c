"""Run a plan: the products that meet its conditions, best first, and which of their variants do.

Best is: can be bought, made for whom it is asked for, fits the words, and then what shoppers rated well and often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, selectinload

from assistant.search import text
from assistant.search.filters import Condition
from assistant.search.thing import Plan
from assistant.store import Product, Variant

USUAL_RATING, USUAL_RATINGS = 4.0, 20  # a product starts as if so many shoppers had rated it so


@dataclass(frozen=True)
class Match:
    product: Product
    variants: tuple[Variant, ...]  # those that meet the conditions, where they are fewer than one can buy


def any_left(session: Session, plan: Plan, dropped: Sequence[Condition]) -> bool:
    return session.scalar(_matching(plan, dropped).limit(1)) is not None


def count(session: Session, plan: Plan) -> int:
    return session.scalar(select(func.count()).select_from(_matching(plan).distinct().subquery())) or 0


def best(
    session: Session, plan: Plan, limit: int, offset: int, dropped: Sequence[Condition] = ()
) -> tuple[tuple[Match, ...], int]:
    """One page of matches, and how many there are on all pages, which is 0 when the page lies behind the last."""
    ranked = _matching(plan, dropped).group_by(Product.id).add_columns(func.count().over())
    score: ColumnElement[Any] = func.max(0)
    if plan.ranked_by:
        scores = text.scores(plan.ranked_by, plan.dialect)
        ranked = ranked.outerjoin(scores, scores.c.product_id == Product.id)
        score = func.round(func.coalesce(func.max(scores.c.score), 0))
    rows = session.execute(ranked.order_by(*_order(plan, score, dropped)).limit(limit).offset(offset)).all()
    return _load(session, plan, [row[0] for row in rows], dropped), rows[0][1] if rows else 0


def _matching(plan: Plan, dropped: Sequence[Condition] = ()) -> Select[str]:
    """A row (product id) for each variant that meets the conditions, with its product."""
    kept = [condition for condition in plan.conditions if condition not in dropped]
    of_product = [condition.product for condition in kept if condition.product is not None]
    of_product += [condition.instead for condition in dropped if condition.instead is not None]
    matching = select(Product.id).join(Product.variants)
    if of_product:
        # Materialized, so that the tests on variants run for these products only, whatever a planner guesses.
        candidates = select(Product.id.label("id")).where(*of_product).cte("candidates").prefix_with("MATERIALIZED")
        matching = select(Product.id).select_from(candidates).join(Product, Product.id == candidates.c.id)
        matching = matching.join(Product.variants)
    return matching.where(*(condition.variant for condition in kept if condition.variant is not None))


def _order(plan: Plan, score: ColumnElement[Any], dropped: Sequence[Condition]) -> list[Any]:
    price = func.coalesce(func.min(case((Variant.in_stock, Variant.price_cents))), func.min(Variant.price_cents))
    votes = Product.rating_count + USUAL_RATINGS
    rating = (func.coalesce(Product.rating, USUAL_RATING) * Product.rating_count + USUAL_RATING * USUAL_RATINGS) / votes
    sorts: dict[str | None, list[Any]] = {
        "price_asc": [price],
        "price_desc": [price.desc()],
        "rating": [func.coalesce(Product.rating, 0).desc()],
        "popular": [Product.rating_count.desc()],
    }
    asked = sorts.get(plan.query.sort, [])
    if not asked and any(condition.slot == "price" for condition in dropped):
        asked = [_distance(plan, price)]
    buyable = func.max(case((Variant.in_stock, 1), else_=0)).desc()
    made_for = [case((Product.audience == plan.audience, 0), else_=1)] if plan.audience else []
    of_kind = [case((Product.category.in_(plan.categories), 0), else_=1)] if plan.categories else []
    return [
        buyable,
        *asked,
        *of_kind,
        *made_for,
        score.desc(),
        rating.desc(),
        Product.rating_count.desc(),
        Product.name,
        Product.id,
    ]


def _distance(plan: Plan, price: ColumnElement[int]) -> ColumnElement[int]:
    """How far a price is outside the bounds that were asked for."""
    low, high = plan.query.min_cents, plan.query.max_cents
    return func.abs(price - (high if high is not None else low or 0))


def _load(session: Session, plan: Plan, ids: Sequence[str], dropped: Sequence[Condition]) -> tuple[Match, ...]:
    if not ids:
        return ()
    wanted = select(Product).where(Product.id.in_(ids)).options(selectinload(Product.variants))
    products = {product.id: product for product in session.scalars(wanted)}
    meeting = _matching(plan, dropped).with_only_columns(Variant.id).where(Product.id.in_(ids))
    met = set(session.scalars(meeting))
    return tuple(Match(products[id_], _narrowed(products[id_], met)) for id_ in ids)


def _narrowed(product: Product, met: set[str]) -> tuple[Variant, ...]:
    variants = tuple(variant for variant in product.variants if variant.id in met)
    return variants if {variant.id for variant in product.variants if variant.in_stock} - met else ()
