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
from assistant.orders import names_latest
from assistant.presentation import (
    address_text,
    date_in_full,
    money,
    options_text,
    order_status,
    payment_text,
    table_card,
)
from assistant.refunds import MoneyBack, money_back, total_cents
from assistant.store import Order, OrderItem, now
from assistant.store.orders import SHIPPING_CENTS

ALL_REFUNDS = re.compile(r"\b(all|every|each|altogether|in total|overall|so far|ever|together)\b", re.IGNORECASE)
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
            _tell_refund(dispatcher, one)
        _tell_total(dispatcher, waiting, slots["message"])
        about = {one.order_id for one in waiting}
        return [SlotSet("order", False), *(SlotSet("last_order_id", one) for one in about if len(about) == 1)]


class ActionRefundStatus(ChosenOrderAction):
    """Say how much goes back for the order, where to, and how far it is."""

    def name(self) -> str:
        return "action_refund_status"

    def tell(self, dispatcher: CollectingDispatcher, slots: dict[str, Any], order: Order) -> None:
        found = money_back(order)
        for one in found[:MOST_REFUNDS]:
            _tell_refund(dispatcher, one)
        if not found:
            facts = {"order_id": order.id, "status": order_status(order)}
            dispatcher.utter_message(response="utter_no_refund", **facts)
        _tell_total(dispatcher, found, slots["message"])


class ActionGetInvoice(ChosenOrderAction):
    """Show the items, their prices, what was paid and how."""

    def name(self) -> str:
        return "action_get_invoice"

    def tell(self, dispatcher: CollectingDispatcher, slots: dict[str, Any], order: Order) -> None:
        told = detail_facts(order)
        facts = {name: told[name] for name in ("order_id", "total", "placed", "payment") if name in told}
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
        facts = {"order_id": order.id}
        if problem != "other":
            facts["problem"] = PROBLEM_TEXT.get(problem, problem)
        dispatcher.utter_message(response="utter_problem_noted", **facts)
        if problem in SWAPPED and order.status == "delivered" and not too_late(order):
            dispatcher.utter_message(response="utter_problem_swap", buttons=_swap_buttons(order, slots, problem))
        else:
            dispatcher.utter_message(response="utter_problem_person", buttons=[PERSON])


PERSON = {"title": "Talk to a person", "payload": "/human_handoff"}


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


def _tell_refund(dispatcher: CollectingDispatcher, one: MoneyBack) -> None:
    facts = {"order_id": one.order_id, "amount": money(one.amount_cents, one.currency), "status": one.status}
    if one.method:
        facts["method"] = payment_text(one.method)
    if one.on:
        facts["when"] = date_in_full(one.on)
    dispatcher.utter_message(response="utter_refund_status", **facts)


def _tell_total(dispatcher: CollectingDispatcher, told: Sequence[MoneyBack], message: str) -> None:
    """What several refunds come to: those still to come, unless all are asked for."""
    awaited = [one for one in told if one.awaited]
    if len(told) < 2 or not (awaited or ALL_REFUNDS.search(message)):
        return
    if len(awaited) == len(told) or ALL_REFUNDS.search(message):
        total = money(total_cents(told), told[0].currency)
        dispatcher.utter_message(response="utter_refunds_total", count=str(len(told)), total=total)
    else:
        total = money(total_cents(awaited), awaited[0].currency)
        dispatcher.utter_message(response="utter_refunds_awaited", total=total)


def _swap_buttons(order: Order, slots: dict[str, Any], problem: str) -> list[dict[str, str]]:
    """Return, exchange or a person; what the shopper has told goes along."""
    told: dict[str, Any] = {"order_id": order.id.lstrip("#")}
    if slots.get("item"):
        told["item"] = [str(item) for item in slots["item"]]
    reason = {"reason": PROBLEM_TEXT.get(problem, problem)}
    return [
        {"title": "Return it", "payload": f"/return_items{json.dumps(told | reason)}"},
        {"title": "Exchange it", "payload": f"/exchange_items{json.dumps(told)}"},
        PERSON,
    ]
