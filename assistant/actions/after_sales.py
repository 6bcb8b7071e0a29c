"""After an order: where the money is, the invoice, and a problem told to the team.

Refunds and invoices are read; a problem is written down for colleagues through the turn's `change` event.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from assistant.actions.change_events import change_event
from assistant.actions.orders import ActionFindOrder, ChosenOrderAction, detail_facts
from assistant.desk import problems
from assistant.desk.rules import too_late
from assistant.facts import as_said, told
from assistant.orders import names_latest
from assistant.presentation import (
    address_text,
    cell,
    date_in_full,
    money,
    options_text,
    payment_text,
    status_said,
    table_card,
)
from assistant.refunds import MoneyBack, money_back, total_cents
from assistant.store import Order, OrderItem, now
from assistant.store.orders import SHIPPING_CENTS

ALL_REFUNDS = re.compile(r"\b(all|every|each|altogether|in total|overall|so far|ever|together)\b", re.IGNORECASE)
REFUND_FACTS = ("amount", "status", "method", "when")
MOST_REFUNDS = 4  # told in one message each
SWAPPED = ("damaged", "defective", "wrong_item")  # problems that a return or an exchange mends
PROBLEM_TEXT = {"wrong_item": "wrong item", "not_received": "not received", "payment": "payment problem"}


class ActionFindRefunds(ActionFindOrder):
    """Set `order` to the order named; where none is, tell of every refund the shopper may be waiting for."""

    def name(self) -> str:
        return "action_find_refunds"

    def answer(
        self, dispatcher: CollectingDispatcher, slots: dict[str, Any], orders: Sequence[Order]
    ) -> list[EventType]:
        named = any(slots.get(slot) is not None for slot in ("order_id", "item", "position"))
        waiting = [one for order in orders for one in money_back(order) if one.is_news(now().date())]
        if named or names_latest(slots["message"]) or not orders:
            return super().answer(dispatcher, slots, orders)
        if not waiting:
            dispatcher.utter_message(response="utter_no_refunds")
        for one in waiting[:MOST_REFUNDS]:
            _tell_refund(dispatcher, one, orders)
        _tell_total(dispatcher, waiting, slots["message"], orders)
        about = {one.order_id for one in waiting}
        return [SlotSet("order", False), *(SlotSet("last_order_id", one) for one in about if len(about) == 1)]


class ActionRefundStatus(ChosenOrderAction):
    """Say how much goes back for the order, where to, and how far it is."""

    def name(self) -> str:
        return "action_refund_status"

    def tell(self, dispatcher: CollectingDispatcher, slots: dict[str, Any], order: Order) -> None:
        found = money_back(order)
        for one in found[:MOST_REFUNDS]:
            _tell_refund(dispatcher, one, [order])
        if not found:
            facts = {"order_id": cell(order, "id"), "status": status_said(order)}
            dispatcher.utter_message(response="utter_no_refund", **facts)
        _tell_total(dispatcher, found, slots["message"], [order])


class ActionGetInvoice(ChosenOrderAction):
    """Show the items, their prices, what was paid and how."""

    def name(self) -> str:
        return "action_get_invoice"

    def tell(self, dispatcher: CollectingDispatcher, slots: dict[str, Any], order: Order) -> None:
        known = detail_facts(order)
        facts = {name: known[name] for name in ("order_id", "total", "placed", "payment") if name in known}
        dispatcher.utter_message(response="utter_invoice", json_message={"cards": [invoice_card(order)]}, **facts)


class ActionReportProblem(ChosenOrderAction):
    """Write the problem down for the team, and offer what can mend it."""

    def name(self) -> str:
        return "action_report_problem"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        events = await super().run(dispatcher, tracker, domain)
        order_id = next((event["value"] for event in events if event.get("name") == "last_order_id"), None)
        if order_id is None:
            return events
        change = {
            "kind": problems.KIND,
            "order_id": order_id,
            "problem": str(tracker.slots.get("problem") or "other"),
            "items": [str(item) for item in tracker.slots.get("item") or ()],
        }
        return [change_event(tracker, change, state="noted for the team"), *events]

    def tell(self, dispatcher: CollectingDispatcher, slots: dict[str, Any], order: Order) -> None:
        problem = str(slots.get("problem") or "other")
        facts = {"order_id": cell(order, "id")}
        if problem != "other":
            facts["problem"] = as_said(PROBLEM_TEXT.get(problem, problem))
        dispatcher.utter_message(response="utter_problem_noted", **facts)
        if problem in SWAPPED and order.status == "delivered" and not too_late(order):
            dispatcher.utter_message(response="utter_problem_swap", buttons=_swap_buttons(order, slots, problem))
        else:
            dispatcher.utter_message(response="utter_problem_person", buttons=[PERSON])


PERSON = {"title": "Talk to a person", "payload": "/human_handoff"}


@told
def invoice_card(order: Order) -> dict[str, Any]:
    """The order as an invoice: a row for each item, the total, each payment and refund."""
    rows = [(_item_name(item), [_item_price(item, order.currency)]) for item in order.items]
    if sending := int((order.extras or {}).get(SHIPPING_CENTS) or 0):
        rows.append(("Shipping", [money(sending, order.currency)]))
    rows.append(("Total", [money(order.total_cents, order.currency)]))
    for payment in order.payments:
        label = "Paid with" if payment.transaction_type == "payment" else "Refunded to"
        amount = money(payment.amount_cents, payment.currency)
        rows.append((f"{label} {payment_text(payment.payment_method)}", [amount]))
    if order.placed_at:
        rows.append(("Placed", [date_in_full(order.placed_at)]))
    if address := address_text(order.shipping_address):
        rows.append(("Shipped to", [address]))
    return table_card(f"Invoice of order {order.id}", [], rows)


def _item_name(item: OrderItem) -> str:
    chosen = options_text(item.options)
    return f"{item.name} ({chosen})" if chosen else item.name


def _item_price(item: OrderItem, currency: str) -> str:
    if item.quantity == 1:
        return money(item.price_cents, currency)
    each = money(item.price_cents, currency)
    return f"{item.quantity} x {each} = {money(item.quantity * item.price_cents, currency)}"


def _tell_refund(dispatcher: CollectingDispatcher, one: MoneyBack, orders: Sequence[Order]) -> None:
    order = next(order for order in orders if order.id == one.order_id)
    place = money_back(order).index(one)
    facts = {name: fact for name in REFUND_FACTS if (fact := refund_fact(order, place, name))}
    dispatcher.utter_message(response="utter_refund_status", order_id=cell(order, "id"), **facts)


def _tell_total(
    dispatcher: CollectingDispatcher, found: Sequence[MoneyBack], message: str, orders: Sequence[Order]
) -> None:
    """What several refunds come to: those still to come, unless all are asked for."""
    awaited = [one for one in found if one.awaited]
    if len(found) < 2 or not (awaited or ALL_REFUNDS.search(message)):
        return
    everything = len(awaited) == len(found) or bool(ALL_REFUNDS.search(message))
    counted = found if everything else awaited
    of_orders = [order for order in orders if any(one.order_id == order.id for one in counted)]
    places = [[place for place, one in enumerate(money_back(order)) if one in counted] for order in of_orders]
    total = refunds_total(of_orders, places)
    if everything:
        dispatcher.utter_message(response="utter_refunds_total", count=refunds_counted(of_orders, places), total=total)
    else:
        dispatcher.utter_message(response="utter_refunds_awaited", total=total)


@told
def refund_fact(order: Order, place: int, name: str) -> str:
    """A fact of one of an order's refunds: REFUND_FACTS."""
    one = money_back(order)[place]
    facts = {
        "amount": money(one.amount_cents, one.currency),
        "status": one.status,
        "method": payment_text(one.method) if one.method else "",
        "when": date_in_full(one.on) if one.on else "",
    }
    return facts[name]


@told
def refunds_total(orders: Sequence[Order], places: Sequence[Sequence[int]]) -> str:
    found = _refunds_at(orders, places)
    return money(total_cents(found), found[0].currency)


@told
def refunds_counted(orders: Sequence[Order], places: Sequence[Sequence[int]]) -> str:
    return str(len(_refunds_at(orders, places)))


def _refunds_at(orders: Sequence[Order], places: Sequence[Sequence[int]]) -> list[MoneyBack]:
    of_orders = [(money_back(order), chosen) for order, chosen in zip(orders, places, strict=True)]
    return [found[place] for found, chosen in of_orders for place in chosen]


def _swap_buttons(order: Order, slots: dict[str, Any], problem: str) -> list[dict[str, str]]:
    """Return, exchange or a person; what the shopper has told goes along."""
    known: dict[str, Any] = {"order_id": order.id.lstrip("#")}
    if slots.get("item"):
        known["item"] = [str(item) for item in slots["item"]]
    reason = {"reason": PROBLEM_TEXT.get(problem, problem)}
    return [
        {"title": "Return it", "payload": f"/return_items{json.dumps(known | reason)}"},
        {"title": "Exchange it", "payload": f"/exchange_items{json.dumps(known)}"},
        PERSON,
    ]
