"""Find the order of a task that only orders in some status allow, when the shopper does not say which.

What the shopper says of the order counts first: its number, its place, all the items named. Where that leaves several,
those in the status that the task needs are meant. Things of several orders are parted: the task goes on with the first
order, and the others follow, each as a task of its own (the task slot `later`, dialogues/manager.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select

from assistant.actions.hearing import HEARD
from assistant.actions.orders import LAST_ITEMS, ActionFindOrder, wanted
from assistant.desk.item_numbers import numbers_in, placed
from assistant.desk.item_words import described
from assistant.desk.mentions import read
from assistant.desk.parting import Part, part
from assistant.orders import ANOTHER_ORDER, choose, item_numbers
from assistant.presentation import listing
from assistant.store import Order, Variant

POINTING = re.compile(r"\b(it|that|that one|this|this one|mine|the item|the product)\b", re.IGNORECASE)
MORE_THAN_IT = re.compile(r"\b(all|every\w*|both|order|orders|them|those|these)\b", re.IGNORECASE)
SHARED = ("reason", "payment_method")  # what is said of a request holds for all its orders


class FindLikelyOrder(ActionFindOrder):
    """Like action_find_order, with the statuses that the task is about, the likeliest first."""

    statuses: tuple[str, ...]

    def answer(
        self, dispatcher: CollectingDispatcher, slots: dict[str, Any], orders: Sequence[Order]
    ) -> list[EventType]:
        events = _take(slots, self._numbers(slots, orders))
        events += _take(slots, _pointed_at(slots))
        if slots.get("in_turn"):
            _announce_next(dispatcher, slots)
            events.append(SlotSet("in_turn", None))
        if parts := self._parts(slots, orders):
            return [*events, *_one_after_the_other(dispatcher, slots, parts)]
        return [*events, *super().answer(dispatcher, slots, self.likely(slots, orders))]

    def _parts(self, slots: dict[str, Any], orders: Sequence[Order]) -> list[Part]:
        """What is asked of each order, where it is of several; one that is named holds for all."""
        if slots.get("order_id") or slots.get("position") is not None:
            return []
        wishes = slots.get("wishes") or []
        if slots.get("item") and not any(wish.get("item") for wish in wishes):
            wishes = [{**(wishes[0] if wishes else {}), "item": slots["item"]}]
        return part(wishes, orders, self.statuses)

    def _numbers(self, slots: dict[str, Any], orders: Sequence[Order]) -> dict[str, Any]:
        """The slots in which a number that was taken for an order's is put right: it is an item's, or a variant's."""
        said = str(slots.get("order_id") or "")
        wishes = [dict(wish) for wish in slots.get("wishes") or []]
        mistaken = numbers_in(said) if choose(wanted(slots), orders).no_such_id or _is_item(said, orders) else []
        if said and not mistaken:
            return {}
        numbers = [*mistaken, *numbers_in(*(wish.get("said") for wish in wishes if not wish.get("item")))]
        if not numbers:
            return {}
        bought = set().union(*(item_numbers(order) for order in orders))
        with self.shop.database.reading() as session:
            rows = session.execute(select(Variant.id, Variant.product_id).where(Variant.id.in_(numbers)))
            variants = {key: product for key, product in rows}
        about = slots.get("about") if isinstance(slots.get("about"), int) else None
        for number in sorted(dict.fromkeys(numbers), key=lambda one: one not in bought):
            if number in bought or number in mistaken:  # others in the message are read with its variant
                wishes = placed(wishes, number, about, bought, variants) or wishes
        known = any(number in bought or number in variants for number in mistaken)
        return {"wishes": wishes, **({"order_id": None} if known else {})}

    def likely(self, slots: dict[str, Any], orders: Sequence[Order]) -> Sequence[Order]:
        """The orders among which the one meant must be."""
        if slots.get("order_id") or slots.get("position") is not None:
            return orders
        choice = choose(wanted(slots), orders)
        if len(choice.orders) == 1 or choice.no_such_item:
            return choice.orders or orders
        fitting = choice.orders or orders
        by_price = _by_price(wanted(slots).items, [order for order in fitting if order.status in self.statuses])
        discussed = by_price or [order for order in choice.orders if order.id == slots.get("last_order_id")]
        if discussed and not ANOTHER_ORDER.search(slots["message"]):
            return discussed
        by_status = ([order for order in fitting if order.status == status] for status in self.statuses)
        return next(filter(None, by_status), fitting)


def _is_item(said: str, orders: Sequence[Order]) -> bool:
    return any(number in item_numbers(order) for number in numbers_in(said) for order in orders)


def _take(slots: dict[str, Any], found: dict[str, Any]) -> list[EventType]:
    """Put what was found into the slots, here and for good."""
    changed = {name: value for name, value in found.items() if slots.get(name) != value}
    slots |= changed
    return [SlotSet(name, value) for name, value in changed.items()]


def _pointed_at(slots: dict[str, Any]) -> dict[str, Any]:
    """ "Return it", after something was told of one item: that item, of the order talked about."""
    told = slots.get(LAST_ITEMS) or {}
    wishes = [dict(wish) for wish in slots.get("wishes") or []]
    if not told.get("items") or told.get("order") != slots.get("last_order_id") or len(wishes) != 1:
        return {}
    named = " ".join(map(str, wishes[0].get("item") or ()))
    said = named or str(wishes[0].get("said") or "")
    alone = not read(named).words and not read(named).code and "line" not in wishes[0]
    if slots.get("order_id") or not alone or not POINTING.search(said) or MORE_THAN_IT.search(said):
        return {}
    return {"wishes": [{**wishes[0], "item": list(told["items"])}], "order_id": told["order"]}


def _one_after_the_other(
    dispatcher: CollectingDispatcher, slots: dict[str, Any], parts: Sequence[Part]
) -> list[EventType]:
    """Say so, begin with the first, and keep the others for later."""
    lines = [f"{listing(one.items)} ({one.order.id})" if one.order else listing(one.items) for one in parts]
    dispatcher.utter_message(response="utter_in_several_orders", orders=", then ".join(lines))
    shared = {name: slots[name] for name in SHARED if slots.get(name)}
    begun, *others = ({**shared, **_slots_of(one)} for one in parts)
    order_id = begun.pop("order_id", None)
    begun |= {"item": None, "later": others, "in_turn": None, **({"order": order_id} if order_id else {})}
    return [SlotSet(name, value) for name, value in begun.items()]


def _slots_of(part: Part) -> dict[str, Any]:
    wishes = {"wishes": [{**wish, HEARD: True} for wish in part.wishes]}
    return {**wishes, "order_id": part.order.id, "in_turn": True} if part.order else wishes


def _announce_next(dispatcher: CollectingDispatcher, slots: dict[str, Any]) -> None:
    items = [str(item) for wish in slots.get("wishes") or () for item in wish.get("item") or ()]
    dispatcher.utter_message(response="utter_next_order", order_id=str(slots["order_id"]), items=listing(items))


def _by_price(items: Sequence[str], orders: Sequence[Order]) -> list[Order]:
    """The order with the dearer or the cheaper of things that stand in several orders: "the more expensive tablet"."""
    for mention in map(read, items):
        held = [(item.price_cents, order) for order in orders for item in described(mention.words, order.items)]
        if mention.words and held and (mention.cheapest or mention.dearest):
            return [(min if mention.cheapest else max)(held, key=lambda one: one[0])[1]]
    return []


class ActionFindOrderToReturn(FindLikelyOrder):
    statuses = ("delivered",)

    def name(self) -> str:
        return "action_find_order_to_return"


class ActionFindOrderToExchange(FindLikelyOrder):
    statuses = ("delivered", "pending")

    def name(self) -> str:
        return "action_find_order_to_exchange"


class ActionFindOrderToChange(FindLikelyOrder):
    statuses = ("pending", "delivered")

    def name(self) -> str:
        return "action_find_order_to_change"
