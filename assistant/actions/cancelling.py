"""Cancel orders that are still pending: one, or several by one yes.

The shop takes two reasons. What the shopper says is read as one of them; anything else is declined with the choice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.base import ShopAction
from assistant.actions.changing import Allowed, CommitChanges, ConfirmChanges, Told, own_order, refund_facts
from assistant.actions.pending import chosen_ids, orders_text
from assistant.desk.changes import Change
from assistant.desk.ledger import not_paid_back
from assistant.facts import as_said, told
from assistant.presentation import all_items_text, listing, money
from assistant.store import Order

NOT_NEEDED, MISTAKE = "no longer needed", "ordered by mistake"
REASON_BUTTONS = [
    {"title": reason.capitalize(), "payload": f'/inform{{"reason": "{reason}"}}'} for reason in (NOT_NEEDED, MISTAKE)
]
READINGS = (  # the first that fits
    (re.compile(r"\bno longer\b", re.IGNORECASE), NOT_NEEDED),
    (re.compile(r"mistak|accident|by error|in error|unintention|\boops\b|mis-?click", re.IGNORECASE), MISTAKE),
    (re.compile(r"(did ?n.?t|did not|never) (mean|intend|want)|not on purpose", re.IGNORECASE), MISTAKE),
    (
        re.compile(
            r"(do|does|did|wo|will|ca|can|wouldn)( ?n.?t|.?t| not) (really |actually |be )?(need|want|have (any )?use)"
            r"|(not|n.?t|no) (need|want|interested|required|use\b)|any ?more\b|any longer|unneeded|no need|useless"
            r"|chang\w* (my|our|her|his|their)? ?minds?|cheaper|better (deal|price|offer|one)|lower price|elsewhere"
            r"|too expensive|afford|already (have|own|got|bought)|second thoughts|regret",
            re.IGNORECASE,
        ),
        NOT_NEEDED,
    ),
    (re.compile(r"\b(wrong|twice|duplicates?|double|incorrect)\b|two of the same", re.IGNORECASE), MISTAKE),
)


class ActionChooseCancelReason(ShopAction):
    """Set `cancel_reason` to one of the two that the shop takes, or ask for it."""

    def name(self) -> str:
        return "action_choose_cancel_reason"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        said = str(tracker.slots.get("reason") or "")
        reason = read_reason(said)
        if reason:
            return [SlotSet("cancel_reason", reason)]
        asking = "utter_bad_cancel_reason" if said else "utter_ask_cancel_reason"
        dispatcher.utter_message(response=asking, buttons=REASON_BUTTONS)
        return [SlotSet("reason", None)]


class ActionConfirmCancellation(ConfirmChanges):
    def name(self) -> str:
        return "action_confirm_cancellation"

    def changes(self, session: Session, tracker: Tracker) -> Sequence[Change]:
        reason = tracker.slots.get("cancel_reason")
        orders = [own_order(session, tracker, one) for one in chosen_ids(tracker.slots)]
        return [Change("cancel", order.customer_id, order.id, version=order.version, reason=reason) for order in orders]

    def details_of(self, session: Session, allowed: Sequence[Allowed]) -> Told:
        orders = _orders(allowed)
        facts = {"orders": listing(map(order_in_full, orders)), "reason": as_said(str(allowed[0][0].reason))}
        return "utter_confirm_cancellation", facts | _refunds(allowed)


class ActionCancelOrders(CommitChanges):
    def name(self) -> str:
        return "action_cancel_orders"

    def receipt_of(self, session: Session, allowed: Sequence[Allowed]) -> Told:
        return "utter_cancellation_done", {"orders": orders_text(_orders(allowed))} | _refunds(allowed)

    def remembered(self, session: Session, allowed: Sequence[Allowed]) -> list[EventType]:
        """And that nothing waits any more for these orders: dialogues/manager.py drops such tasks."""
        closed = [order.id for order in _orders(allowed)]
        return [*super().remembered(session, allowed), SlotSet("closed", closed)]


def read_reason(said: str) -> str | None:
    """Which of the shop's two reasons the shopper's words amount to, if any."""
    return next((reason for words, reason in READINGS if words.search(said)), None)


def _orders(allowed: Sequence[Allowed]) -> list[Order]:
    return [quoted.order for _, quoted in allowed if quoted.order]


def _refunds(allowed: Sequence[Allowed]) -> dict[str, str]:
    text = money_not_paid_back(_orders(allowed))
    return {"refund": text} if text else {}


@told
def money_not_paid_back(orders: Sequence[Order]) -> str:
    """What a cancellation gives back, by method."""
    paid = [(cents, method) for order in orders for method, cents in not_paid_back(order)]
    return refund_facts(paid).get("refund", "")


@told
def order_in_full(order: Order) -> str:
    """As in "order #W1000001 (the Lamp and the Rug; $89.00)"."""
    return f"order {order.id} ({all_items_text(order.items)}; {money(order.total_cents, order.currency)})"
