"""Put products into the cart, take them out, show it. The cart is the conversation's, whoever the shopper is.

Nothing is written here: an action returns the event `change`, and the turn applies it (desk/carts.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.base import ShopAction
from assistant.actions.change_events import change_event
from assistant.actions.product_references import ask_which, items_said, products_meant, products_of
from assistant.desk import carts
from assistant.desk.named_values import named_values
from assistant.desk.options import options_of
from assistant.desk.stock import variant_text
from assistant.desk.terms import Refused
from assistant.desk.tokens import read_tokens
from assistant.facts import as_said, told
from assistant.presentation import cell, listing, money, options_text, table_card
from assistant.references import Referent, refer
from assistant.search.words import raw_words
from assistant.store import CartItem, Product, Variant
from assistant.texts import fold

OPTION_SLOTS = ("color", "size", "material", "feature")  # which words of a command say which variant
FORGET_OPTIONS = tuple(SlotSet(name, None) for name in OPTION_SLOTS)
FORGET_ITEM = (SlotSet("item", None), SlotSet("position", None))
EVERYTHING = frozenset("all everything both cart basket bag whole lot".split())
MOST_BUTTONS = 8
LONGEST_SAID_BACK = 60


@dataclass(frozen=True)
class Narrowed:
    """The variants that fit, and the option values that were said: "blue, M"."""

    variants: tuple[Variant, ...]
    values: str


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


class ActionChooseOptions(ShopAction):
    """Set `lines` to the variant and quantity of each product; ask for the option in which those that fit differ."""

    def name(self) -> str:
        return "action_choose_options"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        slots = tracker.slots
        chosen: list[str] = list(slots.get("chosen") or ())
        answered = slots.get("asked_product")  # whose option was asked for: the message is an answer about it
        message = str(tracker.latest_message.get("text") or "")
        with self.shop.database.reading() as session:
            products = products_of(session, slots.get("products") or ())
            settled = {variant.product_id for variant in _variants(session, chosen)}
            for product in products:
                if product.id in settled:
                    continue
                said = _said(slots, product, message if answered == product.id else "")
                found = _named(product, items_said(tracker)) or narrowed(product.variants, said)
                if not _known(slots, product):
                    found = Narrowed((), said)
                variant, asked = _settle(dispatcher, product, found)
                if asked:
                    kept = [found.values] if _in_stock(found.variants) and found.values else None
                    state = [SlotSet("chosen", chosen), SlotSet("asked_product", product.id)]
                    return [*state, *FORGET_OPTIONS, SlotSet("feature", kept), *FORGET_ITEM]
                if variant is not None:
                    chosen.append(variant.id)
        quantity = max(1, int(slots.get("quantity") or 1))
        return [SlotSet("lines", [{"variant_id": one, "quantity": quantity} for one in chosen] or False)]


class ActionAddToCart(ShopAction):
    """Put the lines into the cart, each if there is enough of it."""

    def name(self) -> str:
        return "action_add_to_cart"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        events, added = [], []
        with self.shop.database.reading() as session:
            there = {line.variant_id: line.quantity for line in carts.lines_of(session, tracker.sender_id)}
            for line in tracker.slots.get("lines") or ():
                variant = session.get_one(Variant, line["variant_id"])
                try:
                    carts.refuse_short(variant, line["quantity"] + there.get(variant.id, 0))
                except Refused as refused:
                    dispatcher.utter_message(response=refused.response, **refused.facts)
                    continue
                added.append(counted(variant, line["quantity"]))
                events.append(change_event(tracker, {"kind": carts.ADD, **line}, "in stock"))
        if added:
            dispatcher.utter_message(response="utter_added_to_cart", items=listing(added))
        return [*events, SlotSet("changed", bool(added))]


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


def narrowed(variants: Sequence[Variant], said: str) -> Narrowed:
    """The variants with every option value that is said; all of them where none is."""
    wanted: dict[str, list[str]] = {}
    for mention in named_values(read_tokens(said), options_of(variants)):
        wanted.setdefault(mention.option, []).append(mention.value)
    fitting = [one for one in variants if all(one.options.get(name) in values for name, values in wanted.items())]
    return Narrowed(tuple(fitting), ", ".join(" or ".join(values) for values in wanted.values()))


def _named(product: Product, items: Sequence[str]) -> Narrowed | None:
    """The one variant that a button named in full."""
    named = tuple(variant for variant in product.variants if variant.options and variant_text(variant) in items)
    return Narrowed(named, options_text(named[0].options)) if len(named) == 1 else None


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


def _said(slots: dict[str, Any], product: Product, answer: str) -> str:
    """The words that say which variant, less those that are of the product's name."""
    words: list[str] = []
    for name in (*OPTION_SLOTS, "item"):
        value = slots.get(name)
        values = value if isinstance(value, list) else [value]
        words += [f"size {one}" if name == "size" and "size" not in str(one) else str(one) for one in values if one]
    of_name = set(raw_words(product.name.lower()))
    return " ".join(word for word in f"{' '.join(words)} {answer}".split() if word.lower() not in of_name)


def _known(slots: dict[str, Any], product: Product) -> bool:
    """Whether the product comes in a color, size and material like those asked for, available or not."""
    values = [(name, slots[name]) for name in ("color", "size", "material") if slots.get(name)]
    listed = [f"size {value}" if name == "size" else str(value) for name, value in values]
    return all(narrowed(product.variants, words).values for words in listed)


def _settle(dispatcher: CollectingDispatcher, product: Product, found: Narrowed) -> tuple[Variant | None, bool]:
    """The one variant that fits and can be bought; or None, after saying why or asking. And whether it was asked."""
    buyable = _in_stock(found.variants)
    if len(buyable) == 1 or (buyable and not _choices(buyable)):
        return buyable[0], False
    if not _in_stock(product.variants):
        dispatcher.utter_message(response="utter_product_sold_out", product=cell(product, "name"))
        return None, False
    if not buyable:
        option = {"option": as_said(found.values[:LONGEST_SAID_BACK])} if found.values else {}
        dispatcher.utter_message(response="utter_option_sold_out", product=cell(product, "name"), **option)
        buyable = _in_stock(product.variants)
    choices = _choices(buyable) or [(name, [value]) for name, value in buyable[0].options.items()]
    if not choices:
        return None, False
    name, values = choices[0]
    buttons = [{"title": value, "payload": _answer(name, value)} for value in values[:MOST_BUTTONS]]
    facts = {
        "product": cell(product, "name"),
        "option": option_name(buyable, name),
        "values": option_choices(buyable, name),
    }
    dispatcher.utter_message(response="utter_ask_option", buttons=buttons, **facts)
    return None, True


@told
def option_name(variants: Sequence[Variant], name: str) -> str:
    return next(option.name for option in options_of(variants) if option.name == name)


@told
def option_choices(variants: Sequence[Variant], name: str) -> str:
    """The values of one option that the variants have."""
    return listing(value.text for option in options_of(variants) if option.name == name for value in option.values)


def _choices(variants: Sequence[Variant]) -> list[tuple[str, list[str]]]:
    """The options in which they differ, each with its values."""
    listed = [(option.name, [value.text for value in option.values]) for option in options_of(variants)]
    return [(name, values) for name, values in listed if len(values) > 1]


def _answer(option: str, value: str) -> str:
    slot = option if option in ("color", "size", "material") else "feature"
    said = value if slot != "feature" else f"{option} {value}"
    return f"/inform{json.dumps({slot: said}, ensure_ascii=False)}"


def _in_stock(variants: Sequence[Variant]) -> list[Variant]:
    return [variant for variant in variants if variant.in_stock]


def _variants(session: Session, ids: Sequence[str]) -> list[Variant]:
    return [session.get_one(Variant, one) for one in ids]


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
