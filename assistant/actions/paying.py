"""Pay pending orders another way, with a method that is on file. No card is told by more than its last four digits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.base import ShopAction
from assistant.actions.changing import (
    IMPOSSIBLE,
    Allowed,
    CommitChanges,
    ConfirmChanges,
    Told,
    own_order,
    refund_facts,
    refuse,
)
from assistant.actions.pending import chosen_ids, orders_text
from assistant.desk.changes import Change, Quote, Refused, quote
from assistant.desk.ledger import short_facts
from assistant.desk.payment_methods import MethodChoice, choose_method
from assistant.facts import as_said, told
from assistant.presentation import method_text, money
from assistant.store import Customer, Order, PaymentMethod


class ActionChoosePaymentMethod(ShopAction):
    """Set `method` to the id of the method to pay with, or ask which of those on file."""

    def name(self) -> str:
        return "action_choose_payment_method"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        said = str(tracker.slots.get("payment_method") or "")
        with self.shop.database.reading() as session:
            methods = session.get_one(Customer, tracker.slots["customer_id"]).payment_methods
            try:
                quotes = [quote(session, change) for change in _changes(session, tracker, None)]
            except Refused as refused:
                refuse(dispatcher, refused)
                return list(IMPOSSIBLE)
            original = [method for method, _ in _paid(quotes)]
            return _choose(dispatcher, said, methods, original, sum(quoted.charge_cents for quoted in quotes))


class ActionConfirmPaymentMethod(ConfirmChanges):
    def name(self) -> str:
        return "action_confirm_payment_method"

    def changes(self, session: Session, tracker: Tracker) -> Sequence[Change]:
        return _changes(session, tracker, tracker.slots["method"])

    def details_of(self, session: Session, allowed: Sequence[Allowed]) -> Told:
        return "utter_confirm_payment_method", _facts(allowed)


class ActionChangePaymentMethod(CommitChanges):
    def name(self) -> str:
        return "action_change_payment_method"

    def receipt_of(self, session: Session, allowed: Sequence[Allowed]) -> Told:
        return "utter_payment_method_changed", _facts(allowed)


def method_buttons(methods: Iterable[PaymentMethod]) -> list[dict[str, str]]:
    """A button for each method, "Visa card ending in 4821" or "Gift card ($20.00)"."""
    return [_button(method) for method in methods]


def _choose(
    dispatcher: CollectingDispatcher,
    said: str,
    methods: Sequence[PaymentMethod],
    original: Sequence[PaymentMethod],
    needed_cents: int,
) -> list[EventType]:
    others = [method for method in methods if any(method is not one for one in original)]
    if not others:
        dispatcher.utter_message(response="utter_no_other_payment_method")
        return list(IMPOSSIBLE)
    only = others[0] if not said and len(others) == 1 else None
    choice = MethodChoice(only) if only else choose_method(said, methods, original)
    again: list[EventType] = [SlotSet("payment_method", None)]
    if choice.method is None:
        candidates = [method for method in choice.candidates if method in others] if said else []
        asking, facts = _question(choice.unknown if said else None)
        dispatcher.utter_message(response=asking, buttons=method_buttons(candidates or others), **facts)
        return again
    if refused := _unfit(choice.method, others, needed_cents):
        refuse(dispatcher, refused)
        if any(method is not choice.method for method in others):
            return again
        dispatcher.utter_message(response="utter_no_other_payment_method")
        return list(IMPOSSIBLE)
    return [SlotSet("method", choice.method.id)]


def _question(unknown: str | None) -> Told:
    if unknown:
        return "utter_payment_method_not_on_file", {"method": as_said(unknown)}
    return "utter_ask_payment_method", {}


def _unfit(method: PaymentMethod, others: Sequence[PaymentMethod], needed_cents: int) -> Refused | None:
    """Why this method will not do, where another still may."""
    if method not in others:
        return Refused("utter_same_payment_method", {"method": method_text(method)})
    if method.balance_cents is not None and method.balance_cents < needed_cents:
        return Refused("utter_gift_card_short", short_facts(method, needed_cents))
    return None


def _button(method: PaymentMethod) -> dict[str, str]:
    label = method_text(method).removeprefix("your ")
    label = label[:1].upper() + label[1:]
    balance = f" ({money(method.balance_cents, method.currency)})" if method.balance_cents is not None else ""
    return {"title": f"{label}{balance}", "payload": f"/inform{json.dumps({'payment_method': label})}"}


def _changes(session: Session, tracker: Tracker, method_id: str | None) -> list[Change]:
    orders = [own_order(session, tracker, one) for one in chosen_ids(tracker.slots)]
    return [
        Change("change_payment", order.customer_id, order.id, version=order.version, payment_method_id=method_id)
        for order in orders
    ]


def _facts(allowed: Sequence[Allowed]) -> dict[str, str]:
    quotes = [quoted for _, quoted in allowed]
    orders = [quoted.order for quoted in quotes if quoted.order]
    method = method_text(quotes[0].method) if quotes[0].method else ""
    refunds = {"refund": text} if (text := first_payments_back(orders)) else {}
    return {"orders": orders_text(orders), "amount": first_payments(orders), "method": method} | refunds


@told
def first_payments(orders: Sequence[Order]) -> str:
    """What was paid for the orders, which another method is to pay now."""
    return money(sum(order.payments[0].amount_cents for order in orders), orders[0].currency)


def _paid(quotes: Sequence[Quote]) -> list[tuple[PaymentMethod, int]]:
    """What each order was paid with, and how much of it goes back."""
    return [(quoted.order.payments[0].payment_method, quoted.refund_cents) for quoted in quotes if quoted.order]


@told
def first_payments_back(orders: Sequence[Order]) -> str:
    """Where what was paid for the orders goes back to."""
    paid = [order.payments[0] for order in orders]
    return refund_facts((one.amount_cents, one.payment_method) for one in paid).get("refund", "")
