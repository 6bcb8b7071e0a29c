"""Which of the addresses we know a shopper points at: "my default address", "my Chicago place", "my other order's".

`addresses_known` gathers them, the customer's own and those of their orders; `pointed_at` picks. Both are pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.desk.countries import country
from assistant.desk.item_words import fully_described, names_item, words_of
from assistant.store import Address, Order
from assistant.texts import fold, raw_words

DEFAULT = re.compile(
    r"\b(default|usual|standard|on file|profile|account|registered|primary|main|saved|home|"
    r"my( own)? (current )?address|my (place|house)|you have for me)\b"
)
OTHER = re.compile(r"\b(other|previous|earlier|old|original|orders?|went|goes|shipped to|sent to)\b")
NOT_DEFAULT = re.compile(r"\b(new|other|another|different|orders?)\b")
SAME = re.compile(r"\bsame\b")
NEW = re.compile(r"\bnew\b")
ORDER_SPOKEN_OF = re.compile(r"\b(orders?|parcel|package|purchase|went|goes|going|shipped|sent|delivered|bought)\b")
ORDER_ID = re.compile(r"#?\b[a-z]?\d{5,}\b", re.IGNORECASE)
SAID_AS = {
    "new york": r"nyc|n\.y\.c\.?|big apple|new york|manhattan",
    "los angeles": r"l\.?a\.?|los angeles|city of angels",
    "san francisco": r"sf|frisco|san fran(cisco)?|the bay",
    "philadelphia": r"philly|philadelphia",
    "washington": r"d\.?c\.?|washington",
    "las vegas": r"vegas|las vegas",
    "chicago": r"chicago|chi-?town|the windy city",
    "houston": r"houston|h-?town",
    "dallas": r"dallas|big d",
    "austin": r"austin|atx",
    "san antonio": r"san antonio|san antone|satx",
    "san diego": r"san diego|sd",
    "fort worth": r"(fort|ft\.?) worth|cowtown",
    "phoenix": r"phoenix|phx",
    "denver": r"denver|(the )?mile[- ]high( city)?",
    "seattle": r"seattle|(the )?emerald city",
    "boston": r"boston|beantown",
    "charlotte": r"charlotte|clt|(the )?queen city",
    "indianapolis": r"indianapolis|indy",
    "jacksonville": r"jacksonville|jax",
    "columbus": r"columbus|cbus",
    "portland": r"portland|pdx",
    "atlanta": r"atlanta|atl",
}
WORDS_TOO = frozenset(
    "in or me hi ok oh la ma pa id de al co".split()
)  # states that are words or cities in small letters
STREET_NOISE = frozenset(
    "street st avenue ave road rd drive dr lane ln boulevard blvd way place pl court ct north south east west".split()
)


def addresses_known(words: str, own: Sequence[Address], orders: Sequence[Order]) -> list[Address]:
    """The addresses that the words may point at. Where they name one of the orders, by its number or by an item in it,
    that order's alone."""
    spoken_of = orders if ORDER_SPOKEN_OF.search(fold(words)) else []
    named = [order for order in orders if _has_id(words, order)] or _by_items(words, spoken_of)
    of_orders = [Address(is_default=False, **order.shipping_address) for order in named or orders]
    return of_orders if named else [*own, *of_orders]


def pointed_at(words: str, known: Sequence[Address]) -> tuple[Address, ...]:
    """Those of the known addresses that the words fit, each once; none where the words say an address of their own."""
    said, known = fold(words), _distinct(known)
    without_id = ORDER_ID.sub(" ", said) if ORDER_SPOKEN_OF.search(said) else said
    if without_id != said:
        return tuple(known) if len(known) == 1 and not known[0].is_default else ()
    if re.search(r"\d", said):
        return tuple(address for address in known if _is_part(said, address))
    there = tuple(address for address in known if _lies_there(words, address))
    if there:
        return _narrowed(said, there)
    if len(known) == 1 and ORDER_SPOKEN_OF.search(said) and not (NEW.search(said) and known[0].is_default):
        return tuple(known)
    if len(known) == 1 and DEFAULT.search(said) and not NEW.search(said):
        return tuple(known)
    if DEFAULT.search(said) and not NOT_DEFAULT.search(re.sub(r"\bfor (this|my|the|that) orders?\b", " ", said)):
        return tuple(address for address in known if address.is_default)
    if OTHER.search(said):
        return tuple(address for address in known if not address.is_default)
    return tuple(known) if SAME.search(said) else ()


def _narrowed(said: str, there: Sequence[Address]) -> tuple[Address, ...]:
    """Of several in one place, or one that must be new, those that the other words fit."""
    if NEW.search(said):
        return tuple(address for address in there if not address.is_default)
    if len(there) > 1 and DEFAULT.search(said) and not OTHER.search(said):
        return tuple(address for address in there if address.is_default) or tuple(there)
    if len(there) > 1 and OTHER.search(said):
        return tuple(address for address in there if not address.is_default) or tuple(there)
    return tuple(there)


def _has_id(words: str, order: Order) -> bool:
    digits = re.sub(r"\D", "", order.id)
    return len(digits) >= 5 and digits in re.findall(r"\d+", words)


def _by_items(words: str, orders: Sequence[Order]) -> list[Order]:
    """The orders with an item that is named; failing that, with one that some word of its name names: "luggage"."""
    named = [order for order in orders if any(names_item(words, item) for item in order.items)]
    return named or [order for order in orders if any(fully_described([word], order.items) for word in words_of(words))]


def _is_part(said: str, address: Address) -> bool:
    """Whether the house number and all that was said are of this address: "the 445 Maple Drive one"."""
    own = set(raw_words(fold(" ".join(address.snapshot().values()))))
    number = re.match(r"\d+", address.address1)
    spoken = set(raw_words(said)) - set("the my one address at on to in it is please".split())
    return bool(number) and number[0] in spoken and spoken <= own if number else False


def _lies_there(words: str, address: Address) -> bool:
    said, city = fold(words), fold(address.city)
    forms = SAID_AS.get(city, re.escape(city))
    if city and re.search(rf"(?<!\w)({forms})(?!\w)", said):
        return True
    street = [word for word in raw_words(fold(address.address1)) if word not in STREET_NOISE and not word[0].isdigit()]
    if street and all(word in raw_words(said) for word in street):
        return True
    return _names_state(words, address)


def _names_state(words: str, address: Address) -> bool:
    if address.country != "USA":
        return bool(address.state) and fold(address.state) in fold(words)
    region = country("US").region_named(address.state)
    named = region is not None and re.search(rf"\b{fold(region.name)}\b", fold(words))
    spoken = words if address.state.lower() in WORDS_TOO else words.upper()
    return bool(named or re.search(rf"\b{re.escape(address.state)}\b", spoken))


def _distinct(known: Sequence[Address]) -> list[Address]:
    """Each address once, the default one before its copies."""
    found: dict[tuple[str, ...], Address] = {}
    for address in sorted(known, key=lambda one: not one.is_default):
        found.setdefault(tuple(fold(value) for value in address.snapshot().values()), address)
    return list(found.values())
