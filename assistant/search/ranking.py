"""Run a plan: the products that meet its conditions, best first, and which of their variants do.

Best is: can be bought, made for whom it is asked for, fits the words and their meaning, and then what shoppers rated
well and often. How well it fits is the sum of the reciprocal ranks by text and by vector (Cormack et al. 2009).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Select, String, case, column, func, select, values
from sqlalchemy.orm import Session, selectinload

from assistant.search import text
from assistant.search.filters import Condition
from assistant.search.thing import Plan
from assistant.store import Product, Variant

RANK_CONSTANT = 60  # of reciprocal rank fusion, as in the paper
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
    fits: list[ColumnElement[Any]] = []
    for ranks in _ranks(plan):
        ranked = ranked.outerjoin(ranks, ranks.c.product_id == Product.id)
        fits.append(func.coalesce(1.0 / (RANK_CONSTANT + func.max(ranks.c.place)), 0))
    score: ColumnElement[Any] = sum(fits[1:], fits[0]) if fits else func.max(0)
    rows = session.execute(ranked.order_by(*_order(plan, score, dropped)).limit(limit).offset(offset)).all()
    return _load(session, plan, [row[0] for row in rows], dropped), rows[0][1] if rows else 0


def _ranks(plan: Plan) -> Iterator[FromClause]:
    """Tables (product_id, place), the place 1 for the best: by the words of the text, and by what it is about."""
    if plan.ranked_by:
        hits = text.scores(plan.ranked_by, plan.dialect)
        place = func.rank().over(order_by=func.round(hits.c.score).desc()).label("place")
        yield select(hits.c.product_id, place).cte("text_ranks")
    if plan.near:
        named = values(column("product_id", String), column("place", Integer), name="near")
        yield named.data([(one.product_id, place) for place, one in enumerate(plan.near, 1)]).cte("vector_ranks")


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
    named = plan.audience and plan.query.query  # for "my dad, who loves camping" much serves that is not for men
    made_for = [case((Product.audience == plan.audience, 0), else_=1)] if named else []
    for_others = [case((Product.audience.in_(plan.not_asked_for), 1), else_=0)] if plan.not_asked_for else []
    of_kind = [case((Product.category.in_(plan.categories), 0), else_=1)] if plan.categories else []
    return [
        buyable,
        *asked,
        *for_others,
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
