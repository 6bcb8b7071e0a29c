"""Swap items for other variants of the same product: an exchange after delivery, a change of items before it leaves."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.asking import counted_name, difference_text
from assistant.actions.changing import CommitAction, ConfirmAction, Told
from assistant.actions.choosing import OrderTaskAction
from assistant.actions.exchange_plan import exchange_of, kind_of
from assistant.desk.changes import Change, Quote, QuotedLine
from assistant.desk.terms import CHANGE_ITEMS
from assistant.presentation import method_text, money, options_text
from assistant.store import Order


class ActionCheckExchange(OrderTaskAction):
    """Say at once why the items of an order cannot be swapped, before anything is collected."""

    def name(self) -> str:
        return "action_check_exchange"

    def work(
        self, dispatcher: CollectingDispatcher, session: Session, tracker: Tracker, order: Order
    ) -> list[EventType]:
        return self.allowed(dispatcher, kind_of(order), order)


class ActionConfirmExchange(ConfirmAction):
    """List each item with what it is swapped for, the price difference and how it is settled."""

    def name(self) -> str:
        return "action_confirm_exchange"

    def change(self, session: Session, tracker: Tracker) -> Change:
        return exchange_of(session, tracker, str(tracker.slots.get("method")))

    def details(self, quote: Quote) -> Told:
        order = _order(quote)
        facts = {
            "order_id": order.id,
            "changes": "; ".join(_swap(line, order.currency) for line in quote.lines),
            **_money(quote),
        }
        return _by_kind(order, "utter_confirm_item_change", "utter_confirm_exchange"), facts


class ActionExchangeItems(CommitAction):
    def name(self) -> str:
        return "action_exchange_items"

    def receipt(self, quote: Quote) -> Told:
        order = _order(quote)
        facts = {"order_id": order.id, **_money(quote)}
        return _by_kind(order, "utter_items_changed", "utter_exchange_requested"), facts


def _swap(line: QuotedLine, currency: str) -> str:
    """As in "Lamp (brass, tall) for black, tall: $4.00 more"."""
    wanted = options_text(line.variant.options) if line.variant else ""
    difference = difference_text(line.difference_cents, currency)
    return f"{counted_name(line.item, line.quantity)} for {wanted}: {difference}"


def _money(quote: Quote) -> dict[str, str]:
    """What the shopper pays or gets back in all, and how."""
    currency = _order(quote).currency
    total = "nothing to pay"
    if quote.charge_cents:
        total = f"{money(quote.charge_cents, currency)} to pay"
    elif quote.refund_cents:
        total = f"{money(quote.refund_cents, currency)} back to you"
    return {"total": total, "method": method_text(quote.method) if quote.method else ""}


def _by_kind(order: Order, change: str, exchange: str) -> str:
    return change if kind_of(order) == CHANGE_ITEMS else exchange


def _order(quote: Quote) -> Order:
    if quote.order is None:
        raise ValueError("The quote of an exchange has no order.")
    return quote.order
