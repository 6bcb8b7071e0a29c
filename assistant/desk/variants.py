"""The variant a shopper wants instead of the one they have.

    choose_variant({"feature": "clicky"}, "the same keyboard but clicky", current, variants)

What was not spoken of stays as it is where such a variant can be had; else as little of it changes as possible. Where
that leaves several, the shopper is asked. Reading the words is in wishes.py; this is choosing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.desk.options import options_of
from assistant.desk.passages import OPTION_SLOTS, about_item, texts_of
from assistant.desk.wishes import Alternative, Wish, read_wish
from assistant.store import Variant

VARIANT_ID = re.compile(r"(?<![\w#-])v?\d{6,}(?![\w-])")
THE_OTHER = re.compile(
    r"\b(?:the (?:other|one|ones|type|kind)|what|like) (?:one )?(?:that )?(?:i|we)(?: have|ve|'ve)?(?: already| also)? "
    r"(?:have|has|had|got|own|received|bought|ordered|kept)\b|\b(?:same|identical|like|match\w*)\b[^.;!?]{0,40}"
    r"\b(?:other (?:one|order)|(?:pending|previous|earlier|last) order|already (?:have|got|own|received))\b"
    r"|\b(?:one|ones|type|kind|version|model|that|what)(?: (?:that|which|is|was|i|we|have|had|got|'s|'ve|are)){0,4} "
    r"(?:in|from|of|on) (?:my|the|that|our)(?: \w+)? (?:pending|other|previous|earlier|second|first|last)"
    r"(?: \w+)? order\b"
)
CHEAPEST = re.compile(r"\b(?:cheapest|(?:least|less) expensive|lowest[ -]price\w*|most affordable|lowest cost)\b")
DEAREST = re.compile(r"\b(?:(?:most|more) expensive|priciest|pricier|dearest|highest[ -]price\w*|costliest)\b")
CHEAPER = re.compile(r"\b(?:cheaper|less expensive|more affordable|less costly)\b")
PRICIER = re.compile(r"\b(?:pricier|more expensive|costlier)\b")
SAME_AGAIN = re.compile(r"\b(?:(?:very |exact(?:ly)? )same|identical|same (?:one|thing|item|model)|another one)\b")
REPLACED = re.compile(r"\b(?:same|identical)(?: (?:one|thing|item|model))? again\b")  # "it came broken"
AT_MOST = re.compile(
    r"\b(?:under|below|less than|up to|at most|cheaper than|max(?:imum)?(?: of)?) ?(?:\$|usd )(\d[\d,]*(?:[.]\d+)?)"
)
AS_CHEAP_AS = 10**12  # cents; more than anything costs


@dataclass(frozen=True)
class VariantChoice:
    variant: Variant | None = None  # the one that is meant, and can be had
    candidates: tuple[Variant, ...] = ()  # several fit, or, where nothing does, come nearest: the cheapest first
    unavailable: tuple[Variant, ...] = ()  # fit as well or better, and are sold out
    unknown: str | None = None  # what was asked for and no variant has
    already: bool = False  # the current one is cheaper, or dearer, than `variant`, which is what was asked for


@dataclass(frozen=True)
class _Price:
    """What the message says about the price."""

    sign: int = 0  # 1: the cheapest, -1: the most expensive
    below: int = AS_CHEAP_AS  # cents, exclusive
    above: int = -1


def choose_variant(
    wish: Mapping[str, Any],
    message: str,
    current: Variant,
    variants: Sequence[Variant],
    owned: Sequence[Variant] = (),
) -> VariantChoice:
    """The variant that the wish means. `variants`: all of the product; `owned`: those in the shopper's other orders,
    which "the same as the one I have" means. The current variant is chosen by its id, or as "the same one again"."""
    if by_id := _by_id(wish, message, current, variants):
        return by_id
    others = [variant for variant in variants if variant.id != current.id]
    options = options_of([*variants, current])
    text = about_item(message, wish, _name(current), options, current.options)
    words = _all_words(wish, text)
    same_as = [variant for variant in others if variant.id in {one.id for one in owned}]
    if same_as and THE_OTHER.search(words):
        return _of_owned(same_as)
    read = read_wish(wish, text, _name(current), options, current.options)
    price = _price(words, current)
    if not read.alternatives and price == _Price():
        if THE_OTHER.search(words):
            return VariantChoice(unknown="the other one")
        if REPLACED.search(words) and current.in_stock:
            return VariantChoice(current)
        again = (current,) if SAME_AGAIN.search(words) and not current.in_stock else ()
        in_stock = _cheapest_first(variant for variant in others if variant.in_stock)
        return VariantChoice(candidates=in_stock, unavailable=again)
    choice = _choose(read, price, current, others)
    cheapest = bool(CHEAPER.search(words)) and all(one.price_cents >= current.price_cents for one in others)
    return replace(choice, already=cheapest or _is_best_priced(read, price, current, choice.variant))


def _is_best_priced(wish: Wish, price: _Price, current: Variant, chosen: Variant | None) -> bool:
    if chosen is None or not price.sign:
        return False
    fits = any(_fits(alternative, current) for alternative in wish.alternatives or (Alternative(),))
    return fits and price.sign * current.price_cents <= price.sign * chosen.price_cents


def _by_id(
    wish: Mapping[str, Any], message: str, current: Variant, variants: Sequence[Variant]
) -> VariantChoice | None:
    """The variant that is named by its id; the product's own id and the item's tell what is changed, not into what."""
    known = {variant.id: variant for variant in variants}
    asked = [text for slot in OPTION_SLOTS for text in texts_of(wish, slot)]
    in_slots = [number for text in asked for number in VARIANT_ID.findall(text)]
    in_message = [number for number in VARIANT_ID.findall(message) if number != current.id]
    into = re.findall(
        rf"\b(?:to|for|into|with) (?:the )?(?:item |variant |number |id |no[.]? |#)*({current.id})\b", message
    )
    named = [known[number] for number in dict.fromkeys((*in_slots, *in_message, *into)) if number in known]
    if not named:
        unknown = next((number for number in in_slots if number != current.product_id), None)
        return VariantChoice(unknown=unknown) if unknown else None
    wanted = [variant for variant in named if variant.id != current.id] or named
    available = [variant for variant in wanted if variant.in_stock]
    gone = tuple(variant for variant in wanted if not variant.in_stock)
    return _one_or_several(available, gone)


def _of_owned(owned: Sequence[Variant]) -> VariantChoice:
    gone = tuple(variant for variant in owned if not variant.in_stock)
    return _one_or_several([variant for variant in owned if variant.in_stock], gone)


def _price(text: str, current: Variant) -> _Price:
    below, above = AS_CHEAP_AS, -1
    if limit := AT_MOST.search(text):
        below = round(float(limit[1].replace(",", "")) * 100)
    if CHEAPER.search(text):
        below = min(below, current.price_cents)
    elif PRICIER.search(text):
        above = current.price_cents
    sign = 1 if CHEAPEST.search(text) and "less expensive" not in text else 0
    if not sign and DEAREST.search(text) and not PRICIER.search(text):
        sign = -1
    return _Price(sign, below, above)


def _choose(wish: Wish, price: _Price, current: Variant, others: Sequence[Variant]) -> VariantChoice:
    alternatives = wish.alternatives or (Alternative(),)
    priced = [variant for variant in others if price.above < variant.price_cents < price.below]
    available = [variant for variant in priced if variant.in_stock]
    sold_out = [variant for variant in priced if not variant.in_stock]
    for unchanged in (True, False) if len(alternatives) > 1 else (False,):
        for alternative in alternatives if unchanged else sorted(alternatives, key=_detail, reverse=True):
            best = _best(alternative, wish, price, current, available)
            if best and not (unchanged and _score(alternative, wish, price, current, best[0])[-1]):
                better = _better(alternative, wish, price, current, sold_out, best[0])
                gone = better or _first_choice(alternatives[0], wish, price, current, priced)
                later = alternative is not alternatives[0] and not gone
                found = _one_or_several(_undecided(best, wish, price), gone)
                return replace(found, unknown=", ".join(alternatives[0].unknown) or None) if later else found
    first = alternatives[0]
    gone = tuple(_best(first, wish, price, current, sold_out))
    unknown = ", ".join(first.unknown) or (None if gone else _described(first, current))
    return VariantChoice(candidates=_nearest(first, wish, current, available), unavailable=gone, unknown=unknown)


def _first_choice(
    first: Alternative, wish: Wish, price: _Price, current: Variant, among: Sequence[Variant]
) -> tuple[Variant, ...]:
    """What fits the first choice best, if that is sold out: the shopper hears of it when a second one is taken."""
    best = _best(first, wish, price, current, among)
    return () if any(one.in_stock for one in best) else tuple(best)


def _detail(alternative: Alternative) -> int:
    """How many options it speaks of: a fallback that says more tells what may change."""
    return len({name for criterion in alternative.criteria for name in criterion.options})


def _best(
    alternative: Alternative, wish: Wish, price: _Price, current: Variant, among: Sequence[Variant]
) -> list[Variant]:
    fitting = [variant for variant in among if _fits(alternative, variant)]
    if not fitting:
        return []
    scores = {variant.id: _score(alternative, wish, price, current, variant) for variant in fitting}
    return [variant for variant in fitting if scores[variant.id] == min(scores.values())]


def _fits(alternative: Alternative, variant: Variant) -> bool:
    if alternative.unknown:
        return False
    return all(criterion.rank(variant.options) is not None for criterion in alternative.criteria)


def _score(alternative: Alternative, wish: Wish, price: _Price, current: Variant, variant: Variant) -> tuple[int, ...]:
    """Less is better: the places in what was asked for, the price where it matters, what else changes."""
    places = [criterion.rank(variant.options) or 0 for criterion in alternative.criteria]
    asked = frozenset(name for criterion in alternative.criteria for name in criterion.options)
    changes = sum(
        variant.options.get(name) != value
        for name, value in current.options.items()
        if name not in asked | wish.free and not price.sign
    )
    return (*places, price.sign * variant.price_cents, changes)


def _better(
    alternative: Alternative,
    wish: Wish,
    price: _Price,
    current: Variant,
    sold_out: Sequence[Variant],
    best: Variant,
) -> tuple[Variant, ...]:
    chosen = _score(alternative, wish, price, current, best)
    better = _best(alternative, wish, price, current, sold_out)
    return tuple(one for one in better if _score(alternative, wish, price, current, one) < chosen)


def _undecided(best: Sequence[Variant], wish: Wish, price: _Price) -> list[Variant]:
    """Those that the shopper has to choose from: one, where they differ only in what does not matter."""
    differ = {name for variant in best for name, value in variant.options.items() if best[0].options.get(name) != value}
    cheapest = list(_cheapest_first(best))
    return cheapest[:1] if differ <= wish.free else cheapest


def _nearest(
    alternative: Alternative, wish: Wish, current: Variant, available: Sequence[Variant]
) -> tuple[Variant, ...]:
    """Those in stock that miss the fewest wishes, and then differ least from what the shopper has."""

    asked = frozenset(name for criterion in alternative.criteria for name in criterion.options)

    def misses(variant: Variant) -> tuple[int, int]:
        missed = sum(criterion.rank(variant.options) is None for criterion in alternative.criteria)
        changed = sum(variant.options.get(n) != value for n, value in current.options.items() if n not in asked)
        return missed, changed

    if not available or not alternative.criteria:
        return ()
    least = min(misses(variant)[0] for variant in available)
    if least == len(alternative.criteria):
        return ()
    near = [variant for variant in available if misses(variant)[0] == least]
    return _cheapest_first(v for v in near if misses(v) == min(misses(one) for one in near))


def _described(alternative: Alternative, current: Variant) -> str | None:
    """What was asked for, in the catalogue's words: no variant is all of it."""
    values = []
    for criterion in alternative.criteria:
        best = [value for (_, value), place in criterion.ranks.items() if place == 0]
        values += [" or ".join(best)] if best and len(best) < 3 else []
    return ", ".join(values) or None


def _one_or_several(found: Sequence[Variant], unavailable: tuple[Variant, ...]) -> VariantChoice:
    if len(found) == 1:
        return VariantChoice(variant=found[0], unavailable=unavailable)
    return VariantChoice(candidates=_cheapest_first(found), unavailable=unavailable)


def _cheapest_first(variants: Any) -> tuple[Variant, ...]:
    return tuple(sorted(variants, key=lambda variant: (variant.price_cents, variant.id)))


def _all_words(wish: Mapping[str, Any], message: str) -> str:
    texts = [text for slot in (*OPTION_SLOTS, "item") for text in texts_of(wish, slot)]
    return " . ".join((message, *texts)).lower().replace("\u2019", "'")


def _name(variant: Variant) -> str:
    return variant.product.name if variant.product else ""
