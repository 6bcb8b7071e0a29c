"""What a simulated customer makes of an answer: whether it was refused, which buttons there are, which orders fit.

best(cards, "the black mug")  ->  the cards of the orders with an item that has the most of these words
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.testing.talk import Exchange
from dialogues.messages import Button

NOT_UNDERSTOOD = ("utter_rephrase", "utter_ask_which_meaning", "utter_offer_person", "utter_out_of_scope")
REFUSAL = re.compile(
    r"utter_(?:.*_)?(?:not|no|gone|short|bad|same|too|moved|already|unsupported|unavailable|unknown|whole|cannot|only)(?:_|$)"
)
DONE = frozenset(
    "utter_cancellation_done utter_return_requested utter_exchange_requested utter_items_changed "
    "utter_shipping_address_changed utter_default_address_changed utter_payment_method_changed".split()
)
WRONG_ORDER = ("utter_order_changed_already", "utter_order_not_pending", "utter_order_not_delivered")
NOT_TO_BE_HAD = re.compile(r"utter_(?:variant|no_other_variant|no_such_option|first_choice)")
AMOUNT = re.compile(r"\$([\d,]+(?:\.\d+)?)")
IDENTITY = ("utter_ask_identity", "utter_identity_unknown", "utter_ask_name", "utter_ask_zip")
DEAR_OR_CHEAP = re.compile(r"\b(more|most|less|least) expensive\b")
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


def is_refusal(exchange: Exchange) -> bool:
    """Whether something that was asked for is not to be had."""
    return any(REFUSAL.match(response) for response in exchange.responses)


def is_done(exchange: Exchange) -> bool:
    """Whether something was carried out."""
    return any(response in DONE for response in exchange.responses)


def price_in(exchange: Exchange) -> float | None:
    """The lowest price on the product cards, in dollars."""
    cards = [card for message in exchange.messages for card in message.cards if card.get("kind") == "product"]
    amounts = [AMOUNT.search(str(card.get("price") or "")) for card in cards]
    return min((float(one[1].replace(",", "")) for one in amounts if one), default=None)


def said_in(exchange: Exchange) -> str:
    """The sentences alone, without what the cards show."""
    return " ".join(message.text for message in exchange.messages)


def buttons_of(exchange: Exchange) -> Sequence[Button]:
    return exchange.messages[-1].buttons if exchange.messages else ()


def mentioned(item: str, text: str) -> bool:
    """Whether a text speaks of an item; one that stands for several is taken to be there."""
    return bool(words(item) & words(text)) or "except" in item or "all" in item.split() or "ID" in item


def best(cards: Sequence[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    """The orders with an item that has the most of the words, and at least one."""
    if dear := DEAR_OR_CHEAP.search(name):
        priced = [(_price(card, name), card) for card in cards if _price(card, name) is not None]
        choose = max if dear[1] in ("more", "most") else min
        return [choose(priced, key=lambda one: one[0] or 0)[1]] if priced else []
    wanted = words(name)
    scores = [max((_shared(wanted, words(text)) for text in _item_texts(card)), default=0) for card in cards]
    most = max(scores, default=0)
    return [card for card, score in zip(cards, scores, strict=True) if most and score == most]


def excepted(item: str) -> list[str]:
    """ "Everything except the lamp and the rug" leaves out "lamp" and "rug"; of anything else nothing."""
    _, _, names = item.partition(" except ")
    return [name for name in re.split(r",|\band\b", names) if words(name)]


def holds_more(card: Mapping[str, Any], names: Sequence[str]) -> bool:
    """Whether an order holds anything beside these."""
    return any(not any(_shared(words(name), words(text)) for name in names) for text in _item_texts(card))


def words(text: str) -> set[str]:
    """Content words, plurals cut."""
    return {_stem(word) for word in WORD.findall(text.lower())} - COMMON


def _price(card: Mapping[str, Any], name: str) -> float | None:
    """The price of the item of that kind in an order."""
    kind = words(DEAR_OR_CHEAP.sub("", name))
    prices = [one["price"] for one in card.get("items") or () if kind & words(one["name"])]
    return float(prices[0].strip("$").replace(",", "")) if prices else None


def _item_texts(card: Mapping[str, Any]) -> list[str]:
    return [f"{item['name']} {item.get('options') or ''}" for item in card.get("items") or ()]


def _shared(wanted: set[str], there: set[str]) -> int:
    """How many of the wanted words are there, whole or within a longer one: "watch" in "wristwatch"."""
    return sum(any(word == other or (len(word) > 3 and word in other) for other in there) for word in wanted)


def _stem(word: str) -> str:
    word = SAME_WORDS.get(word, word)
    return word.removesuffix("s") if len(word) > 3 else word
