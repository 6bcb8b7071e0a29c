"""Run a plan: the products that meet its conditions, best first, and which of their variants do.

Best is: can be bought, made for whom it is asked for, fits the words and their meaning, and then what shoppers rated
well and often. How well it fits is the sum of the reciprocal ranks by text and by vector (Cormack et al. 2009).

One statement does it, in steps: `candidates` meet the conditions on products, `matched` those on variants too, and the
`pool` are those that are ranked by their text: all of them, unless they are thousands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, Select, case, cast, func, null, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, selectinload

from assistant.search import text
from assistant.search.filters import Condition
from assistant.search.thing import Plan
from assistant.store import Product, SearchEntry, Variant

RANK_CONSTANT = 60  # of reciprocal rank fusion, as in the paper
USUAL_RATING, USUAL_RATINGS = 4.0, 20  # a product starts as if so many shoppers had rated it so
MOST_RANKED = 1_000  # products ranked by their text; of more, those nearest in meaning and those rated best

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
    matched = _matched(plan, dropped)
    pool = _pool(plan, matched, max(MOST_RANKED, offset + limit), dropped)
    total = select(func.count()).select_from(matched).scalar_subquery()
    ranked = select(pool.c.product_id, total)
    fits: list[ColumnElement[Any]] = []
    if plan.ranked_by:
        ranks = _text_ranks(plan, pool)
        ranked = ranked.outerjoin(ranks, ranks.c.number == pool.c.number)
        fits.append(func.coalesce(1.0 / (RANK_CONSTANT + ranks.c.place), 0))
    if plan.near:
        fits.append(func.coalesce(1.0 / (RANK_CONSTANT + pool.c.near), 0))
    order = [*_tiers(plan, pool, dropped), *([sum(fits[1:], fits[0]).desc()] if fits else []), *_rated(pool)]
    rows = session.execute(ranked.order_by(*order, pool.c.name, pool.c.product_id).limit(limit).offset(offset)).all()
    return _load(session, plan, [row[0] for row in rows], dropped), rows[0][1] if rows else 0


def _candidates(plan: Plan, kept: Sequence[Condition], dropped: Sequence[Condition]) -> CTE:
    """A row (number, product_id) for each product that meets the conditions on products.

    Materialized, so that the tests on variants run for these products only, whatever a planner guesses."""
    tests = [condition.product for condition in kept if condition.product is not None]
    tests += [condition.instead for condition in dropped if condition.instead is not None]
    of_entry = _with_products(select(SearchEntry.number, SearchEntry.product_id), kept)
    return of_entry.where(*tests).cte("candidates").prefix_with("MATERIALIZED")


def _with_products(entries: Select[*tuple[Any, ...]], kept: Sequence[Condition]) -> Select[*tuple[Any, ...]]:
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
    of_entry = select(Variant.id).where(Variant.product_id == SearchEntry.product_id, *_tests_on_variants(kept))
    return of_entry.correlate(SearchEntry, Product)


def _matched(plan: Plan, dropped: Sequence[Condition]) -> CTE:
    """A row for each product that meets all conditions, with what it is ordered by."""
    kept = [condition for condition in plan.conditions if condition not in dropped]
    buyable = _of_variants(kept).where(Variant.in_stock)
    price: ColumnElement[Any] = null()
    if plan.query.sort in ("price_asc", "price_desc") or _by_distance(plan, dropped):
        lowest = func.min(Variant.price_cents)
        price = func.coalesce(
            buyable.with_only_columns(lowest).scalar_subquery(),
            _of_variants(kept).with_only_columns(lowest).scalar_subquery(),
        )
    return (
        _matching(plan, dropped)
        .add_columns(
            SearchEntry.product_id,
            SearchEntry.category,
            SearchEntry.audience,
            SearchEntry.rating,
            SearchEntry.rating_count,
            SearchEntry.name,
            case((buyable.exists(), 1), else_=0).label("buyable"),
            price.label("price"),
        )
        .cte("matched")
        .prefix_with("MATERIALIZED")
    )


def _pool(plan: Plan, matched: CTE, most: int, dropped: Sequence[Condition]) -> CTE:
    """The matched that are ranked, each with its place by vector in `near`, 1 for the nearest."""
    if not plan.near:
        order = [*_tiers(plan, matched, dropped), *_rated(matched), matched.c.number]
        return select(matched).order_by(*order).limit(most).cte("pool").prefix_with("MATERIALIZED")
    near = _near(plan)
    place = near.c.place.label("near")
    order = [*_tiers(plan, matched, dropped), case((place.is_(None), 1), else_=0), *_rated(matched), matched.c.number]
    pool = select(matched, place).outerjoin(near, near.c.product_id == matched.c.product_id)
    return pool.order_by(*order).limit(most).cte("pool").prefix_with("MATERIALIZED")


def _near(plan: Plan) -> CTE:
    """(product_id, place), out of one value: so many parameters would take longer to compile than to run."""
    ids = [one.product_id for one in plan.near]
    if plan.dialect == "postgresql":
        told = func.jsonb_array_elements_text(cast(ids, JSONB)).table_valued("value", with_ordinality="place")
        told = told.render_derived()
        near = select(told.c.value.label("product_id"), told.c.place)
    else:
        told = func.json_each(json.dumps(ids)).table_valued("key", "value")
        near = select(told.c.value.label("product_id"), (told.c.key + 1).label("place"))
    return near.cte("vector_ranks").prefix_with("MATERIALIZED")


def _text_ranks(plan: Plan, pool: CTE) -> CTE:
    """(number, place), the place 1 for the best by its text."""
    hits = text.scores(plan.ranked_by, plan.dialect, pool)
    place = func.rank().over(order_by=func.round(hits.c.score).desc()).label("place")
    ranks = select(hits.c.number, place)
    if plan.dialect == "sqlite":
        # SQLite expects 25 hits, and would read all of them for each product; beside this row it expects more.
        ranks = ranks.join(func.json_each("[0]").table_valued("key"), true())
    return ranks.cte("text_ranks").prefix_with("MATERIALIZED")


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


def _rated(products: FromClause) -> list[Any]:
    rating, count = products.c.rating, products.c.rating_count
    sure = (func.coalesce(rating, USUAL_RATING) * count + USUAL_RATING * USUAL_RATINGS) / (count + USUAL_RATINGS)
    return [sure.desc(), count.desc()]


def _by_distance(plan: Plan, dropped: Sequence[Condition]) -> bool:
    return plan.query.sort not in _SORTED and any(condition.slot == "price" for condition in dropped)


def _distance(plan: Plan, price: ColumnElement[int]) -> ColumnElement[int]:
    """How far a price is outside the bounds that were asked for."""
    low, high = plan.query.min_cents, plan.query.max_cents
    return func.abs(price - (high if high is not None else low or 0))


def _tests_on_variants(conditions: Sequence[Condition]) -> Iterator[ColumnElement[bool]]:
    yield from (condition.variant for condition in conditions if condition.variant is not None)


def _load(session: Session, plan: Plan, ids: Sequence[str], dropped: Sequence[Condition]) -> tuple[Match, ...]:
    if not ids:
        return ()
    wanted = select(Product).where(Product.id.in_(ids)).options(selectinload(Product.variants))
    products = {product.id: product for product in session.scalars(wanted)}
    kept = [condition for condition in plan.conditions if condition not in dropped]
    tests = list(_tests_on_variants(kept))
    if not tests:
        return tuple(Match(products[id_], ()) for id_ in ids)
    meeting = select(Variant.id).join(SearchEntry, SearchEntry.product_id == Variant.product_id)
    meeting = _with_products(meeting, kept).where(Variant.product_id.in_(ids), *tests)
    met = set(session.scalars(meeting))
    return tuple(Match(products[id_], _narrowed(products[id_], met)) for id_ in ids)


def _narrowed(product: Product, met: set[str]) -> tuple[Variant, ...]:
    variants = tuple(variant for variant in product.variants if variant.id in met)
    return variants if {variant.id for variant in product.variants if variant.in_stock} - met else ()
