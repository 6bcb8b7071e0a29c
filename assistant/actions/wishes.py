"""The wishes of one task, "the lamp in blue, and the rug": which item of the order each is about, and corrections.

A wish is a dict in the task slot `wishes`: the shopper's words ("item", "color", "feature", "quantity", …), the whole
message in "said", then, once known, "line" (the id of an OrderItem), how many in "count", and "variant" (the id of
the variant wanted instead). Pure but for the two resolvers of assistant/desk; nothing is looked up here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.desk.items import choose_items
from assistant.desk.passages import texts_of
from assistant.store import OrderItem

Wish = dict[str, Any]
OPTIONS = ("color", "size", "material", "feature")
ANSWERS = ("item", "quantity", *OPTIONS)  # the raw slots in which a shopper answers or corrects
PRICES = {"cheaper": "the cheaper one", "pricier": "the more expensive one"}
RESOLVED = ("line", "count", "variant")
TAKES_AWAY = re.compile(r"\b(not|without|except|leave out|drop|forget|skip)\b", re.IGNORECASE)
LEAVE_OUT = re.compile(
    r"\b(not|no|without|except|but|leave out|leave|drop|remove|forget|skip|keep(ing)?|don'?t|minus)\W+"
    r"(\w+\W+){0,3}$",
    re.IGNORECASE,
)
ONLY = re.compile(r"\b(just|only|instead|rather|meant|nothing but|solely)\b", re.IGNORECASE)
WHOLE = re.compile(r"\b(everything|all|the rest)\b", re.IGNORECASE)
AS_WELL = re.compile(r"\b(also|too|as well|add|plus|additionally|both|another)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Settled:
    """The wishes as far as they are clear; and of one that is not (`about`), what is the matter with it."""

    wishes: tuple[Wish, ...]
    about: int | None = None
    unclear: tuple[OrderItem, ...] = ()  # it may be any of these
    unknown: str | None = None  # nothing like it is in the order
    too_many: OrderItem | None = None  # fewer of it were bought

    @property
    def clear(self) -> bool:
        return bool(self.wishes) and all("line" in wish for wish in self.wishes)


def said_now(slots: Mapping[str, Any]) -> Wish:
    """What the raw slots hold of an answer or a correction."""
    said = {name: value for name in ANSWERS if (value := slots.get(name)) not in (None, "", [])}
    price = PRICES.get(str(slots.get("price_direction")))
    return {**said, "feature": [*texts_of(said, "feature"), price]} if price else said


def narrows(message: str) -> bool:
    """Whether a message takes items away from what was named before."""
    return bool(ONLY.search(message) or TAKES_AWAY.search(message))


def in_this_order(wishes: Sequence[Wish], items: Sequence[OrderItem]) -> list[Wish]:
    """The wishes, those forgotten that were settled for an order corrected since."""
    ids = {item.id for item in items}
    return [wish if wish.get("line", None) in {None, *ids} else unsettled(wish) for wish in wishes]


def unsettled(wish: Wish) -> Wish:
    return {name: value for name, value in wish.items() if name not in RESOLVED}


def merged(wish: Wish, answer: Mapping[str, Any]) -> Wish:
    """The wish with more said of it: a new value replaces the old one, features add up, its variant is open again."""
    features = [*texts_of(wish, "feature"), *texts_of(answer, "feature")]
    more = {name: value for name, value in answer.items() if name != "feature"}
    found = {**wish, **more, **({"feature": features} if features else {})}
    found.pop("variant", None)
    return found


def join_bare(wishes: Sequence[Wish], about: int | None) -> list[Wish]:
    """A request that names options and no item speaks of the wish under discussion: "exchange it for a blue one"."""
    named = [wish for wish in wishes if wish.get("item") or "line" in wish]
    if not named or len(named) == len(wishes):
        return list(wishes)
    place = about if about is not None and about < len(named) else len(named) - 1
    for bare in wishes:
        if bare not in named:
            options = {name: bare[name] for name in OPTIONS if name in bare}
            named[place] = merged(named[place], options) if options else named[place]
    return named


def settle(wishes: Sequence[Wish], message: str, items: Sequence[OrderItem]) -> Settled:
    """Find the item of each wish that has none yet. A wish for several items becomes one for each of them."""
    places = [place for place, wish in enumerate(wishes) if "line" not in wish]
    if not places:
        return Settled(tuple(wishes))
    choice = choose_items([wishes[place] for place in places], message, items)
    lines: dict[int, list[Wish]] = {place: [] for place in places}
    for item, quantity, index in choice.lines:
        lines[places[index]].append({**wishes[places[index]], "line": item.id, "count": quantity})
    wrong = choice.unclear or choice.unknown or choice.too_many
    if wrong and len(apart := _one_by_one(wishes)) > len(wishes):
        return settle(apart, message, items)
    for place in places if not wrong else ():
        lines[place] = lines[place] or [{**wish, "again": True} for wish in _alone(wishes[place], items)]
    about = next((place for place in places if not lines[place]), places[-1] if wrong else None)
    if about is None:
        return Settled(tuple(_once_each(_spread(wishes, lines, None)[0])))
    spread, moved = _spread(wishes, {**lines, about: []}, about)
    unclear = choice.unclear if wrong else tuple(items)
    return Settled(tuple(spread), moved, unclear, choice.unknown, choice.too_many)


def _one_by_one(wishes: Sequence[Wish]) -> list[Wish]:
    """Each thing that is named as a wish of its own, so that one of them can be asked about and the others stay."""
    return [
        {**wish, "item": [item]} if "line" not in wish and len(wish.get("item") or ()) > 1 else wish
        for wish in wishes
        for item in (wish.get("item") if "line" not in wish else None) or [None]
    ]


def _alone(wish: Wish, items: Sequence[OrderItem]) -> list[Wish]:
    """The lines of a wish looked at by itself: it may name again what another wish has taken."""
    choice = choose_items([wish], "", items)
    return [{**wish, "line": item.id, "count": quantity} for item, quantity, _ in choice.lines]


def answered(
    wishes: Sequence[Wish], about: int, answer: Wish, message: str, candidates: Sequence[OrderItem]
) -> list[Wish]:
    """The wish that was asked about with the answer: one of the candidates if it fits, else another name for it."""
    if "line" in answer:  # picked by its place on screen
        return [*wishes[:about], merged(wishes[about], answer), *wishes[about + 1 :]]
    wish = unsettled(merged(wishes[about], answer))
    if answer.get("item") or answer.get("quantity"):
        wish["said"] = message
    among = choose_items([wish], message, candidates) if candidates else None
    if among is None or not among.lines or among.unclear or among.too_many:
        return [*wishes[:about], wish, *wishes[about + 1 :]]
    settled = [{**wish, "line": item.id, "count": quantity} for item, quantity, _ in among.lines]
    return [*wishes[:about], *settled, *wishes[about + 1 :]]


def corrected(wishes: Sequence[Wish], answer: Wish, message: str, items: Sequence[OrderItem]) -> Settled:
    """Settled wishes after "just the lamp", "not the bottle", "the rug too" or "make it two"."""
    if "item" not in answer:
        last = [*wishes[:-1], unsettled({**wishes[-1], **answer})] if wishes else []
        return settle(last, message, items)
    dropped: set[int] = set()
    named: list[Wish] = []
    for item in answer["item"]:
        found = settle([{**answer, "item": [item], "said": message, "heard": True}], "", items)
        if not found.clear:
            known = [*wishes, *(wish for wish in named if wish["line"] not in {one["line"] for one in wishes})]
            return replace(found, wishes=(*known, *found.wishes), about=len(known))
        if _left_out(item, message):
            dropped |= {wish["line"] for wish in found.wishes}
        else:
            named += found.wishes
    return Settled(tuple(_revised(wishes, dropped, named, message)))


def _revised(wishes: Sequence[Wish], dropped: set[int], named: Sequence[Wish], message: str) -> list[Wish]:
    before = {wish["line"]: wish for wish in wishes}
    kept = [wish for wish in wishes if wish["line"] not in dropped]
    if not named:
        return kept
    now = {wish["line"] for wish in named}
    if AS_WELL.search(message) and not ONLY.search(message):
        return _once_each([*kept, *named])
    if now <= before.keys() or ONLY.search(message) or WHOLE.search(message):
        return [_as_before(wish, before) for wish in named]
    return _once_each([*kept, *(wish for wish in named if wish["line"] not in before)])


def _as_before(wish: Wish, before: Mapping[int, Wish]) -> Wish:
    """What was wished of an item before stays, and how many too, unless a number was given now."""
    earlier = before.get(wish["line"], wish)
    return {**earlier, "count": wish["count"]} if "quantity" in wish else earlier


def _left_out(item: str, message: str) -> bool:
    """Whether what stands before the item in the message takes it away: "not the bottle"."""
    at = message.lower().find(item.lower())
    if at < 0:
        return False
    clause = re.split(r"[,.;!]|\b(?:and|just|only)\b", message[:at])[-1]
    return bool(LEAVE_OUT.search(f"{clause} "))


def _spread(
    wishes: Sequence[Wish], lines: Mapping[int, Sequence[Wish]], about: int | None
) -> tuple[list[Wish], int | None]:
    """The wishes, each with several lines as several; and where the one that is spoken of stands now."""
    spread: list[Wish] = []
    moved = None
    for place, wish in enumerate(wishes):
        if place == about:
            moved = len(spread)
        spread += lines.get(place) or [wish]
    return spread, moved


def _once_each(wishes: Sequence[Wish]) -> list[Wish]:
    """One wish for an item: what is said later of the same item adds to, or corrects, what was said before."""
    once: list[Wish] = []
    for wish in wishes:
        again = wish.pop("again", False)
        place = next((at for at, one in enumerate(once) if one["line"] == wish["line"]), None)
        if place is None or (not again and _clash(once[place], wish)):
            once.append(wish)
        else:
            once[place] = merged(once[place], wish)
    return once


def _clash(one: Wish, other: Wish) -> bool:
    """Whether two of the same thing are to become different: "a mug in red and a mug in blue"."""
    return any(name in one and name in other and one[name] != other[name] for name in OPTIONS if name != "feature")
