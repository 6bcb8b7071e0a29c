"""Buy what is in the cart: settle the payment method, show everything once more, and order after a yes.

A demo shop takes no money: the payment is written down, and only gift cards have a balance to spend.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from assistant.actions.account import default_address_text
from assistant.actions.base import ShopAction
from assistant.actions.cart import cart_card, cart_total, counted
from assistant.actions.change_events import change_event
from assistant.actions.changing import YES_OR_NO, refuse
from assistant.actions.paying import method_buttons
from assistant.desk import carts
from assistant.desk.payment_methods import choose_method
from assistant.desk.terms import Refused
from assistant.facts import as_said, to_be_written, told
from assistant.presentation import listing, method_text, money
from assistant.store import CartItem, Customer, PaymentMethod
from assistant.store.orders import SHIPPING_CENTS

NO_CART = (SlotSet("cart", False), SlotSet("method", False), SlotSet("plan", None))  # the task ends here


class ActionCheckCart(ShopAction):
    """Set `cart`: whether there is anything to buy. An empty cart is said to be."""

    def name(self) -> str:
        return "action_check_cart"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        with self.shop.database.reading() as session:
            filled = bool(carts.lines_of(session, tracker.sender_id))
        if not filled:
            dispatcher.utter_message(response="utter_cart_empty")
        return [SlotSet("cart", filled)]


class ActionChooseCheckoutMethod(ShopAction):
    """Set `method` to the one on file that is named, or the only one; otherwise ask."""

    def name(self) -> str:
        return "action_choose_checkout_method"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        with self.shop.database.reading() as session:
            customer = session.get(Customer, tracker.slots.get("customer_id") or "")
            if customer is None:  # a flow that forgot to ask must not sell anything
                dispatcher.utter_message(response="utter_ask_identity")
                return list(NO_CART)
            if customer.default_address is None or not customer.payment_methods:
                missing = "payment_methods" if customer.default_address else "default_address"
                dispatcher.utter_message(response=f"utter_no_{missing}")
                return list(NO_CART)
            methods = list(customer.payment_methods)
            said = tracker.slots.get("payment_method")
            if not said:
                return self._only_or_ask(dispatcher, methods)
            choice = choose_method(str(said), methods, ())
            if choice.method is not None:
                return [SlotSet("method", choice.method.id)]
            if choice.unknown:
                dispatcher.utter_message(
                    response="utter_payment_method_not_on_file",
                    method=as_said(choice.unknown),
                    buttons=method_buttons(methods),
                )
                return [SlotSet("payment_method", None)]
            return [SlotSet("payment_method", None), *self._only_or_ask(dispatcher, choice.candidates or methods)]

    def _only_or_ask(self, dispatcher: CollectingDispatcher, methods: Any) -> list[EventType]:
        if len(methods) == 1:
            return [SlotSet("method", methods[0].id)]
        dispatcher.utter_message(response="utter_ask_payment_method", buttons=method_buttons(methods))
        return []


class ActionConfirmCheckout(ShopAction):
    """Show items, shipping, total, address and payment, with Yes and No; keep it all in `plan`."""

    def name(self) -> str:
        return "action_confirm_checkout"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        with self.shop.database.reading() as session:
            customer = session.get_one(Customer, tracker.slots["customer_id"])
            method = next((one for one in customer.payment_methods if one.id == tracker.slots.get("method")), None)
            lines = carts.lines_of(session, tracker.sender_id)
            try:
                if method is None or customer.default_address is None:
                    raise Refused("utter_cart_moved")
                plan = carts.checkout_change(customer, lines, method)
                carts.refuse_checkout(session, plan, tracker.sender_id)
            except Refused as refused:
                refuse(dispatcher, refused)
                return [*NO_CART, SlotSet("confirm", False)]
            shipping = plan[SHIPPING_CENTS]
            facts = {
                "items": cart_text(lines, shipping),
                "total": cart_total(lines, shipping),
                "address": default_address_text(customer),
                "method": method_text(method),
            }
            card = {"cards": [cart_card(lines, shipping)]}
        dispatcher.utter_message(response="utter_confirm_checkout", json_message=card, buttons=YES_OR_NO, **facts)
        return [SlotSet("plan", plan)]


class ActionCheckout(ShopAction):
    """Order what `plan` holds, which the shopper has just said yes to."""

    def name(self) -> str:
        return "action_checkout"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        plan = dict(tracker.slots.get("plan") or {})
        if not plan or plan["customer_id"] != tracker.slots.get("customer_id"):
            return []
        with self.shop.database.reading() as session:
            try:
                lines = carts.refuse_checkout(session, plan, tracker.sender_id)
            except Refused as refused:
                refuse(dispatcher, refused)
                return []
            plan["order_id"] = carts.new_order_id(session)
            method = session.get_one(PaymentMethod, plan["payment_method_id"])
            total = cart_total(lines, plan[SHIPPING_CENTS])
            facts = {
                "order_id": to_be_written(plan["order_id"], "cell", "orders", plan["order_id"], "id"),
                "total": to_be_written(total, "order_total", "orders", plan["order_id"]),
                "method": method_text(method),
            }
        dispatcher.utter_message(response="utter_order_placed_now", **facts)
        return [change_event(tracker, plan, "cart as shown, in stock"), SlotSet("last_order_id", plan["order_id"])]


@told
def cart_text(lines: Sequence[CartItem], shipping_cents: int) -> str:
    """As in "2 x Mug (blue) at $25.00, plus $5.95 for shipping"."""
    names = listing(counted(line.variant, line.quantity) for line in lines)
    sending = f"plus {money(shipping_cents, lines[0].variant.currency)} for shipping"
    return f"{names} at {cart_total(lines)}, {sending if shipping_cents else 'with free shipping'}"
