"""Which products meet a request, told from the rows alone: the truth that the filters are measured against.

Nothing here is shared with the search but the shop's vocabulary: its synonyms, its audiences and its silent words.
What counts as meeting a condition:

thing      each of its words, in singular or plural or as a synonym, stands in the category, or each in the name, brand,
           category and department together
brand      the words of the brand are those of the brand column, else of an option or attribute called brand
color      by the variant's option called color, finish, shade (or "frame color"); where it has none, by the product's
           attribute of that name; where that is missing too, by a word of the product's name
size       by the variant's option called size ("dog size"), else the product's attribute; one with a unit ("500 ml") by
           any measure. M is medium, a litre is 1 l; the 30 of "30 ml" or "30 x 9" is no size 30, the m of "2 m" no M
material   by the variant's option called material, fabric or upper, else the attribute; "synthetic leather" and
           "cotton-feel" are imitations
price      of the variant, bounds included
rating     of the product; one without ratings has none
recipient  by the audience; for women and men also what is unisex or names nobody. Where no audience is stated, what is
           for kids or pets says so in its name, its category or a tag (kids also by an age: "4 year old")
feature    where a variant of the product has an option that speaks of it, by this variant's options. Else by the
           attribute that is called so ("waterproof: no") or that the last or first words name ("mid ankle height").
           Else all its words, in whatever grammatical ending, stand in one piece of the listing (an attribute, a tag,
           the name, a sentence) and are not denied there
stock      asked for, or where anything is asked of a variant and sold-out ones were not asked for too

All that is asked of a variant must be met by one and the same variant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from assistant.search.listings import Listing, Offer
from assistant.search.truth_words import (
    DENIALS,
    alike_words,
    all_in,
    plain_words,
    run_of,
    stems,
    telling_stems,
    vocabulary,
)

COLORS = frozenset("color colour colors colours finish shade".split())
MATERIALS = frozenset("material fabric upper".split())
MEASURES = set("size capacity volume length width height diameter screen weight storage pack pieces thickness".split())
UNITS = {
    **dict.fromkeys("litre litres liter liters".split(), "l"),
    **dict.fromkeys("inch inches".split(), "in"),
    **dict.fromkeys("pounds pound lbs".split(), "lb"),
    **{unit: unit for unit in "l ml in ft m cm mm kg g lb oz gb tb cups cup".split()},
}
LETTERS = {"small": "s", "medium": "m", "large": "l", "extra small": "xs", "extra large": "xl", "2xl": "xxl"}
IMITATIONS = set("synthetic faux imitation artificial vegan fake not no without".split())
LIKENESSES = set("feel look like effect free".split())  # "cotton-feel"
DENIAL_REACHES = 4  # words
MOST_REMEMBERED = 10_000  # answers for one feature and listing: each is asked for every variant
AGE = re.compile(r"\d+ (year|month)s? old")
SENTENCE = re.compile(r"(?<=[.;!?])\s+")
OF_THE_PRODUCT = ("thing", "rating", "recipient")
OF_A_VARIANT = ("brand", "color", "size", "material", "price", "feature")


Test = Callable[[Any, Listing, Offer], bool]


def stated(slots: Mapping[str, Any]) -> dict[str, Any]:
    """The conditions of a request, kind by kind, with what each asks for."""
    names = {"query": "thing", "brand": "brand", "color": "color", "size": "size", "material": "material"}
    names |= {"min_rating": "rating", "recipient": "recipient", "feature": "feature"}
    asked = {kind: slots[slot] for slot, kind in names.items() if slot in slots}
    if "min_price" in slots or "max_price" in slots:
        asked["price"] = (slots.get("min_price", 0), slots.get("max_price", float("inf")))
    of_variant = any(kind in asked for kind in OF_A_VARIANT)
    if slots.get("in_stock", "yes" if of_variant else "no") == "yes":
        asked["stock"] = True
    return asked


def broken(slots: Mapping[str, Any], listing: Listing) -> frozenset[str]:
    """The kinds of condition that a product breaks, by the variant that breaks the fewest; empty: it is right."""
    asked = stated(slots)
    of_product = {kind: asked.pop(kind) for kind in OF_THE_PRODUCT if kind in asked}
    breaks = _broken_by(of_product, listing, listing.offers[0])
    return breaks | min((_broken_by(asked, listing, offer) for offer in listing.offers), key=len)


def meeting(slots: Mapping[str, Any], listing: Listing) -> list[Offer]:
    """The variants that meet everything."""
    asked = stated(slots)
    return [offer for offer in listing.offers if not _broken_by(asked, listing, offer)]


def _broken_by(asked: Mapping[str, Any], listing: Listing, offer: Offer) -> frozenset[str]:
    return frozenset(kind for kind, value in asked.items() if not TESTS[kind](value, listing, offer))


def is_thing(thing: str, listing: Listing, _offer: Offer) -> bool:
    heading = f"{listing.name} {listing.brand} {listing.category} {listing.department}"
    return all_in(alike_words(thing), alike_words(heading))


def has_brand(brand: str, listing: Listing, offer: Offer) -> bool:
    named = [listing.brand, offer.options.get("brand", ""), listing.attributes.get("brand", "")]
    return any(plain_words(brand) == plain_words(name) for name in named)


def has_color(color: str, listing: Listing, offer: Offer) -> bool:
    for values in (_called(COLORS, offer.options), _called(COLORS, listing.attributes)):
        if values:
            return any(run_of(alike_words(color), alike_words(value)) for value in values)
    return run_of(alike_words(color), alike_words(listing.name))


def has_size(size: str, listing: Listing, offer: Offer) -> bool:
    wanted = _measure(size)
    with_unit = len(wanted) > 1 and wanted[-1] in UNITS
    for pairs in (offer.options, listing.attributes):
        proper = [value for name, value in pairs.items() if "size" in plain_words(name)]
        others = [value for name, value in pairs.items() if with_unit and not MEASURES.isdisjoint(plain_words(name))]
        if any(_is_size(wanted, _measure(value)) for value in (*proper, *others)):
            return True
        if proper:
            return False
    return False


def has_material(material: str, listing: Listing, offer: Offer) -> bool:
    for values in (_called(MATERIALS, offer.options), _called(MATERIALS, listing.attributes)):
        if values:
            return any(
                _made_of(alike_words(material), part) for value in values for part in re.split(r",| and | with ", value)
            )
    return False


def is_priced(bounds: tuple[float, float], _listing: Listing, offer: Offer) -> bool:
    return bounds[0] * 100 - 0.5 <= offer.price_cents <= bounds[1] * 100 + 0.5


def is_rated(rating: float, listing: Listing, _offer: Offer) -> bool:
    return listing.rating is not None and listing.rating >= rating


def is_for(recipient: str, listing: Listing, _offer: Offer) -> bool:
    audiences = {whom: words.split() for whom, words in vocabulary()["audiences"].items()}
    who, words = next((whom, words) for whom, words in audiences.items() if {*words} & {*plain_words(recipient)})
    if listing.audience:
        return who in plain_words(listing.audience) or (who in ("women", "men") and listing.audience == "unisex")
    named = f"{listing.name} {listing.category}"
    tagged = any(tag in words or (who == "kids" and AGE.fullmatch(tag)) for tag in listing.tags)
    return who in ("women", "men") or tagged or all_in(alike_words(who), alike_words(named))


def has_features(features: Sequence[str], listing: Listing, offer: Offer) -> bool:
    return all(_has_feature(telling_stems(feature), listing, offer) for feature in features)


TESTS: Mapping[str, Test] = {
    "thing": is_thing,
    "brand": has_brand,
    "color": has_color,
    "size": has_size,
    "material": has_material,
    "price": is_priced,
    "rating": is_rated,
    "recipient": is_for,
    "feature": has_features,
    "stock": lambda _asked, _listing, offer: offer.buyable,
}


def _has_feature(wanted: Sequence[str], listing: Listing, offer: Offer) -> bool:
    if any(_option_says(wanted, other) for other in listing.offers):
        return _option_says(wanted, offer)
    return _listing_says(wanted, listing)


@lru_cache(MOST_REMEMBERED)
def _listing_says(wanted: Sequence[str], listing: Listing) -> bool:
    told = [_among(wanted, {name: value}) for name, value in listing.attributes.items()]
    if any(answer is not None for answer in told):
        return any(told)
    attributes = (f"{name}: {value}" for name, value in listing.attributes.items())
    pieces = (*attributes, *listing.tags, listing.name, listing.category, *SENTENCE.split(listing.description))
    return any(_says(wanted, piece) for piece in pieces)


@lru_cache(MOST_REMEMBERED)
def _option_says(wanted: Sequence[str], offer: Offer) -> bool:
    told = _among(wanted, offer.options)
    if told is None:
        return any(_says(wanted, f"{name}: {value}") for name, value in offer.options.items())
    return told


def _among(wanted: Sequence[str], pairs: Mapping[str, str]) -> bool | None:
    """Whether the pair that bears the feature's name, or a part of it, says yes to it; None where none bears it."""
    for name, value in pairs.items():
        called, said = telling_stems(name), stems(value)
        if not called:
            continue
        if list(called) == list(wanted):
            return not (said[:1] and said[0] in DENIALS) and not _denied(wanted, said)
        rest = _without(wanted, called)
        if rest is not None:
            return all_in(rest, said) and said[0] not in DENIALS
    return None


def _without(wanted: Sequence[str], name: Sequence[str]) -> Sequence[str] | None:
    """ "mid ankle height" without "ankle height"."""
    size = len(name)
    if list(wanted[-size:]) == list(name):
        return wanted[:-size]
    return wanted[size:] if list(wanted[:size]) == list(name) else None


def _says(wanted: Sequence[str], piece: str) -> bool:
    """A denial reaches to its comma: "none, reversible" is reversible."""
    clauses = [clause for clause in map(stems, piece.split(",")) if wanted[0] in clause]
    return all_in(wanted, stems(piece)) and not all(_denied(wanted, clause) for clause in clauses)


def _denied(wanted: Sequence[str], piece: Sequence[str]) -> bool:
    place = next((place for place, word in enumerate(piece) if word == wanted[0]), 0)
    return not DENIALS.isdisjoint(piece[max(0, place - DENIAL_REACHES) : place])


def _made_of(wanted: Sequence[str], part: str) -> bool:
    said = alike_words(part)
    for start in range(len(said) - len(wanted) + 1):
        end = start + len(wanted)
        if list(said[start:end]) == list(wanted):
            imitated = (start and said[start - 1] in IMITATIONS) or (end < len(said) and said[end] in LIKENESSES)
            if not imitated:
                return True
    return False


def _is_size(wanted: Sequence[str], said: Sequence[str]) -> bool:
    for start in range(len(said) - len(wanted) + 1):
        end = start + len(wanted)
        if list(said[start:end]) == list(wanted):
            of_unit = end < len(said) and said[end] in {*UNITS, "x"} and wanted[-1].replace(".", "").isdigit()
            after_number = start and wanted[0] in UNITS and said[start - 1].replace(".", "").isdigit()
            if not of_unit and not after_number:
                return True
    return False


@cache
def _measure(size: str) -> tuple[str, ...]:
    said = LETTERS.get(size.lower(), size.lower())
    words = re.findall(r"\d+(?:\.\d+)?(?=(?:ml|l|cm|mm|kg|g|oz|ft|gb|tb)\b)|[\d.]*\d[a-z]*|[a-z]+", said)
    return tuple(LETTERS.get(word, UNITS.get(word, word)) for word in words)


def _called(names: frozenset[str], pairs: Mapping[str, str]) -> list[str]:
    return [value for name, value in pairs.items() if not names.isdisjoint(plain_words(name)[-1:])]
