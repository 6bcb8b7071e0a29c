"""Stock that the shop counts: taken when a variant is promised to an order, put back when it is not wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import update
from sqlalchemy.orm import Session

from assistant.desk.terms import Refused
from assistant.facts import told
from assistant.presentation import options_text
from assistant.store import Variant


@told
def variant_text(variant: Variant) -> str:
    """As in "Lamp (brass, tall)"."""
    options = options_text(variant.options)
    return f"{variant.product.name} ({options})" if options else variant.product.name


def refuse_gone(variant: Variant, quantity: int) -> None:
    """Raise Refused if so many of it cannot be bought now."""
    if not variant.in_stock or (variant.stock is not None and variant.stock < quantity):
        raise Refused("utter_variant_gone", {"item": variant_text(variant)})


def move(session: Session, moves: Iterable[tuple[Variant, int]]) -> None:
    """Take so many of each from the stock; less than none is put back. Raises Refused when there are too few by now."""
    taken: Counter[Variant] = Counter()
    for variant, quantity in moves:
        taken[variant] += quantity
    for variant in sorted(taken, key=lambda one: one.id):  # always in one order, so that two changes never deadlock
        if variant.stock is not None:
            _take(session, variant, taken[variant])


def _take(session: Session, variant: Variant, quantity: int) -> None:
    enough = (Variant.id == variant.id, Variant.stock >= quantity)
    moved = update(Variant).where(*enough).values(stock=Variant.stock - quantity)
    result = session.execute(moved, execution_options={"synchronize_session": False})
    session.refresh(variant, ["stock"])
    if result.rowcount == 0:  # type: ignore[attr-defined]
        raise Refused("utter_variant_gone", {"item": variant_text(variant)})
