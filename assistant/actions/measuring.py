"""Comparisons over the results: "anything lighter?", "a longer battery than the second one", "like it but cheaper".

The number in each listing (comparatives.py) is compared with that of the product named or, where none is named, of all
on screen. A comparison stays with the search, in its filters under `beyond`, so that what is asked next narrows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from assistant.actions.product_references import products_of
from assistant.actions.results import PAGE, PICKS, cards_of, remember, said_back, shown
from assistant.actions.searching import search_and_show
from assistant.comparatives import PRICE, RATING, Comparative, Measure, Measured, measured
from assistant.facts import as_said, count_of, from_elsewhere, recounted, told
from assistant.measures import Quantity, first_of
from assistant.presentation import joined, listing, money
from assistant.product_answers import asked_for, rating_text
from assistant.search import Match, ProductQuery, search
from assistant.search.vectors import ProductVectors
from assistant.store import Product

BEYOND = "beyond"  # in the filters of a search: the bounds that comparisons have set
MOST_MEASURED = 200  # results of a search that are compared
MOST_WHY = 3  # measures told under a card


@dataclass(frozen=True)
class Bound:
    """More, or less, of a measure than a product has; without `number` only the order."""

    word: str  # the shopper's: "lighter"
    measure: str
    attributes: tuple[str, ...]
    kinds: tuple[str, ...]
    by_words: bool
    sign: int
    superlative: str
    number: float | None = None
    kind: str = ""
    per: str = ""
    than: str = ""  # "the Lamp (480 g)"
    product_id: str = ""  # of the Lamp; none where the shopper said a number

    @property
    def what(self) -> Measure:
        return Measure(self.measure, self.attributes, self.kinds, self.by_words)

    def of(self, product: Product) -> Measured | None:
        """What the listing states, where it can be compared: the most telling of its variants that can be bought."""
        found = measure_of(product, self.what, self.sign)
        alike = found and (not self.kind or (found.quantity.kind, found.quantity.per) == (self.kind, self.per))
        return found if alike else None

    def met_by(self, product: Product) -> bool:
        found = self.of(product)
        return found is not None and (self.number is None or (found.number(self.sign) - self.number) * self.sign > 0)


@dataclass(frozen=True)
class Compared:
    """The results of a search seen through its bounds."""

    beyond: tuple[Match, ...]  # those that meet all bounds, the most telling first
    others: tuple[Match, ...]  # those that state a number and meet not all
    unstated: int  # how many do not state it, or not in a unit that compares


def measure_of(product: Product, measure: Measure, sign: int) -> Measured | None:
    buyable = [one for one in product.variants if one.in_stock] or list(product.variants)
    if measure == PRICE or measure.name == PRICE.name:
        prices = [variant.price_cents for variant in buyable]
        cents = min(prices, default=None)
        return Measured("price", money(cents), Quantity("cents", cents, cents)) if cents is not None else None
    if measure.name == RATING.name:
        rating = product.rating
        return Measured("rating", rating_text(product), Quantity("stars", rating, rating)) if rating else None
    stated = [measured({**product.attributes, **one.options}, measure) for one in buyable]
    found = [one for one in stated if one]
    return max(found, key=lambda one: sign * one.number(sign)) if found else None


def bound_of(asked: Comparative, references: Sequence[Product]) -> Bound | None:
    """Lighter than the lightest of the references; None where none of their listings states it.

    "The lightest" is no bound but an order, and so is "lighter than" nothing."""
    measure = asked.measure
    given = (asked.word, measure.name, measure.attributes, measure.kinds, measure.by_words, asked.sign)
    told = [(product, found) for product in references if (found := measure_of(product, measure, asked.sign))]
    kinds = [(found.quantity.kind, found.quantity.per) for _, found in told]
    if limit := first_of(asked.than, measure.kinds):
        return Bound(*given, asked.superlative, limit.low, limit.kind, limit.per, asked.than)
    if asked.most or not references:
        return Bound(*given, asked.superlative)
    if not told:
        return None
    kind, per = max(kinds, key=kinds.count)
    alike = [one for one, of in zip(told, kinds, strict=True) if of == (kind, per)]
    product, found = max(alike, key=lambda one: asked.sign * one[1].number(asked.sign))
    than = f"the {product.name} ({found.text})"
    return Bound(*given, asked.superlative, found.number(asked.sign), kind, per, than, product.id)


def _settled(bound: Bound, matches: Sequence[Match]) -> Bound:
    """The bound in the unit that most listings state, where it has none of its own."""
    found = [one.quantity for match in matches if (one := bound.of(match.product))]
    kinds = [(quantity.kind, quantity.per) for quantity in found]
    kind, per = max(kinds, key=kinds.count, default=("", ""))
    return bound if bound.kind else replace(bound, kind=kind, per=per)


def compare(matches: Sequence[Match], bounds: Sequence[Bound], without: Sequence[str] = ()) -> Compared:
    others = [match for match in matches if match.product.id not in without]
    stating = [match for match in others if all(bound.of(match.product) for bound in bounds)]
    stating.sort(key=lambda match: _most_telling(match, bounds[0]))
    beyond = [match for match in stating if all(bound.met_by(match.product) for bound in bounds)]
    rest = [match for match in stating if match not in beyond]
    return Compared(tuple(beyond), tuple(rest), len(others) - len(stating))


def _most_telling(match: Match, bound: Bound) -> float:
    found = bound.of(match.product)
    return -bound.sign * found.number(bound.sign) if found else 0.0


def show_beyond(
    session: Session,
    dispatcher: CollectingDispatcher,
    filters: Mapping[str, Any],
    bounds: Sequence[Bound],
    vectors: ProductVectors | None,
    without: Sequence[str] = (),
) -> list[EventType]:
    """Search, and show what lies beyond the bounds; where nothing does, what comes nearest, and why it does not."""
    plain = {name: value for name, value in filters.items() if name != BEYOND}
    found = search(session, ProductQuery.from_slots(plain), MOST_MEASURED, vectors=vectors)
    if not found.products:
        return search_and_show(session, dispatcher, plain, vectors)
    bounds = [_settled(bound, found.products) for bound in bounds]
    seen = compare(found.products, bounds, without)
    on_page = seen.beyond[:PAGE] or seen.others[:PAGE]
    if not on_page:
        dispatcher.utter_message(response="utter_measure_unstated", attribute=asked_for(bounds[0].measure))
        return []
    picks = [(match.product.id, _why(match, bounds)) for match in seen.beyond or seen.others]
    kept = {**plain, BEYOND: [asdict(bound) for bound in bounds]}
    condition = listing(condition_of(session, bound) for bound in bounds)
    _say_compared(dispatcher, seen, condition, said_back(plain), cards_of(on_page, {PICKS: picks}), kept, without)
    if seen.unstated:
        count = count_of(products_unstated, seen.unstated, kept, list(without))
        attribute = asked_for(bounds[0].measure)
        dispatcher.utter_message(response="utter_measure_left_out", count=count, attribute=attribute)
    if not seen.beyond:
        return remember(plain, PAGE, found.total, on_page)
    looked_for = {"filters": kept, "offset": PAGE, "total": len(picks), PICKS: [list(pick) for pick in picks]}
    return shown(looked_for, on_page)


def _say_compared(
    dispatcher: CollectingDispatcher,
    seen: Compared,
    condition: str,
    words: str,
    cards: dict[str, Any],
    filters: Mapping[str, Any],
    without: Sequence[str],
) -> None:
    query, total = joined([words, condition], ", "), len(seen.beyond)
    if total > 1:
        facts = {"count": count_of(products_beyond, total, filters, list(without)), "query": query}
        dispatcher.utter_message(response="utter_products_found", json_message=cards, **facts)
    elif total == 1:
        dispatcher.utter_message(response="utter_one_product_found", json_message=cards, query=query)
    else:
        facts = {"condition": condition, "query": words}
        dispatcher.utter_message(response="utter_nearest_products", json_message=cards, **facts)


def condition_of(session: Session, bound: Bound) -> str:
    """Reads well after "nothing": "lighter than the Lamp (480 g)"."""
    if not bound.than:
        return as_said(f"{bound.superlative} first")
    return more_than(as_said(bound.word), _than(session, bound))


def _than(session: Session, bound: Bound) -> str:
    """What is compared with, out of the product's row as long as that says what an earlier message was told."""
    if not bound.product_id:
        return as_said(bound.than)
    now = [measured_text(one, asdict(bound.what), bound.sign) for one in products_of(session, [bound.product_id])]
    return now[0] if now and now[0] == bound.than else from_elsewhere(bound.than, "slot", "search")


@told
def more_than(word: str, than: str) -> str:
    return f"{word} than {than}"


@told
def measured_text(product: Product, measure: Mapping[str, Any], sign: int) -> str:
    """A product with what its listing states of a measure: "the Lamp (480 g)"."""
    found = measure_of(product, Measure(**measure), sign)
    return f"the {product.name} ({found.text})" if found else f"the {product.name}"


@recounted
def products_beyond(
    session: Session, vectors: ProductVectors | None, filters: Mapping[str, Any], without: Sequence[str]
) -> int:
    return len(_compared_again(session, vectors, filters, without).beyond)


@recounted
def products_unstated(
    session: Session, vectors: ProductVectors | None, filters: Mapping[str, Any], without: Sequence[str]
) -> int:
    return _compared_again(session, vectors, filters, without).unstated


def _compared_again(
    session: Session, vectors: ProductVectors | None, filters: Mapping[str, Any], without: Sequence[str]
) -> Compared:
    found = search(session, ProductQuery.from_slots(filters), MOST_MEASURED, vectors=vectors)
    return compare(found.products, bounds_kept(filters), without)


def bounds_kept(filters: Mapping[str, Any]) -> list[Bound]:
    """The bounds that an earlier message has set."""
    return [
        Bound(**{**one, "attributes": tuple(one["attributes"]), "kinds": tuple(one["kinds"])})
        for one in filters.get(BEYOND) or ()
    ]


def _why(match: Match, bounds: Sequence[Bound]) -> str:
    """What the listing states of what is compared, but for what stands on every card."""
    telling = [bound for bound in bounds[:MOST_WHY] if bound.measure not in (PRICE.name, RATING.name)]
    stated = [found for bound in telling if (found := bound.of(match.product))]
    return ", ".join(f"{found.attribute}: {found.text}" for found in dict.fromkeys(stated))
