"""Settle where the money goes: the slot `method`, the id of one of the customer's own payment methods.

A refund goes to a method that the order was paid with or to a gift card; a price difference is settled with any method
on file. Where only one is allowed, or no money moves, nothing is asked: the confirmation names it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.asking import Choice, Question, picked_id
from assistant.actions.changing import refuse
from assistant.actions.choosing import OrderTaskAction
from assistant.actions.exchange_plan import exchange_of
from assistant.desk.changes import Refused, quote
from assistant.desk.payment_methods import choose_method
from assistant.facts import as_said
from assistant.presentation import method_text, money
from assistant.store import Order, PaymentMethod

SHORT_OF_MONEY = "utter_gift_card_short"


class ChooseMethod(OrderTaskAction):
    """Set `method`, or ask with the methods allowed as buttons."""

    question: str

    @abstractmethod
    def methods_for(self, order: Order) -> list[PaymentMethod]: ...

    def refusal(self, session: Session, tracker: Tracker, method: PaymentMethod) -> Refused | None:
        """Why an allowed method cannot be taken for this very change."""
        return None

    def moves_money(self, session: Session, tracker: Tracker, method: PaymentMethod) -> bool:
        """Whether it matters which method it is."""
        return True

    def work(
        self, dispatcher: CollectingDispatcher, session: Session, tracker: Tracker, order: Order
    ) -> list[EventType]:
        words = tracker.slots.get("payment_method")
        allowed, on_file = self.methods_for(order), list(order.customer.payment_methods)
        picked = picked_id(tracker.slots, "payment_method") or words
        method = next((one for one in on_file if one.id == picked), None)
        if method is None and words:
            choice = choose_method(str(words), on_file, original_methods(order))
            method = choice.method
            if choice.unknown:
                dispatcher.utter_message(response="utter_payment_method_not_on_file", method=as_said(choice.unknown))
            fitting = [one for one in choice.candidates if one in allowed]
            if method is None and len(fitting) == 1:
                method = fitting[0]
            allowed = fitting or allowed
        elif method is None and len(allowed) == 1:
            method = allowed[0]
        elif method is None and not self.moves_money(session, tracker, original_methods(order)[0]):
            return [SlotSet("method", original_methods(order)[0].id), SlotSet("position", None)]
        if method is not None:
            refused = self._refused(session, tracker, method, allowed)
            if refused is None:
                kept = SlotSet("payment_method", words or method.id)  # holds if the items are corrected later
                return [SlotSet("method", method.id), kept, SlotSet("position", None)]
            refuse(dispatcher, refused)
            allowed = [one for one in self.methods_for(order) if one is not method]
        if not allowed:
            return [SlotSet("order", False)]
        return [SlotSet("payment_method", None), SlotSet("position", None), *self._ask(dispatcher, allowed)]

    def _refused(
        self, session: Session, tracker: Tracker, method: PaymentMethod, allowed: Sequence[PaymentMethod]
    ) -> Refused | None:
        if method not in allowed:
            return Refused("utter_refund_method_not_allowed", {"method": method_text(method)})
        return self.refusal(session, tracker, method)

    def _ask(self, dispatcher: CollectingDispatcher, allowed: Sequence[PaymentMethod]) -> list[EventType]:
        choices = tuple(Choice(method.id, method_name(method)) for method in allowed)
        return Question(self.question, "payment_method", choices).ask(dispatcher)


class ActionChooseRefundMethod(ChooseMethod):
    question = "utter_ask_refund_method"

    def name(self) -> str:
        return "action_choose_refund_method"

    def methods_for(self, order: Order) -> list[PaymentMethod]:
        original = original_methods(order)
        return [one for one in order.customer.payment_methods if one in original or one.source == "gift_card"]


class ActionChoosePayment(ChooseMethod):
    """For the price difference of swapped items; a gift card has to cover it."""

    question = "utter_ask_difference_method"

    def name(self) -> str:
        return "action_choose_payment"

    def methods_for(self, order: Order) -> list[PaymentMethod]:
        return list(order.customer.payment_methods)

    def refusal(self, session: Session, tracker: Tracker, method: PaymentMethod) -> Refused | None:
        try:
            quote(session, exchange_of(session, tracker, method.id))
        except Refused as refused:
            if refused.response == SHORT_OF_MONEY:  # another method helps; what else is wrong, the next step says
                return refused
        return None

    def moves_money(self, session: Session, tracker: Tracker, method: PaymentMethod) -> bool:
        try:
            quoted = quote(session, exchange_of(session, tracker, method.id))
        except Refused:
            return True
        return bool(quoted.charge_cents or quoted.refund_cents)


def original_methods(order: Order) -> list[PaymentMethod]:
    """What the order was paid with."""
    paid = [one.payment_method for one in order.payments if one.transaction_type == "payment"]
    return list(dict.fromkeys(paid))


def method_name(method: PaymentMethod) -> str:
    """For a button: "Visa card ending in 4821", "PayPal", "gift card with $50.00"."""
    name = method_text(method).removeprefix("your ")
    if method.source == "gift_card" and method.balance_cents is not None:
        return f"{name} with {money(method.balance_cents, method.currency)}"
    return name
