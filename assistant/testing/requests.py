"""What a simulated customer asks for: of which order and items, what is wanted instead, and how a reader takes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from intents.commands import Command, SlotValue

TAKES_ITEMS = ("return_items", "exchange_items", "change_order_items")
TAKES_ORDER = ("cancel_order", "change_shipping_address", "change_payment_method", "track_order", "order_details")
WRITING = (*TAKES_ITEMS, "cancel_order", "change_shipping_address", "change_payment_method", "update_address")
CHANGES = ("exchange_items", "change_order_items")
ASKING = ("track_order", "order_details")
MOST_COMMANDS = 3  # in one message
ONLY_SOME = re.compile(r"\bonly\b|\bkeep\b|\bnot (?:to )?do\b|\bjust (?:cancel )?(?:that|the|this)\b", re.I)


@dataclass(frozen=True)
class Wish:
    """One item, and the variant wanted instead of it."""

    item: str
    into: str | None = None


@dataclass(frozen=True)
class Request:
    """One thing to ask for."""

    words: str  # as the task has it, in the first person
    intent: str
    wishes: tuple[Wish, ...] = ()
    order_ids: tuple[str, ...] = ()
    every: bool = False  # it is about all orders or items of a kind
    left: bool = False  # only for those orders about which nothing was said before
    otherwise: tuple[str, ...] = ()  # variants to settle for where the one wished is not to be had
    instead: tuple[Request, ...] = ()  # to ask for one after the other when it is refused
    slots: tuple[tuple[str, SlotValue], ...] = ()  # of a question
    beside: str | None = None  # what else is in its order
    payment: str | None = None  # where the money of this very request has to go
    after: str | None = None  # only once something was done: an intent
    bound: tuple[str, float] | None = None  # only at prices "below" or "above" that many dollars, as last shown
    cheaper: bool = False  # only if it costs less

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(wish.item for wish in self.wishes if wish.item)

    @property
    def changes_something(self) -> bool:
        return self.intent in WRITING

    @property
    def only_some(self) -> bool:
        """Whether it would have a part of an order cancelled, and not the rest."""
        whole_later = bool(self.items) and any(other.intent == "cancel_order" for other in self.instead)
        return self.intent == "cancel_order" and (whole_later or bool(ONLY_SOME.search(self.words)))

    def commands(self) -> tuple[Command, ...]:
        """What a reader who reads it right takes it for."""
        order = tuple(("order_id", one) for one in self.order_ids[:1])
        if self.slots:
            return (Command(self.intent, self.slots),)
        if self.intent not in TAKES_ITEMS:
            about = tuple(("item", item) for item in self.items[:1] if self.intent in ASKING and not order)
            return (Command(self.intent, (*order, *about) if self.intent in TAKES_ORDER else ()),)
        if any(wish.into for wish in self.wishes):
            return tuple(Command(self.intent, (*order, *_slots(wish))) for wish in self.wishes[:MOST_COMMANDS])
        named: tuple[tuple[str, SlotValue], ...] = tuple(("item", item) for item in self.items)
        if not named and self.every:
            named = (("item", "everything"),)
        return (Command(self.intent, (*order, *named)),)


def _slots(wish: Wish) -> tuple[tuple[str, SlotValue], ...]:
    named = (("item", wish.item),) if wish.item else ()
    return (*named, *((("feature", wish.into),) if wish.into else ()))


def said_list(names: Sequence[str]) -> str:
    """ "the lamp, the rug and the mug"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
