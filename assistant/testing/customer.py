"""A simulated customer: plays a task's facts by rule against the assistant, without a model.

    customer = Customer(facts)
    said = customer.begins()
    while said: said = customer.answers(talk.says(said.words))

It asks for one thing after the other, answers what is asked from what it knows or reads on the screen, says yes to a
confirmation unless its facts say otherwise, says it another way when it is not understood (twice at most), and asks for
something else when it is refused. It never sees what the task expects.
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.testing.answers import answer, give_up, identify
from assistant.testing.facts import Facts
from assistant.testing.memory import Memory
from assistant.testing.phrases import MEANS, Utterance, plainly
from assistant.testing.requests import Request
from assistant.testing.screen import IDENTITY, NOT_UNDERSTOOD, buttons_of, is_refusal, mentioned, said_in
from assistant.testing.talk import Exchange
from intents.commands import Command

MOST_REPHRASINGS = 2  # of one request
MOST_REPEATS = 3  # of one question in a row, before the request is given up
ORDER_ID = re.compile(r"#W\d{7}")


class Customer:
    """One customer in one conversation."""

    def __init__(self, facts: Facts) -> None:
        self.memory = Memory(facts)

    def begins(self) -> Utterance | None:
        return self._next()

    def answers(self, exchange: Exchange) -> Utterance | None:
        """What to say to this answer; None when there is nothing left to say."""
        self.memory.look(exchange)
        if any(response in IDENTITY for response in exchange.responses) and not exchange.identified:
            return identify(self.memory, exchange)
        if exchange.responses and exchange.responses[-1] in NOT_UNDERSTOOD:
            return self._again(exchange)
        if exchange.asked is None:
            return self._after(exchange)
        if self._stuck(exchange):
            return give_up(self.memory)
        return answer(self.memory, exchange)

    def _stuck(self, exchange: Exchange) -> bool:
        question = (exchange.asked, exchange.responses)
        self.memory.repeats = self.memory.repeats + 1 if question == self.memory.last_asked else 0
        self.memory.last_asked = question
        return self.memory.repeats >= MOST_REPEATS

    # moving on

    def _next(self) -> Utterance | None:
        self.memory.rephrasings = self.memory.repeats = 0
        self.memory.corrected = set()
        if not self.memory.todo:
            self.memory.request = None
            return None
        self.memory.request = self.memory.todo.pop(0)
        return self._rest(self.memory.request) if self.memory.request.left else self._say(self.memory.request)

    def _say(self, request: Request) -> Utterance:
        return Utterance(request.words, request.commands())

    def _rest(self, request: Request) -> Utterance | None:
        """ "All my pending orders": look at the orders, then ask for those one by one that nothing was said about."""
        if not self.memory.looked:
            self.memory.looked = True
            self.memory.todo.insert(0, request)
            return Utterance("show me all my orders", (Command("list_orders"),))
        ids = [card["id"] for card in self.memory.fitting(request) if card["id"] not in self.memory.settled]
        each = [replace(request, order_ids=(one,), words=plainly(request, one), every=False, left=False) for one in ids]
        self.memory.todo = [*each, *self.memory.todo]
        return self._next()

    def _after(self, exchange: Exchange) -> Utterance | None:
        """The assistant asks nothing: the request is done, or refused; then what to ask for instead comes first."""
        memory, request = self.memory, self.memory.request
        if "utter_handoff" in exchange.responses and memory.facts.wants_person:
            return None
        if request and request.changes_something:
            memory.settled |= set(ORDER_ID.findall(said_in(exchange)))
            if request.every and not request.left:
                memory.looked = False  # what it saw before has changed
                memory.todo.insert(0, replace(request, left=True))
        self._keep_for_another_order()
        if is_refusal(exchange) and request and request.instead:
            first, *others = request.instead
            order = first.order_ids or request.order_ids
            memory.todo.insert(0, replace(first, instead=(*first.instead, *others), order_ids=order))
        return self._next()

    def _keep_for_another_order(self) -> None:
        """What the confirmed details left out is asked for again: it is in another order."""
        text, self.memory.confirmed = self.memory.confirmed, ""
        if not (text and self.memory.request):
            return
        left = tuple(wish for wish in self.memory.request.wishes if not mentioned(wish.item, text))
        if 0 < len(left) < len(self.memory.request.wishes):
            rest = replace(self.memory.request, wishes=left, order_ids=(), every=False)
            self.memory.todo.insert(0, replace(rest, words=plainly(rest, None)))

    def _again(self, exchange: Exchange) -> Utterance | None:
        if "utter_ask_which_meaning" in exchange.responses and self._is_meant(exchange):
            return Utterance("yes", (Command("affirm"),))
        if self.memory.rephrasings >= MOST_REPHRASINGS or self.memory.request is None:
            if "utter_offer_person" in exchange.responses:
                return Utterance("no", (Command("deny"),))
            return self._next()
        self.memory.rephrasings += 1
        order = self.memory.request.order_ids[0] if self.memory.request.order_ids else None
        return Utterance(plainly(self.memory.request, order), self.memory.request.commands())

    def _is_meant(self, exchange: Exchange) -> bool:
        guess = buttons_of(exchange)[0].title.lower() if buttons_of(exchange) else ""
        meant = MEANS.get(self.memory.request.intent, "") if self.memory.request else ""
        return bool(meant) and meant in guess
