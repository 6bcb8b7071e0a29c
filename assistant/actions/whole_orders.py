"""Say, before a cancellation, that it takes whole orders, where the shopper spoke of a part: "cancel just the boot".

Pure but for the action; whether a part is meant is read from the words, since a cancellation names no items.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from assistant.actions.asking import item_names
from assistant.actions.changing import IMPOSSIBLE
from assistant.actions.orders import OrderAction
from assistant.actions.pending import KEEPS, chosen_ids, orders_text
from assistant.desk.item_words import names_item
from assistant.store import Order, OrderItem

FROM_ORDER = re.compile(  # where a thing is, not what is to be cancelled
    r"\b(?:from|in|of|off|on|out of)\b (?:(?:my|the|this|that|our|same|pending|last|latest) )*(?:order|purchase)\b"
    r"(?: (?:number )?#?[a-z]?\d+)?|\b(?:from|in|of|off|out of) (?:order )?#?[a-z]?\d{5,}\b",
    re.IGNORECASE,
)
WHOLE = re.compile(
    r"\b(orders?|purchase|everything|all|entire|whole|complete\w*)\b|#?\bw\d{5,}\b"
    r"|\bones? (with|that|which|containing|holding|for)\b",
    re.IGNORECASE,
)
PART = re.compile(
    r"\b(keep\w*|only|just|except|remove|take (?:out|off)|leave out|drop|part of|but not|rest)\b", re.IGNORECASE
)
ALL_OF_IT = re.compile(r"\b(whole|entire|everything|all|complete\w*)\b", re.IGNORECASE)
SOME_STAY = re.compile(r"\b(?:keep|part of|leave) (?:the|my|some|those|these|one|all)\b", re.IGNORECASE)
BUTTONS = [{"title": "Cancel it all", "payload": "/affirm"}, {"title": "Leave it", "payload": "/deny"}]


class ActionConfirmWholeOrders(OrderAction):
    """Set `whole`; where more would be cancelled than was spoken of, name it and ask for a yes first."""

    def name(self) -> str:
        return "action_confirm_whole_orders"

    def answer(
        self, dispatcher: CollectingDispatcher, slots: dict[str, Any], orders: Sequence[Order]
    ) -> list[EventType]:
        if slots.get("confirm") is not None:
            if slots["confirm"]:
                return [SlotSet("whole", True), SlotSet("confirm", None)]
            dispatcher.utter_message(response="utter_nothing_changed")
            return [SlotSet("whole", False), *IMPOSSIBLE]
        if slots["message"] != slots.get("request") and ALL_OF_IT.search(KEEPS.sub(" ", slots["message"])):
            return [SlotSet("whole", True)]
        chosen = [order for order in orders if order.id in chosen_ids(slots)]
        others = unmentioned(str(slots.get("request") or ""), slots["message"], chosen)
        if not others:
            return [SlotSet("whole", True)]
        facts = {"orders": orders_text(chosen), "others": item_names(others)}
        dispatcher.utter_message(response="utter_only_whole_orders", buttons=BUTTONS, **facts)
        return []


def unmentioned(request: str, message: str, orders: Sequence[Order]) -> list[OrderItem]:
    """What else is in the orders where the words ask to cancel some of their items; nothing where orders are meant."""
    items = [item for order in orders for item in order.items]
    for said in dict.fromkeys((message, request)):
        cancelled = KEEPS.sub(" ", said)
        named = [item for item in items if names_item(cancelled, item)]
        kept = [item for item in items if names_item(said, item) and item not in named]
        about_order = WHOLE.search(FROM_ORDER.sub(" ", said))
        if named and (PART.search(said) or (said == request and not about_order)):
            return [item for item in items if item not in named]
        if kept:
            return kept
        if said == request and SOME_STAY.search(said) and len(items) > 1:
            return items  # what stays is said in words of the shopper's own
    return []
