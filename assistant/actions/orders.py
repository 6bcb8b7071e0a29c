"""Show a customer's orders: find the one meant, say where it is and what it holds, list them. Reads only.

Each action sees the orders of `customer_id` and no others: the customer whom action_identify made sure of.
"""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from assistant.actions.base import ShopAction, latest_intent
from assistant.facts import as_said, told
from assistant.orders import Choice, Wanted, choose, names_latest, near_miss, orders_of
from assistant.presentation import (
    cell,
    day,
    how_many,
    listing,
    order_card,
    order_status,
    order_total,
    paid_with,
    placed_on,
    status_said,
    tracking_text,
)
from assistant.store import Order, now

MOST_CARDS = 10  # in one message
MOST_OFFERED = 4  # cards under the question which order it is: as many as products under a search
MOST_NAMES = 3  # of items in one sentence
LAST_ITEMS = "last_items"  # the slot with what was last told of, of which order: {"order": id, "items": [names]}
GUESSED = "guessed_order"  # the slot with the order that a mistyped number may mean, until that is answered
NO_ORDER = False  # the slot `order` of a customer who has none; not set means not known yet
FORGET_CHOICE = (SlotSet("order_id", None), SlotSet("item", None), SlotSet("position", None))
ON_ITS_WAY = ("pending", "processed", "shipped")
ASKED_STATUS = {"returned": ("returned", "return requested")}  # which statuses a shopper's word for one takes in
BETWEEN_ITEMS = re.compile(r",|&|\band\b", re.IGNORECASE)
ALL_BUT = re.compile(r"\b(everything|all|both|except( for)?|apart from|but|the rest|whole)\b", re.IGNORECASE)


class ActionNoteOrder(ShopAction):
    """Keep "my last order" in mind while the shopper first says who they are; the message is gone by then."""

    def name(self) -> str:
        return "action_note_order"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        named = tracker.slots.get("order_id") or tracker.slots.get("item")
        return [SlotSet("order_id", "last order")] if not named and names_latest(_message(tracker)) else []


class OrderAction(ShopAction):
    """An action that answers from the orders of the customer we know, newest first."""

    @abstractmethod
    def answer(
        self, dispatcher: CollectingDispatcher, slots: dict[str, Any], orders: Sequence[Order]
    ) -> list[EventType]: ...

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        customer_id = tracker.slots.get("customer_id")
        if not customer_id:  # a flow that forgot to ask must not tell strangers anything
            dispatcher.utter_message(response="utter_ask_identity")
            return []
        with self.shop.database.reading() as session:
            orders = orders_of(session, customer_id)
        slots = {**tracker.slots, "message": _message(tracker)}
        if slots.get(GUESSED) and latest_intent(tracker) == "affirm":
            slots["order_id"] = slots[GUESSED]
        return self.answer(dispatcher, slots, orders)


class ActionFindOrder(OrderAction):
    """Set `order` to the id of the order meant, or say what is missing and ask."""

    def name(self) -> str:
        return "action_find_order"

    def answer(
        self, dispatcher: CollectingDispatcher, slots: dict[str, Any], orders: Sequence[Order]
    ) -> list[EventType]:
        if not orders:
            dispatcher.utter_message(response="utter_no_orders")
            return [SlotSet("order", NO_ORDER)]
        choice = choose(wanted(slots), orders)
        guess = [SlotSet(GUESSED, None)] if slots.get(GUESSED) else []  # answered one way or the other
        only = orders if choice.no_such_item and len(orders) == 1 else choice.orders
        if len(only) == 1:  # what it does not hold is said where it matters
            return [SlotSet("order", only[0].id), *guess]
        if slots.get("denied") and not choice.no_such_id and not choice.no_such_item:
            return [*FORGET_CHOICE, *guess, *_let_pick(dispatcher, choice.orders or orders)]
        return [*FORGET_CHOICE, *guess, *ask_which(dispatcher, choice, orders)]


class ChosenOrderAction(OrderAction):
    """An action that tells of the order which action_find_order set; silent where there is none."""

    @abstractmethod
    def tell(self, dispatcher: CollectingDispatcher, slots: dict[str, Any], order: Order) -> None: ...

    def answer(
        self, dispatcher: CollectingDispatcher, slots: dict[str, Any], orders: Sequence[Order]
    ) -> list[EventType]:
        order = next((order for order in orders if order.id == slots.get("order")), None)
        if order is None:
            return []
        self.tell(dispatcher, slots, order)
        named = [str(item) for item in slots.get("item") or ()]
        told = {"order": order.id, "items": named} if named else None  # which "return it" then means
        items = [SlotSet(LAST_ITEMS, told)] if told or slots.get(LAST_ITEMS) else []
        return [SlotSet("last_order_id", order.id), *items]


class ActionOrderStatus(ChosenOrderAction):
    """Say where the order is and when it comes."""

    def name(self) -> str:
        return "action_order_status"

    def tell(self, dispatcher: CollectingDispatcher, slots: dict[str, Any], order: Order) -> None:
        dispatcher.utter_message(response="utter_order_status", json_message=_cards([order]), **status_facts(order))


class ActionListOrders(OrderAction):
    """List the orders, all or those in one status."""

    def name(self) -> str:
        return "action_list_orders"

    def answer(
        self, dispatcher: CollectingDispatcher, slots: dict[str, Any], orders: Sequence[Order]
    ) -> list[EventType]:
        asked = slots.get("status")
        if not asked or not orders:
            return _list(dispatcher, orders)
        statuses = ASKED_STATUS.get(asked, (asked,))
        return _list(dispatcher, [order for order in orders if order_status(order) in statuses], " or ".join(statuses))


def status_facts(order: Order) -> dict[str, str]:
    """The facts of utter_order_status that there are. A day of arrival that has passed is not told as one to come."""
    coming = eta_text(order)
    return _known(
        order_id=cell(order, "id"),
        status=status_text(order),
        items=items_text(order),
        eta=coming,
        tracking=tracking_text(order),
        placed="" if coming else placed_on(order),
    )


def detail_facts(order: Order) -> dict[str, str]:
    """The facts of utter_order_details that there are."""
    return _known(
        order_id=cell(order, "id"),
        total=order_total(order),
        status=status_text(order),
        items=items_text(order),
        placed=placed_on(order),
        payment=paid_with(order),
    )


@told
def eta_text(order: Order) -> str:
    """The last parcel's day, while one is still to come."""
    due = [one.eta for one in order.shipments if one.eta and not one.delivered_at and one.eta >= now().date()]
    return day(max(due)) if due and order_status(order) in ON_ITS_WAY else ""


@told
def status_text(order: Order) -> str:
    """The status as a sentence says it, "Order #W1 is shipped", and that its items were changed."""
    return "pending (items changed)" if order.status == "pending (item modified)" else status_said(order)


@told
def items_text(order: Order) -> str:
    """As in "the lamp and the rug", or "the lamp, the rug and 3 more"."""
    names = [f"the {name}" for name in dict.fromkeys(item.name for item in order.items)]
    if len(names) > MOST_NAMES:
        names[MOST_NAMES - 1 :] = [f"{len(names) - MOST_NAMES + 1} more"]
    return listing(names)


def _list(dispatcher: CollectingDispatcher, orders: Sequence[Order], status: str = "") -> list[EventType]:
    about = _known(status=as_said(status))
    if not orders:
        dispatcher.utter_message(response="utter_no_orders", **about)
        return []
    shown = orders[:MOST_CARDS]
    dispatcher.utter_message(response="utter_orders", json_message=_cards(shown), count=how_many(orders), **about)
    return [_on_screen(shown)]


def ask_which(dispatcher: CollectingDispatcher, choice: Choice, orders: Sequence[Order]) -> list[EventType]:
    if choice.no_such_id:
        return _no_such_order(dispatcher, choice.no_such_id, orders)
    if choice.no_such_item:
        offered = orders[:MOST_OFFERED]
        no_such = {"response": "utter_no_such_item_order", "item": as_said(choice.no_such_item)}
        dispatcher.utter_message(json_message=_cards(offered), **no_such)
        return [_on_screen(offered)]
    if choice.orders:
        listed = _list(dispatcher, choice.orders)
        dispatcher.utter_message(response="utter_ask_order_id")
        return listed
    offered = orders[:MOST_OFFERED]
    dispatcher.utter_message(response="utter_ask_order_id", json_message=_cards(offered))
    return [_on_screen(offered)]


def _no_such_order(dispatcher: CollectingDispatcher, number: str, orders: Sequence[Order]) -> list[EventType]:
    """Say that there is none; where a digit is wrong, ask whether the one that is nearly it is meant."""
    meant = near_miss(number, orders)
    if meant is None:
        dispatcher.utter_message(response="utter_order_not_found", order_id=as_said(number))
        return []
    yes = {"title": "Yes", "payload": f"/inform{json.dumps({'order_id': meant.id.lstrip('#')})}"}
    buttons = [yes, {"title": "No", "payload": "/deny"}]
    dispatcher.utter_message(
        response="utter_did_you_mean_order", buttons=buttons, order_id=as_said(number), meant=cell(meant, "id")
    )
    return [SlotSet(GUESSED, meant.id)]


def _let_pick(dispatcher: CollectingDispatcher, orders: Sequence[Order]) -> list[EventType]:
    """A shopper who has no number picks from the list, or says what was in it."""
    offered = orders[:MOST_CARDS]
    dispatcher.utter_message(response="utter_pick_order", json_message=_cards(offered))
    return [_on_screen(offered)]


def wanted(slots: dict[str, Any]) -> Wanted:
    order_id, position = slots.get("order_id"), slots.get("position")
    return Wanted(
        order_id=str(order_id) if order_id else None,
        items=tuple(slots.get("item") or _wished(slots)),
        position=int(position) if position is not None else None,
        message=slots["message"],
        shown=tuple(thing["id"] for thing in slots.get("shown") or ()),
        discussed=slots.get("last_order_id"),
    )


def _wished(slots: dict[str, Any]) -> list[str]:
    """The items that the task's wishes name, one by one: the order meant holds them."""
    named = [str(item) for wish in slots.get("wishes") or () for item in wish.get("item") or ()]
    return [part for item in named for part in re.split(BETWEEN_ITEMS, ALL_BUT.sub(" ", item)) if part.strip()]


def _message(tracker: Tracker) -> str:
    return str(tracker.latest_message.get("text") or "")


def _cards(orders: Iterable[Order]) -> dict[str, Any]:
    return {"cards": [order_card(order) for order in orders]}


def _on_screen(orders: Iterable[Order]) -> EventType:
    return SlotSet("shown", [{"kind": "order", "id": order.id, "name": order.id} for order in orders])


def _known(**facts: str) -> dict[str, str]:
    """The facts that hold something."""
    return {name: value for name, value in facts.items() if value}
