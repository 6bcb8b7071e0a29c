"""Change the search: narrow it, widen it, compare, lift a condition, refuse something. Reads only.

What a message adds is laid over what was asked before: a new color replaces the old one, features add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.base import ShopAction
from assistant.actions.comparing_results import compare_results
from assistant.actions.measuring import BEYOND, bounds_kept, show_beyond
from assistant.actions.product_references import ask_which, on_screen, products_meant
from assistant.actions.searching import said_of_search, search_and_show
from assistant.actions.suggesting import suggest_instead
from assistant.comparatives import parted, taken_apart
from assistant.search import ProductQuery, search
from assistant.search.dropped import lifted_in, without_dropped, without_values
from assistant.search.query import SAID
from assistant.search.refusals import with_refusals

BOUND_BEFORE = {"cheaper": "min_price", "pricier": "max_price"}  # "between 50 and 200", and then cheaper than that


class ActionRefineSearch(ShopAction):
    def name(self) -> str:
        return "action_refine_search"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        message = str(tracker.latest_message.get("text") or "")
        before = tracker.slots.get("search") or {"filters": {}}
        new, dropped = without_dropped(said_of_search(tracker))
        dropped |= lifted_in(message)
        new = with_refusals(without_values(new, message), message)
        old = {name: value for name, value in before["filters"].items() if name not in {SAID, *dropped}}
        old = without_values(old, message)
        with self.shop.database.reading() as session:
            if suggested := suggest_instead(session, dispatcher, tracker, new, self.shop.vectors):
                return suggested
            new, comparatives = taken_apart(new, message)
            direction = tracker.slots.get("price_direction")
            if direction and not dropped & {"min_price", "max_price"}:
                prices = _prices_compared(session, dispatcher, tracker, message)
                if prices is None:
                    return []
                new |= _beyond(prices, str(direction))
                old = {name: value for name, value in old.items() if name != BOUND_BEFORE.get(str(direction))}
            merged = _with_thing(session, _merge(old, new), old, new)
            if comparatives:
                return compare_results(session, dispatcher, tracker, merged, comparatives, self.shop.vectors)
            if not ProductQuery.from_slots(merged).says_something or not tracker.slots.get("search"):
                dispatcher.utter_message(response="utter_nothing_to_refine")
                return []
            if bounds := bounds_kept(merged):
                return show_beyond(session, dispatcher, merged, bounds, self.shop.vectors)
            return search_and_show(session, dispatcher, merged, self.shop.vectors)


def _with_thing(
    session: Session, merged: dict[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
) -> dict[str, Any]:
    """ "Trail ones" of the boots, where the shop has such; otherwise another thing: "jackets instead"."""
    if not new.get("query"):
        return merged
    narrowed = merged | {"query": f"{new['query']} {old.get('query', '')}"}
    if search(session, ProductQuery.from_slots(narrowed), 1).total:
        return narrowed
    return {name: value for name, value in merged.items() if name != BEYOND}


def _merge(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**old, **new}
    before, now = ProductQuery.from_slots(old), ProductQuery.from_slots(new)
    if features := [*before.features, *now.features]:
        merged["feature"] = list(dict.fromkeys(features))
    for slot, value in now.refused:
        if slot not in new and value.lower() in str(merged.get(slot, "")).lower():  # "not in black" after "in black"
            merged.pop(slot, None)
    if refused := [*(one for one in before.refused if one[0] not in new), *now.refused]:
        merged["refused"] = [list(one) for one in dict.fromkeys(refused)]
    else:
        merged.pop("refused", None)
    low, high = merged.get("min_price"), merged.get("max_price")
    crossed = low is not None and high is not None and float(low) > float(high)
    if crossed and ("min_price" in new) != ("max_price" in new):
        merged.pop("min_price" if "max_price" in new else "max_price")  # the new bound is the one that is meant
    return merged


def _prices_compared(
    session: Session, dispatcher: CollectingDispatcher, tracker: Tracker, message: str
) -> list[int] | None:
    """The prices that "cheaper" is compared with: of the product named after "than", else of all on screen."""
    than = parted(message)[1]
    shown = tracker.slots.get("shown") or []
    if than and not than.startswith("$") and not than[0].isdigit():
        named = products_meant(session, tracker, than)
        if len(named) == 1:
            shown = [{"kind": "product", "id": named[0].id}]
        elif named and len(named) < len(shown):
            ask_which(dispatcher, than, named, "product_details", {})
            return None
    return [one.price_cents for one in on_screen(session, shown) if one.price_cents is not None]


def _beyond(prices: Sequence[int], direction: str) -> dict[str, Any]:
    """A bound that leaves only what is cheaper, or dearer, than all of these."""
    if not prices:
        return {"sort": "price_asc" if direction == "cheaper" else "price_desc"}
    if direction == "cheaper":
        return {"max_price": (min(prices) - 1) / 100}
    return {"min_price": (max(prices) + 1) / 100}
