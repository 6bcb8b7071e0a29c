"""What a simulated customer keeps in mind in one conversation: what it knows, still wants, has seen and has said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assistant.testing.facts import Facts
from assistant.testing.reactions import Reaction
from assistant.testing.requests import Request, Wish
from assistant.testing.screen import best, excepted, holds_more, is_done, price_in
from assistant.testing.talk import Exchange

WANTED_STATUS = {
    "return_items": "delivered",
    "exchange_items": "delivered",
    "cancel_order": "pending",
    "change_order_items": "pending",
    "change_shipping_address": "pending",
    "change_payment_method": "pending",
}


EVERYTHING = "everything"
NEW_HOME = re.compile(r"\bnew (?:home|house|place|address)\b", re.I)


def goes_where_bought(request: Request) -> bool:
    """Whether an order is to go to the new home, where something bought lately was sent."""
    return request.intent in ("change_shipping_address", "update_address") and bool(NEW_HOME.search(request.words))


def _of_card(wish: Wish, card: Mapping[str, Any]) -> Wish:
    """ "Everything except the lamp and the rug", of an order that has only the rug: "everything except the rug"."""
    names = [name for name in excepted(wish.item) if best([card], name)]
    if not excepted(wish.item):
        return wish
    return replace(wish, item=f"{EVERYTHING} except {' and'.join(names).strip()}" if names else EVERYTHING)


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
        self.refused = False  # it has itself turned down what it was offered instead of its wish
        self.done: set[str] = set()  # the intents that were carried out
        self.price: float | None = None  # the lowest on the products last shown, in dollars
        self.last_order: str | None = None  # the order that was dealt with last
        self.resigned = 0  # how often it has gone on without a wish

    def look(self, exchange: Exchange) -> None:
        """Keep the orders that are on the screen."""
        self.price = price_in(exchange) or self.price
        if is_done(exchange) and self.request:
            self.done.add(self.request.intent)
        for message in exchange.messages:
            self.orders |= {card["id"]: card for card in message.cards if card.get("kind") == "order"}

    def fitting(self, request: Request) -> list[Mapping[str, Any]]:
        """The orders seen that a request can be about: in the right status, holding the most of its words."""
        status = WANTED_STATUS.get(request.intent)
        possible = [card for card in self.orders.values() if status is None or card["status"] == status]
        if not request.every:
            possible = [card for card in possible if card["id"] not in self.settled] or possible
        if request.beside:
            possible = best(possible, request.beside) or possible
        if self.facts.bought and goes_where_bought(request):
            possible = [card for card in possible if not best([card], self.facts.bought)] or possible
        if request.items and (left_out := excepted(request.items[0])):
            return [card for card in possible if holds_more(card, left_out)]
        if not request.items:
            told = [] if request.every else best(possible, request.words)
            return told or (possible if request.changes_something or len(possible) == 1 else [])
        if request.every:
            found = {card["id"]: card for name in self.named(request) for card in best(possible, name)}
            return list(found.values())
        there = [sum(bool(best([card], item)) for item in request.items) for card in possible]
        most = [card for card, held in zip(possible, there, strict=True) if held and held == max(there)]
        return best(most, " ".join(request.items)) if len(request.items) == 1 else most

    def named(self, request: Request) -> list[str]:
        """The items of a request as they are told apart when somebody asks which."""
        return [" ".join([item, *self.facts.which]) for item in request.items]

    def of_order(self, request: Request, order_id: str) -> Request:
        """What a request comes to for one order: the wishes about things that are in it."""
        card = self.orders[order_id]
        told = tuple(_of_card(wish, card) for wish in request.wishes)
        there = tuple(one for one in told if not one.item or one.item.startswith(EVERYTHING) or best([card], one.item))
        return replace(request, order_ids=(order_id,), wishes=there, every=False, left=False)

    def items_there(self) -> tuple[str, ...]:
        """Those of the request that the order at hand holds, as far as it has been seen."""
        request = self.request
        if request is None:
            return ()
        card = self.orders.get(request.order_ids[0]) if request.order_ids else None
        there = tuple(item for item in request.items if card and best([card], item))
        return there or request.items
