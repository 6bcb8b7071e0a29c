"""What a simulated customer says to a confirmation: yes, or what is to be put right first."""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.testing.facts import said_list
from assistant.testing.memory import Memory
from assistant.testing.phrases import Utterance, meant_by, pays_by
from assistant.testing.requests import TAKES_ITEMS
from assistant.testing.screen import mentioned
from assistant.testing.talk import Exchange
from intents.commands import Command

ONLY_THIS = re.compile(r"\bonly\b|\bkeep\b|\bnot (?:to )?do\b", re.I)


def confirm(memory: Memory, exchange: Exchange) -> Utterance:
    """Yes, unless the facts say otherwise; to the offer of a person, what the facts say of that."""
    offered = any(response in ("utter_offer_person", "utter_unsupported") for response in exchange.responses)
    if offered:
        return Utterance(*(("yes", (Command("affirm"),)) if memory.facts.wants_person else ("no", (Command("deny"),))))
    if correction := _correction(memory, exchange):
        return correction
    reaction = memory.reaction
    if reaction is None or not (memory.request and memory.request.changes_something):
        memory.confirmed = exchange.shown.lower()
        return Utterance("yes", (Command("affirm"),))
    memory.reaction = None
    if reaction.refuses:
        return Utterance("no, I changed my mind, I want to keep it", (Command("deny"),))
    meant = meant_by(reaction, memory.request.intent)
    wishes = tuple(wish for request in reaction.requests for wish in request.wishes)
    if wishes:
        memory.request = replace(memory.request, wishes=(*memory.request.wishes, *wishes) if reaction.adds else wishes)
    if paid := next((str(value) for command in meant if (value := command.get("payment_method"))), None):
        memory.payments = [paid]
    return Utterance(reaction.words, meant)


def _correction(memory: Memory, exchange: Exchange) -> Utterance | None:
    """What is put right before a yes: an item left out, the payment, a whole order where one item was meant."""
    request, text = memory.request, exchange.shown.lower()
    if request is None or not request.changes_something:
        return None
    if request.intent == "cancel_order" and request.items and ONLY_THIS.search(request.words) and " and the " in text:
        return Utterance("no, not the whole order", (Command("deny"),))
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
