"""When nothing matches, or only what bears the name: which condition emptied the result, and what comes nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from assistant.search.filters import Condition
from assistant.search.ranking import Match, any_left, best
from assistant.search.sql import is_in
from assistant.search.thing import LEAST_ALIKE, Plan

MOST_NAMED = 3  # conditions in one sentence
MOST_RELATED = 12  # products alike in meaning that are looked at


def emptied_by(session: Session, plan: Plan) -> tuple[Condition, ...]:
    """The conditions to drop for a result: one where one is enough; empty where dropping three would not do."""
    for condition in plan.conditions:
        if any_left(session, plan, [condition]):
            return (condition,)
    dropped = list(plan.conditions)
    for condition in reversed(plan.conditions):  # take back what can be had together, the most telling first
        fewer = [other for other in dropped if other is not condition]
        if any_left(session, plan, fewer):
            dropped = fewer
    return tuple(dropped) if len(dropped) <= MOST_NAMED and any_left(session, plan, dropped) else ()


def related(
    session: Session, plan: Plan, found: Sequence[Match], limit: int, dropped: Sequence[Condition] = ()
) -> tuple[Match, ...]:
    """What is more likely meant than what was found, by meaning: nothing where the nearest of all was found, or where
    the shop has a category of that name.

    Only the words of the query give way, and what was `dropped`; price, colour, features and the like hold.
    """
    alike = [one.product_id for one in plan.near if one.cosine >= LEAST_ALIKE][:MOST_RELATED]
    if not alike or limit < 1 or plan.categories:
        return ()
    kept = [condition for condition in plan.conditions if condition.slot != "query" and condition not in dropped]
    near = Condition("", "query", is_in("e.product_id", alike))
    matches, _ = best(session, replace(plan, conditions=(*kept, near)), MOST_RELATED, 0)
    fitting = {match.product.id for match in matches}
    there = {match.product.id for match in found}
    if next((one for one in alike if one in fitting), None) in there:
        return ()
    return tuple(match for match in matches if match.product.id not in there)[:limit]
