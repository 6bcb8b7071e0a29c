"""The two halves of every change: show what it comes to and ask, then, after a yes, make it.

A task's flow has a ConfirmAction with `until: confirm, asks: confirm` and a CommitAction with `when: confirm`. Neither
writes: the second returns the event `change` with its proof, and the turn applies that in its own transaction. Tasks
that may change several orders by one yes (cancelling.py) build on ConfirmChanges and CommitChanges.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.actions.base import ShopAction
from assistant.actions.change_events import change_event
from assistant.desk.changes import Change, Quote, Refused, quote
from assistant.desk.ledger import refuse_short
from assistant.facts import as_said, told
from assistant.presentation import listing, refund_text
from assistant.store import Order, PaymentMethod

YES_OR_NO = [{"title": "Yes", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}]
IMPOSSIBLE = (SlotSet("order", False), SlotSet("plan", None), SlotSet("confirm", False))  # the task ends here

Told = tuple[str, dict[str, str]]  # a response and its facts
Allowed = tuple[Change, Quote]  # a change that the rules allow, with what it comes to


class ConfirmChanges(ShopAction):
    """List the details of one or more changes with Yes and No, and keep them in the task slot `plan`.

    What is refused is said with the reason; when nothing is left, `order` becomes False and the task ends.
    """

    @abstractmethod
    def changes(self, session: Session, tracker: Tracker) -> Sequence[Change]:
        """The changes that the slots describe. May raise Refused."""

    @abstractmethod
    def details_of(self, session: Session, allowed: Sequence[Allowed]) -> Told:
        """What the changes come to, in every detail, as a question."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        if not tracker.slots.get("customer_id"):  # a flow that forgot to ask must not change anything
            dispatcher.utter_message(response="utter_ask_identity")
            return list(IMPOSSIBLE)
        with self.shop.database.reading() as session:
            try:
                allowed = _quoted(dispatcher, session, self.changes(session, tracker))
            except Refused as refused:
                refuse(dispatcher, refused)
                return list(IMPOSSIBLE)
            if not allowed:
                return list(IMPOSSIBLE)
            response, facts = self.details_of(session, allowed)
            events = self.spoken_of(session, allowed)
        dispatcher.utter_message(response=response, buttons=YES_OR_NO, **facts)
        return [*events, SlotSet("plan", [change.to_json() for change, _ in allowed])]

    def spoken_of(self, session: Session, allowed: Sequence[Allowed]) -> list[EventType]:
        """The slots that say what "it" is from now on."""
        products = {line.item.variant.product_id for _, quote in allowed for line in quote.lines}
        return [SlotSet("last_product_id", products.pop())] if len(products) == 1 else []


class ConfirmAction(ConfirmChanges):
    """List the details of one change with Yes and No."""

    @abstractmethod
    def change(self, session: Session, tracker: Tracker) -> Change:
        """The change that the slots describe, with the version of the order as it is now. May raise Refused."""

    @abstractmethod
    def details(self, quote: Quote) -> Told:
        """What the change comes to, in every detail, as a question."""

    def changes(self, session: Session, tracker: Tracker) -> Sequence[Change]:
        return [self.change(session, tracker)]

    def details_of(self, session: Session, allowed: Sequence[Allowed]) -> Told:
        return self.details(allowed[0][1])


class CommitChanges(ShopAction):
    """Make the changes of `plan`, which the shopper has just said yes to. What is refused by now is said to be."""

    @abstractmethod
    def receipt_of(self, session: Session, allowed: Sequence[Allowed]) -> Told:
        """What has been done."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        planned = [Change.from_json(one) for one in tracker.slots.get("plan") or ()]
        with self.shop.database.reading() as session:
            allowed = _quoted(dispatcher, session, planned)
            if not allowed:
                return []
            response, facts = self.receipt_of(session, allowed)
            events = [change_event(tracker, change.to_json(), _state(quoted.order)) for change, quoted in allowed]
            events += self.remembered(session, allowed)
        dispatcher.utter_message(response=response, **facts)
        return events

    def remembered(self, session: Session, allowed: Sequence[Allowed]) -> list[EventType]:
        """The slots that keep in mind what was done, for "and the same for my other order"."""
        return [SlotSet("last_order_id", change.order_id) for change, _ in allowed[-1:] if change.order_id]


class CommitAction(CommitChanges):
    """Make the one change of `plan`."""

    @abstractmethod
    def receipt(self, quote: Quote) -> Told:
        """What has been done."""

    def receipt_of(self, session: Session, allowed: Sequence[Allowed]) -> Told:
        return self.receipt(allowed[0][1])


def order_of(session: Session, tracker: Tracker) -> Order:
    """The order that action_find_order set, if it is the customer's. Raises Refused."""
    return own_order(session, tracker, str(tracker.slots.get("order")))


def own_order(session: Session, tracker: Tracker, order_id: str) -> Order:
    """An order of the customer we know. Raises Refused, the same for somebody else's as for one that is not there."""
    theirs = Order.customer_id == str(tracker.slots.get("customer_id") or "")
    order = session.scalar(select(Order).where(Order.id == order_id, theirs))
    if order is None:
        raise Refused("utter_order_not_found", {"order_id": as_said(order_id)})
    return order


def refuse(dispatcher: CollectingDispatcher, refused: Refused) -> None:
    """Say why something cannot be done."""
    dispatcher.utter_message(response=refused.response, **refused.facts)


def refund_facts(refunds: Iterable[tuple[int, PaymentMethod]]) -> dict[str, str]:
    """What goes back where and when, summed by method: {"refund": "$89.00 to your gift card at once"}, or nothing."""
    paid = list(refunds)
    text = refunds_text([cents for cents, _ in paid], [method for _, method in paid])
    return {"refund": text} if text else {}


@told
def refunds_text(cents_of: Sequence[int], paid_with: Sequence[PaymentMethod]) -> str:
    methods: dict[str, PaymentMethod] = {}
    sums: Counter[str] = Counter()
    for cents, method in zip(cents_of, paid_with, strict=True):
        methods[method.id] = method
        sums[method.id] += cents
    return listing(refund_text(sums[one], method, method.currency) for one, method in methods.items() if sums[one])


def _quoted(dispatcher: CollectingDispatcher, session: Session, changes: Iterable[Change]) -> list[Allowed]:
    """The changes that the rules allow as things stand, with what they come to; of the others it is said why not.

    They are made together, so one gift card pays for no more of them than it holds.
    """
    allowed = []
    spent: Counter[str] = Counter()
    for change in changes:
        try:
            quoted = quote(session, change)
            if quoted.method and quoted.charge_cents:
                refuse_short(quoted.method, quoted.charge_cents, spent[quoted.method.id])
                spent[quoted.method.id] += quoted.charge_cents
        except Refused as refused:
            refuse(dispatcher, refused)
        else:
            allowed.append((change, quoted))
    return allowed


def _state(order: Order | None) -> str:
    """The state a change was checked in: of its order, or of the account where it has none."""
    return f"{order.status}, version {order.version}" if order else "account"
