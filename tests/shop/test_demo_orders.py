"""The demo shop's people and orders, as planned: enough of each, dates that fit the status, and stories to rely on."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from assistant.shop.catalogue import ShopProduct
from assistant.shop.customers import CustomerEntry
from assistant.shop.data_files import DATA, ShopDataError
from assistant.shop.orders import OrderEntry, load_orders

Catalogue = tuple[ShopProduct, ...]
Customers = tuple[CustomerEntry, ...]
Orders = tuple[OrderEntry, ...]


def test_sixty_customers_placed_two_hundred_orders_in_every_status(customers: Customers, orders: Orders) -> None:
    assert len(customers) == 60
    assert len({order.id for order in orders}) == 200
    statuses = Counter(order.status for order in orders)
    assert set(statuses) == {"pending", "processed", "shipped", "delivered", "cancelled", "returned"}
    assert min(statuses.values()) >= 10
    assert {order.customer for order in orders} == {customer.email for customer in customers}


def test_the_draw_is_the_same_every_time(catalogue: Catalogue, customers: Customers, orders: Orders) -> None:
    assert load_orders(DATA, catalogue, customers) == orders


def test_days_pass_in_the_right_order(orders: Orders) -> None:
    for order in orders:
        for parcel in order.shipments:
            days = [order.placed, parcel.shipped, parcel.delivered]
            told = [day for day in days if day is not None]
            assert told == sorted(told, reverse=True), order
        if order.refund is not None:
            received = min((p.delivered for p in order.shipments if p.delivered is not None), default=order.placed)
            paid = 0 if order.refund.paid is None else order.refund.paid
            assert received >= order.refund.requested >= paid >= 0, order


def test_a_shipped_order_is_due_and_only_the_late_story_is_overdue(orders: Orders) -> None:
    coming = {
        order.id: parcel.eta
        for order in orders
        if order.status == "shipped"
        for parcel in order.shipments
        if parcel.delivered is None
    }
    assert [order for order, eta in coming.items() if eta < 0] == ["#W6073925"]
    assert all(0 < eta <= 5 for order, eta in coming.items() if order != "#W6073925")


def test_the_stories_are_there_and_their_customers_have_no_other_orders(orders: Orders) -> None:
    stories = [order for order in orders if order.shows]
    heroes = {order.customer for order in stories}
    assert len(stories) >= 12
    assert {order.id for order in orders if order.customer in heroes} == {order.id for order in stories}
    assert {order.status for order in stories} == {order.status for order in orders}


def test_mia_lindqvist_has_an_order_on_its_way(customers: Customers, orders: Orders) -> None:
    (mia,) = [customer for customer in customers if customer.email == "mia.lindqvist@example.com"]
    assert (mia.first_name, mia.last_name, mia.zip) == ("Mia", "Lindqvist", "97205")
    (order,) = [order for order in orders if order.id == "#W4821093"]
    assert (order.customer, order.status, order.shipments[0].eta) == (mia.email, "shipped", 2)


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ('color: plum, size: "8"', 'color: plum, size: "44"', "#W4821093: Tarnbeck Ridgeline Mid has no variant"),
        (
            "{product: Tarnbeck Ridgeline Mid,",
            "{product: Tarnbeck Rigeline,",
            "there is no product 'Tarnbeck Rigeline'",
        ),
        ("pays: visa 4821", "pays: visa 1111", "mia.lindqvist@example.com does not pay by 'visa 1111'"),
        ("shipped: 2, eta: 2", "shipped: 2, eta: -2", "has a parcel due in the past"),
        ("status: shipped\n  placed: 5", "status: pending\n  placed: 5", "is pending, which its shipments contradict"),
        ("Kestrow Cloudlark, Kestrow", "Kestrow Cloudlerk, Kestrow", "a basket names 'Kestrow Cloudlerk'"),
    ],
)
def test_an_order_for_what_is_not_there_is_refused(
    tmp_path: Path, catalogue: Catalogue, customers: Customers, good: str, bad: str, told: str
) -> None:
    shutil.copy(DATA / "orders.yml", tmp_path)
    text = (tmp_path / "orders.yml").read_text()
    assert good in text
    (tmp_path / "orders.yml").write_text(text.replace(good, bad, 1))
    with pytest.raises(ShopDataError, match=r"orders\.yml") as caught:
        load_orders(tmp_path, catalogue, customers)
    assert told in str(caught.value)
