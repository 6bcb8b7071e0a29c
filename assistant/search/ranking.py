"""Run a plan: the products that meet its conditions, best first, and which of their variants do.

Best is: can be bought, made for whom it is asked for, fits the words and their meaning, and then what shoppers rated
well and often. How well it fits is the sum of the reciprocal ranks by text and by vector (Cormack et al. 2009).

The database gives a pool: what meets the conditions on products (`candidates`) and on variants (`matched`), in tiers
that no fitting lifts a product out of. Of very many matched the pool has those rated best and those nearest in meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, selectinload

from assistant.search import text
from assistant.search.filters import Condition
from assistant.search.sql import BUYABLE, TRUE, Sql, all_of, is_in, put, run, values_of
from assistant.search.thing import Plan
from assistant.store import Product, Variant

RANK_CONSTANT = 60  # of reciprocal rank fusion, as in the paper
USUAL_RATING, USUAL_RATINGS = 4.0, 20  # a product starts as if so many shoppers had rated it so
MOST_RANKED = 500  # products ranked by their text; of more, those nearest in meaning and those rated best

PRODUCTS = select(Product).where(Product.id.in_(bindparam("ids", expanding=True)))
PRODUCTS = PRODUCTS.options(selectinload(Product.variants))
SURE = (  # the rating that a product has once the usual ones are added to its own
    f"(coalesce(e.rating, {USUAL_RATING}) * e.rating_count + {USUAL_RATING * USUAL_RATINGS})"
    f" / (e.rating_count + {USUAL_RATINGS})"
)
SORTS = {
    "rating": Sql("-coalesce(e.rating, 0)"),
    "popular": Sql("-e.rating_count"),
}  # the lowest first
BY_PRICE = {"price_asc": "{}", "price_desc": "-{}"}


@dataclass(frozen=True)
class Match:
    product: Product
    variants: tuple[Variant, ...]  # those that meet the conditions, where they are fewer than one can buy


def any_left(session: Session, plan: Plan, dropped: Sequence[Condition]) -> bool:
    return bool(run(session, put("{} LIMIT 1", _matching(plan, dropped))))


def count(session: Session, plan: Plan) -> int:
    found: int = run(session, put("SELECT count(*) FROM ({}) matching", _matching(plan, ())))[0][0]
    return found


def best(
    session: Session, plan: Plan, limit: int, offset: int, dropped: Sequence[Condition] = ()
) -> tuple[tuple[Match, ...], int]:
    """One page of matches, and how many there are on all pages, which is 0 when the page lies behind the last."""
    pool = run(session, _pool(plan, dropped, max(MOST_RANKED, offset + limit)))
    by_vector = {one.product_id: place for place, one in enumerate(plan.near, 1)}
    by_text = _text_places(session, plan, [row.number for row in pool])
    ordered = []
    for _, number, product_id, name, sure, rating_count, *tiers in pool:
        places = by_text.get(number), by_vector.get(product_id)
        fit = sum(1 / (RANK_CONSTANT + place) for place in places if place)
        ordered.append((tiers, -fit, -sure, -rating_count, name, product_id))
    page = [product_id for *_, product_id in sorted(ordered)[offset : offset + limit]]
    return _load(session, plan, page, dropped), pool[0].total if page else 0


def _pool(plan: Plan, dropped: Sequence[Condition], most: int) -> Sql:
    """A row for each of the `most` matched that may come first: (total, number, product_id, name, sure, rating_count),
    and then its tiers, of which the lowest comes first."""
    kept = _kept(plan, dropped)
    tests, in_stock = _variant_tests(kept), any(condition.slot == "in_stock" for condition in kept)
    tiers = _tiers(plan, tests, dropped)
    columns = {
        "number": Sql("e.number"),
        "buyable": Sql("1") if in_stock else _is_buyable(tests),
        **{f"tier_{place}": tier for place, tier in enumerate(tiers)},
        "near": put("CASE WHEN {} THEN 0 ELSE 1 END", is_in("e.product_id", [one.product_id for one in plan.near])),
        "sure": Sql(SURE),
        "rating_count": Sql("e.rating_count"),
    }
    order = ", ".join(["-buyable", *(f"tier_{place}" for place in range(len(tiers)))])
    told = Sql(", ".join(f"{column.text} AS {name}" for name, column in columns.items()), values_of(columns.values()))
    return put(
        "WITH matched AS MATERIALIZED ({}), pool AS MATERIALIZED (SELECT * FROM matched WHERE buyable IS NOT NULL"
        f" ORDER BY {order}, near, sure DESC, rating_count DESC, number LIMIT {most})"
        " SELECT (SELECT count(*) FROM matched WHERE buyable IS NOT NULL) AS total, pool.number, e.product_id, e.name,"
        f" sure, pool.rating_count, {order}"
        " FROM pool JOIN search_entries e ON e.number = pool.number",
        _entries(plan, dropped, told, _has_variant(tests) if in_stock else TRUE),
    )


def _matching(plan: Plan, dropped: Sequence[Condition]) -> Sql:
    """A row (number) for each product that meets all conditions, those on variants by one of its variants."""
    return _entries(plan, dropped, Sql("e.number"), _has_variant(_variant_tests(_kept(plan, dropped))))


def _kept(plan: Plan, dropped: Sequence[Condition]) -> list[Condition]:
    return [condition for condition in plan.conditions if condition not in dropped]


def _entries(plan: Plan, dropped: Sequence[Condition], columns: Sql, where: Sql) -> Sql:
    """The columns of each entry that meets the conditions on products, and `where`, which reads variants.

    SQLite reads variants last. PostgreSQL's planner does not know what a regular expression costs, so what is left to
    read variants for is written down first."""
    kept = _kept(plan, dropped)
    tests = [condition.product for condition in kept if condition.product is not None]
    tests += [condition.instead for condition in dropped if condition.instead is not None]
    if plan.dialect != "postgresql":
        joined = _products([*tests, columns, where])
        met = text.together(all_of(*reversed(tests), where), plan.dialect)
        return put(f"SELECT {{}} FROM search_entries e{joined} WHERE {{}}", columns, met)
    return put(
        f"WITH candidates AS MATERIALIZED (SELECT e.* FROM search_entries e{_products(tests)} WHERE {{}})"
        f" SELECT {{}} FROM candidates e{_products([columns, where])} WHERE {{}}",
        *(text.together(all_of(*tests), plan.dialect), columns, where),
    )


def _variant_tests(kept: Sequence[Condition]) -> list[Sql]:
    return [condition.variant for condition in kept if condition.variant is not None]


def _products(tests: Sequence[Sql]) -> str:
    """Joined where a test reads the product's own row. By an outer join: SQLite could begin an inner one with the
    products, and test them all."""
    read = any(" p." in test.text or "(p." in test.text for test in tests)
    return " LEFT JOIN products p ON p.id = e.product_id" if read else ""


def _of_variants(columns: str, tests: Sequence[Sql]) -> Sql:
    """The variants of an entry that meet the conditions."""
    return put(f"SELECT {columns} FROM variants v WHERE v.product_id = e.product_id AND {{}}", all_of(*tests))


def _has_variant(tests: Sequence[Sql]) -> Sql:
    return put("EXISTS ({})", _of_variants("1", tests))


def _is_buyable(tests: Sequence[Sql]) -> Sql:
    """1 where a variant that meets the conditions can be bought, 0 where none can, NULL where there is none."""
    return put("({})", _of_variants(f"max(CASE WHEN {BUYABLE} THEN 1 ELSE 0 END)", tests))


def _lowest_price(tests: Sequence[Sql]) -> Sql:
    """Of what can be bought, or else of what cannot."""
    if Sql(BUYABLE) in tests:
        return put("({})", _of_variants("min(v.price_cents)", tests))
    lowest = _of_variants("min(v.price_cents)", [*tests, Sql(BUYABLE)]), _of_variants("min(v.price_cents)", tests)
    return put("coalesce(({}), ({}))", *lowest)


def _text_places(session: Session, plan: Plan, numbers: Sequence[int]) -> dict[int, int]:
    """The places by text of those with these numbers that hold a word of the query, 1 for the best."""
    if not plan.ranked_by or not numbers:
        return {}
    return {number: place for number, place in run(session, text.places(plan.ranked_by, plan.dialect, numbers))}


def _tiers(plan: Plan, tests: Sequence[Sql], dropped: Sequence[Condition]) -> list[Sql]:
    """What comes before how well a product fits, the lowest first."""
    asked = [SORTS[plan.query.sort]] if plan.query.sort in SORTS else []
    if plan.query.sort in BY_PRICE:
        asked = [put(BY_PRICE[plan.query.sort], _lowest_price(tests))]
    if _by_distance(plan, dropped):
        low, high = plan.query.min_cents, plan.query.max_cents
        bound = Sql("?", (high if high is not None else low or 0,))
        asked = [put("abs({} - {})", _lowest_price(tests), bound)]
    named = plan.audience and plan.query.query  # for "my dad, who loves camping" much serves that is not for men
    made_for = [Sql("CASE WHEN e.audience = ? THEN 0 ELSE 1 END", (plan.audience,))] if named else []
    others, kinds = is_in("e.audience", plan.not_asked_for), is_in("e.category", plan.categories)
    for_others = [put("CASE WHEN {} THEN 1 ELSE 0 END", others)] if plan.not_asked_for else []
    of_kind = [put("CASE WHEN {} THEN 0 ELSE 1 END", kinds)] if plan.categories else []
    return [*asked, *for_others, *of_kind, *made_for]


def _by_distance(plan: Plan, dropped: Sequence[Condition]) -> bool:
    """Where a price was asked for that nothing has, what is next to it comes first."""
    return plan.query.sort not in (*SORTS, *BY_PRICE) and any(condition.slot == "price" for condition in dropped)


def _load(session: Session, plan: Plan, ids: Sequence[str], dropped: Sequence[Condition]) -> tuple[Match, ...]:
    if not ids:
        return ()
    products = {product.id: product for product in session.scalars(PRODUCTS, {"ids": ids})}
    tests = _variant_tests(_kept(plan, dropped))
    if not tests:
        return tuple(Match(products[id_], ()) for id_ in ids)
    meeting = put(
        "SELECT v.id FROM variants v JOIN search_entries e ON e.product_id = v.product_id"
        f"{_products(tests)} WHERE {{}}",
        all_of(is_in("v.product_id", ids), *tests),
    )
    met = {id_ for (id_,) in run(session, meeting)}
    return tuple(Match(products[id_], _narrowed(products[id_], met)) for id_ in ids)


def _narrowed(product: Product, met: set[str]) -> tuple[Variant, ...]:
    variants = tuple(variant for variant in product.variants if variant.id in met)
    return variants if {variant.id for variant in product.variants if variant.in_stock} - met else ()
