"""What a simulated customer keeps in mind in one conversation: what it knows, still wants, has seen and has said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.testing.facts import Facts, Reaction
from assistant.testing.requests import Request
from assistant.testing.screen import best
from assistant.testing.talk import Exchange

WANTED_STATUS = {
    "return_items": "delivered",
    "exchange_items": "delivered",
    "cancel_order": "pending",
    "change_order_items": "pending",
    "change_shipping_address": "pending",
    "change_payment_method": "pending",
}


class Memory:
    """It changes as the conversation goes on."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.todo: list[Request] = list(facts.requests)
        self.request: Request | None = None
        self.reaction: Reaction | None = facts.at_confirmation
        self.payments = list(facts.payments)
        self.numbers = list(facts.order_ids)
        self.which = list(facts.which)
        named = tuple((slot, value) for slot, value in (("name", facts.name), ("zip", facts.zip)) if value)
        self.claims = [*((("email", email),) for email in facts.emails), *([named] if len(named) > 1 else [])]
        self.rephrasings = 0
        self.repeats = 0
        self.last_asked: tuple[str | None, tuple[str, ...]] = (None, ())
        self.orders: dict[str, Mapping[str, Any]] = {}  # cards seen, by order id
        self.looked = False  # at the list of orders
        self.confirmed = ""  # the details that it last said yes to
        self.settled: set[str] = set()  # orders about which something was done or refused
        self.corrected: set[str] = set()  # what has been put right once at a confirmation

    def look(self, exchange: Exchange) -> None:
        """Keep the orders that are on the screen."""
        for message in exchange.messages:
            self.orders |= {card["id"]: card for card in message.cards if card.get("kind") == "order"}

    def fitting(self, request: Request) -> list[Mapping[str, Any]]:
        """The orders seen that a request can be about: in the right status, holding the most of its words."""
        status = WANTED_STATUS.get(request.intent)
        possible = [card for card in self.orders.values() if status is None or card["status"] == status]
        if request.every and not request.items:
            return possible
        names = request.items if request.every else (" ".join(request.items) or request.words,)
        found = {card["id"]: card for name in names for card in best(possible, name)}
        return list(found.values()) or ([] if request.items else possible)

    def items_there(self) -> tuple[str, ...]:
        """Those of the request that the order at hand holds, as far as it has been seen."""
        request = self.request
        if request is None:
            return ()
        card = self.orders.get(request.order_ids[0]) if request.order_ids else None
        there = tuple(item for item in request.items if card and best([card], item))
        return there or request.items
