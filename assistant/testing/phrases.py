"""How a simulated customer words a request in few words, and a correction of one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from assistant.testing.reactions import Reaction
from assistant.testing.requests import TAKES_ITEMS, Request, said_list
from intents.commands import Command

PLAIN = {  # how a request is said again
    "cancel_order": "cancel my order{order}",
    "return_items": "I want to return {items}{order}",
    "exchange_items": "exchange {items}{order}{into}",
    "change_order_items": "change {items}{order}{into}",
    "change_shipping_address": "change the shipping address of my order{order}",
    "change_payment_method": "change the payment method of my order{order}",
    "update_address": "change my default address",
    "track_order": "where is my order{order}",
}
MEANS = {  # how the assistant says what it takes a request for, when it asks
    "return_items": "return items",
    "exchange_items": "swap items",
    "change_order_items": "change items",
    "cancel_order": "cancel an order",
    "change_shipping_address": "send an order elsewhere",
    "change_payment_method": "pay an order another way",
    "update_address": "change the default address",
    "track_order": "know where an order is",
    "order_details": "know what an order holds",
}
PAYING = re.compile(r"paypal|gift ?card|other card|visa|credit card", re.I)


GOING_ON = (  # without what cannot be had
    "ok, then leave that one out and go on with the rest",
    "that's a pity, but please do the others",
    "fine, skip it and carry on without it",
    "then forget that one and go ahead with what's left",
)
GIVING_UP = ("never mind then", "ok, leave it as it is", "forget it then", "then let's drop that")


@dataclass(frozen=True)
class Utterance:
    """What the customer types, and what it means by it."""

    words: str
    meant: tuple[Command, ...]


def plainly(request: Request, order_id: str | None) -> str:
    """A request in few words: how it is said again, and for each of several orders."""
    if request.intent not in PLAIN:
        return request.words
    into = next((wish.into for wish in request.wishes if wish.into), None)
    return PLAIN[request.intent].format(
        items=_with_article(said_list(request.items)) if request.items else "everything",
        order=f" {order_id}" if order_id else "",
        into=f" for {into}" if into else "",
    )


def _with_article(items: str) -> str:
    return items if items.startswith("everything") else f"the {items}"


def whose_address(request: Request | None) -> str:
    """An address that the customer does not spell out: where it can be found."""
    words = request.words if request else ""
    if re.search(r"\bto (?:my|the) (?:default|original)\b", words):
        return "my default address"
    target = re.search(r"\b(?:to|as) ((?:be )?(?:the same as |my |the )[^(.;]+)", words)
    return target[1].removeprefix("be ") if target else "the address of my other order"


def meant_by(reaction: Reaction, intent: str) -> tuple[Command, ...]:
    """A correction of what is under way: the items that remain, more of the same, or another way to pay."""
    more = [replace(request, intent=intent) for request in reaction.requests if request.intent in TAKES_ITEMS]
    items = tuple(("item", item) for request in more for item in request.items)
    if reaction.adds or any(wish.into for request in more for wish in request.wishes):
        return tuple(command for request in more for command in request.commands())
    paying = PAYING.search(reaction.words)
    paid = (("payment_method", paying[0].lower()),) if paying else ()
    return (Command("inform", (*items, *paid)),) if items or paid else (Command("affirm"),)


def pays_by(method: str, text: str) -> bool:
    """Whether the details say so; any card will do for "credit card"."""
    sign = {"credit card": "card ending", "other card": "card ending", "original payment method": ""}.get(
        method, method
    )
    return all(word.removesuffix(" card") in text for word in sign.removesuffix(" credit card").split(" or "))
