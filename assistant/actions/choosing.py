"""Settle what a return or an exchange is about: which items, which variants instead, and where the money goes.

Each action sets its derived slot (`lines`, `variants`, `method`) or asks for what is missing. What was asked about is
kept in the task slot `about` (a place in `wishes`); where a yes has a meaning, `offer` says which: "skip" that wish, or
"take" the one thing on offer. The candidates stand in `shown`, so that "the second one" picks.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.asking import item_names, items_question, on_screen, picked_id
from assistant.actions.base import ShopAction, latest_intent
from assistant.actions.changing import order_of, refuse
from assistant.actions.hearing import heard_out, leaves_out, row_described
from assistant.actions.wishes import (
    OPTIONS,
    Settled,
    Wish,
    answered,
    corrected,
    in_this_order,
    join_bare,
    merged,
    narrows,
    said_now,
    settle,
)
from assistant.desk.changes import Refused
from assistant.desk.namings import RETURNS, SWAPS
from assistant.desk.rules import refuse_status
from assistant.facts import as_said
from assistant.presentation import cell, item_text, order_card
from assistant.store import Order, OrderItem

SKIP, TAKE = "skip", "take"
TO_FORGET = ("item", "quantity", *OPTIONS, "price_direction", "position", "about", "offer")
GO_ON_WITHOUT = re.compile(
    r"\b(?:go on|carry on|continue|proceed|move on|go ahead) (?:with|without)\b"
    r"|\b(?:just|only) (?:do )?the (?:rest|others?)\b|\bnever ?mind (?:it|that)\b"
    r"|\b(?:skip|forget|leave|drop|keep) (?:it|that|this)(?: one| item)?(?: out| then| alone| as (?:it )?is)*\W*"
    r"(?:$|[,.;!]|\b(?:and|but|just|only)\b)",
    re.IGNORECASE,
)
GO_ON = [{"title": "Go on with the rest", "payload": "/affirm"}, {"title": "Stop", "payload": "/stop"}]


class OrderTaskAction(ShopAction):
    """A step of a task on the order in the slot `order`: works on its rows inside one session."""

    @abstractmethod
    def work(
        self, dispatcher: CollectingDispatcher, session: Session, tracker: Tracker, order: Order
    ) -> list[EventType]: ...

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        if not tracker.slots.get("customer_id"):  # a flow that forgot to ask must not tell strangers anything
            dispatcher.utter_message(response="utter_ask_identity")
            return [SlotSet("order", False)]
        with self.shop.database.reading() as session:
            try:
                return self.work(dispatcher, session, tracker, order_of(session, tracker))
            except Refused as refused:
                refuse(dispatcher, refused)
                return [SlotSet("order", False)]

    def allowed(self, dispatcher: CollectingDispatcher, kind: str, order: Order) -> list[EventType]:
        """Say why an order's status forbids a change; either way it is the order spoken of: "then cancel it"."""
        discussed = SlotSet("last_order_id", order.id)
        try:
            refuse_status(kind, order)
        except Refused as refused:
            refuse(dispatcher, refused)
            return [SlotSet("order", False), discussed]
        return [discussed]


class ActionNoteWishes(ShopAction):
    """Keep the message with the wishes that it holds: by the time they are looked at it may be gone."""

    def name(self) -> str:
        return "action_note_wishes"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        wishes = tracker.slots.get("wishes") or [{}]
        return [SlotSet("wishes", with_message(wishes, message_of(tracker)))]


class ActionChooseItems(OrderTaskAction):
    """Set `lines` to the items of the order that are to be swapped, or ask which."""

    deeds: re.Pattern[str] = SWAPS  # what a message asks for where it names an item of this task

    def name(self) -> str:
        return "action_choose_items"

    def work(
        self, dispatcher: CollectingDispatcher, session: Session, tracker: Tracker, order: Order
    ) -> list[EventType]:
        slots, message = tracker.slots, message_of(tracker)
        wishes = join_bare(with_message(slots.get("wishes") or [], message), slots.get("about"))
        wishes = in_this_order(wishes, order.items)
        about = _place(slots.get("about"), wishes)
        answer = said_now(slots)
        if about is not None and skipped(tracker, wishes, about, order.items):
            del wishes[about]
            return self._go_on(dispatcher, tracker, order, settle(wishes, "", order.items))
        if wishes and all("line" in wish for wish in wishes):
            if corrects_variant(slots, wishes, answer, message):
                return [SlotSet("wishes", wishes), SlotSet("lines", lines_of(wishes))]
            return self._correct(dispatcher, tracker, order, wishes, answer)
        settled = settle(wishes or [{"said": message}], said_of(wishes, message), order.items)
        if picked := picked_id(slots, "item"):
            answer = {"line": int(picked), "count": answer.get("quantity") or 1, **answer}
        candidates = [item for item in order.items if str(item.id) in on_screen(slots, "item")]
        if not settled.clear and settled.about is not None and (answer or (candidates and about is not None)):
            known = answered(settled.wishes, settled.about, answer, message, candidates)
            if len(candidates) > 1 and "line" not in known[settled.about]:
                known = row_described(settled.wishes, settled.about, message, candidates) or known
            settled = settle(known, "", order.items)
        return self._go_on(dispatcher, tracker, order, settled)

    def _correct(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, order: Order, wishes: Sequence[Wish], answer: Wish
    ) -> list[EventType]:
        """All was clear and something has been said of it since: "just the lamp", "not the bottle", "make it blue"."""
        options = {name: answer[name] for name in OPTIONS if name in answer}
        about = {name: value for name, value in answer.items() if name not in OPTIONS}
        if not about:
            return self._go_on(dispatcher, tracker, order, Settled(tuple(wishes)), keep=OPTIONS)
        found = corrected(wishes, about, message_of(tracker), order.items)
        if options and found.clear and "item" in about:
            named = settle([{"item": about["item"]}], "", order.items)
            meant = {wish["line"] for wish in named.wishes if "line" in wish}
            kept = wishes if meant <= {wish["line"] for wish in wishes} and not narrows(message_of(tracker)) else ()
            changed = [merged(wish, options) if wish["line"] in meant else wish for wish in kept or found.wishes]
            found = Settled(tuple(changed))
        if not found.wishes:
            return [SlotSet("wishes", []), *forget(tracker), *items_question(order, order.items).ask(dispatcher)]
        return self._go_on(dispatcher, tracker, order, found)

    def _go_on(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        order: Order,
        settled: Settled,
        keep: Sequence[str] = (),
    ) -> list[EventType]:
        settled = heard_out(settled, order.items, self.deeds)
        wishes = list(settled.wishes)
        events = [SlotSet("wishes", wishes), *forget(tracker, keep)]
        if settled.clear:
            return [*events, SlotSet("lines", lines_of(wishes))]
        others = [wish["line"] for wish in wishes if "line" in wish]
        return [*events, SlotSet("about", settled.about), *_ask_item(dispatcher, order, settled, others)]


class ActionChooseItemsToReturn(ActionChooseItems):
    """Set `lines` to the items of the order that go back, or ask which."""

    deeds = RETURNS

    def name(self) -> str:
        return "action_choose_items_to_return"


def _ask_item(
    dispatcher: CollectingDispatcher, order: Order, settled: Settled, others: Sequence[int]
) -> list[EventType]:
    """Say what is the matter with one wish; where others are clear, offer to go on with those alone."""
    if settled.too_many:
        facts = {"item": item_text(settled.too_many), "quantity": cell(settled.too_many, "quantity")}
        dispatcher.utter_message(response="utter_too_many", **facts)
        if not others:
            return []  # it asks how many
    elif settled.unknown:
        names = item_names(order.items)
        facts = {"item": as_said(settled.unknown), "order_id": cell(order, "id"), "items": names}
        cards = {"cards": [order_card(order)]}
        dispatcher.utter_message(response="utter_item_not_in_order", json_message=cards, **facts)
    if others and not settled.unclear:
        return offer_the_rest(dispatcher, [item for item in order.items if item.id in others])
    left = [item for item in settled.unclear or order.items if item.id not in others] or list(order.items)
    return items_question(order, left).ask(dispatcher)


def offer_the_rest(dispatcher: CollectingDispatcher, items: Sequence[OrderItem]) -> list[EventType]:
    """Ask whether to go on without the wish that is impossible."""
    dispatcher.utter_message(response="utter_ask_go_on_with_rest", items=item_names(items), buttons=GO_ON)
    return [SlotSet("offer", SKIP)]


def skipped(tracker: Tracker, wishes: Sequence[Wish], about: int, items: Sequence[OrderItem]) -> bool:
    """Whether the shopper has just said to go on without the wish asked about, where there are others."""
    if tracker.slots.get("offer") == SKIP and agreed(tracker):
        return True
    answer, message = said_now(tracker.slots), message_of(tracker)
    if len(wishes) < 2 or tracker.slots.get("position") is not None or any(name in answer for name in OPTIONS):
        return False
    return (
        bool(tracker.slots.get("denied"))
        or bool(GO_ON_WITHOUT.search(message))
        or leaves_out(message, wishes, about, items)
    )


def agreed(tracker: Tracker) -> bool:
    """Whether the message says yes. A yes is an answer only to questions of yes and no, so no slot holds it here."""
    return latest_intent(tracker) == "affirm"


def corrects_variant(slots: Mapping[str, Any], wishes: Sequence[Wish], answer: Wish, message: str) -> bool:
    """Whether an item named while a variant is asked for describes that variant: "the blue one"."""
    asked = _place(slots.get("about"), wishes) is not None
    return asked and not narrows(message) and (bool(answer) or slots.get("position") is not None)


def lines_of(wishes: Sequence[Wish]) -> list[dict[str, int]]:
    return [{"item_id": wish["line"], "quantity": wish["count"]} for wish in wishes]


def with_message(wishes: Sequence[Wish], message: str) -> list[Wish]:
    return [wish if "said" in wish else {**wish, "said": message} for wish in wishes]


def said_of(wishes: Sequence[Wish], message: str) -> str:
    """The message that holds the wishes not settled yet."""
    return next((wish["said"] for wish in wishes if "line" not in wish), message)


def message_of(tracker: Tracker) -> str:
    return str(tracker.latest_message.get("text") or "")


def forget(tracker: Tracker, keep: Sequence[str] = ()) -> list[EventType]:
    """Empty the raw slots that have been taken up."""
    left = [SlotSet(name, None) for name in TO_FORGET if name not in keep and tracker.slots.get(name) not in (None, [])]
    return [*left, SlotSet("denied", False)] if tracker.slots.get("denied") else left


def _place(about: Any, wishes: Sequence[Wish]) -> int | None:
    return about if isinstance(about, int) and about < len(wishes) else None
