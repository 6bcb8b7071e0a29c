"""Read a customer's account, and say how accounts are looked after. Reads only.

Of a card the last four digits are told, of an e-mail its first letter and its domain; a gift card's number never.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from assistant.actions.base import ACCOUNT_HELP, ShopAction
from assistant.facts import from_elsewhere, told
from assistant.presentation import address_text, cell, how_many, listing, money, payment_text, table_card
from assistant.store import Customer, PaymentMethod

HELP_TOPICS = {  # of account_help, as buttons name them
    "password": "Password",
    "registration": "Open an account",
    "edit": "Change my details",
    "delete": "Delete my account",
    "newsletter": "Newsletter",
    "switch": "Use another account",
}

Told = tuple[str, dict[str, str]]  # a response and its facts


class ActionAccountInfo(ShopAction):
    """Tell what was asked of the account, or all of it."""

    def name(self) -> str:
        return "action_account_info"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        with self.shop.database.reading() as session:
            customer = session.get(Customer, tracker.slots.get("customer_id") or "")
            if customer is None:  # a flow that forgot to ask must not tell strangers anything
                dispatcher.utter_message(response="utter_ask_identity")
                return []
            tell = TOLD_OF.get(str(tracker.slots.get("attribute")))
            if tell:
                response, facts = tell(customer)
                dispatcher.utter_message(response=response, **facts)
            else:
                dispatcher.utter_message(response="utter_account", json_message={"cards": [account_card(customer)]})
        return []


class ActionAccountHelp(ShopAction):
    """Say how something is done with an account, in the shop's own words."""

    def name(self) -> str:
        return "action_account_help"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        topic = str(tracker.slots.get("topic") or "")
        text = self.shop.account_help.get(topic)
        if text:
            dispatcher.utter_message(response="utter_policy", text=from_elsewhere(text, ACCOUNT_HELP.name, topic))
        elif topic or not self.shop.account_help:
            dispatcher.utter_message(response="utter_policy_unknown")
        else:
            topics = [(HELP_TOPICS.get(one, one), json.dumps({"topic": one})) for one in self.shop.account_help]
            buttons = [{"title": title, "payload": f"/account_help{slots}"} for title, slots in topics]
            dispatcher.utter_message(response="utter_ask_account_topic", buttons=buttons)
        return []


def gift_cards(customer: Customer) -> Told:
    cards = [method for method in customer.payment_methods if method.source == "gift_card"]
    if not cards:
        return "utter_no_gift_card", {}
    facts = {"balance": balance_text(cards)} | ({"cards": how_many(cards)} if len(cards) > 1 else {})
    return "utter_gift_card_balance", facts


def payment_methods(customer: Customer) -> Told:
    if not customer.payment_methods:
        return "utter_no_payment_methods", {}
    return "utter_payment_methods", {"methods": methods_text(customer)}


def default_address(customer: Customer) -> Told:
    if customer.default_address is None:
        return "utter_no_default_address", {}
    return "utter_default_address", {"address": default_address_text(customer)}


def email(customer: Customer) -> Told:
    return "utter_account_email", {"email": masked_email(customer)}


def loyalty_points(customer: Customer) -> Told:
    return "utter_loyalty_points", {"points": cell(customer, "loyalty_points")}


TOLD_OF: dict[str, Callable[[Customer], Told]] = {  # by the values of the slot `attribute`
    "gift_card_balance": gift_cards,
    "payment_methods": payment_methods,
    "address": default_address,
    "email": email,
    "loyalty_points": loyalty_points,
}


@told
def balance_text(cards: Sequence[PaymentMethod]) -> str:
    """What is on the gift cards together."""
    return money(sum(card.balance_cents or 0 for card in cards), cards[0].currency)


@told
def methods_text(customer: Customer) -> str:
    return listing(map(with_balance, customer.payment_methods))


@told
def default_address_text(customer: Customer) -> str:
    address = customer.default_address
    return address_text(address.snapshot()) if address else ""


@told
def masked_email(customer: Customer) -> str:
    return masked(customer.email)


@told
def account_card(customer: Customer) -> dict[str, Any]:
    rows = [
        ("Name", [f"{customer.first_name} {customer.last_name}"]),
        ("E-mail", [masked(customer.email)]),
        ("Default address", [default_address_text(customer) or "none"]),
        ("Payment methods", [methods_text(customer) or "none"]),
        ("Loyalty points", [f"{customer.loyalty_points:,}"]),
    ]
    return table_card("Your account", [], rows)


def with_balance(method: PaymentMethod) -> str:
    """As in "a Visa card ending in 4821" or "a gift card with $20.00"."""
    balance = f" with {money(method.balance_cents, method.currency)}" if method.balance_cents is not None else ""
    return payment_text(method) + balance


def masked(address: str) -> str:
    """An e-mail that its owner recognises and nobody else can use: "m***@example.com"."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}***@{domain}"
