"""Rounds of play: each has a fresh shop, conversations that do not get in each other's way, and what they come to.

What each comes to is found out by playing it alone on a server that nothing happens to.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from assistant.shop.builder import build_demo_shop
from assistant.store import Database, Event, Order
from tests.faults.invariants import Acknowledged, Outcome, broken, outcome, stock
from tests.faults.light_server import Options
from tests.faults.mother import Mother, free_port, kill
from tests.faults.played import Line, changes_something, conversations, lines_of
from tests.faults.postgresql import new_database
from tests.faults.shoppers import Log, say

numbers = count(1)
UNTOUCHED = "untouched"


@dataclass(frozen=True)
class Round:
    """Scripts, and what each comes to when nothing goes wrong."""

    scripts: tuple[tuple[Line, ...], ...]
    outcomes: dict[str, Outcome]  # by sender
    bought: Counter[str]  # by variant, how much less is in stock afterwards


@dataclass
class Place:
    """A scratch folder with an untouched shop, and the mother of its servers."""

    folder: Path
    mother: Mother
    orders: int
    postgresql: Any = None  # a server (postgresql.py) that has the untouched shop too; None: SQLite

    def fresh_shop(self) -> str:
        """The URL of a copy that nobody has touched."""
        if self.postgresql:
            return new_database(self.postgresql, f"shop_{next(numbers)}", like=UNTOUCHED)
        path = self.folder / f"shop-{next(numbers)}.db"
        shutil.copy(self.folder / f"{UNTOUCHED}.db", path)
        return f"sqlite:///{path}"

    def options(self, url: str, **changes: object) -> Options:
        return Options(url, free_port(), str(self.folder / "server.log"), **changes)  # type: ignore[arg-type]


@contextmanager
def place_in(folder: Path, postgresql: Any = None) -> Iterator[Place]:
    url = f"sqlite:///{folder / UNTOUCHED}.db"
    orders = build(url)
    if postgresql:
        build(new_database(postgresql, UNTOUCHED))
    mother = Mother(url)
    try:
        yield Place(folder, mother, orders, postgresql)
    finally:
        mother.close()


def build(url: str) -> int:
    """The demo shop; how many orders it has."""
    with opened(url) as database:
        database.upgrade()
        build_demo_shop(database, datetime.now(UTC).date())
        with database.reading() as session:
            return session.scalar(select(func.count()).select_from(Order)) or 0


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def plan(place: Place, seed: int, many: int) -> Round:
    """So many conversations, drawn, of which no two are held by the same customer; most of them change something.

    Each is played in an untouched shop of its own: one that is left out must not have changed what the next finds."""
    draw = random.Random(seed)
    scripts: list[tuple[Line, ...]] = []
    outcomes: dict[str, Outcome] = {}
    bought: Counter[str] = Counter()
    customers: set[str] = set()
    drawn = sorted(conversations(), key=lambda one: draw.random() * (1 if changes_something(one) else 4))
    for number, conversation in enumerate(drawn):
        script = tuple(lines_of(conversation, f"s{seed}-{number}", draw))
        played = _in_peace(place, script)
        if played.customers & customers:
            continue
        customers |= played.customers
        scripts.append(script)
        bought.update(played.bought)
        outcomes[script[0].sender] = played.outcome
        if len(scripts) == many:
            break
    return Round(tuple(scripts), outcomes, Counter({one: amount for one, amount in bought.items() if amount}))


@dataclass(frozen=True)
class InPeace:
    """What a conversation comes to when nothing else happens."""

    outcome: Outcome
    bought: Counter[str]
    customers: set[str]


def _in_peace(place: Place, script: tuple[Line, ...]) -> InPeace:
    options = place.options(place.fresh_shop(), slowest_s=0.0)
    with opened(options.url) as database:
        before = stock_of(database)
        pid = place.mother.start(options)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{options.port}", timeout=30) as http:
                for line in script:
                    say(http, line, Log())
        finally:
            kill(pid)
        sender = script[0].sender
        with database.reading() as session:
            found = outcome(session, sender)
        return InPeace(found, _difference(before, stock_of(database)), customers_of(database, sender))


def problems(url: str, told: Acknowledged, orders: int) -> list[str]:
    """What is broken now; the server may be down."""
    with opened(url) as database, database.reading() as session:
        return broken(session, told, orders)


def differences(url: str, played: Round, untouched: Counter[str]) -> list[str]:
    """Where the conversations came to something else than without a fault."""
    found = []
    with opened(url) as database, database.reading() as session:
        for sender, expected in played.outcomes.items():
            if (got := outcome(session, sender)) != expected:
                found.append(f"{sender} came to {got}, not {expected}")
        if (left := _difference(untouched, stock(session))) != played.bought:
            found.append(f"the stock went down by {left}, not by {played.bought}")
    return found


def customers_of(database: Database, sender: str) -> set[str]:
    """Whom the conversation's slots named, at any time."""
    asked = select(Event.data).where(Event.conversation_id == sender, Event.type == "slot")
    with database.reading() as session:
        slots = session.scalars(asked).all()
    return {str(slot["value"]) for slot in slots if slot["name"] == "customer_id" and slot["value"]}


def stock_of(database: Database) -> Counter[str]:
    with database.reading() as session:
        return stock(session)


def _difference(before: Counter[str], after: Counter[str]) -> Counter[str]:
    return Counter({one: before[one] - after[one] for one in before if before[one] != after[one]})
