"""Find the order of a task that only orders in some status allow, when the shopper does not say which.

What the shopper says of the order counts first: its number, its place, all the items named. Where that leaves several,
those in the status that the task needs are meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from assistant.actions.orders import ActionFindOrder, wanted
from assistant.desk.item_words import described
from assistant.desk.mentions import read
from assistant.orders import ANOTHER_ORDER, choose
from assistant.store import Order


class FindLikelyOrder(ActionFindOrder):
    """Like action_find_order, with the statuses that the task is about, the likeliest first."""

    statuses: tuple[str, ...]

    def answer(
        self, dispatcher: CollectingDispatcher, slots: dict[str, Any], orders: Sequence[Order]
    ) -> list[EventType]:
        return super().answer(dispatcher, slots, self.likely(slots, orders))

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
