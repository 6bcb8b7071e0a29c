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
from assistant.desk.mentions import CHEAPEST, DEAREST
from assistant.desk.passages import texts_of
from assistant.desk.variants import VariantChoice, choose_variant
from assistant.facts import as_said
from assistant.orders import orders_of
from assistant.presentation import cell, chosen_options
from assistant.store import Order, OrderItem, Variant

MOST_OFFERED = 6  # variants in one question
MOST_QUESTIONS = 3  # about one of several wishes; then it is left out, so that the others get done
LONGEST_SAID_BACK = 60  # characters of an option that there is not


class ActionChooseVariants(OrderTaskAction):
    """Set `variants` to the lines with the variant wanted for each, or ask about the first that is not clear."""

    def name(self) -> str:
        return "action_choose_variants"

    def work(
        self, dispatcher: CollectingDispatcher, session: Session, tracker: Tracker, order: Order
    ) -> list[EventType]:
        items = {item.id: item for item in order.items}
        wishes: list[Wish] = [dict(wish) for wish in tracker.slots.get("wishes") or []]
        owned = owned_variants(session, order)
        _answer(wishes, tracker, items)
        for wish in [one for one in wishes if "variant" not in one]:
            item, place = items[wish["line"]], wishes.index(wish)
            said = str(wish.get("said") or "")
            choice = choose_variant(wish, said, item.variant, item.variant.product.variants, owned[item.id])
            if choice.variant and not choice.already:
                _tell_what_is_gone(dispatcher, item, choice)
                wish["variant"] = choice.variant.id
                continue
            if choice.already and len(wishes) == 1:
                dispatcher.utter_message(response="utter_same_variant", item=cell(item, "name"))
                return [*forget(tracker), *_keep(wishes), SlotSet("about", place)]
            wish["asked"] = wish.get("asked", 0) + 1
            if choice.already or (wish["asked"] > MOST_QUESTIONS and len(wishes) > 1):
                response = "utter_already_so" if choice.already else "utter_left_as_it_is"
                dispatcher.utter_message(response=response, item=cell(item, "name"))
                del wishes[place]
                continue
            asked = self._ask(dispatcher, wishes, place, choice, items)
            about = SlotSet("last_product_id", item.variant.product_id)  # "what colors does it come in?"
            return [*forget(tracker), *_keep(wishes), SlotSet("about", place), about, *asked]
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
        offered = list(choice.candidates) or _instead(item, choice)
        events: list[EventType] = []
        if offered:
            response, facts = _why_not(choice)
            events = variants_question(response, item, offered, facts, MOST_OFFERED).ask(dispatcher)
        else:
            dispatcher.utter_message(response="utter_no_other_variant", item=cell(item, "name"))
        others = [items[wish["line"]] for at, wish in enumerate(wishes) if at != place]
        if others and (choice.unknown or choice.unavailable or not offered):
            return [*events, *offer_the_rest(dispatcher, others)]
        if not offered:
            return [SlotSet("order", False)]
        return [*events, SlotSet("offer", TAKE)] if len(offered) == 1 else events


def owned_variants(session: Session, order: Order) -> dict[int, list[Variant]]:
    """By item: the variants of its product in the customer's other purchases; "like the one I have" means them."""
    bought = [item for one in orders_of(session, order.customer_id) for item in one.items]
    return {
        item.id: [
            other.variant for other in bought if other.id != item.id and other.variant.product is item.variant.product
        ]
        for item in order.items
    }


def _answer(wishes: list[Wish], tracker: Tracker, items: dict[int, OrderItem]) -> None:
    """Take up what the shopper has just said of a variant: a place on screen, a yes, or other options."""
    about = tracker.slots.get("about")
    place = about if isinstance(about, int) and about < len(wishes) else None
    if place is not None and skipped(tracker, wishes, place, list(items.values())):
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
    if priced := _by_price(answer, among):
        return {**more, "variant": priced.id}
    if among and (found := choose_variant(answer, message, item.variant, among).variant) is not None:
        return {**more, "variant": found.id}
    choice = choose_variant(more, message, item.variant, variants)
    if choice.variant is not None or choice.candidates:
        return more
    kept = {name: value for name, value in wish.items() if name not in (*OPTIONS, "variant")}
    return {**kept, **answer, "said": message}


def _by_price(answer: Wish, among: Sequence[Variant]) -> Variant | None:
    """The cheaper or the dearer of two on offer, where nothing but the price is said."""
    said = " ".join(texts_of(answer, "feature")).removeprefix("the ").removesuffix(" one")
    if len(among) != 2 or among[0].price_cents == among[1].price_cents:
        return None
    if CHEAPEST.fullmatch(said):
        return min(among, key=lambda one: one.price_cents)
    return max(among, key=lambda one: one.price_cents) if DEAREST.fullmatch(said) else None


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


def _instead(item: OrderItem, choice: VariantChoice) -> list[Variant]:
    """What can be had instead, those most like what was wanted first."""
    wanted = (choice.unavailable or (item.variant,))[0].options
    in_stock = _others_in_stock(item)
    return sorted(in_stock, key=lambda one: sum(one.options.get(name) != value for name, value in wanted.items()))


def _others_in_stock(item: OrderItem) -> tuple[Variant, ...]:
    return tuple(one for one in item.variant.product.variants if one.in_stock and one.id != item.variant_id)


def _why_not(choice: VariantChoice) -> tuple[str, dict[str, str]]:
    """The question, with what is the matter if something is."""
    if choice.unavailable:
        return "utter_variant_unavailable", {"wanted": chosen_options(choice.unavailable[0])}
    if choice.unknown:
        return "utter_no_such_option", {"option": as_said(choice.unknown[:LONGEST_SAID_BACK])}
    return "utter_ask_variant", {}


def _tell_what_is_gone(dispatcher: CollectingDispatcher, item: OrderItem, choice: VariantChoice) -> None:
    """Say what came first and cannot be had, where a second choice is taken."""
    wanted = chosen_options(choice.unavailable[0]) if choice.unavailable else as_said(choice.unknown or "")
    if wanted:
        dispatcher.utter_message(response="utter_first_choice_gone", item=cell(item, "name"), wanted=wanted)


def _keep(wishes: list[Wish]) -> list[EventType]:
    return [SlotSet("wishes", wishes), SlotSet("lines", lines_of(wishes))]
