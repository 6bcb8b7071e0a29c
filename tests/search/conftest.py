"""The demo shop and tau2's shop, each built once on each kind of database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from assistant.importers.tau2 import import_tau2
from assistant.shop.builder import build_demo_shop
from assistant.store import Database

KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def demo_shops(new_database: Callable[[str], Database]) -> dict[str, Database]:
    shops = {kind: new_database(kind) for kind in KINDS}
    for shop in shops.values():
        build_demo_shop(shop, date(2026, 11, 3))
    return shops


@pytest.fixture(params=KINDS)
def demo_shop(request: pytest.FixtureRequest, demo_shops: dict[str, Database]) -> Database:
    return demo_shops[request.param]


@pytest.fixture(scope="session", params=KINDS)
def tau2_shop(request: pytest.FixtureRequest, new_database: Callable[[str], Database], shared_data: Path) -> Database:
    shop = new_database(request.param)
    import_tau2(shop, shared_data / "tau2_retail" / "db.json")
    return shop
