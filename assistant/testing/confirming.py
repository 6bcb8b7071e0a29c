"""What a simulated customer says to a confirmation: yes, or what is to be put right first."""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.testing.memory import Memory
from assistant.testing.phrases import PAYING, Utterance, meant_by, pays_by
from assistant.testing.reactions import Reaction
from assistant.testing.requests import TAKES_ITEMS, Request, said_list
from assistant.testing.screen import mentioned
from assistant.testing.talk import Exchange
from intents.commands import Command

REFUND_TO = re.compile(r"\brefund (?:it )?(?:to|on|onto) (?:my |a |the )?(gift ?card|paypal|credit card)", re.I)
OTHER_INSTEAD = re.compile(r"\bonly\b|\balso\b|\badd\b", re.I)


def confirm(memory: Memory, exchange: Exchange) -> Utterance:
    """Yes, unless the facts say otherwise; to the offer of a person, what the facts say of that."""
    offered = any(response in ("utter_offer_person", "utter_unsupported") for response in exchange.responses)
    if offered:
        return Utterance(*(("yes", (Command("affirm"),)) if memory.facts.wants_person else ("no", (Command("deny"),))))
    if correction := _correction(memory, exchange):
        return correction
    reaction = memory.reaction
    if reaction is None or memory.request is None or not _is_about(reaction, memory):
        memory.confirmed = exchange.shown.lower()
        return Utterance("yes", (Command("affirm"),))
    memory.reaction = None
    if reaction.refuses:
        return Utterance("no, I changed my mind, I want to keep it", (Command("deny"),))
    if _something_else(reaction, memory.request):
        memory.todo[:0] = [replace(one, words=reaction.words) for one in reaction.requests]
        named = PAYING.search(reaction.words)
        memory.payments = [named[0].lower()] if named else memory.payments
        return Utterance("no, I changed my mind", (Command("deny"),))
    meant = meant_by(reaction, memory.request.intent)
    wishes = tuple(wish for request in reaction.requests for wish in request.wishes)
    if wishes:
        memory.request = replace(memory.request, wishes=(*memory.request.wishes, *wishes) if reaction.adds else wishes)
    if paid := next((str(value) for command in meant if (value := command.get("payment_method"))), None):
        memory.payments = [paid]
    return Utterance(reaction.words, meant)


def _is_about(reaction: Reaction, memory: Memory) -> bool:
    """Whether it answers this confirmation: what is said of items or money, one about items."""
    request = memory.request
    if request is None or not request.changes_something:
        return False
    swaps = any(one.intent in TAKES_ITEMS for one in memory.facts.requests)
    return reaction.refuses or not swaps or request.intent in TAKES_ITEMS


def _something_else(reaction: Reaction, request: Request) -> bool:
    """Whether other things are wanted instead, not fewer or more of them."""
    items = {item for one in reaction.requests for item in one.items}
    named = items and not items & set(request.items)
    return bool(named) and not reaction.adds and not OTHER_INSTEAD.search(reaction.words)


def _correction(memory: Memory, exchange: Exchange) -> Utterance | None:
    """What is put right before a yes: an item left out, the payment, a whole order where one item was meant."""
    request, text = memory.request, exchange.shown.lower()
    if request is None or not request.changes_something:
        return None
    if request.only_some and " and the " in text:
        memory.refused = True
        return Utterance("no, not the whole order", (Command("deny"),))
    paid_back = REFUND_TO.search(request.words) if request.intent == "cancel_order" else None
    if paid_back and not pays_by(paid_back[1].lower(), text):
        memory.refused = True
        return Utterance(f"no, only if the money goes to my {paid_back[1].lower()}", (Command("deny"),))
    if request.cheaper and " less" not in text and "back to you" not in text:
        return Utterance("no, then I'd rather keep what I have", (Command("deny"),))
    there = memory.items_there()
    missing = [item for item in there if not mentioned(item, text) and item not in memory.corrected]
    if missing and request.intent in TAKES_ITEMS and "everything" not in missing:
        memory.corrected |= set(missing)
        wishes = tuple(wish for wish in request.wishes if wish.item in missing)
        left_out = replace(request, wishes=wishes, order_ids=())
        return Utterance(f"you forgot the {said_list(missing)}", left_out.commands())
    method = memory.payments[0] if memory.payments else None
    if method and request.intent in TAKES_ITEMS and not pays_by(method, text) and method not in memory.corrected:
        memory.corrected.add(method)
        return Utterance(f"use my {method} please", (Command("inform", (("payment_method", method),)),))
    return None
