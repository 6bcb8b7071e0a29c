"""The demo shop in a database, on SQLite and on PostgreSQL: whole, right to the cent, and built only once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select, text

from assistant.shop.builder import ShopNotEmpty, build_demo_shop
from assistant.store import Base, Customer, Database, Order, Product, Variant


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as text that can be compared."""
    with database.reading() as session:
        return {
            table.name: sorted(tuple(map(str, row)) for row in session.execute(table.select()))
            for table in Base.metadata.sorted_tables
        }


def test_the_whole_shop_is_in_the_database(built: Database, today: date) -> None:
    report = build_demo_shop(built, today)
    assert (report.built, report.departments, report.customers, report.orders) == (False, 10, 60, 200)
    assert report.products >= 400
    with built.reading() as session:
        assert session.scalar(select(func.count()).select_from(Variant)) == report.variants
        assert session.scalar(text("SELECT count(*) FROM product_search")) == report.products


def test_building_twice_changes_nothing_even_the_day_after(built: Database, today: date) -> None:
    before = rows(built)
    report = build_demo_shop(built, today + timedelta(days=1))
    assert not report.built
    assert "is there already" in str(report)
    assert rows(built) == before


def test_two_builds_on_one_day_are_alike(new_database: Callable[[str], Database], today: date) -> None:
    one, other = new_database("sqlite"), new_database("sqlite")
    build_demo_shop(one, today)
    build_demo_shop(other, today)
    assert rows(one) == rows(other)


def test_what_was_paid_is_what_the_items_cost_and_refunds_never_exceed_it(built: Database) -> None:
    with built.reading() as session:
        for order in session.scalars(select(Order)):
            paid = sum(p.amount_cents for p in order.payments if p.transaction_type == "payment")
            back = sum(p.amount_cents for p in order.payments if p.transaction_type == "refund")
            assert paid == order.total_cents > 0
            assert back == sum(refund.amount_cents for refund in order.refunds if refund.status == "paid") <= paid
            for refund in order.refunds:
                assert (refund.payment is not None) == (refund.status == "paid")
                if refund.payment is not None:
                    assert refund.payment.amount_cents == refund.amount_cents
            if order.status == "cancelled":
                assert sum(refund.amount_cents for refund in order.refunds) == paid


def test_order_items_cost_what_their_variants_cost_and_are_paid_by_the_customers_own_means(built: Database) -> None:
    with built.reading() as session:
        for order in session.scalars(select(Order)):
            for item in order.items:
                assert item.price_cents == item.variant.price_cents
                assert (item.name, item.options) == (item.variant.product.name, item.variant.options)
            own = {method.id for method in order.customer.payment_methods}
            assert {payment.payment_method_id for payment in order.payments} <= own


def test_nothing_has_happened_in_the_future(built: Database, today: date) -> None:
    tonight = datetime.combine(today + timedelta(days=1), time(), UTC)
    with built.reading() as session:
        for order in session.scalars(select(Order)):
            assert order.placed_at is not None
            moments = [order.placed_at, *(payment.paid_at for payment in order.payments)]
            moments += [moment for parcel in order.shipments for moment in (parcel.shipped_at, parcel.delivered_at)]
            told = [moment for moment in moments if moment is not None]
            assert all(order.placed_at <= moment < tonight for moment in told), order.id


def test_a_customers_orders_stand_oldest_first_and_ship_to_their_address(built: Database) -> None:
    with built.reading() as session:
        for customer in session.scalars(select(Customer)):
            placed = [order.placed_at for order in customer.orders if order.placed_at is not None]
            assert placed == sorted(placed)
            assert customer.default_address is not None
            assert all(order.shipping_address == customer.default_address.snapshot() for order in customer.orders)


def test_mias_parcel_comes_the_day_after_tomorrow(built: Database, today: date) -> None:
    with built.reading() as session:
        order = session.get(Order, "#W4821093")
        assert order is not None
        assert (order.customer.email, order.status) == ("mia.lindqvist@example.com", "shipped")
        (parcel,) = order.shipments
        assert (parcel.eta, parcel.carrier) == (today + timedelta(days=2), "Northline Express")
        assert parcel.variant_ids == [item.variant_id for item in order.items]
        assert len(parcel.tracking_ids[0]) == 12


def test_another_shops_database_is_left_alone(own_sqlite: Database, today: date) -> None:
    with own_sqlite.session() as session:
        session.add(Product(id="1", name="Somebody else's lamp"))
    before = rows(own_sqlite)
    with pytest.raises(ShopNotEmpty, match="already holds a shop with 1 products"):
        build_demo_shop(own_sqlite, today)
    assert rows(own_sqlite) == before
