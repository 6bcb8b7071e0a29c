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
from dataclasses import dataclass, replace
from typing import Any

from assistant.testing.facts import Facts, Reaction, said_list
from assistant.testing.requests import TAKES_ITEMS, Request
from assistant.testing.talk import Exchange
from dialogues.messages import Button
from intents.commands import Command

MOST_REPHRASINGS = 2  # of one request
MOST_REPEATS = 3  # of one question in a row, before the request is given up
NOT_UNDERSTOOD = ("utter_rephrase", "utter_ask_which_meaning", "utter_offer_person", "utter_out_of_scope")
REFUSAL = re.compile(
    r"utter_(?:.*_)?(?:not|no|gone|short|bad|same|too|moved|already|unsupported|unavailable|unknown|whole|cannot|only)(?:_|$)"
)
IDENTITY = ("utter_ask_identity", "utter_identity_unknown", "utter_ask_name", "utter_ask_zip")
NO_CHOICE = ("/affirm", "/deny", "/stop", "/human_handoff")  # buttons that pick nothing
WANTED_STATUS = {
    "return_items": "delivered",
    "exchange_items": "delivered",
    "cancel_order": "pending",
    "change_order_items": "pending",
    "change_shipping_address": "pending",
    "change_payment_method": "pending",
}
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
ORDER_ID = re.compile(r"#W\d{7}")
DEAR_OR_CHEAP = re.compile(r"\b(more|most|less|least) expensive\b")
ONLY_THIS = re.compile(r"\bonly\b|\bkeep\b|\bnot (?:to )?do\b", re.I)
WORD = re.compile(r"[a-z0-9]+(?:\.[0-9]+)?")
SAME_WORDS = {
    "tshirt": "shirt",
    "tshirts": "shirt",
    "small": "s",
    "medium": "m",
    "large": "l",
    "bookshelves": "bookshelf",
}
COMMON = frozenset("the a an my i in to of for and one order with from please it is that this it's item items".split())


@dataclass(frozen=True)
class Utterance:
    """What the customer types, and what it means by it."""

    words: str
    meant: tuple[Command, ...]


class Customer:
    """One customer in one conversation."""

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

    def begins(self) -> Utterance | None:
        return self._next()

    def answers(self, exchange: Exchange) -> Utterance | None:
        """What to say to this answer; None when there is nothing left to say."""
        self._read(exchange)
        if any(response in IDENTITY for response in exchange.responses) and not exchange.identified:
            return self._identify(exchange)
        if exchange.responses and exchange.responses[-1] in NOT_UNDERSTOOD:
            return self._again(exchange)
        if exchange.asked is None:
            return self._after(exchange)
        if self._stuck(exchange):
            return self._give_up()
        return self._reply(exchange)

    # what is on the screen

    def _read(self, exchange: Exchange) -> None:
        for message in exchange.messages:
            self.orders |= {card["id"]: card for card in message.cards if card.get("kind") == "order"}

    def _stuck(self, exchange: Exchange) -> bool:
        question = (exchange.asked, exchange.responses)
        self.repeats = self.repeats + 1 if question == self.last_asked else 0
        self.last_asked = question
        return self.repeats >= MOST_REPEATS

    # moving on

    def _next(self) -> Utterance | None:
        self.rephrasings = self.repeats = 0
        self.corrected = set()
        if not self.todo:
            self.request = None
            return None
        self.request = self.todo.pop(0)
        return self._rest(self.request) if self.request.left else self._say(self.request)

    def _say(self, request: Request) -> Utterance:
        return Utterance(request.words, request.commands())

    def _rest(self, request: Request) -> Utterance | None:
        """ "All my pending orders": look at the orders, then ask for those one by one that nothing was said about."""
        if not self.looked:
            self.looked = True
            self.todo.insert(0, request)
            return Utterance("show me all my orders", (Command("list_orders"),))
        ids = [card["id"] for card in self._fitting(request) if card["id"] not in self.settled]
        each = [
            replace(request, order_ids=(one,), words=_plainly(request, one), every=False, left=False) for one in ids
        ]
        self.todo = [*each, *self.todo]
        return self._next()

    def _after(self, exchange: Exchange) -> Utterance | None:
        """The assistant asks nothing: the request is done, or refused; then what to ask for instead comes first."""
        if "utter_handoff" in exchange.responses and self.facts.wants_person:
            return None
        refused = any(REFUSAL.match(response) for response in exchange.responses)
        self.settled |= (
            set(ORDER_ID.findall(_said_in(exchange))) if self.request and self.request.changes_something else set()
        )
        if self.request and self.request.every and not self.request.left and self.request.changes_something:
            self.looked = False  # what it saw before has changed
            self.todo.insert(0, replace(self.request, left=True))
        self._keep_for_another_order()
        if refused and self.request and self.request.instead:
            first, *others = self.request.instead
            order = first.order_ids or self.request.order_ids
            self.todo.insert(0, replace(first, instead=(*first.instead, *others), order_ids=order))
        return self._next()

    def _keep_for_another_order(self) -> None:
        """What the confirmed details left out is asked for again: it is in another order."""
        text, self.confirmed = self.confirmed, ""
        if not (text and self.request):
            return
        left = tuple(wish for wish in self.request.wishes if not self._mentioned(wish.item, text))
        if 0 < len(left) < len(self.request.wishes):
            rest = replace(self.request, wishes=left, order_ids=(), every=False)
            self.todo.insert(0, replace(rest, words=_plainly(rest, None)))

    def _give_up(self) -> Utterance | None:
        """Drop a question that cannot be answered, and go on to the next request."""
        self.last_asked = (None, ())
        return Utterance("never mind", (Command("stop"),))

    def _again(self, exchange: Exchange) -> Utterance | None:
        if "utter_ask_which_meaning" in exchange.responses and self._is_meant(exchange):
            return Utterance("yes", (Command("affirm"),))
        if self.rephrasings >= MOST_REPHRASINGS or self.request is None:
            if "utter_offer_person" in exchange.responses:
                return Utterance("no", (Command("deny"),))
            return self._next()
        self.rephrasings += 1
        order = self.request.order_ids[0] if self.request.order_ids else None
        return Utterance(_plainly(self.request, order), self.request.commands())

    def _is_meant(self, exchange: Exchange) -> bool:
        guess = _buttons(exchange)[0].title.lower() if _buttons(exchange) else ""
        meant = MEANS.get(self.request.intent, "") if self.request else ""
        return bool(meant) and meant in guess

    # answering a question

    def _reply(self, exchange: Exchange) -> Utterance | None:
        if "utter_ask_go_on_with_rest" in exchange.responses and not (self.request and self.request.otherwise):
            return Utterance("go on with the rest", (Command("affirm"),))
        answer = ANSWERS.get(exchange.asked or "", Customer._wish)
        return answer(self, exchange)

    def _identify(self, exchange: Exchange) -> Utterance | None:
        """By one e-mail address after the other, then by name and zip code; None when nothing is left to say."""
        if not self.claims:
            return None
        slots = self.claims.pop(0)
        said = ", ".join(value for _, value in slots)
        return Utterance(f"my email is {said}" if "@" in said else said, (Command("identify", slots),))

    def _order(self, exchange: Exchange) -> Utterance | None:
        if self.numbers:
            return self._number(self.numbers.pop(0))
        if self.request and self.request.order_ids and not self.repeats:
            return self._number(self.request.order_ids[0])
        fitting = self._fitting(self.request) if self.request else []
        if self.which and (meant := _best(fitting, self.which[0])) and len(meant) < len(fitting):
            return self._number(str(meant[0]["id"]))
        if fitting and (self.looked or len(fitting) == 1 or self.repeats):
            return self._number(str(fitting[min(self.repeats, len(fitting) - 1)]["id"]))
        if self.request and self.request.items and not self.repeats:
            item = self.request.items[0]
            return Utterance(f"the one with the {item}", (Command("inform", (("item", item),)),))
        if not self.looked:
            self.looked = True
            return Utterance("show me all my orders", (Command("list_orders"),))
        return self._number(str(fitting[0]["id"])) if fitting else self._give_up()

    def _number(self, number: str) -> Utterance:
        if self.request:
            self.request = replace(self.request, order_ids=(number,))
        return Utterance(number, (Command("inform", (("order_id", number),)),))

    def _fitting(self, request: Request) -> list[Mapping[str, Any]]:
        """The orders seen that a request can be about: in the right status, holding the most of its words."""
        status = WANTED_STATUS.get(request.intent)
        possible = [card for card in self.orders.values() if status is None or card["status"] == status]
        if request.every and not request.items:
            return possible
        names = request.items if request.every else (" ".join(request.items) or request.words,)
        best = {card["id"]: card for name in names for card in _best(possible, name)}
        return list(best.values()) or ([] if request.items else possible)

    def _item(self, exchange: Exchange) -> Utterance | None:
        if self.which and (self.repeats or _buttons(exchange) or not (self.request and self.request.items)):
            which = self.which.pop(0)
            return Utterance(which, (Command("inform", (("item", which),)),))
        there = "utter_item_not_in_order" in exchange.responses
        if not there and (chosen := self._choice(exchange)):
            return chosen
        items = self._items_there()
        if not items:
            return Utterance("all of it", (Command("inform", (("item", "all of it"),)),))
        return Utterance(f"the {said_list(items)}", (Command("inform", tuple(("item", one) for one in items)),))

    def _items_there(self) -> tuple[str, ...]:
        """Those of the request that the order at hand holds, as far as it has been seen."""
        request = self.request
        if request is None:
            return ()
        card = self.orders.get(request.order_ids[0]) if request.order_ids else None
        there = tuple(item for item in request.items if card and _best([card], item))
        return there or request.items

    def _wish(self, exchange: Exchange) -> Utterance | None:
        """Which variant: the button that fits the wish best, else the wish in words."""
        if any(REFUSAL.match(response) for response in exchange.responses) and self.request:
            return self._settle_for(self.request)
        if chosen := self._choice(exchange):
            return chosen
        intos = [wish.into for wish in self.request.wishes if wish.into] if self.request else []
        if not intos:
            wish = self.facts.preferences or "the cheapest one"
            return Utterance(wish, (Command("inform", (("feature", wish),)),))
        return Utterance(intos[0], (Command("inform", (("feature", intos[0]),)),))

    def _settle_for(self, request: Request) -> Utterance:
        """The wish cannot be had: the next best that the facts allow, else what is left of the request without it."""
        if request.otherwise:
            self.request = replace(request, otherwise=request.otherwise[1:])
            return Utterance(request.otherwise[0], (Command("inform", (("feature", request.otherwise[0]),)),))
        first = request.instead[0] if request.instead else None
        if first and not (first.intent == request.intent and 0 < len(first.items) < len(request.items)):
            self.todo.insert(0, replace(first, instead=request.instead[1:]))
            return Utterance("never mind", (Command("stop"),))
        if len(request.wishes) > 1:
            self.request = replace(request, instead=())
            return Utterance("go on with the rest", (Command("affirm"),))
        return Utterance("never mind", (Command("stop"),))

    def _choice(self, exchange: Exchange) -> Utterance | None:
        """Press the button whose words the request holds most of."""
        buttons = [button for button in _buttons(exchange) if button.payload not in NO_CHOICE]
        if not buttons:
            return None
        wanted = _words(
            " ".join([self.request.words if self.request else "", self.facts.preferences, *self.facts.which])
        )
        best = max(buttons, key=lambda button: len(wanted & _words(button.title)))
        return Utterance(best.payload, ()) if wanted & _words(best.title) else None

    def _payment(self, exchange: Exchange) -> Utterance:
        """The method preferred; the next one when it was refused, and a person when there is none and one is wanted."""
        if self.payments and any(REFUSAL.match(response) for response in exchange.responses):
            self.payments.pop(0)
            if not self.payments and self.facts.wants_person:
                return Utterance("I want to talk to a human", (Command("human_handoff"),))
        method = self.payments[0] if self.payments else "the original payment method"
        return Utterance(method, (Command("inform", (("payment_method", method),)),))

    def _reason(self, exchange: Exchange) -> Utterance:
        reason = self.facts.reason or "no longer needed"
        said = {"no longer needed": "I no longer need it", "ordered by mistake": "I ordered it by mistake"}[reason]
        return Utterance(said, (Command("inform", (("reason", reason),)),))

    def _address(self, exchange: Exchange) -> Utterance:
        if self.repeats and (chosen := self._choice(exchange)):
            return chosen
        elsewhere = (
            f"the address of my order with the {self.facts.bought}" if self.facts.bought and self.repeats else None
        )
        address = self.facts.address or elsewhere or _whose_address(self.request)
        return Utterance(address, (Command("inform", (("address", address),)),))

    def _correction(self, exchange: Exchange) -> Utterance | None:
        """What is put right before a yes: an item left out, the payment, a whole order where one item was meant."""
        request, text = self.request, exchange.shown.lower()
        if request is None or not request.changes_something:
            return None
        if (
            request.intent == "cancel_order"
            and request.items
            and ONLY_THIS.search(request.words)
            and " and the " in text
        ):
            return Utterance("no, not the whole order", (Command("deny"),))
        there = self._items_there()
        missing = [item for item in there if not self._mentioned(item, text) and item not in self.corrected]
        if missing and request.intent in TAKES_ITEMS and "everything" not in missing:
            self.corrected |= set(missing)
            wishes = tuple(wish for wish in request.wishes if wish.item in missing)
            left_out = replace(request, wishes=wishes, order_ids=())
            return Utterance(f"you forgot the {said_list(missing)}", left_out.commands())
        method = self.payments[0] if self.payments else None
        if method and request.intent in TAKES_ITEMS and not _pays_by(method, text) and method not in self.corrected:
            self.corrected.add(method)
            return Utterance(f"use my {method} please", (Command("inform", (("payment_method", method),)),))
        return None

    def _mentioned(self, item: str, text: str) -> bool:
        return bool(_words(item) & _words(text)) or "except" in item or "all" in item.split() or "ID" in item

    def _confirm(self, exchange: Exchange) -> Utterance:
        offered = any(response in ("utter_offer_person", "utter_unsupported") for response in exchange.responses)
        if offered:
            return Utterance(
                *(("yes", (Command("affirm"),)) if self.facts.wants_person else ("no", (Command("deny"),)))
            )
        if correction := self._correction(exchange):
            return correction
        reaction = self.reaction
        if reaction is None or not (self.request and self.request.changes_something):
            self.confirmed = exchange.shown.lower()
            return Utterance("yes", (Command("affirm"),))
        self.reaction = None
        if reaction.refuses:
            return Utterance("no, I changed my mind, I want to keep it", (Command("deny"),))
        meant = _meant_by(reaction, self.request.intent)
        wishes = tuple(wish for request in reaction.requests for wish in request.wishes)
        if wishes:
            self.request = replace(self.request, wishes=(*self.request.wishes, *wishes) if reaction.adds else wishes)
        if paid := next((str(value) for command in meant if (value := command.get("payment_method"))), None):
            self.payments = [paid]
        return Utterance(reaction.words, meant)


def _pays_by(method: str, text: str) -> bool:
    """Whether the details say so; any card will do for "credit card"."""
    sign = {"credit card": "card ending", "other card": "card ending", "original payment method": ""}.get(
        method, method
    )
    return all(word.removesuffix(" card") in text for word in sign.removesuffix(" credit card").split(" or "))


def _meant_by(reaction: Reaction, intent: str) -> tuple[Command, ...]:
    """A correction of what is under way: the items that remain, more of the same, or another way to pay."""
    more = [replace(request, intent=intent) for request in reaction.requests if request.intent in TAKES_ITEMS]
    items = tuple(("item", item) for request in more for item in request.items)
    if reaction.adds or any(wish.into for request in more for wish in request.wishes):
        return tuple(command for request in more for command in request.commands())
    paying = PAYING.search(reaction.words)
    paid = (("payment_method", paying[0].lower()),) if paying else ()
    return (Command("inform", (*items, *paid)),) if items or paid else (Command("affirm"),)


PAYING = re.compile(r"paypal|gift ?card|other card|visa|credit card", re.I)
MEANS = {
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
ANSWERS = {
    "email": Customer._identify,
    "order_id": Customer._order,
    "item": Customer._item,
    "payment_method": Customer._payment,
    "reason": Customer._reason,
    "address": Customer._address,
    "confirm": Customer._confirm,
}


def _plainly(request: Request, order_id: str | None) -> str:
    """A request in few words: how it is said again, and for each of several orders."""
    if request.intent not in PLAIN:
        return request.words
    into = next((wish.into for wish in request.wishes if wish.into), None)
    return PLAIN[request.intent].format(
        items=f"the {said_list(request.items)}" if request.items else "everything",
        order=f" {order_id}" if order_id else "",
        into=f" for {into}" if into else "",
    )


def _whose_address(request: Request | None) -> str:
    """An address that the customer does not spell out: where it can be found."""
    words = request.words if request else ""
    if re.search(r"\bto (?:my|the) (?:default|original)\b", words):
        return "my default address"
    target = re.search(r"\b(?:to|as) ((?:be )?(?:the same as |my |the )[^(.;]+)", words)
    return target[1].removeprefix("be ") if target else "the address of my other order"


def _best(cards: Sequence[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    """The orders with an item that has the most of the words, and at least one."""
    if dear := DEAR_OR_CHEAP.search(name):
        priced = [(_price(card, name), card) for card in cards if _price(card, name) is not None]
        choose = max if dear[1] in ("more", "most") else min
        return [choose(priced, key=lambda one: one[0] or 0)[1]] if priced else []
    wanted = _words(name)
    scores = [max((_shared(wanted, _words(text)) for text in _item_texts(card)), default=0) for card in cards]
    best = max(scores, default=0)
    return [card for card, score in zip(cards, scores, strict=True) if best and score == best]


def _price(card: Mapping[str, Any], name: str) -> float | None:
    """The price of the item of that kind in an order."""
    kind = _words(DEAR_OR_CHEAP.sub("", name))
    prices = [one["price"] for one in card.get("items") or () if kind & _words(one["name"])]
    return float(prices[0].strip("$").replace(",", "")) if prices else None


def _said_in(exchange: Exchange) -> str:
    """The sentences alone, without what the cards show."""
    return " ".join(message.text for message in exchange.messages)


def _buttons(exchange: Exchange) -> Sequence[Button]:
    return exchange.messages[-1].buttons if exchange.messages else ()


def _item_texts(card: Mapping[str, Any]) -> list[str]:
    return [f"{item['name']} {item.get('options') or ''}" for item in card.get("items") or ()]


def _words(text: str) -> set[str]:
    """Content words, plurals cut."""
    return {_stem(word) for word in WORD.findall(text.lower())} - COMMON


def _shared(wanted: set[str], there: set[str]) -> int:
    """How many of the wanted words are there, whole or within a longer one: "watch" in "wristwatch"."""
    return sum(any(word == other or (len(word) > 3 and word in other) for other in there) for word in wanted)


def _stem(word: str) -> str:
    word = SAME_WORDS.get(word, word)
    return word.removesuffix("s") if len(word) > 3 else word
