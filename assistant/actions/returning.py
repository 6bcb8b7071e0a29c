"""Send items of a delivered order back for the money."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.asking import counted_name
from assistant.actions.changing import CommitAction, ConfirmAction, Told, order_of
from assistant.actions.choosing import OrderTaskAction
from assistant.desk.changes import Change, Line, Quote
from assistant.desk.terms import RETURN
from assistant.facts import told
from assistant.presentation import cell, items_cost, listing, method_text, money
from assistant.store import Order, OrderItem


class ActionCheckReturn(OrderTaskAction):
    """Say at once why nothing of an order can be returned, before anything is collected."""

    def name(self) -> str:
        return "action_check_return"

    def work(
        self, dispatcher: CollectingDispatcher, session: Session, tracker: Tracker, order: Order
    ) -> list[EventType]:
        return self.allowed(dispatcher, RETURN, order)


class ActionConfirmReturn(ConfirmAction):
    """List what goes back, the refund to the cent and where it goes."""

    def name(self) -> str:
        return "action_confirm_return"

    def change(self, session: Session, tracker: Tracker) -> Change:
        order = order_of(session, tracker)
        lines = [Line(line["item_id"], line["quantity"]) for line in tracker.slots.get("lines") or ()]
        return Change(
            kind=RETURN,
            customer_id=order.customer_id,
            order_id=order.id,
            version=order.version,
            lines=tuple(lines),
            payment_method_id=str(tracker.slots.get("method")),
            reason=tracker.slots.get("reason"),
        )

    def details(self, quote: Quote) -> Told:
        return "utter_confirm_return", _facts(quote)


class ActionReturnItems(CommitAction):
    def name(self) -> str:
        return "action_return_items"

    def receipt(self, quote: Quote) -> Told:
        return "utter_return_requested", _facts(quote)


def _facts(quote: Quote) -> dict[str, str]:
    items, quantities = [line.item for line in quote.lines], [line.quantity for line in quote.lines]
    return {
        "order_id": cell(quote.order, "id") if quote.order else "",
        "items": listing(map(priced_item, items, quantities)),
        "refund": items_cost(items, quantities),
        "method": method_text(quote.method) if quote.method else "",
    }


@told
def priced_item(item: OrderItem, quantity: int) -> str:
    """As in "the 2 x Mug (blue) for $24.00"."""
    return f"the {counted_name(item, quantity)} for {money(quantity * item.price_cents, item.order.currency)}"
