"""Part a request for things of several orders: which order each is from.

    part(wishes, orders, ("delivered",))  ->  a Part for each order, in the order the things were named

What stands in several orders goes where most of the other things are; where that leaves a choice, the shopper is asked:
its part has no order. Nothing is parted that one order holds. Pure functions over the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.desk.item_words import fully_described
from assistant.desk.mentions import but, read, says_whole, split
from assistant.orders import Wanted, choose
from assistant.store import Order

Wish = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """What is asked of one order; of None, where it is not clear of which."""

    order: Order | None
    wishes: tuple[Wish, ...]

    @property
    def items(self) -> list[str]:
        return [item for wish in self.wishes for item in wish["item"]]


def part(wishes: Sequence[Wish], orders: Sequence[Order], statuses: Sequence[str]) -> list[Part]:
    """The request order by order, those in one of these statuses before others; nothing if it is all about one."""
    single = [one for wish in wishes for one in _one_by_one(wish, orders)]
    if len(single) < 2 or not all(_names_a_thing(wish) for wish in single):
        return []
    held = [_held_by(wish, orders, statuses) for wish in single]
    found = [holding for holding in held if holding]
    if len(found) < 2 or any(all(order in holding for holding in found) for order in orders):
        return []
    meant = _fewest(held)
    unclear = [
        Part(None, (wish,)) for wish, order, holding in zip(single, meant, held, strict=True) if holding and not order
    ]
    first = next((order for order in meant if order), None)
    if first is None:
        return []
    meant = [
        order if holding else first for order, holding in zip(meant, held, strict=True)
    ]  # no order: said of the first
    return [*(Part(order, _of(order, single, meant)) for order in dict.fromkeys(meant) if order), *unclear]


def _of(order: Order, wishes: Sequence[Wish], meant: Sequence[Order | None]) -> tuple[Wish, ...]:
    return tuple(wish for wish, one in zip(wishes, meant, strict=True) if one is order)


def _one_by_one(wish: Wish, orders: Sequence[Order]) -> list[Wish]:
    """A wish for each thing that it names: "the lamp and the rug", unless that is said of one item as a whole."""
    items = [item for order in orders for item in order.items]
    things = [
        thing
        for text in wish.get("item") or ()
        for thing in ([text] if fully_described(read(str(text)).words, items) else split(str(text)))
    ]
    return [{**wish, "item": [thing]} for thing in things] or [wish]


def _names_a_thing(wish: Wish) -> bool:
    texts = wish.get("item") or ()
    said = str(wish.get("said") or "")
    named = any(read(text).words or read(text).code for text in texts)
    return named and not but(said) and not any(says_whole(text) for text in texts)


def _held_by(wish: Wish, orders: Sequence[Order], statuses: Sequence[str]) -> list[Order]:
    """The orders that hold it as described, in the likeliest status in which any does."""
    code = read(wish["item"][0]).code
    holding = choose(Wanted(items=(code or wish["item"][0],)), orders).orders
    return [order for order in holding if order.status in statuses] or list(holding)


def _fewest(held: Sequence[Sequence[Order]]) -> list[Order | None]:
    """Each thing's order such that few are needed: the one that holds most of the things takes them first."""
    meant: list[Order | None] = [None] * len(held)
    while True:
        open_places = [place for place, order in enumerate(meant) if order is None]
        counts = {
            order.id: (sum(order in held[place] for place in open_places), order)
            for place in open_places
            for order in held[place]
        }
        most = max((count for count, _ in counts.values()), default=0)
        sure = [order for count, order in counts.values() if count == most]
        best = sure[0] if most > 1 and len(sure) == 1 else None
        decided = {place: one for place in open_places if (one := _decided(held[place], best, meant))}
        if not decided:
            return meant
        for place, order in decided.items():
            meant[place] = order


def _decided(holding: Sequence[Order], best: Order | None, meant: Sequence[Order | None]) -> Order | None:
    """The only order that holds a thing; or the best of them; or the only one that is needed anyway."""
    needed = [order for order in holding if order in meant]
    if len(holding) == 1 or best in holding:
        return holding[0] if len(holding) == 1 else best
    return needed[0] if len(needed) == 1 else None
