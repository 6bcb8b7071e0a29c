"""Questions with choices, and how items, variants and price differences are named in them and in confirmations.

A question's choices go on screen in order (the slot `shown`), each with a button, so that "the second one" picks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from assistant.facts import told
from assistant.presentation import cell, item_text, listing, money, options_text, order_card, product_card
from assistant.store import Order, OrderItem, Variant

MOST_CHOICES = 8  # buttons under one question


@dataclass(frozen=True)
class Choice:
    id: str
    name: str


@dataclass(frozen=True)
class Question:
    """A response that asks which of several is meant."""

    response: str
    kind: str  # of its choices, as in `shown`: "item", "variant" or "payment_method"
    choices: tuple[Choice, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    cards: tuple[Mapping[str, Any], ...] = ()
    more: tuple[Mapping[str, str], ...] = ()  # buttons after those of the choices

    def ask(self, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Utter it; the event puts its choices on screen."""
        choices = self.choices[:MOST_CHOICES]
        buttons: list[Mapping[str, str]] = [
            {"title": choice.name, "payload": f'/select{{"position": {place}}}'}
            for place, choice in enumerate(choices, 1)
        ]
        cards = {"cards": list(self.cards)}
        dispatcher.utter_message(
            response=self.response, json_message=cards, buttons=[*buttons, *self.more], **self.facts
        )
        return [SlotSet("shown", [{"kind": self.kind, "id": one.id, "name": one.name} for one in choices])]


def on_screen(slots: Mapping[str, Any], kind: str) -> list[str]:
    """The ids of the choices of the last question, if it was one of this kind."""
    shown = slots.get("shown") or []
    return [str(one["id"]) for one in shown if one.get("kind") == kind]


def picked_id(slots: Mapping[str, Any], kind: str) -> str | None:
    """The choice at the place that the shopper named; -1 is the last."""
    ids, position = on_screen(slots, kind), slots.get("position")
    if position is None or not ids:
        return None
    place = int(position)
    index = place - 1 if place > 0 else len(ids) + place
    return ids[index] if place and 0 <= index < len(ids) else None


def items_question(order: Order, items: Sequence[OrderItem]) -> Question:
    """Which of these items of the order? All of them, if nothing narrows it."""
    everything = len(items) == len(order.items)
    choices = tuple(Choice(str(item.id), item_text(item)) for item in items)
    facts = {"items": item_names(items)}
    if everything:
        facts["order_id"] = cell(order, "id")
    all_of_them = {"title": "All of them", "payload": '/inform{"item": "all of them"}'}
    return Question(
        "utter_ask_items" if everything else "utter_ask_which_item",
        "item",
        choices,
        facts,
        (order_card(order),) if everything else (),
        (all_of_them,) if len(items) > 1 else (),
    )


def variants_question(
    response: str, item: OrderItem, variants: Sequence[Variant], facts: Mapping[str, str], buttons: int = MOST_CHOICES
) -> Question:
    """Which of these variants instead of the item? Each with what it would cost more or less."""
    shown = list(variants)[:buttons]
    choices = tuple(Choice(one.id, f"{_told_apart(one, variants)} ({difference_of(item, one)})") for one in shown)
    known = {"item": cell(item, "name"), "choices": variants_offered(item, shown, list(variants)), **facts}
    return Question(response, "variant", choices, known, (product_card(item.variant.product, shown),))


@told
def variants_offered(item: OrderItem, shown: Sequence[Variant], among: Sequence[Variant]) -> str:
    """Each variant with what it costs more or less than the item: "black ($4.00 more); white (same price)"."""
    return "; ".join(f"{_told_apart(one, among)} ({difference_of(item, one)})" for one in shown)


def item_names(items: Iterable[OrderItem]) -> str:
    """As in "the Lamp (brass) and the Rug"; what is the same is named once."""
    return names_in_full(list(items))


@told
def names_in_full(items: Sequence[OrderItem]) -> str:
    return listing(dict.fromkeys(f"the {item_text(item)}" for item in items))


@told
def counted_name(item: OrderItem, quantity: int) -> str:
    """As in "2 x Mug (blue)", or "Lamp (brass)" of one."""
    return f"{quantity} x {item_text(item)}" if quantity > 1 else item_text(item)


def difference_of(item: OrderItem, variant: Variant) -> str:
    return difference_text(variant.price_cents - item.price_cents, variant.currency)


def difference_text(cents: int, currency: str) -> str:
    """What a thing costs more or less than another: "$4.00 more", "same price"."""
    if cents == 0:
        return "same price"
    return f"{money(abs(cents), currency)} {'more' if cents > 0 else 'less'}"


def _told_apart(variant: Variant, among: Sequence[Variant]) -> str:
    """The options by which it differs from the others, or all of them."""
    differing = {
        name: value
        for name, value in variant.options.items()
        if len({other.options.get(name) for other in among}) > 1 or len(among) == 1
    }
    return options_text(differing) or options_text(variant.options)
