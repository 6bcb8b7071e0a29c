"""What the tables accept, keep and refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from assistant.store import (
    Address,
    Base,
    Cart,
    CartItem,
    Conversation,
    Customer,
    Database,
    Event,
    Order,
    OrderItem,
    Payment,
    PaymentMethod,
    Product,
    Shipment,
    StaffUser,
    Variant,
)


def mia() -> Customer:
    return Customer(
        id="mia_garcia",
        email=" Mia@Example.com ",
        first_name="Mia",
        last_name="Garcia",
        addresses=[
            Address(is_default=True, address1="1 Elm", city="Denver", state="CO", country="USA", zip="80201"),
            Address(address1="2 Oak", city="Austin", state="TX", country="USA", zip="73301"),
        ],
        payment_methods=[PaymentMethod(id="gift_card_1", source="gift_card", balance_cents=5000)],
    )


def lamp() -> Product:
    return Product(
        id="lamp",
        name="Lamp",
        attributes={"watts": "9", "bulb": "LED"},
        variants=[
            Variant(id="lamp-2", options={"size": "tall", "color": "red"}, price_cents=4500, stock=0),
            Variant(id="lamp-1", options={"size": "low", "color": "red"}, price_cents=4000, stock=3),
            Variant(id="lamp-3", options={"size": "low", "color": "blue"}, price_cents=4000, available=False),
            Variant(id="lamp-4", options={"size": "tall", "color": "blue"}, price_cents=4500),
        ],
    )


def test_an_order_comes_back_with_its_parts_in_order(database: Database) -> None:
    placed = datetime(2026, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    with database.session() as session:
        customer = mia()
        order = Order(
            id="#W1",
            status="delivered",
            placed_at=placed,
            shipping_address=customer.addresses[0].snapshot(),
            items=[
                OrderItem(variant_id="lamp-2", name="Lamp", options={"size": "tall"}, price_cents=4500, quantity=2),
                OrderItem(variant_id="lamp-1", name="Lamp", price_cents=4000),
            ],
            shipments=[Shipment(tracking_ids=["1Z"], variant_ids=["lamp-2", "lamp-1"])],
            payments=[Payment(transaction_type="payment", amount_cents=13000, payment_method_id="gift_card_1")],
        )
        customer.orders.append(order)
        session.add_all([lamp(), customer])
    with database.reading() as session:
        order = session.get_one(Order, "#W1")
        assert [(item.position, item.variant_id) for item in order.items] == [(0, "lamp-2"), (1, "lamp-1")]
        assert order.total_cents == 13000
        assert order.placed_at == datetime(2026, 3, 2, 4, 30, tzinfo=UTC)
        assert order.placed_at.tzinfo == UTC
        assert order.customer.default_address is not None
        assert order.shipping_address == order.customer.default_address.snapshot()


def test_options_keep_their_order(database: Database) -> None:
    with database.session() as session:
        session.add(lamp())
    with database.reading() as session:
        assert list(session.get_one(Variant, "lamp-2").options) == ["size", "color"]
        assert session.get_one(Product, "lamp").variants[0].id == "lamp-2"


def test_in_stock_means_the_same_in_python_and_in_sql(database: Database) -> None:
    with database.session() as session:
        session.add(lamp())
    with database.reading() as session:
        by_sql = set(session.scalars(select(Variant.id).where(Variant.in_stock)))
        by_python = {variant.id for variant in session.scalars(select(Variant)) if variant.in_stock}
    assert by_sql == by_python == {"lamp-1", "lamp-4"}


def test_an_email_is_stored_in_one_spelling_and_once(database: Database) -> None:
    with database.session() as session:
        session.add(mia())
    with database.reading() as session:
        assert session.scalars(select(Customer.email)).one() == "mia@example.com"
    with pytest.raises(IntegrityError), database.session() as session:
        session.add(Customer(id="other", email="MIA@example.com", first_name="M", last_name="G"))


def test_a_customer_has_one_default_address(database: Database) -> None:
    with pytest.raises(IntegrityError), database.session() as session:
        customer = mia()
        customer.addresses[1].is_default = True
        session.add(customer)


def test_a_time_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="has no time zone"), database.session() as session:
        session.add(Conversation(id="mia", created_at=datetime(2026, 1, 1)))


@pytest.mark.parametrize(
    "row",
    [
        Variant(id="v", product_id="nowhere", price_cents=1),
        Variant(id="v", product_id="lamp", price_cents=-1),
        Variant(id="v", product_id="lamp", price_cents=1, stock=-1),
        PaymentMethod(id="p", customer_id="mia_garcia", source="cash"),
        PaymentMethod(id="p", customer_id="mia_garcia", source="gift_card", balance_cents=-1),
        Order(id="#W1", customer_id="mia_garcia", status="lost", shipping_address={}),
        StaffUser(name="kim", password_hash="-", role="king"),
        CartItem(cart_id=1, variant_id="lamp-1", quantity=0),
    ],
    ids=lambda row: type(row).__name__,
)
def test_a_row_that_cannot_be_true_is_refused(database: Database, row: Base) -> None:
    with database.session() as session:
        session.add_all([lamp(), mia(), Cart(id=1)])
    values = {column.key: getattr(row, column.key) for column in type(row).__mapper__.columns}
    given = {name: value for name, value in values.items() if value is not None}
    with pytest.raises(IntegrityError), database.session() as session:
        session.add(type(row)(**given))


def test_an_event_number_is_given_once(database: Database) -> None:
    with database.session() as session:
        session.add(Conversation(id="mia", events=[Event(seq=0, turn=0, type="user")]))
    with pytest.raises(IntegrityError), database.session() as session:
        session.add(Event(conversation_id="mia", seq=0, turn=1, type="user"))


def test_a_message_id_is_kept_once_per_conversation(database: Database) -> None:
    with database.session() as session:
        for conversation in ("mia", "noah"):
            events = [Event(seq=0, turn=0, type="user", message_id="m1"), Event(seq=1, turn=0, type="bot")]
            session.add(Conversation(id=conversation, events=events))
    with pytest.raises(IntegrityError), database.session() as session:
        session.add(Event(conversation_id="mia", seq=2, turn=1, type="user", message_id="m1"))


def test_an_event_is_never_changed_but_goes_with_its_conversation(database: Database) -> None:
    with database.session() as session:
        session.add(Conversation(id="mia", events=[Event(seq=0, turn=0, type="user", data={"text": "hello"})]))
    with pytest.raises(DBAPIError, match="events are append-only"), database.session() as session:
        session.execute(text("UPDATE events SET type = 'bot'"))
    with database.session() as session:
        session.delete(session.get_one(Conversation, "mia"))
    with database.reading() as session:
        assert session.scalars(select(Event)).all() == []
