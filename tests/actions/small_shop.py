"""A shop of three people and a way to run one action in it as the server does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from rasa_sdk.executor import ActionExecutor

from assistant.actions import Shop, register
from assistant.search.vectors import ProductVectors
from assistant.store import (
    Address,
    Customer,
    Database,
    Order,
    OrderItem,
    Payment,
    PaymentMethod,
    Product,
    Shipment,
    Variant,
    reindex,
)

IDENTITY_ATTEMPTS = 3
POLICIES = {"returns": "Send it back within 30 days. {Braces} & <b>tags</b> stay as they are."}

ACCOUNT_HELP = {"password": 'Choose "Forgot password" where you sign in.'}


@dataclass(frozen=True)
class Outcome:
    """What an action did: its responses with their facts and cards, the slots it set, the flow it switched to."""

    messages: list[dict[str, Any]]
    slots: dict[str, Any]
    followup: str | None
    changes: list[dict[str, Any]] = field(default_factory=list)  # the events that ask the turn to write

    @property
    def responses(self) -> list[str]:
        return [message["response"] for message in self.messages]

    @property
    def facts(self) -> dict[str, str]:
        """Those of the first message."""
        known = ("text", "buttons", "elements", "custom", "template", "response", "image", "attachment")
        return {name: value for name, value in self.messages[0].items() if name not in known}

    @property
    def cards(self) -> list[dict[str, Any]]:
        """Those of the first message."""
        cards: list[dict[str, Any]] = self.messages[0]["custom"].get("cards", [])
        return cards


Run = Callable[..., Outcome]  # (action name, message, **slots)


def runner(database: Database, vectors: ProductVectors | None = None) -> Run:
    executor = ActionExecutor()
    register(executor, Shop(database, POLICIES, IDENTITY_ATTEMPTS, ACCOUNT_HELP, vectors))

    def run(action: str, message: str = "", said: Sequence[dict[str, Any]] = (), **slots: Any) -> Outcome:
        tracker = {"sender_id": "test", "slots": slots, "latest_message": {"text": message}, "events": list(said)}
        call = {"next_action": action, "sender_id": "test", "tracker": tracker, "domain": {}}
        with database.reading():
            result = asyncio.run(executor.run(call))
        set_slots = {event["name"]: event["value"] for event in result.events if event["event"] == "slot"}
        followup = next((event["name"] for event in result.events if event["event"] == "followup"), None)
        changes = [event for event in result.events if event["event"] == "change"]
        return Outcome(result.responses, set_slots, followup, changes)

    return run


def fill(database: Database) -> None:
    with database.session() as session:
        session.add_all([*products(), mia(), jose(), *twins(), newcomer(), ada()])
        reindex(session)  # as a shop's import does


def products() -> list[Product]:
    def product(name: str, category: str, **options: str) -> Product:
        return Product(
            id=name,
            name=name,
            category=category,
            variants=[Variant(id=name, options=options, price_cents=8900, stock=1)],
        )

    return [
        product("Ledger 75 Keyboard", "mechanical keyboards", color="graphite"),
        product("Swift Runner", "running sneakers", size="8"),
        product("Lamp", "table lamps"),
        product("Rug", "rugs"),
        product("Kettle", "kettles"),
    ]


def person(key: str, first_name: str, last_name: str, zip_code: str) -> Customer:
    home = {"address1": "1 Elm", "city": "Denver", "state": "CO", "country": "USA"}
    return Customer(
        id=key,
        email=f"{key}@example.com",
        first_name=first_name,
        last_name=last_name,
        addresses=[Address(is_default=True, zip=zip_code, **home)],
        payment_methods=[
            PaymentMethod(id=f"visa_{key}", source="credit_card", brand="visa", last_four="4821"),
            PaymentMethod(id=f"gift_{key}", source="gift_card", balance_cents=0),
        ],
    )


def order(key: str, status: str, items: list[str], days_ago: int, **parts: Any) -> Order:
    placed = datetime(2026, 11, 3, 12, tzinfo=UTC) - timedelta(days=days_ago)
    lines = [OrderItem(variant_id=name, name=name, price_cents=8900) for name in items]
    return Order(id=key, status=status, placed_at=placed, items=lines, **({"shipping_address": {}} | parts))


def in_days(days: int) -> date:
    return datetime.now(UTC).date() + timedelta(days=days)


def mia() -> Customer:
    """Four orders, written down in another order than they were placed."""
    found = person("mia", "Mia", "O'Neill-Berg", "19122-0042")
    parcels = [
        Shipment(tracking_ids=["1Z9"], eta=in_days(2), shipped_at=datetime(2026, 10, 20, tzinfo=UTC)),
        Shipment(tracking_ids=["1Z8"], eta=in_days(3)),
    ]
    paid = [Payment(transaction_type="payment", amount_cents=17800, payment_method_id="visa_mia")]
    late = Shipment(eta=in_days(-2), tracking_ids=[])
    found.orders += [
        order("#W1000002", "shipped", ["Ledger 75 Keyboard", "Lamp"], 14, shipments=parcels, payments=paid),
        order("#W1000004", "pending (item modified)", ["Rug"], 0),
        order("#W1000001", "return requested", ["Lamp", "Rug", "Kettle", "Swift Runner"], 90),
        order("#W1000003", "processed", ["Swift Runner"], 5, shipments=[late]),
    ]
    return found


def jose() -> Customer:
    found = person("jose", "José Luis", "Ørsted", "EH9 1HN")
    found.orders.append(order("#W2000001", "delivered", ["Kettle"], 30))
    return found


def twins() -> list[Customer]:
    """Two people whom name and zip do not tell apart."""
    return [person("anna.one", "Anna", "Brown", "80201"), person("anna.two", "Anna", "Brown", "80201")]


def newcomer() -> Customer:
    """Nothing bought yet."""
    return person("noor", "Noor", "Siddiqui", "77019")


def ada() -> Customer:
    """Orders in every status that a change may meet, two of them pending, paid with a card and with a gift card."""

    def paid(method: str, cents: int) -> list[Payment]:
        return [Payment(transaction_type="payment", amount_cents=cents, payment_method_id=method)]

    found = person("ada", "Ada", "Okafor", "80203")
    found.payment_methods[1].balance_cents = 10000
    found.payment_methods.append(PaymentMethod(id="paypal_ada", source="paypal"))
    oak = {"address1": "7 Oak Ave", "address2": "Apt 2", "city": "New York", "country": "USA", "state": "NY"}
    elm = {"address1": "1 Elm", "address2": "", "city": "Denver", "country": "USA", "state": "CO"}
    parts = {"shipping_address": {**elm, "zip": "80203"}, "payments": paid("visa_ada", 8900)}
    there = {"shipping_address": {**oak, "zip": "10001"}, "payments": paid("gift_ada", 17800)}
    found.orders += [
        order("#W3000001", "pending", ["Lamp"], 1, **parts),
        order("#W3000002", "pending", ["Rug", "Kettle"], 2, **there),
        order("#W3000003", "delivered", ["Swift Runner"], 30, **parts | {"payments": paid("visa_ada", 8900)}),
        order("#W3000004", "processed", ["Kettle"], 3, **parts | {"payments": paid("visa_ada", 8900)}),
        order("#W3000005", "pending (item modified)", ["Rug"], 4, **parts | {"payments": paid("visa_ada", 8900)}),
    ]
    return found
