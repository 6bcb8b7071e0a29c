"""Find the order that a shopper means, among the orders of one customer. Read only.

`orders_of` reads them, newest first; `choose` picks by what the shopper said and is pure. Nobody else's order is ever
read, so it cannot be told from one that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from assistant.presentation import order_status
from assistant.references import Referent, refer
from assistant.search.words import key
from assistant.store import Customer, Order, OrderItem, Payment, Variant
from assistant.texts import fold, raw_words

LONG_AGO = datetime.min.replace(tzinfo=UTC)
FEWEST_DIGITS = 4  # of an order id; fewer are a date, a size or a count
SHORTEST_PART = 4  # letters of a compound's last word
LONGEST_SAID_BACK = 60  # characters of an id or item that was not found
LATEST = re.compile(r"\b(last|latest|newest|recent)\b", re.IGNORECASE)
ONLY_LATEST = re.compile(r"((the|my|very) )*(last|latest|newest|(most )?recent)( one| order)?", re.IGNORECASE)
LATEST_ORDER = re.compile(
    r"\b(last|latest|newest|(most )?recent) (one|order|purchase|parcel|package|packet|delivery)\b", re.IGNORECASE
)
ORDER_IN_STATUS = re.compile(
    r"\b(pending|processed|shipped|delivered|cancell?ed|returned) (?:one|order|purchase|parcel|package)\b",
    re.IGNORECASE,
)
ANOTHER_ORDER = re.compile(r"\b(other|another|different|else)\b", re.IGNORECASE)
SAYS_NOTHING = frozenset(
    "a an the that this these those it its them they one ones my mine our your his her of from in on for with and i "
    "me we is are was were have has order ordered orders bought buy got purchase purchases parcel parcels package "
    "packages packet delivery shipment stuff thing things item items product products some any please pls".split()
)


@dataclass(frozen=True)
class Wanted:
    """What the shopper said of the order meant, in their words, and what they may be pointing at."""

    order_id: str | None = None  # "W2378156", "my last one"
    items: tuple[str, ...] = ()
    position: int | None = None  # on screen, from 1; -1 is the last
    message: str = ""  # the whole of it
    shown: tuple[str, ...] = ()  # the ids of what is on screen, in order
    discussed: str | None = None  # the order last talked about


@dataclass(frozen=True)
class Choice:
    """One order; or several that fit; or none, with what is missing; or, all empty, nothing to go by."""

    orders: tuple[Order, ...] = ()
    no_such_id: str | None = None
    no_such_item: str | None = None


def orders_of(session: Session, customer_id: str) -> list[Order]:
    """The customer's orders with all their parts, newest first."""
    parts = (
        selectinload(Order.items).joinedload(OrderItem.variant).joinedload(Variant.product),
        selectinload(Order.shipments),
        selectinload(Order.payments).joinedload(Payment.payment_method),
        selectinload(Order.refunds),
        selectinload(Order.customer).selectinload(Customer.payment_methods),
    )
    found = session.scalars(select(Order).where(Order.customer_id == customer_id).options(*parts))
    return sorted(found, key=lambda order: (order.placed_at or LONG_AGO, order.position), reverse=True)


def names_latest(message: str) -> bool:
    """Whether a whole message speaks of the shopper's last order; "last tuesday" does not."""
    return bool(LATEST_ORDER.search(message))


def choose(wanted: Wanted, orders: Sequence[Order]) -> Choice:
    """The order meant, among a customer's `orders`, newest first."""
    if wanted.order_id:
        return _by_id(wanted, wanted.order_id, orders)
    if wanted.position is not None:
        return _by_place(wanted, None, wanted.position, orders)
    items = [item for item in wanted.items if _words(item)]
    if any(ONLY_LATEST.fullmatch(item) for item in items):
        return Choice(tuple(orders[:1]))
    if items:
        by_items = _by_items(items, orders)
        by_place = _by_place(wanted, items[-1], None, orders)
        return by_place if by_items.no_such_item and by_place.orders else by_items
    return _by_message(wanted, orders)


def near_miss(said: str, orders: Sequence[Order]) -> Order | None:
    """The one order whose number has one digit other than what was said, or two that stand the other way round."""
    code = max(re.findall(r"\d+", said), key=len, default="")
    near = [order for order in orders if len(code) >= FEWEST_DIGITS and _nearly(code, re.sub(r"\D", "", order.id))]
    return near[0] if len(near) == 1 else None


def item_numbers(order: Order) -> set[str]:
    """The numbers by which its items are known: of variants and of products."""
    ids = {number for item in order.items for number in (item.variant_id, item.variant.product_id)}
    return {number for number in ids if number.isdigit() and len(number) >= FEWEST_DIGITS}


def _nearly(code: str, number: str) -> bool:
    if len(code) != len(number):
        return False
    wrong = [place for place, (one, two) in enumerate(zip(code, number, strict=True)) if one != two]
    if len(wrong) == 1:
        return True
    first, last = (wrong[0], wrong[-1]) if wrong else (0, 0)
    swapped = code[first] == number[last] and code[last] == number[first]
    return len(wrong) == 2 and last == first + 1 and swapped


def _by_id(wanted: Wanted, said: str, orders: Sequence[Order]) -> Choice:
    named = [order for order in orders if _names(said, order.id)]
    if named:
        return Choice(tuple(named))
    if with_item := [order for order in orders if item_numbers(order) & set(re.findall(r"\d+", said))]:
        return Choice(tuple(with_item))
    if sum(letter.isdigit() for letter in said) >= FEWEST_DIGITS:
        return Choice(no_such_id=_id_as_said(said))
    if LATEST.search(said):
        return Choice(tuple(orders[:1]))
    words = _words(said)
    if not words:
        return _by_message(wanted, orders)
    by_words = _by_items([said], orders)
    by_place = _by_place(wanted, said, None, orders)
    found = by_words if by_words.orders else by_place
    return found if found.orders else Choice(no_such_id=_id_as_said(said))


def _by_place(wanted: Wanted, words: str | None, position: int | None, orders: Sequence[Order]) -> Choice:
    """The order at that place of the screen: "second one"."""
    meant = refer(words, position, [Referent(shown, name="") for shown in wanted.shown])
    return Choice(tuple(order for order in orders if len(meant) == 1 and order.id == meant[0].id))


def _by_items(items: Sequence[str], orders: Sequence[Order]) -> Choice:
    """Orders that hold all the items; failing that, some of them. A loose match counts only where no exact one does."""
    wanted = [_words(item) for item in items]
    for holds in (_exactly, _loosely, _in_part):
        for together in (all, any):
            found = [order for order in orders if together(holds(order, words) for words in wanted)]
            if found:
                return Choice(tuple(found))
    return Choice(no_such_item=" and ".join(items)[:LONGEST_SAID_BACK])


def _by_message(wanted: Wanted, orders: Sequence[Order]) -> Choice:
    """No order, place or thing was named: the words around decide, or there is just one it can be."""
    if names_latest(wanted.message):
        return Choice(tuple(orders[:1]))
    if named := ORDER_IN_STATUS.search(wanted.message):
        status = named[1].lower().replace("canceled", "cancelled")
        if in_status := [order for order in orders if order_status(order) == status]:
            return Choice(tuple(in_status))
    discussed = [order for order in orders if order.id == wanted.discussed]
    if discussed and not ANOTHER_ORDER.search(wanted.message):
        return Choice(tuple(discussed))
    others = [order for order in orders if order not in discussed]
    return Choice(tuple(others) if len(others) == 1 else ())


def _names(said: str, order_id: str) -> bool:
    """Whether the words hold this id, with or without its mark and letters: "#W2378156", "w 2378156", "2378156"."""
    words = re.findall(r"[A-Z0-9]+", said.upper())
    codes = {*words, *(first + second for first, second in pairwise(words))}
    whole = re.sub(r"[^A-Z0-9]", "", order_id.upper())
    digits = re.sub(r"\D", "", order_id)
    return whole in codes or (len(digits) >= FEWEST_DIGITS and digits in codes)


def _id_as_said(said: str) -> str:
    """The mistyped id alone, with the mark that ids have: "#W12345" of "it's w12345, i think"."""
    words = [word.strip("#.,;:!?()\"'") for word in said.split()]
    code = max(words, key=lambda word: sum(letter.isdigit() for letter in word), default="")
    return (
        f"#{code.upper()[:LONGEST_SAID_BACK]}" if any(letter.isdigit() for letter in code) else said[:LONGEST_SAID_BACK]
    )


def _exactly(order: Order, words: Sequence[str]) -> bool:
    """Every word is said of one item or of the order; "key board" is "keyboard"."""
    about = _dates_and_status(order)
    for item in order.items:
        known = [*_item_words(item), *about]
        if all(word in known for word in words) or "".join(words) in known:
            return True
    return False


def _loosely(order: Order, words: Sequence[str]) -> bool:
    """The thing is there, if not as described: "noise cancelling headphones" in an order of "Headphones"."""
    return any(words[-1] in nouns(item) for item in order.items)


def _in_part(order: Order, words: Sequence[str]) -> bool:
    """The last part of a compound: "watch" in an order of "Wristwatch"."""
    last = words[-1]
    return len(last) >= SHORTEST_PART and any(noun.endswith(last) for item in order.items for noun in nouns(item))


def _item_words(item: OrderItem) -> list[str]:
    product = item.variant.product
    options = [text for option in item.options.items() for text in option]
    numbers = [number for number in (item.variant_id, product.id) if number.isdigit()]
    return _words(" ".join([item.name, product.brand or "", product.category or "", *options, *numbers]))


def nouns(item: OrderItem) -> list[str]:
    """The last words of its name and category: what it is, without what kind of it."""
    named = (_words(item.name), _words(item.variant.product.category or ""))
    return [words[-1] for words in named if words]


def _dates_and_status(order: Order) -> list[str]:
    placed = [f"{order.placed_at:%B %b} {order.placed_at.day} {order.placed_at.year}"] if order.placed_at else []
    city = str((order.shipping_address or {}).get("city") or "")
    return _words(" ".join([order_status(order), city, *placed]))


def _words(text: str) -> list[str]:
    """The words that say something, each as what it has in common with its other forms and its synonyms."""
    return [key(word) for word in raw_words(fold(text)) if word not in SAYS_NOTHING]
