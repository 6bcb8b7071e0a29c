"""Which variant of a product goes into the cart: by the options that were said; the one that was not is asked for."""

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
from assistant.actions.product_references import items_said, products_of
from assistant.desk.named_values import named_values
from assistant.desk.options import options_of
from assistant.desk.stock import variant_text
from assistant.desk.tokens import read_tokens
from assistant.facts import as_said, told
from assistant.presentation import cell, listing, options_text
from assistant.store import Product, Variant
from assistant.texts import raw_words

OPTION_SLOTS = ("color", "size", "material", "feature")  # which words of a command say which variant
FORGET_OPTIONS = tuple(SlotSet(name, None) for name in OPTION_SLOTS)
FORGET_ITEM = (SlotSet("item", None), SlotSet("position", None))
MOST_BUTTONS = 8
LONGEST_SAID_BACK = 60


@dataclass(frozen=True)
class Narrowed:
    """The variants that fit, and the option values that were said: "blue, M"."""

    variants: tuple[Variant, ...]
    values: str


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
