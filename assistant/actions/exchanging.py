"""Swap items for other variants of the same product: an exchange after delivery, a change of items before it leaves."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.asking import counted_name, difference_text
from assistant.actions.changing import CommitAction, ConfirmAction, Told
from assistant.actions.choosing import OrderTaskAction
from assistant.actions.exchange_plan import exchange_of, kind_of
from assistant.desk.changes import Change, Quote
from assistant.desk.terms import CHANGE_ITEMS
from assistant.facts import told
from assistant.presentation import cell, method_text, money, options_text
from assistant.store import Order, OrderItem, Variant


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
            "order_id": cell(order, "id"),
            "changes": swaps_text(*_parts(quote)),
            **_money(quote),
        }
        return _by_kind(order, "utter_confirm_item_change", "utter_confirm_exchange"), facts


class ActionExchangeItems(CommitAction):
    def name(self) -> str:
        return "action_exchange_items"

    def receipt(self, quote: Quote) -> Told:
        order = _order(quote)
        facts = {"order_id": cell(order, "id"), **_money(quote)}
        return _by_kind(order, "utter_items_changed", "utter_exchange_requested"), facts


def _parts(quote: Quote) -> tuple[list[OrderItem], list[int], list[Variant]]:
    """Items, how many of each, and the variants wanted instead."""
    lines = [(line.item, line.quantity, line.variant) for line in quote.lines if line.variant]
    return [item for item, _, _ in lines], [count for _, count, _ in lines], [variant for _, _, variant in lines]


@told
def swaps_text(items: Sequence[OrderItem], quantities: Sequence[int], variants: Sequence[Variant]) -> str:
    """As in "Lamp (brass, tall) for black, tall: $4.00 more"."""
    return "; ".join(
        f"{counted_name(item, count)} for {options_text(variant.options)}: "
        f"{difference_text(count * (variant.price_cents - item.price_cents), item.order.currency)}"
        for item, count, variant in zip(items, quantities, variants, strict=True)
    )


@told
def settled_text(items: Sequence[OrderItem], quantities: Sequence[int], variants: Sequence[Variant]) -> str:
    """What is to pay in all, or goes back."""
    differences = [variant.price_cents - item.price_cents for item, variant in zip(items, variants, strict=True)]
    cents = sum(count * one for count, one in zip(quantities, differences, strict=True))
    amount = money(abs(cents), items[0].order.currency)
    return f"{amount} to pay" if cents > 0 else f"{amount} back to you" if cents else "nothing to pay"


def _money(quote: Quote) -> dict[str, str]:
    """What the shopper pays or gets back in all, and how."""
    return {"total": settled_text(*_parts(quote)), "method": method_text(quote.method) if quote.method else ""}


def _by_kind(order: Order, change: str, exchange: str) -> str:
    return change if kind_of(order) == CHANGE_ITEMS else exchange


def _order(quote: Quote) -> Order:
    if quote.order is None:
        raise ValueError("The quote of an exchange has no order.")
    return quote.order
