"""The demo shop, read once from its files and built once in a database of each kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from assistant.shop.builder import build_demo_shop
from assistant.shop.catalogue import ShopProduct, load_catalogue
from assistant.shop.customers import CustomerEntry, load_customers
from assistant.shop.data_files import DATA
from assistant.shop.orders import OrderEntry, load_orders
from assistant.store import Database

TODAY = date(2026, 3, 2)


@pytest.fixture(scope="session")
def today() -> date:
    return TODAY


@pytest.fixture(scope="session")
def catalogue() -> tuple[ShopProduct, ...]:
    return load_catalogue(DATA)


@pytest.fixture(scope="session")
def customers() -> tuple[CustomerEntry, ...]:
    return load_customers(DATA)


@pytest.fixture(scope="session")
def orders(catalogue: tuple[ShopProduct, ...], customers: tuple[CustomerEntry, ...]) -> tuple[OrderEntry, ...]:
    return load_orders(DATA, catalogue, customers)


@pytest.fixture(scope="module", params=("sqlite", "postgresql"))
def built(request: pytest.FixtureRequest, new_database: Callable[[str], Database]) -> Database:
    """A database with the demo shop in it. Tests that share it only read."""
    database: Database = new_database(request.param)
    assert build_demo_shop(database, TODAY).built
    return database
