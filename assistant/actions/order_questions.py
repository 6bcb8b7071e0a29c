"""Answer what is asked about orders: one of them, or a sum over several. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from assistant.actions.orders import ActionFindOrder, ActionNoteOrder, ChosenOrderAction, detail_facts
from assistant.order_answers import ORDERS, SEVERAL, OrderAnswer, Question, about_order, about_orders
from assistant.presentation import order_card
from assistant.store import Order

ALL_ORDERS = "all my orders"


class ActionNoteOrders(ActionNoteOrder):
    """Keep "all my orders" in mind too, while the shopper first says who they are."""

    def name(self) -> str:
        return "action_note_orders"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        message = str(tracker.latest_message.get("text") or "")
        if not tracker.slots.get("order_id") and SEVERAL.search(message) and ORDERS.search(message):
            return [SlotSet("order_id", ALL_ORDERS)]
        return await super().run(dispatcher, tracker, domain)


class ActionFindOrdersAsked(ActionFindOrder):
    """Answer a question across orders and set `order` to False; else find the one order meant."""

    def name(self) -> str:
        return "action_find_orders_asked"

    def answer(
        self, dispatcher: CollectingDispatcher, slots: dict[str, Any], orders: Sequence[Order]
    ) -> list[EventType]:
        on_screen = [one["id"] for one in slots.get("shown") or () if one.get("kind") == "order"]
        told = about_orders(orders, _question(slots), on_screen)
        if told is None:
            several = slots.get("order_id") == ALL_ORDERS
            return super().answer(dispatcher, {**slots, "order_id": None} if several else slots, orders)
        _say(dispatcher, told)
        return [SlotSet("order", False)]


class ActionOrderDetails(ChosenOrderAction):
    """Say what was asked about the order; where that is nothing special, what it holds, cost and how it was paid."""

    def name(self) -> str:
        return "action_order_details"

    def tell(self, dispatcher: CollectingDispatcher, slots: dict[str, Any], order: Order) -> None:
        details = OrderAnswer("utter_order_details", detail_facts(order))
        *first, last = about_order(order, _question(slots)) or [details]
        for told in first:
            _say(dispatcher, told)
        _say(dispatcher, last, order)


def _question(slots: dict[str, Any]) -> Question:
    order_id = str(slots.get("order_id") or "")
    return Question(
        attribute=str(slots.get("attribute") or ""),
        items=tuple(str(item) for item in slots.get("item") or ()),
        message=f"{order_id} {slots['message']}".strip(),
    )


def _say(dispatcher: CollectingDispatcher, told: OrderAnswer, order: Order | None = None) -> None:
    cards = {"cards": [order_card(order)]} if order else None
    dispatcher.utter_message(response=told.response, json_message=cards, **told.facts)
