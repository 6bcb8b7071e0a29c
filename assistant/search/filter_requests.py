"""Requests with known answers, drawn from a shop's own rows: conditions that stand together on some variant of it.

    draw_requests(listings, 300, seed=7)  ->  (Request("f001", {"query": "hiking boots", "max_price": 120}, True), …)

A request describes a variant that can be bought by one to five conditions; every tenth has one condition of another
variant, chosen so that nothing meets them all.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.search.filter_truth import COLORS, MATERIALS, MEASURES, broken
from assistant.search.listings import Listing, Offer

MOST_CONDITIONS = 5
HOPELESS_EVERY = 10
WHOLE_CATEGORY = 0.7  # share of things that are called so
SORTED = 0.3  # share of requests with a sort
SORTS = ("price_asc", "price_desc", "rating", "popular")
MOST_TRIES = 200
NOT_FEATURES = {*COLORS, *MATERIALS, *MEASURES, "audience", "age", "brand", "gender"}
LONGEST_VALUE = 3  # words of a feature's value: what a shopper would still say
SPOKEN = {
    "women": ("women", "my wife", "my mum"),
    "men": ("men", "my dad", "my husband"),
    "kids": ("kids", "my son", "my niece"),
    "dogs": ("dogs", "our dog"),
    "cats": ("cats", "my cat"),
}

Slots = Mapping[str, Any]
Draw = Callable[[random.Random, Listing, Offer], Slots]  # empty where the listing says nothing of the kind


@dataclass(frozen=True)
class Request:
    id: str
    slots: Slots  # as ProductQuery.from_slots takes them
    answered: bool  # False: drawn so that nothing meets it


def draw_requests(listings: Sequence[Listing], n: int, seed: int) -> tuple[Request, ...]:
    """The same for the same shop and seed."""
    chance = random.Random(seed)
    return tuple(_request(chance, listings, number) for number in range(1, n + 1))


def _request(chance: random.Random, listings: Sequence[Listing], number: int) -> Request:
    hopeless = number % HOPELESS_EVERY == 0
    for _ in range(MOST_TRIES):
        slots = _hopeless(chance, listings) if hopeless else _described(chance, *_one(chance, listings))
        if slots and hopeless == all(broken(slots, listing) for listing in listings):
            sort = {"sort": chance.choice(SORTS)} if chance.random() < SORTED else {}
            return Request(f"f{number:03}", {**slots, **sort}, not hopeless)
    raise ValueError(f"No request {'without' if hopeless else 'with'} an answer could be drawn from this shop.")


def _one(chance: random.Random, listings: Sequence[Listing]) -> tuple[Listing, Offer]:
    sold = [listing for listing in listings if any(offer.buyable for offer in listing.offers)]
    listing = chance.choice(sold)
    return listing, chance.choice([offer for offer in listing.offers if offer.buyable])


def _described(chance: random.Random, listing: Listing, offer: Offer, most: int = MOST_CONDITIONS) -> dict[str, Any]:
    drawn = [slots for draw in DRAWS.values() if (slots := draw(chance, listing, offer))]
    chosen = chance.sample(drawn, min(chance.randint(1, most), len(drawn)))
    return {name: value for slots in chosen for name, value in slots.items()}


def _hopeless(chance: random.Random, listings: Sequence[Listing]) -> dict[str, Any]:
    slots = _described(chance, *_one(chance, listings), MOST_CONDITIONS - 1)
    other = _described(chance, *_one(chance, listings), 1)
    return {} if set(slots) & set(other) or _crossed({**slots, **other}) else {**slots, **other}


def _crossed(slots: Slots) -> bool:
    """Bounds that a query would swap."""
    return slots.get("min_price", 0) > slots.get("max_price", float("inf"))


def _thing(chance: random.Random, listing: Listing, _offer: Offer) -> Slots:
    """The category, or its last word; in a shop without categories the last word of the name, as the words before it
    may describe anything: a tea kettle for electric stoves is one of the electric kettles."""
    called = (listing.category or listing.name).lower()
    return {"query": called if listing.category and chance.random() < WHOLE_CATEGORY else called.split()[-1]}


def _brand(_chance: random.Random, listing: Listing, offer: Offer) -> Slots:
    brand = listing.brand or offer.options.get("brand")
    return {"brand": brand} if brand else {}


def _color(chance: random.Random, listing: Listing, offer: Offer) -> Slots:
    return _value("color", COLORS, chance, listing, offer)


def _material(chance: random.Random, listing: Listing, offer: Offer) -> Slots:
    return _value("material", MATERIALS, chance, listing, offer)


def _value(slot: str, names: frozenset[str], chance: random.Random, listing: Listing, offer: Offer) -> Slots:
    values = [value for name, value in offer.options.items() if name in names]
    values = values or [value for name, value in listing.attributes.items() if name in names]
    parts = [part for value in values for part in re.split(r",| and | with ", value)]
    spoken = [re.sub(r"^\d+(%| percent) ", "", part.strip().lower()) for part in parts]
    sayable = [part for part in spoken if part and len(part.split()) <= LONGEST_VALUE]
    return {slot: chance.choice(sayable)} if sayable else {}


def _size(chance: random.Random, listing: Listing, offer: Offer) -> Slots:
    sizes = [value for name, value in offer.options.items() if name in MEASURES]
    sizes = sizes or [value for name, value in listing.attributes.items() if name == "size"]
    sayable = [size for size in sizes if len(size.split()) <= LONGEST_VALUE]
    return {"size": chance.choice(sayable)} if sayable else {}


def _price(chance: random.Random, _listing: Listing, offer: Offer) -> Slots:
    price = offer.price_cents / 100
    low, high = (round(price * share) for share in (chance.uniform(0.6, 1), chance.uniform(1, 1.5)))
    about = max(1, round(price))
    ways: tuple[Slots, ...] = (
        {"max_price": high + 1},
        {"min_price": max(0, low - 1)},
        {"min_price": max(0, low - 1), "max_price": high + 1},
        {"min_price": round(about * 0.8, 2), "max_price": round(about * 1.2, 2)},  # "around 50"
    )
    return chance.choice(ways)


def _rating(chance: random.Random, listing: Listing, _offer: Offer) -> Slots:
    rating = listing.rating
    return {"min_rating": chance.choice((rating, int(rating * 2) / 2))} if rating else {}


def _recipient(chance: random.Random, listing: Listing, _offer: Offer) -> Slots:
    return {"recipient": chance.choice(SPOKEN[listing.audience])} if listing.audience in SPOKEN else {}


def _stock(_chance: random.Random, _listing: Listing, _offer: Offer) -> Slots:
    return {"in_stock": "yes"}


def _feature(chance: random.Random, listing: Listing, offer: Offer) -> Slots:
    pairs = {**listing.attributes, **offer.options}
    said = [feature for name, value in pairs.items() for feature in _features(name, value.lower())]
    return {"feature": [chance.choice(said)]} if said else {}


def _features(name: str, value: str) -> Iterator[str]:
    """ "waterproof" where the attribute says yes; else "mid ankle height"."""
    if name in NOT_FEATURES or not re.fullmatch(r"[a-z -]+", name) or re.match(r"(no|not|none|never|without)\b", value):
        return
    if re.match(r"yes\b", value):
        yield name
    elif re.fullmatch(r"[a-z -]+", value) and len(value.split()) <= LONGEST_VALUE:
        yield f"{value} {name}"


DRAWS: Mapping[str, Draw] = {
    "thing": _thing,
    "brand": _brand,
    "color": _color,
    "size": _size,
    "material": _material,
    "price": _price,
    "rating": _rating,
    "recipient": _recipient,
    "feature": _feature,
    "stock": _stock,
}
