"""Settle which variant each item is to be swapped for: the slot `variants`, or a question about one of the wishes."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.asking import on_screen, picked_id, variants_question
from assistant.actions.choosing import (
    TAKE,
    OrderTaskAction,
    agreed,
    forget,
    lines_of,
    message_of,
    offer_the_rest,
    skipped,
)
from assistant.actions.wishes import OPTIONS, Wish, merged, said_now
from assistant.desk.variants import VariantChoice, choose_variant
from assistant.presentation import options_text
from assistant.store import Order, OrderItem, Variant

MOST_OFFERED = 6  # variants in one question
YES_OR_ANOTHER = ({"title": "Yes", "payload": "/affirm"},)


class ActionChooseVariants(OrderTaskAction):
    """Set `variants` to the lines with the variant wanted for each, or ask about the first that is not clear."""

    def name(self) -> str:
        return "action_choose_variants"

    def work(
        self, dispatcher: CollectingDispatcher, session: Session, tracker: Tracker, order: Order
    ) -> list[EventType]:
        items = {item.id: item for item in order.items}
        wishes: list[Wish] = [dict(wish) for wish in tracker.slots.get("wishes") or []]
        _answer(wishes, tracker, items)
        for place, wish in enumerate(wishes):
            if "variant" in wish:
                continue
            item = items[wish["line"]]
            choice = resolve(wish, _said_of(wish, wishes), item)
            if choice.variant is None:
                asked = self._ask(dispatcher, wishes, place, choice, items)
                return [*forget(tracker), *_keep(wishes), SlotSet("about", place), *asked]
            wish["variant"] = choice.variant.id
        lines = [{**line, "variant_id": wish["variant"]} for line, wish in zip(lines_of(wishes), wishes, strict=True)]
        return [*forget(tracker), *_keep(wishes), SlotSet("variants", lines)]

    def _ask(
        self,
        dispatcher: CollectingDispatcher,
        wishes: Sequence[Wish],
        place: int,
        choice: VariantChoice,
        items: dict[int, OrderItem],
    ) -> list[EventType]:
        """Offer what fits; where nothing does, say so with what there is, and with going on without it."""
        item = items[wishes[place]["line"]]
        if choice.candidates:
            return variants_question("utter_ask_variant", item, choice.candidates, {}, MOST_OFFERED).ask(dispatcher)
        offered = _instead(item, choice)
        if not offered:
            dispatcher.utter_message(response="utter_no_other_variant", item=item.name)
        else:
            response, facts = _why_not(wishes[place], choice)
            events = variants_question(response, item, offered, facts, MOST_OFFERED).ask(dispatcher)
        others = [items[wish["line"]] for at, wish in enumerate(wishes) if at != place]
        if others:
            return [*(events if offered else []), *offer_the_rest(dispatcher, others)]
        if not offered:
            return [SlotSet("order", False)]
        return [*events, SlotSet("offer", TAKE)] if len(offered) == 1 else events


def resolve(wish: Wish, said: str, item: OrderItem) -> VariantChoice:
    """The variant that a wish means. A wish that says nothing of it is asked back with what is in stock."""
    variants = item.variant.product.variants
    choice = choose_variant(wish, said, item.variant, variants)
    says_nothing = not any(wish.get(name) for name in OPTIONS)
    if says_nothing and choice.variant is not None and choice.variant.id == item.variant_id:
        return VariantChoice(None, _others_in_stock(item), (), None)
    return choice


def _answer(wishes: list[Wish], tracker: Tracker, items: dict[int, OrderItem]) -> None:
    """Take up what the shopper has just said of a variant: a place on screen, a yes, or other options."""
    about = tracker.slots.get("about")
    place = about if isinstance(about, int) and about < len(wishes) else None
    if place is not None and skipped(tracker):
        del wishes[place]
        return
    picked = picked_id(tracker.slots, "variant")
    if tracker.slots.get("offer") == TAKE and agreed(tracker):
        picked = next(iter(on_screen(tracker.slots, "variant")), None)
    if picked and place is not None:
        wishes[place]["variant"] = picked
        return
    answer = _options_of(said_now(tracker.slots))
    if not answer:
        return
    place = place if place is not None else _place_of(answer, message_of(tracker), wishes, items)
    wishes[place] = _with_answer(wishes[place], answer, tracker, items[wishes[place]["line"]])


def _with_answer(wish: Wish, answer: Wish, tracker: Tracker, item: OrderItem) -> Wish:
    """The wish with the answer: among what was on offer first, then with all that was wished before, then alone."""
    message = message_of(tracker)
    offered = set(on_screen(tracker.slots, "variant"))
    variants = item.variant.product.variants
    among = [variant for variant in variants if variant.id in offered]
    more = {**merged(wish, answer), "said": message}
    if among and (found := choose_variant(answer, message, item.variant, among).variant) is not None:
        return {**more, "variant": found.id}
    choice = choose_variant(more, message, item.variant, variants)
    if choice.variant is not None or choice.candidates:
        return more
    kept = {name: value for name, value in wish.items() if name not in (*OPTIONS, "variant")}
    return {**kept, **answer, "said": message}


def _options_of(answer: Wish) -> Wish:
    """The answer as options: "the blue one" named as an item is something asked of the variant."""
    options = {name: answer[name] for name in OPTIONS if name in answer}
    described = [str(text) for text in answer.get("item") or ()]
    if described and not options:
        return {"feature": described}
    return options


def _place_of(answer: Wish, message: str, wishes: Sequence[Wish], items: dict[int, OrderItem]) -> int:
    """Which wish an option that nobody asked for corrects: the only one it can be, or the one named last."""
    fitting = []
    for place, wish in enumerate(wishes):
        item = items[wish["line"]]
        if choose_variant(answer, message, item.variant, item.variant.product.variants).unknown is None:
            fitting.append(place)
    return fitting[0] if len(fitting) == 1 else len(wishes) - 1


def _said_of(wish: Wish, wishes: Sequence[Wish]) -> str:
    """The part of the message that speaks of this wish, where the same message holds several."""
    said = str(wish.get("said") or "")
    others = [other for other in wishes if other is not wish and other.get("said") == said]
    if not others:
        return said
    start = _found_at(wish, said)
    ends = [at for other in others if (at := _found_at(other, said)) is not None and start is not None and at > start]
    return said[start : min(ends, default=len(said))] if start is not None else ""


def _found_at(wish: Wish, said: str) -> int | None:
    places = [said.lower().find(str(item).lower()) for item in wish.get("item") or ()]
    return min((place for place in places if place >= 0), default=None)


def _instead(item: OrderItem, choice: VariantChoice) -> list[Variant]:
    """What can be had instead, those most like what was wanted first."""
    wanted = (choice.unavailable or (item.variant,))[0].options
    in_stock = _others_in_stock(item)
    return sorted(in_stock, key=lambda one: sum(one.options.get(name) != value for name, value in wanted.items()))


def _others_in_stock(item: OrderItem) -> tuple[Variant, ...]:
    return tuple(one for one in item.variant.product.variants if one.in_stock and one.id != item.variant_id)


def _why_not(wish: Wish, choice: VariantChoice) -> tuple[str, dict[str, str]]:
    if choice.unavailable:
        return "utter_variant_unavailable", {"wanted": options_text(choice.unavailable[0].options)}
    said = choice.unknown or ", ".join(str(wish[name]) for name in OPTIONS[:3] if name in wish)
    return ("utter_no_such_option", {"option": said}) if said else ("utter_ask_variant", {})


def _keep(wishes: list[Wish]) -> list[EventType]:
    return [SlotSet("wishes", wishes), SlotSet("lines", lines_of(wishes))]
