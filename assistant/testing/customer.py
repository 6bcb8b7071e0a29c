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
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.testing.answers import answer, give_up, identify
from assistant.testing.facts import Facts
from assistant.testing.memory import Memory
from assistant.testing.phrases import MEANS, Utterance, plainly
from assistant.testing.requests import Request, Wish, said_list
from assistant.testing.screen import (
    IDENTITY,
    NOT_TO_BE_HAD,
    NOT_UNDERSTOOD,
    WRONG_ORDER,
    best,
    buttons_of,
    is_done,
    is_refusal,
    mentioned,
    said_in,
    words,
)
from assistant.testing.talk import Exchange
from intents.commands import Command

MOST_REPHRASINGS = 2  # of one request
MOST_REPEATS = 3  # of one question in a row, before the request is given up
LIKE_ANOTHER = re.compile(  # "the same type as the one I received"
    r"\b(?:type|kind|one|version|model|same)\b.*\b(?:received|already have|(?:pending|other|another) order)\b", re.I
)
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
        self.memory.corrected, self.memory.refused = set(), False
        self.memory.request = None
        while self.memory.todo and not self._holds(self.memory.todo[0]):
            self.memory.todo.pop(0)
        if not self.memory.todo:
            return None
        self.memory.request = request = self.memory.todo.pop(0)
        if request.left:
            return self._rest(request)
        if any(LIKE_ANOTHER.search(wish.into or "") for wish in request.wishes):
            return self._like_another(request)
        return self._say(request)

    def _say(self, request: Request) -> Utterance:
        number = request.order_ids[0] if request.order_ids else ""
        words = request.words if number in request.words else f"{request.words} (order {number})"
        return Utterance(words, request.commands())

    def _holds(self, request: Request) -> bool:
        """Whether the condition of a request holds: something done before, a price seen."""
        if request.after:
            return request.after in self.memory.done
        if request.bound is None:
            return True
        side, dollars = request.bound
        price = self.memory.price
        return price is not None and (price < dollars if side == "below" else price >= dollars)

    def _looks(self, request: Request) -> Utterance:
        """See all orders before this request is made."""
        self.memory.looked = True
        self.memory.todo.insert(0, request)
        return Utterance("show me all my orders", (Command("list_orders"),))

    def _like_another(self, request: Request) -> Utterance:
        """ "The same type as in my other order": look at the orders and spell out what is meant."""
        if not self.memory.looked:
            return self._looks(request)
        mine = self.memory.fitting(request)[:1]
        wishes = tuple(replace(wish, into=self._spelt_out(wish, mine)) for wish in request.wishes)
        told = ", ".join(wish.into for wish in wishes if wish.into)
        request = replace(request, wishes=wishes, words=f"{request.words}: {told}")
        self.memory.request = replace(request, order_ids=tuple(card["id"] for card in mine))
        return self._say(self.memory.request)

    def _spelt_out(self, wish: Wish, mine: Sequence[Mapping[str, Any]]) -> str | None:
        """The options of the same thing in another order, a pending one where that is said."""
        if not LIKE_ANOTHER.search(wish.into or ""):
            return wish.into
        others = [card for card in self.memory.orders.values() if card not in mine]
        pending = "pending" in (wish.into or "")
        held = best([card for card in others if (card["status"] == "pending") == pending], wish.item)
        named = [item for card in held[:1] for item in card["items"] if words(wish.item) & words(item["name"])]
        return str(named[0].get("options") or wish.into) if named else wish.into

    def _rest(self, request: Request) -> Utterance | None:
        """ "All my pending orders": look at the orders, then ask for those one by one that nothing was said about."""
        if not self.memory.looked:
            return self._looks(request)
        ids = [card["id"] for card in self.memory.fitting(request) if card["id"] not in self.memory.settled]
        each = [self.memory.of_order(request, one) for one in ids]
        self.memory.todo = [*(replace(one, words=plainly(one, one.order_ids[0])) for one in each), *self.memory.todo]
        return self._next()

    def _after(self, exchange: Exchange) -> Utterance | None:
        """The assistant asks nothing: the request is done, or refused; then what to ask for instead comes first."""
        memory, request = self.memory, self.memory.request
        if "utter_handoff" in exchange.responses and memory.facts.wants_person:
            return None
        if request and request.changes_something:
            numbers = ORDER_ID.findall(said_in(exchange))
            memory.settled |= set(numbers)
            memory.last_order = numbers[0] if numbers and is_done(exchange) else memory.last_order
            if request.every and not request.left:
                memory.looked = False  # what it saw before has changed
                memory.todo.insert(0, replace(request, left=True))
        self._keep_for_another_order()
        if request:
            memory.todo[:0] = self._second_best(request, exchange)
        return self._next()

    def _second_best(self, request: Request, exchange: Exchange) -> list[Request]:
        """What to ask for when the request was not carried out: less, something else, or the right order."""
        refused = is_refusal(exchange) or self.memory.refused
        gone = any(NOT_TO_BE_HAD.match(response) for response in exchange.responses)
        if gone and request.otherwise:
            into, *others = request.otherwise
            wishes = tuple(replace(wish, into=into) for wish in request.wishes[:1])
            words = f"Then I want to exchange the {said_list(request.items[:1])} for {into}"
            return [replace(request, words=words, wishes=wishes, otherwise=tuple(others))]
        if request.instead and (refused or not request.changes_something):
            first, *later = request.instead
            order = first.order_ids or request.order_ids
            return [replace(first, instead=(*first.instead, *later), order_ids=order)]
        wrong = any(response in WRONG_ORDER for response in exchange.responses)
        if wrong and request.items and not request.order_ids and not request.every:
            self.memory.looked = False
            return [replace(request, left=True)]
        return []

    def _keep_for_another_order(self) -> None:
        """What the confirmed details left out is asked for again: it is in another order."""
        text, self.memory.confirmed = self.memory.confirmed, ""
        if not (text and self.memory.request):
            return
        left = tuple(wish for wish in self.memory.request.wishes if not mentioned(wish.item, text))
        if 0 < len(left) < len(self.memory.request.wishes):
            rest = replace(self.memory.request, wishes=left, order_ids=(), every=False)
            self.memory.looked = self.memory.looked and self.memory.request.intent != "cancel_order"
            known = any(self.memory.fitting(replace(rest, every=True)) for _ in left[:1])
            self.memory.todo.insert(0, replace(rest, words=plainly(rest, None), every=known, left=known))

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
