"""Read the address that a shopper wants: from their words, over several answers if need be, or one that we know.

Known are the default, those of their orders, and the one last talked about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from assistant.actions.base import ShopAction
from assistant.actions.pending import ORDER_CODE, chosen_ids
from assistant.desk.addresses import read_address
from assistant.desk.known_addresses import addresses_known, pointed_at
from assistant.facts import as_said, from_elsewhere
from assistant.orders import Wanted, choose, orders_of
from assistant.presentation import address_text, listing
from assistant.store import Address, Customer, Order
from assistant.store.customers import ADDRESS_FIELDS

SAME_AGAIN = re.compile(r"\b(same|that|this|there|it|too|also|as well|new address)\b", re.IGNORECASE)
AS_BEFORE = re.compile(r"\b(original|previous|former|old|before|back)\b", re.IGNORECASE)
TO_PLACE = re.compile(  # "to my NYC address", never "to change my address"
    r".*\bto ((?!(?:change|update|modify|switch|send|ship|have|get|be|make|edit|correct|fix|move|deliver|use|a\b)\b)"
    r"[^.?!,;]{2,60})",
    re.IGNORECASE | re.DOTALL,
)
SOMEWHERE = re.compile(r"\b(address|place|house|home|apartment|flat|office|work|one)\b|'s\b", re.IGNORECASE)
SOMEBODYS = re.compile(r"(?:(?:to|at) )?(?:my|her|his|their|our|the) [^\d,]{1,40}", re.IGNORECASE)
PERSON = {"title": "Talk to a person", "payload": "/human_handoff"}
HAS_NUMBER = re.compile(r"\d")
MOST_BUTTONS = 3
PARTS = {"address1": "street and house number", "city": "city", "state": "state", "zip": "zip code"}
Place = dict[str, str]  # ADDRESS_FIELDS


class ActionReadAddress(ShopAction):
    """Set `to` to the whole new address, or ask for it, or for what is missing of it."""

    def name(self) -> str:
        return "action_read_address"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        said = str(tracker.slots.get("address") or "")
        request = (
            ""
            if said or tracker.slots.get("unread") or tracker.slots.get("settled")
            else str(tracker.slots.get("request") or "")
        )
        if place := _spoken_of(said, tracker):
            return _settled(place)
        with self.shop.database.reading() as session:
            customer = session.get_one(Customer, tracker.slots["customer_id"])
            orders = orders_of(session, customer.id)
            ids = chosen_ids(tracker.slots)
            known = _known(customer, orders, ids)
            if place := _of_order(said, orders) or _in_request(request, known):
                return _settled(place)
            if strange := _of_no_order(said, orders):
                dispatcher.utter_message(response="utter_order_not_found", order_id=as_said(strange))
                said = ""
            if not said:
                dispatcher.utter_message(response="utter_ask_address", buttons=_buttons(_offered(known, orders, ids)))
                return [SlotSet("address", None), SlotSet("offer", None)]
            named = _of_orders_named(said, known, orders)
            partly = str(tracker.slots.get("partly") or "")
            events = _read(dispatcher, said, partly, named or known, tracker.slots.get("settled"))
            return events or self._unread(dispatcher, said, _offered(known, orders, ids), tracker)

    def _unread(
        self, dispatcher: CollectingDispatcher, said: str, offered: Sequence[str], tracker: Tracker
    ) -> list[EventType]:
        """No address could be read: ask for it written out, naming those we know; after that, offer a person."""
        times = int(tracker.slots.get("unread") or 0) + 1
        if times > 1:
            buttons = [*_buttons(offered), PERSON, {"title": "Stop", "payload": "/stop"}]
            dispatcher.utter_message(response="utter_address_unread", buttons=buttons)
        elif SOMEWHERE.search(said):
            known = {"known": from_elsewhere("; ".join(offered), "addresses on file")} if offered else {}
            dispatcher.utter_message(response="utter_unknown_address", buttons=_buttons(offered), **known)
        else:
            dispatcher.utter_message(response="utter_bad_address")
        return [SlotSet("address", None), SlotSet("unread", times), SlotSet("offer", "person" if times > 1 else None)]


def _spoken_of(said: str, tracker: Tracker) -> Place | None:
    """The address that was changed to, or from, earlier in the conversation: "the same", "back to the original"."""
    if HAS_NUMBER.search(said):
        return None
    around = said or f"{tracker.slots.get('request') or ''} {tracker.latest_message.get('text') or ''}"
    for words, slot in ((AS_BEFORE, "former_address"), (SAME_AGAIN, "last_address")):
        if words.search(around) and (place := tracker.slots.get(slot)):
            return dict(place)
    return None


def _of_order(said: str, orders: Sequence[Order]) -> Place | None:
    """Where an order goes that is named by its id: "same as #W8277957"."""
    for code in ORDER_CODE.findall(said):
        if found := choose(Wanted(order_id=code), orders).orders:
            return place_of(found[0].shipping_address)
    return None


def _of_orders_named(said: str, known: Sequence[Address], orders: Sequence[Order]) -> list[Address]:
    """Where the orders go that are named by an item in them: "the address of my order with the tablet"."""
    sent = [order for order in orders if order.shipping_address]
    everywhere = addresses_known(said, known, sent)
    return everywhere if all(not any(one is own for own in known) for one in everywhere) else []


def _in_request(request: str, known: Sequence[Address]) -> Place | None:
    """The one known address that the end of the request points at: "modify my laptop order to my NYC address"."""
    found = TO_PLACE.search(request)
    pointed = pointed_at(found[1], known) if found and not re.search(r"\d", found[1]) else ()
    return place_of(pointed[0].snapshot()) if len(pointed) == 1 else None


def _of_no_order(said: str, orders: Sequence[Order]) -> str | None:
    """The id that is said instead of an address and is of no order of theirs, as somebody else's is."""
    marked = [code for code in ORDER_CODE.findall(said) if not code.isdigit()]
    choices = [choose(Wanted(order_id=code), orders) for code in marked]
    return next((choice.no_such_id for choice in choices if choice.no_such_id), None)


def _read(
    dispatcher: CollectingDispatcher, said: str, partly: str, known: Sequence[Address], settled: Place | None
) -> list[EventType]:
    """Settle the address, or ask for the rest of it; what was said so far is kept in `partly`. Nothing if it is none.

    A part that corrects an address `settled` before takes the rest from there: "19 Pine Street, not 9".
    """
    read = read_address(said, known)
    if settled and read.missing:
        corrected = read_address(_completed(said, read.missing, settled), known)
        read = read if corrected.missing and not corrected.wrong_zip else corrected
    if partly and not read.address and not read.candidates:
        said = f"{partly}, {said}"
        read = read_address(said, known)
    if read.address:
        return _settled(read.address)
    if read.candidates:
        texts = [address_text(place) for place in read.candidates[:MOST_BUTTONS]]
        dispatcher.utter_message(response="utter_ask_which_address", buttons=_buttons(texts))
        return [SlotSet("address", None)]
    if read.wrong_zip:
        dispatcher.utter_message(response="utter_wrong_zip", zip=as_said(read.wrong_zip))
    elif {"address1", "city"} <= set(read.missing) or ("zip" in read.missing and SOMEBODYS.fullmatch(said.strip())):
        return []
    else:
        rest = listing(f"the {PARTS.get(part, part)}" for part in read.missing)
        dispatcher.utter_message(
            response="utter_ask_rest_of_address", missing=from_elsewhere(rest, "what an address needs")
        )
    return [SlotSet("address", None), SlotSet("partly", said)]


def _completed(said: str, missing: Sequence[str], place: Place) -> str:
    """A part of an address as said, with what it lacks from `place` before and after it."""
    first = next((name for name in PARTS if name not in missing), None)
    if first is None:
        return said
    names = list(PARTS)
    before = [place.get(name) or "" for name in names[: names.index(first)]]
    after = [place.get(name) or "" for name in names[names.index(first) :] if name in missing]
    return ", ".join(filter(None, [*before, said, *after, place.get("country") or ""]))


def _settled(place: Mapping[str, str]) -> list[EventType]:
    settled = place_of(place)
    return [SlotSet("to", settled), SlotSet("settled", settled), SlotSet("address", None), SlotSet("partly", None)]


def _known(customer: Customer, orders: Sequence[Order], ids: Sequence[str]) -> list[Address]:
    """The customer's addresses, the default first, and those that their other orders go to, each once."""
    own = sorted(customer.addresses, key=lambda address: not address.is_default)
    others = [order for order in orders if len(ids) > 1 or order.id not in ids]
    places = [place_of(order.shipping_address) for order in others if order.shipping_address]
    strange = [place for place in places if not any(same_place(address.snapshot(), place) for address in own)]
    once = {tuple(place.values()): place for place in strange}
    return [*own, *(Address(is_default=False, **place) for place in once.values())]


def _offered(known: Sequence[Address], orders: Sequence[Order], ids: Sequence[str]) -> list[str]:
    """The known addresses but the one to be changed, each on a line."""
    now = [order.shipping_address for order in orders if order.id in ids]
    now = now or [address.snapshot() for address in known if address.is_default]
    places = [address.snapshot() for address in known]
    others = [place for place in places if len(now) > 1 or not any(same_place(place, old) for old in now)]
    return [address_text(place) for place in others[:MOST_BUTTONS]]


def _buttons(texts: Sequence[str]) -> list[dict[str, str]]:
    return [{"title": text, "payload": f"/inform{json.dumps({'address': text})}"} for text in texts]


def place_of(address: Mapping[str, str]) -> Place:
    return {field: address.get(field) or "" for field in ADDRESS_FIELDS}


def same_place(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return [place_of(one)[field].casefold().strip() for field in ADDRESS_FIELDS] == [
        place_of(other)[field].casefold().strip() for field in ADDRESS_FIELDS
    ]
