"""The database is locked, full, read-only or restarted while a shopper says yes to a cancellation.

The server is a real process (mother.py). Each time the shopper gets the answer late, or is told that it is not possible
now (503) with nothing done; sent again the same message does it, once.
"""

from __future__ import annotations

import resource
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import make_url, select

from assistant.store import Order
from tests.faults.light_server import Options
from tests.faults.mother import is_alive, kill
from tests.faults.played import Line
from tests.faults.rounds import Place, opened, problems
from tests.faults.shoppers import Log, say
from tests.faults.test_kill import CANCELLED, CANCELS

PATIENCE_MS = 600  # with a lock, in place of 10 s, so that the tests are quick
WITHIN_S, BEYOND_S = 0.2, 1.6


class Shop:
    """A server in whose conversation all has been said but the yes."""

    def __init__(self, place: Place, options: Options) -> None:
        self.place, self.options, self.log = place, options, Log()
        self.path = str(make_url(options.url).database)
        self.pid = place.mother.start(options)
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{options.port}", timeout=30)
        *before, self.last = [Line("one", f"one-{number}", words) for number, words in enumerate(CANCELS)]
        for line in before:
            say(self.client, line, self.log)

    def says_yes(self) -> httpx.Response:
        body = {"sender": "one", "message": self.last.text, "message_id": self.last.message_id}
        return self.client.post("/webhooks/rest/webhook", json=body)

    def status(self) -> str:
        with opened(self.options.url) as database, database.reading() as session:
            return session.scalar(select(Order.status).where(Order.id == CANCELLED)) or ""

    def is_refused(self) -> None:
        """The yes is, with a 503; nothing is done."""
        answer = self.says_yes()
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5"), answer.text
        assert "error" in answer.json()["reason"] and "sqlite" not in answer.text.lower()
        assert self.status() == "pending" and is_alive(self.pid)
        assert problems(self.options.url, self.log.told(), self.place.orders) == []

    def goes_on(self) -> None:
        """The yes sent again is done once, and so it stays when it is sent a third time."""
        texts = say(self.client, self.last, self.log)
        assert [entry["text"] for entry in self.says_yes().json()] == texts
        assert self.status() == "cancelled"
        assert problems(self.options.url, self.log.told(), self.place.orders) == []

    def close(self) -> None:
        self.client.close()
        if is_alive(self.pid):
            kill(self.pid)


@pytest.fixture
def open_shop(place: Place) -> Iterator[Callable[..., Shop]]:
    shops: list[Shop] = []

    def start(**levers: Any) -> Shop:
        options = place.options(place.fresh_shop(), busy_timeout_ms=PATIENCE_MS, slowest_s=0.0, **levers)
        shops.append(Shop(place, options))
        return shops[-1]

    yield start
    for shop in shops:
        shop.close()


@contextmanager
def locked(path: str) -> Iterator[None]:
    """Another process holds the write lock."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def test_a_lock_that_goes_in_time_costs_the_shopper_only_that_time(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    said: list[int] = []
    asking = threading.Thread(target=lambda: said.append(shop.says_yes().status_code))
    with locked(shop.path):
        asking.start()
        time.sleep(WITHIN_S)
        assert said == [], "it waits"
    asking.join()
    assert said == [200]
    shop.goes_on()


def test_a_lock_that_stays_refuses_the_turn_and_nothing_of_it_is_done(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    with locked(shop.path):
        shop.is_refused()
        assert shop.client.get("/health/live").status_code == 200
    shop.goes_on()


def test_reading_goes_on_beside_a_lock(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    with locked(shop.path):
        assert shop.client.get("/health/ready").status_code == 200
        assert shop.client.get("/webhooks/rest/messages", params={"sender": "one"}).status_code == 200
    shop.goes_on()


def test_a_full_disk_refuses_the_turn_and_nothing_of_it_is_done(open_shop: Callable[..., Shop]) -> None:
    """The kernel's limit on the size of files, which the write-ahead log reaches within the turn."""
    shop = open_shop()
    _, most = resource.prlimit(shop.pid, resource.RLIMIT_FSIZE)
    size = Path(f"{shop.path}-wal").stat().st_size
    resource.prlimit(shop.pid, resource.RLIMIT_FSIZE, (size + 5000, most))
    shop.is_refused()
    shop.is_refused()
    resource.prlimit(shop.pid, resource.RLIMIT_FSIZE, (most, most))
    shop.goes_on()


def test_a_database_that_takes_no_write_refuses_the_turn(open_shop: Callable[..., Shop], tmp_path: Path) -> None:
    lever = tmp_path / "read-only"
    shop = open_shop(read_only=str(lever))
    lever.touch()
    shop.is_refused()
    lever.unlink()
    shop.goes_on()
