"""The orders that a cancellation or a change is about, and whether they can still be changed.

A task about one order has its id in the slot `order`. One about several, as in "cancel all my pending orders" or "both
of them", has all their ids in `orders` as well, and confirms them together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from assistant.actions.changing import IMPOSSIBLE
from assistant.actions.orders import ActionFindOrder, OrderAction, ask_which
from assistant.desk.rules import refuse_status, too_late
from assistant.desk.terms import Refused
from assistant.facts import as_said, told
from assistant.orders import Choice, Wanted, choose, names_latest, nouns
from assistant.presentation import listing, order_status
from assistant.search.words import key, keys
from assistant.store import Order
from assistant.texts import raw_words

PENDING = "pending"
ALL = re.compile(r"\b(all|both|every|each|everything)\b", re.IGNORECASE)
ALL_ORDERS = re.compile(r"\b(all|both|every|each)\b[\w' ]{0,30}?\borders?\b", re.IGNORECASE)  # in a whole message
ALL_WORDS = frozenset(  # beside which nothing is named: "all of my orders that are still open"
    "all both every each everything i have of my our the these those them that are is still orders order ones one "
    "pending open two three four possible current not yet sent shipped".split()
)
BUT = re.compile(r"\b(?:except|but|other than|apart from|besides)\b(?: for)?", re.IGNORECASE)
KEEPS = re.compile(r"\b(?:keep(?:ing)?|except(?: for)?|but not|leave)\b[^.;!?]*", re.IGNORECASE)  # what is to stay
CANCEL = re.compile(r"\bcancel", re.IGNORECASE)
SHOWN = re.compile(r"\b(both|them|these|those)\b", re.IGNORECASE)  # points at what is on screen
ORDER_CODE = re.compile(r"#?\b[a-z]{0,3}-?\d{4,}\b", re.IGNORECASE)


class ActionFindPendingOrders(ActionFindOrder):
    """Set `order`, and `orders` where several are meant. Where nothing tells orders apart, a pending one is meant."""

    def name(self) -> str:
        return "action_find_pending_orders"

    def answer(
        self, dispatcher: CollectingDispatcher, slots: dict[str, Any], orders: Sequence[Order]
    ) -> list[EventType]:
        slots["message"] = f"{slots.get('request') or ''} {slots['message']}"
        if codes := _codes(slots):
            return self.these(dispatcher, _by_codes(dispatcher, codes, orders))
        if orders and _means_all(slots):
            return self.these(dispatcher, _all_but(slots, orders))
        if several := _each_named(slots, orders):
            return self.these(dispatcher, several)
        if _asked_for_another(slots, orders):
            return [*ask_which(dispatcher, Choice(), orders), SlotSet("orders", None)]
        return [*super().answer(dispatcher, slots, _likely(slots, orders)), SlotSet("orders", None)]

    def these(self, dispatcher: CollectingDispatcher, orders: Sequence[Order]) -> list[EventType]:
        if not orders:
            dispatcher.utter_message(response="utter_no_orders", status=PENDING)
            return list(IMPOSSIBLE)
        return _chosen(orders)


class CheckPending(OrderAction):
    """Say which of the orders cannot be changed any more, with what can be done instead, and go on with the others."""

    kind: str  # of the change, as assistant.desk has it
    instead: ClassVar[Mapping[str, str]] = {}  # status: what is said of it where something else can be done

    def answer(
        self, dispatcher: CollectingDispatcher, slots: dict[str, Any], orders: Sequence[Order]
    ) -> list[EventType]:
        chosen = [order for order in orders if order.id in chosen_ids(slots)]
        left = [order for order in chosen if self.allows(dispatcher, order)]
        last = [SlotSet("last_order_id", chosen[0].id)] if len(chosen) == 1 else []
        return [*(_chosen(left) if left else IMPOSSIBLE), *last]

    def allows(self, dispatcher: CollectingDispatcher, order: Order) -> bool:
        try:
            refuse_status(self.kind, order)
        except Refused as refused:
            instead = None if too_late(order) else self.instead.get(order.status)
            dispatcher.utter_message(response=instead or refused.response, **refused.facts)
            return False
        return True


class ActionCheckCancellation(CheckPending):
    kind = "cancel"
    instead: ClassVar[Mapping[str, str]] = {
        "delivered": "utter_offer_return",
        "processed": "utter_return_later",
        "shipped": "utter_return_later",
    }

    def name(self) -> str:
        return "action_check_cancellation"


class ActionCheckAddressChange(CheckPending):
    kind = "change_address"

    def name(self) -> str:
        return "action_check_address_change"


class ActionCheckPaymentChange(CheckPending):
    kind = "change_payment"

    def name(self) -> str:
        return "action_check_payment_change"


def chosen_ids(slots: Mapping[str, Any]) -> list[str]:
    """The ids of the orders that the task is about."""
    several = slots.get("orders")
    return [str(one) for one in several] if several else [str(slots["order"])] if slots.get("order") else []


@told
def orders_text(orders: Sequence[Order]) -> str:
    """As in "order #W1000001" or "orders #W1000001 and #W1000002"."""
    ids = listing(order.id for order in orders)
    return f"orders {ids}" if len(orders) > 1 else f"order {ids}"


def _chosen(orders: Sequence[Order]) -> list[EventType]:
    several = [order.id for order in orders] if len(orders) > 1 else None
    return [SlotSet("order", orders[0].id), SlotSet("orders", several)]


def _named(slots: Mapping[str, Any]) -> str:
    """How the shopper named the order or orders, apart from the request."""
    return " ".join(filter(None, [str(slots.get("order_id") or ""), *map(str, slots.get("item") or ())]))


def _codes(slots: Mapping[str, Any]) -> list[str]:
    """The order ids, if there are several: "W1000001 and W1000002"."""
    codes = list(dict.fromkeys(ORDER_CODE.findall(_named(slots))))
    return codes if len(codes) > 1 and not BUT.search(_named(slots)) else []


def _by_codes(dispatcher: CollectingDispatcher, codes: Sequence[str], orders: Sequence[Order]) -> list[Order]:
    found = {code: choose(Wanted(order_id=code), orders) for code in codes}
    for choice in found.values():
        if choice.no_such_id:
            dispatcher.utter_message(response="utter_order_not_found", order_id=as_said(choice.no_such_id))
    return list(dict.fromkeys(order for choice in found.values() for order in choice.orders))


def _means_all(slots: Mapping[str, Any]) -> bool:
    """Whether all orders are meant: said in the answer and nothing beside it, or in a request that names none."""
    named = _named(slots)
    if not named:
        return slots.get("position") is None and bool(ALL_ORDERS.search(slots["message"]))
    before = BUT.split(named)[0]
    return bool(ALL.search(before)) and ALL_WORDS.issuperset(raw_words(before))


def _all_but(slots: Mapping[str, Any], orders: Sequence[Order]) -> list[Order]:
    """All pending orders, or those on screen if they are pointed at, without those that the shopper excepts."""
    said = _named(slots) or slots["message"]
    pool = [order for order in orders if order_status(order) == PENDING]
    on_screen = [one["id"] for one in slots.get("shown") or () if one.get("kind") == "order"]
    if SHOWN.search(said) and len(on_screen) > 1:
        pool = [order for order in orders if order.id in on_screen]
    excepted = BUT.split(said)[1:]
    kept = choose(Wanted(order_id=excepted[-1].strip()), pool).orders if excepted else ()
    return [order for order in pool if order not in kept]


def _asked_for_another(slots: Mapping[str, Any], orders: Sequence[Order]) -> bool:
    """Whether the task was begun for an order that is not there, and nothing has been named since: never guess then."""
    if _named(slots) or slots.get("position") is not None or names_latest(slots["message"]):
        return False
    request = str(slots.get("request") or "").replace(str(slots.get("address") or ""), "")
    codes = ORDER_CODE.findall(request)
    marked = [code for code in codes if not code.isdigit()]  # a house number or a zip code is no order
    return bool(marked) and not any(choose(Wanted(order_id=code), orders).orders for code in marked)


def _each_named(slots: Mapping[str, Any], orders: Sequence[Order]) -> list[Order]:
    """The pending orders to cancel where things of several are named, each in one of them."""
    request = KEEPS.sub(" ", str(slots.get("request") or ""))
    if _named(slots) or slots.get("position") is not None or not CANCEL.search(request):
        return []
    said = {key(word) for word in raw_words(request)}
    pending = [order for order in orders if order_status(order) == PENDING]
    names = [name for order in pending for name in {item.name for item in order.items} if keys(name) <= said]
    holding = [order for order in pending if _exactly(order, said)]
    return holding if len(holding) > 1 and len(set(names)) == len(names) else []


def _likely(slots: Mapping[str, Any], orders: Sequence[Order]) -> Sequence[Order]:
    """The orders to choose from: where none is named, those with a thing that the request names, or pending ones."""
    if _named(slots) or slots.get("position") is not None or names_latest(slots["message"]):
        return orders
    pending = [order for order in orders if order_status(order) == PENDING]
    said = {key(word) for word in raw_words(KEEPS.sub(" ", slots["message"]))}
    for holds in (_exactly, _loosely):
        for pool in (pending, orders):
            counts = [holds(order, said) for order in pool]
            if most := max(counts, default=0):
                return [order for order, count in zip(pool, counts, strict=True) if count == most]
    return orders if slots.get("last_order_id") else pending or orders


def _exactly(order: Order, said: set[str]) -> int:
    """How many things in the order are named in full: "cancel the one with the desk lamp"."""
    names = {item.name for item in order.items}
    return sum(bool(keys(name)) and keys(name) <= said for name in names)


def _loosely(order: Order, said: set[str]) -> int:
    """Whether an item is named by what it is: "cancel the lamp", or "the boots" of a category of boots."""
    return int(any(said.intersection(nouns(item)) for item in order.items))
