"""Run a plan: the products that meet its conditions, best first, and which of their variants do.

Best is: can be bought, made for whom it is asked for, fits the words and their meaning, and then what shoppers rated
well and often. How well it fits is the sum of the reciprocal ranks by text and by vector (Cormack et al. 2009).

The database gives a pool: what meets the conditions on products (`candidates`) and on variants (`matched`), in tiers
that no fitting lifts a product out of, and the place of each by its text. Of very many matched the pool has the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVarTuple

from sqlalchemy import CTE, ColumnElement, FromClause, Select, case, func, literal, null, select
from sqlalchemy.orm import Session, selectinload

from assistant.search import text
from assistant.search.filters import Condition
from assistant.search.thing import Plan
from assistant.store import Product, SearchEntry, Variant

RANK_CONSTANT = 60  # of reciprocal rank fusion, as in the paper
USUAL_RATING, USUAL_RATINGS = 4.0, 20  # a product starts as if so many shoppers had rated it so
MOST_RANKED = 500  # products ranked by their text; of more, those nearest in meaning and those rated best

Columns = TypeVarTuple("Columns")
_SORTED = ("price_asc", "price_desc", "rating", "popular")


@dataclass(frozen=True)
class Match:
    product: Product
    variants: tuple[Variant, ...]  # those that meet the conditions, where they are fewer than one can buy


def any_left(session: Session, plan: Plan, dropped: Sequence[Condition]) -> bool:
    return session.scalar(_matching(plan, dropped).limit(1)) is not None


def count(session: Session, plan: Plan) -> int:
    return session.scalar(select(func.count()).select_from(_matching(plan).subquery())) or 0


def best(
    session: Session, plan: Plan, limit: int, offset: int, dropped: Sequence[Condition] = ()
) -> tuple[tuple[Match, ...], int]:
    """One page of matches, and how many there are on all pages, which is 0 when the page lies behind the last."""
    pool = session.execute(_pool(plan, max(MOST_RANKED, offset + limit), dropped)).all()
    by_vector = {one.product_id: place for place, one in enumerate(plan.near, 1)}
    by_text = _text_places(session, plan, [number for number, *_ in pool])
    ordered = []
    for number, product_id, name, sure, rating_count, tier, _ in pool:
        places = by_text.get(number), by_vector.get(product_id)
        fit = sum(1 / (RANK_CONSTANT + place) for place in places if place)
        ordered.append((tier, -fit, -sure, -rating_count, name, product_id))
    page = [product_id for *_, product_id in sorted(ordered)[offset : offset + limit]]
    return _load(session, plan, page, dropped), pool[0].total if page else 0


def _candidates(plan: Plan, kept: Sequence[Condition], dropped: Sequence[Condition]) -> CTE:
    """A row (number, product_id) for each product that meets the conditions on products.

    Materialized, so that the tests on variants run for these products only, whatever a planner guesses."""
    tests = [condition.product for condition in kept if condition.product is not None]
    tests += [condition.instead for condition in dropped if condition.instead is not None]
    entries = select(SearchEntry.number, SearchEntry.product_id)
    return _with_products(entries, kept).where(*tests).cte("candidates").prefix_with("MATERIALIZED")


def _with_products(entries: Select[*Columns], kept: Sequence[Condition]) -> Select[*Columns]:
    """Joined to their products where a condition reads these."""
    if not any(condition.reads_product for condition in kept):
        return entries
    # An outer join, because SQLite could begin an inner one with the products, and test them all.
    return entries.outerjoin(Product, Product.id == SearchEntry.product_id)


def _matching(plan: Plan, dropped: Sequence[Condition] = ()) -> Select[int]:
    """A row (number) for each product that meets all conditions, those on variants by one of its variants."""
    kept = [condition for condition in plan.conditions if condition not in dropped]
    candidates = _candidates(plan, kept, dropped)
    matching = select(SearchEntry.number).select_from(candidates)
    matching = _with_products(matching.join(SearchEntry, SearchEntry.number == candidates.c.number), kept)
    return matching.where(_of_variants(kept).exists())


def _of_variants(kept: Sequence[Condition]) -> Select[Any]:
    """The variants of an entry that meet the conditions."""
    tests = [condition.variant for condition in kept if condition.variant is not None]
    of_entry = select(literal(1)).select_from(Variant).where(Variant.product_id == SearchEntry.product_id, *tests)
    return of_entry.correlate(SearchEntry, Product)


def _matched(plan: Plan, dropped: Sequence[Condition]) -> CTE:
    """A row for each product that meets all conditions, with what it is ordered by."""
    kept = [condition for condition in plan.conditions if condition not in dropped]
    in_stock = any(condition.slot == "in_stock" for condition in kept)
    buyable = _of_variants(kept).where(Variant.in_stock)
    price: ColumnElement[Any] = null()
    if plan.query.sort in ("price_asc", "price_desc") or _by_distance(plan, dropped):
        lowest = func.min(Variant.price_cents)
        price = func.coalesce(
            buyable.with_only_columns(lowest).scalar_subquery(),
            _of_variants(kept).with_only_columns(lowest).scalar_subquery(),
        )
    votes = SearchEntry.rating_count + USUAL_RATINGS
    rating = func.coalesce(SearchEntry.rating, USUAL_RATING) * SearchEntry.rating_count
    columns = {
        "product_id": SearchEntry.product_id,
        "name": SearchEntry.name,
        "category": SearchEntry.category,
        "audience": SearchEntry.audience,
        "rating": SearchEntry.rating,
        "rating_count": SearchEntry.rating_count,
        "sure": (rating + USUAL_RATING * USUAL_RATINGS) / votes,
        "buyable": literal(1) if in_stock else case((buyable.exists(), 1), else_=0),
        "price": price,
    }
    matched = _matching(plan, dropped).add_columns(*(column.label(name) for name, column in columns.items()))
    return matched.cte("matched").prefix_with("MATERIALIZED")


def _pool(plan: Plan, most: int, dropped: Sequence[Condition]) -> Select[Any]:
    """A row for each of the `most` matched that may come first, with its tier, 1 for the first."""
    matched = _matched(plan, dropped)
    near = case((matched.c.product_id.in_([one.product_id for one in plan.near]), 0), else_=1)
    order = [*_tiers(plan, matched, dropped), near, matched.c.sure.desc(), matched.c.rating_count.desc()]
    pool = select(matched).order_by(*order, matched.c.number).limit(most).cte("pool")
    tier = func.dense_rank().over(order_by=_tiers(plan, pool, dropped)).label("tier")
    total = select(func.count()).select_from(matched).scalar_subquery().label("total")
    told = (pool.c.number, pool.c.product_id, pool.c.name, pool.c.sure, pool.c.rating_count)
    return select(*told, tier, total)


def _text_places(session: Session, plan: Plan, numbers: Sequence[int]) -> dict[int, int]:
    """The places by text of those with these numbers that hold a word of the query, 1 for the best."""
    if not plan.ranked_by or not numbers:
        return {}
    hits = text.scores(plan.ranked_by, plan.dialect, numbers)
    place = func.rank().over(order_by=func.round(hits.c.score).desc()).label("place")
    ranks = select(hits.c.number, place).cte("text_ranks")
    wanted = select(ranks.c.number, ranks.c.place).where(text.is_one_of(ranks.c.number, numbers, plan.dialect))
    return {number: place for number, place in session.execute(wanted)}


def _tiers(plan: Plan, products: FromClause, dropped: Sequence[Condition]) -> list[Any]:
    """What comes before how well a product fits."""
    columns = products.c
    sorts: dict[str | None, list[Any]] = {
        "price_asc": [columns.price],
        "price_desc": [columns.price.desc()],
        "rating": [func.coalesce(columns.rating, 0).desc()],
        "popular": [columns.rating_count.desc()],
    }
    asked = sorts.get(plan.query.sort, [])
    if _by_distance(plan, dropped):
        asked = [_distance(plan, columns.price)]
    named = plan.audience and plan.query.query  # for "my dad, who loves camping" much serves that is not for men
    made_for = [case((columns.audience == plan.audience, 0), else_=1)] if named else []
    for_others = [case((columns.audience.in_(plan.not_asked_for), 1), else_=0)] if plan.not_asked_for else []
    of_kind = [case((columns.category.in_(plan.categories), 0), else_=1)] if plan.categories else []
    return [columns.buyable.desc(), *asked, *for_others, *of_kind, *made_for]


def _by_distance(plan: Plan, dropped: Sequence[Condition]) -> bool:
    return plan.query.sort not in _SORTED and any(condition.slot == "price" for condition in dropped)


def _distance(plan: Plan, price: ColumnElement[int]) -> ColumnElement[int]:
    """How far a price is outside the bounds that were asked for."""
    low, high = plan.query.min_cents, plan.query.max_cents
    return func.abs(price - (high if high is not None else low or 0))


def _load(session: Session, plan: Plan, ids: Sequence[str], dropped: Sequence[Condition]) -> tuple[Match, ...]:
    if not ids:
        return ()
    wanted = select(Product).where(Product.id.in_(ids)).options(selectinload(Product.variants))
    products = {product.id: product for product in session.scalars(wanted)}
    kept = [condition for condition in plan.conditions if condition not in dropped]
    tests = [condition.variant for condition in kept if condition.variant is not None]
    if not tests:
        return tuple(Match(products[id_], ()) for id_ in ids)
    meeting = select(Variant.id).join(SearchEntry, SearchEntry.product_id == Variant.product_id)
    meeting = _with_products(meeting, kept).where(Variant.product_id.in_(ids), *tests)
    met = set(session.scalars(meeting))
    return tuple(Match(products[id_], _narrowed(products[id_], met)) for id_ in ids)


def _narrowed(product: Product, met: set[str]) -> tuple[Variant, ...]:
    variants = tuple(variant for variant in product.variants if variant.id in met)
    return variants if {variant.id for variant in product.variants if variant.in_stock} - met else ()
