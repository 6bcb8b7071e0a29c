"""When nothing matches: which condition emptied the result, and what comes nearest without it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assistant.search.filters import Condition
from assistant.search.ranking import any_left
from assistant.search.thing import Plan

MOST_NAMED = 3  # conditions in one sentence


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
