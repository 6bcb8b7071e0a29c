"""What a simulated customer asks for: of which order and items, what is wanted instead, and how a reader takes it."""

from __future__ import annotations

from dataclasses import dataclass

from intents.commands import Command, SlotValue

TAKES_ITEMS = ("return_items", "exchange_items", "change_order_items")
TAKES_ORDER = ("cancel_order", "change_shipping_address", "change_payment_method", "track_order", "order_details")
WRITING = (*TAKES_ITEMS, "cancel_order", "change_shipping_address", "change_payment_method", "update_address")
MOST_COMMANDS = 3  # in one message


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

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(wish.item for wish in self.wishes)

    @property
    def changes_something(self) -> bool:
        return self.intent in WRITING

    def commands(self) -> tuple[Command, ...]:
        """What a reader who reads it right takes it for."""
        order = tuple(("order_id", one) for one in self.order_ids[:1])
        if self.intent not in TAKES_ITEMS:
            return (Command(self.intent, order if self.intent in TAKES_ORDER else ()),)
        if any(wish.into for wish in self.wishes):
            return tuple(Command(self.intent, (*order, *_slots(wish))) for wish in self.wishes[:MOST_COMMANDS])
        named: tuple[tuple[str, SlotValue], ...] = tuple(("item", item) for item in self.items)
        if not named and self.every:
            named = (("item", "everything"),)
        return (Command(self.intent, (*order, *named)),)


def _slots(wish: Wish) -> tuple[tuple[str, SlotValue], ...]:
    return (("item", wish.item), *((("feature", wish.into),) if wish.into else ()))
