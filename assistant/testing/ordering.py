"""In which order a simulated customer asks for things, and of which order, where its task says so in passing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.testing.requests import CHANGES, Request

SAID_FIRST = re.compile(r"\bmention (?:the )?(?:two )?([\w ]+?)(?: first)?,? then (?:ask for )?the ([\w ]+)", re.I)
STEMS = {
    "address": ("change_shipping_address", "update_address"),
    "return": ("return_items",),
    "cancel": ("cancel_order",),
}


def in_order_said(requests: Sequence[Request], text: str) -> tuple[Request, ...]:
    """As the text wants them mentioned: "first mention the exchange, then the address"."""
    told = SAID_FIRST.search(text)
    if told is None:
        return tuple(requests)
    ranks = {intent: rank for rank in (2, 1) for intent in _intents_said(told[rank])}
    places = [place for place, one in enumerate(requests) if one.intent in ranks]
    moved = dict(zip(places, sorted(places, key=lambda place: ranks[requests[place].intent]), strict=True))
    return tuple(requests[moved.get(place, place)] for place in range(len(requests)))


def of_other_orders(requests: Sequence[Request]) -> tuple[Request, ...]:
    """What is asked of several orders at once is then wanted of the one that no other request is about."""
    taken = {one.order_ids[0] for one in requests if len(one.order_ids) == 1}
    return tuple(
        replace(one, instead=tuple(_of_order(other, one.order_ids, taken) for other in one.instead))
        if len(one.order_ids) > 1
        else one
        for one in requests
    )


def _of_order(request: Request, ids: Sequence[str], taken: set[str]) -> Request:
    left = tuple(one for one in ids if one not in taken)
    return request if request.order_ids or len(left) != 1 else replace(request, order_ids=left)


def _intents_said(words: str) -> tuple[str, ...]:
    """What "modification" or "address changes" stand for."""
    return next((intents for stem, intents in STEMS.items() if stem in words.lower()), CHANGES)
