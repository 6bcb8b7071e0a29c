"""Put products into the cart, take them out, show it. The cart is the conversation's, whoever the shopper is.

Nothing is written here: an action returns the event `change`, and the turn applies it (desk/carts.py). Which variant
of a product is meant, cart_options.py finds out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from assistant.actions.base import ShopAction, latest_intent
from assistant.actions.cart_options import FORGET_ITEM, LONGEST_SAID_BACK, MOST_BUTTONS
from assistant.actions.change_events import change_event
from assistant.actions.product_references import ask_which, items_said, products_meant
from assistant.desk import carts
from assistant.desk.stock import variant_text
from assistant.desk.terms import Refused
from assistant.facts import as_said, told
from assistant.presentation import listing, money, table_card
from assistant.references import Referent, refer
from assistant.store import CartItem, Variant
from assistant.texts import fold, raw_words

IN_ALL = re.compile(  # so many altogether, not so many more: "actually make it 2"
    r"\bmake (?:it|that|them|those) (?:just |only )?"
    r"(?:\d|one|two|three|four|five|six|seven|eight|nine|ten|a (?:pair|couple))\b",
    re.IGNORECASE,
)
EVERYTHING = frozenset("all everything both cart basket bag whole lot".split())


class ActionChooseProducts(ShopAction):
    """Set `products` to the ids of those meant; False when the shopper named none that can be bought."""

    def name(self) -> str:
        return "action_choose_products"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        found: list[str] = list(tracker.slots.get("found") or ())
        items = [*items_said(tracker), *(tracker.slots.get("rest") or ())]
        with self.shop.database.reading() as session:
            for place, item in enumerate(items):
                candidates = products_meant(session, tracker, item)
                if len(candidates) != 1:
                    ask_which(dispatcher, item, candidates, "add_to_cart", {})
                    return [*FORGET_ITEM, SlotSet("found", found), SlotSet("rest", items[place + 1 :])]
                found.append(candidates[0].id)
        return [SlotSet("products", list(dict.fromkeys(found))), SlotSet("last_product_id", found[-1])]


class ActionAddToCart(ShopAction):
    """Put the lines into the cart, each if there is enough of it."""

    def name(self) -> str:
        return "action_add_to_cart"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        events, added, settled = [], [], False
        with self.shop.database.reading() as session:
            there = {line.variant_id: line.quantity for line in carts.lines_of(session, tracker.sender_id)}
            sets = bool(IN_ALL.search(str(tracker.latest_message.get("text") or "")))
            for line in tracker.slots.get("lines") or ():
                variant = session.get_one(Variant, line["variant_id"])
                if sets and variant.id in there:
                    line = {**line, "quantity": line["quantity"] - there[variant.id]}
                    if line["quantity"] <= 0:
                        events += _fewer(tracker, line)
                        settled = True
                        continue
                try:
                    carts.refuse_short(variant, line["quantity"] + there.get(variant.id, 0))
                except Refused as refused:
                    dispatcher.utter_message(response=refused.response, **refused.facts)
                    continue
                added.append(counted(variant, line["quantity"]))
                events.append(change_event(tracker, {"kind": carts.ADD, **line}, "in stock"))
        if added:
            dispatcher.utter_message(response="utter_added_to_cart", items=listing(added))
        return [*events, SlotSet("changed", bool(added) or settled)]


def _fewer(tracker: Tracker, line: dict[str, Any]) -> list[EventType]:
    """Nothing to add where so many are in the cart already; what is too many is taken out."""
    if not line["quantity"]:
        return []
    return [change_event(tracker, {"kind": carts.REMOVE, **line, "quantity": -line["quantity"]}, "in the cart")]


class ActionChooseCartLines(ShopAction):
    """Set `lines` to what is to be taken out; False when the cart is empty."""

    def name(self) -> str:
        return "action_choose_cart_lines"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        with self.shop.database.reading() as session:
            inside = carts.lines_of(session, tracker.sender_id)
            if not inside:
                dispatcher.utter_message(response="utter_cart_empty")
                return [SlotSet("lines", False)]
            chosen: list[CartItem] = []
            for item in items_said(tracker):
                if not item and tracker.slots.get("position") is None and not _asks_to_remove(tracker):
                    _ask_line(dispatcher, "", inside, found=True)  # taken up again after a question: nothing was named
                    return list(FORGET_ITEM)
                meant = _meant(tracker, item, inside)
                if not meant or (len(meant) > 1 and not set(raw_words(fold(item))) & EVERYTHING):
                    _ask_line(dispatcher, item, meant or inside, found=bool(meant))
                    return list(FORGET_ITEM)
                chosen += meant
            return [SlotSet("lines", list(dict.fromkeys(line.variant_id for line in chosen)))]


class ActionRemoveFromCart(ShopAction):
    """Take the lines out, or so many pieces of them."""

    def name(self) -> str:
        return "action_remove_from_cart"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        quantity = tracker.slots.get("quantity")
        pieces = max(1, int(quantity)) if quantity is not None else None
        ids = tracker.slots.get("lines") or ()
        with self.shop.database.reading() as session:
            names = [
                counted(line.variant, min(pieces or line.quantity, line.quantity))
                for line in carts.lines_of(session, tracker.sender_id)
                if line.variant_id in ids
            ]
        dispatcher.utter_message(response="utter_removed_from_cart", items=listing(names))
        changes = [{"kind": carts.REMOVE, "variant_id": one, "quantity": pieces} for one in ids]
        return [change_event(tracker, change, "in the cart") for change in changes]


class ActionViewCart(ShopAction):
    """Show what is in the cart and what it comes to."""

    def name(self) -> str:
        return "action_view_cart"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        with self.shop.database.reading() as session:
            lines = carts.lines_of(session, tracker.sender_id)
            if not lines:
                dispatcher.utter_message(response="utter_cart_empty")
                return []
            facts = {"count": cart_count(lines), "total": cart_total(lines)}
            buttons = [{"title": "Check out", "payload": "/checkout"}]
            dispatcher.utter_message(
                response="utter_cart", json_message={"cards": [cart_card(lines)]}, buttons=buttons, **facts
            )
        return []


@told
def cart_card(lines: Sequence[CartItem], shipping_cents: int | None = None) -> dict[str, Any]:
    """The cart as a table; with what sending it costs once that is known."""
    rows = [
        (counted(line.variant, line.quantity), [money(line.quantity * line.variant.price_cents, line.variant.currency)])
        for line in lines
    ]
    if shipping_cents is not None:
        rows.append(("Shipping", [money(shipping_cents, lines[0].variant.currency)]))
    return table_card("Your cart", [], [*rows, ("Total", [cart_total(lines, shipping_cents or 0)])])


@told
def cart_count(lines: Sequence[CartItem]) -> str:
    return str(sum(line.quantity for line in lines))


@told
def cart_total(lines: Sequence[CartItem], shipping_cents: int = 0) -> str:
    return money(carts.total_cents(list(lines)) + shipping_cents, lines[0].variant.currency)


@told
def counted(variant: Variant, quantity: int) -> str:
    """As in "2 x Mug (blue)", or "Lamp (brass)" of one."""
    return f"{quantity} x {variant_text(variant)}" if quantity > 1 else variant_text(variant)


def _asks_to_remove(tracker: Tracker) -> bool:
    return latest_intent(tracker) in ("remove_from_cart", "affirm")


def _meant(tracker: Tracker, item: str, inside: Sequence[CartItem]) -> list[CartItem]:
    """The lines that an item may mean: all of them, the only one, or those the words fit."""
    if set(raw_words(fold(item))) & EVERYTHING:
        return list(inside)
    if exactly := [line for line in inside if variant_text(line.variant) == item]:
        return exactly
    last = tracker.slots.get("last_product_id")
    referents = [Referent(line.variant_id, line.variant.product.name, variant_text(line.variant)) for line in inside]
    last_line = next((line.variant_id for line in inside if line.variant.product_id == last), None)
    meant = {one.id for one in refer(item, tracker.slots.get("position"), referents, last_line)}
    return [line for line in inside if line.variant_id in meant]


def _ask_line(dispatcher: CollectingDispatcher, item: str, lines: Sequence[CartItem], *, found: bool) -> None:
    buttons = [
        {"title": variant_text(line.variant), "payload": f"/inform{json.dumps({'item': variant_text(line.variant)})}"}
        for line in lines[:MOST_BUTTONS]
    ]
    if item and not found:
        dispatcher.utter_message(response="utter_not_in_cart", item=as_said(item[:LONGEST_SAID_BACK]), buttons=buttons)
    else:
        dispatcher.utter_message(response="utter_ask_cart_item", buttons=buttons)
