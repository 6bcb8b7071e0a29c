"""What is remembered of what shoppers look at: only where they allow it, and the latest counts most."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.conversations import begin
from assistant.recommendation.interests import REMEMBER, Remembering, interests_of, remember_interests
from assistant.store import Cart, CartItem, Customer, Database, Product, ProductEvent, Variant, now
from dialogues.tracker import Event, Tracker


@pytest.fixture
def session_of(database: Database) -> Database:
    with database.session() as session:
        for name in ("Lamp", "Rug", "Kettle"):
            session.add(Product(id=name, name=name, variants=[Variant(id=name, options={}, price_cents=900, stock=1)]))
        session.add(Customer(id="mia", email="mia@example.com", first_name="Mia", last_name="L"))
        begin(session, "c1")
    return database


def looked_at(text: str, product_id: str) -> list[Event]:
    slot = {"event": "slot", "name": "last_product_id", "value": product_id, "scope": "conversation"}
    return [{"event": "user", "text": text}, slot]


def kept(session: Session) -> list[tuple[str, str, str | None]]:
    rows = session.scalars(select(ProductEvent).order_by(ProductEvent.id))
    return [(one.kind, one.product_id, one.customer_id) for one in rows]


@pytest.mark.parametrize(
    ("setting", "said", "remembered"),
    [
        ("with_consent", None, False),
        ("with_consent", False, False),
        ("with_consent", True, True),
        ("always", None, True),
        ("never", True, False),
    ],
)
def test_nothing_is_remembered_without_leave(
    session_of: Database, setting: Remembering, said: bool | None, remembered: bool
) -> None:
    tracker = Tracker("c1", slots={} if said is None else {REMEMBER: said})
    with session_of.session() as session:
        remember_interests(session, tracker, looked_at("tell me about the lamp", "Lamp"), setting)
    with session_of.reading() as session:
        assert kept(session) == ([("view", "Lamp", None)] if remembered else [])


def test_views_clicks_and_carts_are_told_apart(session_of: Database) -> None:
    put = {"event": "change", "change": {"kind": "cart_add", "variant_id": "Kettle", "quantity": 1}}
    events = [*looked_at("the lamp?", "Lamp"), *looked_at('/product_details{"item": "Rug"}', "Rug"), put]
    events += looked_at("and one that has left the catalogue", "Gone")
    with session_of.session() as session:
        remember_interests(session, Tracker("c1"), events, "always")
    with session_of.reading() as session:
        assert kept(session) == [("view", "Lamp", None), ("click", "Rug", None), ("cart", "Kettle", None)]


def test_a_customer_is_asked_once_and_may_change_their_mind(session_of: Database) -> None:
    mia = {"customer_id": "mia"}
    turns: list[tuple[dict[str, object], int]] = [
        (mia, 0), ({**mia, REMEMBER: True}, 1), (mia, 2), ({**mia, REMEMBER: False}, 2), (mia, 2),
    ]  # fmt: skip
    for slots, remembered in turns:
        with session_of.session() as session:
            remember_interests(session, Tracker("c1", slots=slots), looked_at("lamp", "Lamp"), "with_consent")
        with session_of.reading() as session:
            assert len(kept(session)) == remembered
    with session_of.reading() as session:
        assert session.get_one(Customer, "mia").remember_views is False


def test_the_latest_counts_most_and_a_product_once(session_of: Database) -> None:
    with session_of.session() as session:
        whose = {"conversation_id": "c1", "customer_id": "mia"}
        for days, kind, product_id in ((60, "view", "Lamp"), (0, "view", "Rug"), (1, "click", "Rug")):
            session.add(ProductEvent(kind=kind, product_id=product_id, at=now() - timedelta(days=days), **whose))
        session.add(Cart(conversation_id="c1", items=[CartItem(variant_id="Kettle")]))
    with session_of.reading() as session:
        of_conversation, of_customer = interests_of(session, "c1", None), interests_of(session, "c2", "mia")
    assert [(one.product_id, one.kind) for one in of_conversation] == [
        ("Kettle", "cart"), ("Rug", "view"), ("Lamp", "view"),
    ]  # fmt: skip
    assert [one.product_id for one in of_customer] == ["Rug", "Lamp"]
    assert of_customer[1].weight == pytest.approx(0.25, rel=0.01)  # two half-lives old


def test_they_go_with_the_customer(session_of: Database) -> None:
    with session_of.session() as session:
        session.add(ProductEvent(kind="view", product_id="Lamp", conversation_id="c1", customer_id="mia"))
    with session_of.session() as session:
        session.delete(session.get_one(Customer, "mia"))
    with session_of.reading() as session:
        assert kept(session) == []
