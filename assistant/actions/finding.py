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
        discussed = [order for order in choice.orders if order.id == slots.get("last_order_id")]
        if discussed and not ANOTHER_ORDER.search(slots["message"]):
            return discussed
        by_status = ([order for order in fitting if order.status == status] for status in self.statuses)
        return next(filter(None, by_status), fitting)


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
