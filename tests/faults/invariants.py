"""What must hold in a database after every fault, and what a conversation came to, beside one left in peace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assistant.desk import carts
from assistant.desk.problems import KIND
from assistant.store import Annotation, Conversation, Event, Order, Proof, Variant

Acknowledged = Mapping[tuple[str, str], Sequence[str]]  # (sender, message id): the texts that the client was given
UNPROVED = (carts.ADD, carts.REMOVE, KIND)


@dataclass(frozen=True)
class Outcome:
    """What a conversation said and did, apart from what is drawn: an order's number, a moment, a variation."""

    said: tuple[tuple[str, ...], ...]  # the responses of each turn
    changes: tuple[str, ...]  # kinds, in order
    cart: tuple[tuple[str, int], ...]
    orders: tuple[Any, ...]  # that it changed or made, as they stand


def broken(session: Session, acknowledged: Acknowledged, orders_before: int) -> list[str]:
    """Every promise that the database breaks, in a sentence each; none where all is well."""
    found: list[str] = []
    lengths = dict(session.execute(select(Conversation.id, Conversation.event_count)).all())
    rows = session.scalars(select(Event).order_by(Event.conversation_id, Event.seq)).all()
    by_sender = {sender: list(events) for sender, events in groupby(rows, lambda row: row.conversation_id)}
    for sender, length in lengths.items():
        found += _of_conversation(session, sender, by_sender.get(sender, []), length)
    for (sender, message_id), texts in acknowledged.items():
        found += _of_answer(by_sender.get(sender, []), sender, message_id, texts)
    return [*found, *_of_orders(session, orders_before)]


def is_kept(session: Session, sender: str, message_id: str) -> bool:
    """Whether the turn of this message is in the tracker."""
    asked = select(Event.seq).where(Event.conversation_id == sender, Event.message_id == message_id)
    return session.scalar(asked) is not None


def outcome(session: Session, sender: str) -> Outcome:
    events = session.scalars(select(Event).where(Event.conversation_id == sender).order_by(Event.seq)).all()
    said = [
        tuple(row.data["data"]["response"] for row in bots)
        for _, bots in groupby((row for row in events if row.type == "bot"), lambda row: row.turn)
    ]
    changes = [row.data["change"] for row in events if row.type == "change"]
    proofs = session.scalars(select(Proof).where(Proof.conversation_id == sender).order_by(Proof.id)).all()
    orders = [session.get_one(Order, number) for number in dict.fromkeys(one.order_id for one in proofs) if number]
    return Outcome(
        tuple(said), tuple(change["kind"] for change in changes), _cart(session, sender), tuple(map(_stand, orders))
    )


def stock(session: Session) -> Counter[str]:
    """Of each variant, what is in stock; where nobody counts it, 0."""
    return Counter({id_: count or 0 for id_, count in session.execute(select(Variant.id, Variant.stock))})


def _of_conversation(session: Session, sender: str, events: Sequence[Event], length: int) -> Iterator[str]:
    if [row.seq for row in events] != list(range(length)):
        yield f"{sender}: {len(events)} events, where {length} are counted"
    for turn, rows in ((turn, list(rows)) for turn, rows in groupby(events, lambda row: row.turn)):
        types = Counter(row.type for row in rows)
        if types["user"] != 1 or types["timing"] != 1 or not types["bot"] or rows[-1].type != "timing":
            yield f"{sender}: turn {turn} is half done: {dict(types)}"
    changes = [row.data["change"] for row in events if row.type == "change"]
    proved = session.scalars(select(Proof.change).where(Proof.conversation_id == sender).order_by(Proof.id)).all()
    kinds = [change["kind"] for change in changes if change["kind"] not in UNPROVED]
    if kinds != [change["kind"] for change in proved]:
        yield f"{sender}: its turns tell of {kinds}, its proofs of {[change['kind'] for change in proved]}"
    noted = session.scalars(select(Annotation.turn).where(Annotation.conversation_id == sender)).all()
    if sorted(noted) != [row.turn for row in events if row.type == "change" and row.data["change"]["kind"] == KIND]:
        yield f"{sender}: problems are noted on the turns {sorted(noted)}, which is not what its turns tell of"
    if dict(_cart(session, sender)) != _cart_told(changes):
        yield f"{sender}: the cart holds {_cart(session, sender)}, its turns tell of {_cart_told(changes)}"


def _of_answer(events: Sequence[Event], sender: str, message_id: str, texts: Sequence[str]) -> Iterator[str]:
    asked = [row.turn for row in events if row.message_id == message_id]
    if len(asked) != 1:
        yield f"{sender}: the message {message_id} was answered and stands {len(asked)} times in the tracker"
        return
    kept = [row.data["text"] for row in events if row.turn == asked[0] and row.type == "bot"]
    if kept != list(texts):
        yield f"{sender}: {message_id} was answered {list(texts)}, and the tracker has {kept}"


def _of_orders(session: Session, before: int) -> Iterator[str]:
    proofs = session.execute(select(Proof.order_id, Proof.change)).all()
    bought = [number for number, change in proofs if change["kind"] == carts.CHECKOUT]
    changed = Counter(number for number, change in proofs if change["kind"] != carts.CHECKOUT)
    count = session.scalar(select(func.count()).select_from(Order))
    if count != before + len(bought):
        yield f"there are {count} orders: {before} to begin with and {len(bought)} bought"
    for number, version in session.execute(select(Order.id, Order.version)):
        if version != changed[number]:
            yield f"{number}: version {version} after {changed[number]} proved changes"


def _cart(session: Session, sender: str) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((line.variant_id, line.quantity) for line in carts.lines_of(session, sender)))


def _cart_told(changes: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """What is in the cart after these changes."""
    lines: Counter[str] = Counter()
    for change in changes:
        if change["kind"] == carts.ADD:
            lines[change["variant_id"]] += change["quantity"]
        elif change["kind"] == carts.REMOVE:
            lines[change["variant_id"]] -= change.get("quantity") or lines[change["variant_id"]]
        elif change["kind"] == carts.CHECKOUT:
            lines.clear()
    return {variant: count for variant, count in lines.items() if count > 0}


def _stand(order: Order) -> tuple[Any, ...]:
    items = [(item.variant_id, item.quantity, item.price_cents) for item in order.items]
    money = [(one.transaction_type, one.amount_cents, one.payment_method_id) for one in order.payments]
    owed = [(one.status, one.amount_cents, one.payment_method_id) for one in order.refunds]
    place = sorted(order.shipping_address.items())
    return (order.customer_id, order.status, order.version, *map(tuple, (items, money, owed, place)))
