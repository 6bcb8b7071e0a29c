"""What a simulated customer answers to a question, from what it knows or reads on the screen.

answer(memory, exchange)  ->  what it says about the slot that is asked for
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from assistant.testing.confirming import confirm
from assistant.testing.memory import Memory, goes_where_bought
from assistant.testing.phrases import GIVING_UP, GOING_ON, Utterance, whose_address
from assistant.testing.reader import WRITTEN_REASONS
from assistant.testing.requests import Request, said_list
from assistant.testing.screen import best, buttons_of, is_refusal, words
from assistant.testing.talk import Exchange
from intents.commands import Command

SAME = re.compile(r"^(?:exactly )?(?:the|a) same\b")  # asked which variant then, it is not among them
NO_CHOICE = ("/affirm", "/deny", "/stop", "/human_handoff")  # buttons that pick nothing


def answer(memory: Memory, exchange: Exchange) -> Utterance | None:
    """What to say to a question; None when nothing is left to say."""
    if "utter_ask_go_on_with_rest" in exchange.responses and not (memory.request and memory.request.otherwise):
        return go_on(memory)
    return ANSWERS.get(exchange.asked or "", _wish)(memory, exchange)


def identify(memory: Memory, exchange: Exchange) -> Utterance | None:
    """By one e-mail address after the other, then by name and zip code; None when nothing is left to say."""
    if not memory.claims:
        return None
    slots = memory.claims.pop(0)
    said = ", ".join(value for _, value in slots)
    return Utterance(f"my email is {said}" if "@" in said else said, (Command("identify", slots),))


def give_up(memory: Memory) -> Utterance:
    """Drop a question that cannot be answered, and go on to the next request."""
    memory.last_asked = (None, ())
    memory.refused = True
    return drop(memory)


def drop(memory: Memory) -> Utterance:
    """What is under way is not to be done after all."""
    memory.resigned += 1
    return Utterance(GIVING_UP[memory.resigned % len(GIVING_UP)], (Command("stop"),))


def go_on(memory: Memory) -> Utterance:
    """Without what cannot be had, with what is left."""
    memory.resigned += 1
    return Utterance(GOING_ON[memory.resigned % len(GOING_ON)], (Command("affirm"),))


def _order(memory: Memory, exchange: Exchange) -> Utterance | None:
    if memory.numbers:
        return _number(memory, memory.numbers.pop(0))
    if memory.request and memory.request.order_ids and not memory.repeats:
        return _number(memory, memory.request.order_ids[0])
    fitting = memory.fitting(memory.request) if memory.request else []
    if memory.request and not memory.request.changes_something and memory.last_order and not memory.request.items:
        return _number(memory, memory.last_order)
    if memory.which and (meant := best(fitting, memory.which[0])) and len(meant) < len(fitting):
        return _number(memory, str(meant[0]["id"]))
    if fitting and (memory.looked or len(fitting) == 1 or memory.repeats):
        return _number(memory, str(fitting[min(memory.repeats, len(fitting) - 1)]["id"]))
    if memory.request and memory.request.items and not memory.repeats:
        item = memory.request.items[0]
        return Utterance(f"the one with the {item}", (Command("inform", (("item", item),)),))
    if not memory.looked:
        memory.looked = True
        every = memory.request is None or memory.request.every
        return Utterance(f"show me {'all ' if every else ''}my orders", (Command("list_orders"),))
    return _number(memory, str(fitting[0]["id"])) if fitting else give_up(memory)


def _number(memory: Memory, number: str) -> Utterance:
    if memory.request:
        memory.request = replace(memory.request, order_ids=(number,))
    return Utterance(number, (Command("inform", (("order_id", number),)),))


def _item(memory: Memory, exchange: Exchange) -> Utterance | None:
    if memory.which and (memory.repeats or buttons_of(exchange) or not (memory.request and memory.request.items)):
        which = memory.which.pop(0)
        return Utterance(which, (Command("inform", (("item", which),)),))
    there = "utter_item_not_in_order" in exchange.responses
    if not there and (chosen := _choice(memory, exchange)):
        return chosen
    items = memory.items_there()
    if not items:
        return Utterance("all of it", (Command("inform", (("item", "all of it"),)),))
    return Utterance(f"the {said_list(items)}", (Command("inform", tuple(("item", one) for one in items)),))


def _wish(memory: Memory, exchange: Exchange) -> Utterance | None:
    """Which variant: the button that fits the wish best, else the wish in words."""
    same = any(SAME.search(wish.into or "") for wish in memory.request.wishes) if memory.request else False
    if memory.request and (is_refusal(exchange) or (same and memory.request.otherwise)):
        return _settle_for(memory, memory.request)
    if chosen := _choice(memory, exchange):
        return chosen
    intos = [wish.into for wish in memory.request.wishes if wish.into] if memory.request else []
    if not intos:
        wish = memory.facts.preferences or "the cheapest one"
        return Utterance(wish, (Command("inform", (("feature", wish),)),))
    return Utterance(intos[0], (Command("inform", (("feature", intos[0]),)),))


def _settle_for(memory: Memory, request: Request) -> Utterance:
    """The wish cannot be had: the next best that the facts allow, else what is left of the request without it."""
    if request.otherwise:
        memory.request = replace(request, otherwise=request.otherwise[1:])
        return Utterance(request.otherwise[0], (Command("inform", (("feature", request.otherwise[0]),)),))
    first = request.instead[0] if request.instead else None
    if first and not (first.intent == request.intent and 0 < len(first.items) < len(request.items)):
        memory.todo.insert(0, replace(first, instead=request.instead[1:]))
        memory.request = replace(request, instead=())
        return drop(memory)
    if len(request.wishes) > 1:
        memory.request = replace(request, instead=())
        return go_on(memory)
    return drop(memory)


def _choice(memory: Memory, exchange: Exchange) -> Utterance | None:
    """Press the button whose words the request holds most of."""
    buttons = [button for button in buttons_of(exchange) if button.payload not in NO_CHOICE]
    if not buttons:
        return None
    wanted = words(
        " ".join([memory.request.words if memory.request else "", memory.facts.preferences, *memory.facts.which])
    )
    fitting = max(buttons, key=lambda button: len(wanted & words(button.title)))
    return Utterance(fitting.payload, ()) if wanted & words(fitting.title) else None


def _payment(memory: Memory, exchange: Exchange) -> Utterance:
    """The method preferred; the next one when it was refused, and a person when there is none and one is wanted."""
    first = memory.request.instead[0] if memory.request and memory.request.instead else None
    if first and first.payment and memory.request and is_refusal(exchange):
        memory.payments, memory.request = [first.payment], first
        pays = Command("inform", (("payment_method", first.payment),))
        return Utterance(f"then {first.words}, I mean my {first.payment}", (*first.commands(), pays))
    if memory.payments and is_refusal(exchange):
        memory.payments.pop(0)
        if not memory.payments and memory.facts.wants_person:
            return Utterance("I want to talk to a human", (Command("human_handoff"),))
    method = memory.payments[0] if memory.payments else "the original payment method"
    return Utterance(method, (Command("inform", (("payment_method", method),)),))


def _reason(memory: Memory, exchange: Exchange) -> Utterance:
    own = memory.request.words.lower() if memory.request else ""
    told = next((reason for mark, reason in WRITTEN_REASONS.items() if mark in own), None)
    reason = told or memory.facts.reason or "no longer needed"
    said = {"no longer needed": "I no longer need it", "ordered by mistake": "I ordered it by mistake"}[reason]
    return Utterance(said, (Command("inform", (("reason", reason),)),))


def _address(memory: Memory, exchange: Exchange) -> Utterance:
    if memory.repeats and (chosen := _choice(memory, exchange)):
        return chosen
    there = memory.facts.bought and (memory.repeats or (memory.request and goes_where_bought(memory.request)))
    elsewhere = f"the address of my order with the {memory.facts.bought}" if there else None
    address = memory.facts.address or elsewhere or whose_address(memory.request)
    return Utterance(address, (Command("inform", (("address", address),)),))


ANSWERS: dict[str, Callable[[Memory, Exchange], Utterance | None]] = {
    "email": identify,
    "order_id": _order,
    "item": _item,
    "payment_method": _payment,
    "reason": _reason,
    "address": _address,
    "confirm": confirm,
}
