"""A shop with two customers, lamps, mugs and a rug, and an order in every status, for tests that change orders."""

from __future__ import annotations

from typing import Any

from assistant.desk.changes import Change, Line, Quote, apply
from assistant.desk.proofs import Proof
from assistant.store import (
    Address,
    Conversation,
    Customer,
    Database,
    Order,
    OrderItem,
    Payment,
    PaymentMethod,
    Product,
    Variant,
)

HOME = {"address1": "1 Elm", "address2": "", "city": "Denver", "country": "USA", "state": "CO", "zip": "80201"}
OFFICE = {**HOME, "address1": "9 Oak", "address2": "Suite 4", "zip": "80202"}
PROOF = Proof("talk", 7, "email", "pending, version 0", "Shall I do this and that?", "yes please")
GIFT_CENTS = 5_000
BRASS, BLACK, SMALL, GONE, BLUE, RED, WHITE, WOOL = (
    "lamp-brass lamp-black lamp-small lamp-gone mug-blue mug-red mug-white rug-wool".split()
)


def fill(database: Database) -> None:
    with database.session() as session:
        session.add_all([*products(), mia(), noah(), Conversation(id="talk")])


def products() -> list[Product]:
    def variant(key: str, cents: int, stock: int | None = None, **options: str) -> Variant:
        return Variant(id=key, options=options, price_cents=cents, stock=stock)

    lamps = [
        variant(BRASS, 8_900, color="brass"),
        variant(BLACK, 9_999, color="black"),
        variant(SMALL, 4_050, color="brass", size="small"),
        variant(GONE, 8_900, 0, color="green"),
    ]
    mugs = [
        variant(BLUE, 1_200, 10, color="blue"),
        variant(RED, 1_450, 2, color="red"),
        variant(WHITE, 1_200, 1, color="white"),
    ]
    return [
        Product(id="lamp", name="Lamp", variants=lamps),
        Product(id="mug", name="Mug", variants=mugs),
        Product(id="rug", name="Rug", variants=[variant(WOOL, 30_000)]),
    ]


def person(key: str, *methods: PaymentMethod) -> Customer:
    return Customer(
        id=key,
        email=f"{key}@example.com",
        first_name=key.title(),
        last_name="Berg",
        addresses=[Address(is_default=True, **HOME)],
        payment_methods=list(methods),
    )


def order(key: str, status: str, method: str = "visa", **parts: Any) -> Order:
    """One brass lamp and three blue mugs, $125.00 in all."""
    items = [
        OrderItem(variant_id=BRASS, name="Lamp", options={"color": "brass"}, price_cents=8_900),
        OrderItem(variant_id=BLUE, name="Mug", options={"color": "blue"}, price_cents=1_200, quantity=3),
    ]
    payments = [Payment(transaction_type="payment", amount_cents=12_500, payment_method_id=method)]
    return Order(id=key, status=status, shipping_address=HOME, **({"items": items, "payments": payments} | parts))


def mia() -> Customer:
    """Her gift card holds $50.00, less than any order but a small lamp comes to."""
    visa = PaymentMethod(id="visa", source="credit_card", brand="visa", last_four="4821")
    paypal = PaymentMethod(id="paypal", source="paypal")
    gift = PaymentMethod(id="gift", source="gift_card", balance_cents=GIFT_CENTS)
    rich = PaymentMethod(id="rich", source="gift_card", balance_cents=20_000)
    found = person("mia", visa, paypal, gift, rich)
    found.orders += [
        order("#W1", "pending"),
        order("#W2", "delivered"),
        order("#W3", "shipped"),
        order("#W4", "pending (item modified)"),
        order("#W5", "exchange requested"),
        order("#W6", "cancelled"),
        order("#W7", "pending", "gift"),
        order("#W8", "pending", payments=[paid(5_000, "gift"), paid(7_500, "visa")]),
    ]
    return found


def paid(cents: int, method: str) -> Payment:
    return Payment(transaction_type="payment", amount_cents=cents, payment_method_id=method)


def noah() -> Customer:
    found = person("noah", PaymentMethod(id="noahs", source="gift_card", balance_cents=90_000))
    found.orders.append(order("#W9", "pending", "noahs"))
    return found


def change(kind: str, order_id: str | None = "#W1", *lines: Line, **parts: Any) -> Change:
    return Change(kind, **({"customer_id": "mia", "order_id": order_id, "lines": lines} | parts))


def line(database: Database, order_id: str, place: int, quantity: int = 1, variant: str | None = None) -> Line:
    """A line about the item at that place of the order, from 0."""
    with database.reading() as session:
        return Line(session.get_one(Order, order_id).items[place].id, quantity, variant)


def do(database: Database, wanted: Change) -> Quote:
    with database.session() as session:
        return apply(session, wanted, PROOF)


def items(database: Database, order_id: str = "#W1") -> list[tuple[int, str, int]]:
    """How many of which variant at which price, in order."""
    with database.reading() as session:
        rows = session.get_one(Order, order_id).items
        assert [row.position for row in rows] == list(range(len(rows)))
        assert all(row.options == row.variant.options for row in rows)
        return [(row.quantity, row.variant_id, row.price_cents) for row in rows]


def ledger(database: Database, order_id: str = "#W1") -> list[tuple[str, int, str]]:
    with database.reading() as session:
        rows = session.get_one(Order, order_id).payments
        return [(row.transaction_type, row.amount_cents, row.payment_method_id) for row in rows]


def promises(database: Database, order_id: str = "#W1") -> list[tuple[int, str, str, bool]]:
    """Amount, method and status of what is owed, and whether a ledger row keeps it."""
    with database.reading() as session:
        rows = session.get_one(Order, order_id).refunds
        return [(row.amount_cents, row.payment_method_id, row.status, row.payment_id is not None) for row in rows]


def balance(database: Database, method: str = "gift") -> int | None:
    with database.reading() as session:
        return session.get_one(PaymentMethod, method).balance_cents


def stock(database: Database, variant: str) -> int | None:
    with database.reading() as session:
        return session.get_one(Variant, variant).stock


def everything(database: Database) -> dict[str, Any]:
    """All that a change could touch, to see that it did not."""
    with database.reading() as session:
        orders = {
            one.id: (one.status, one.version, one.cancel_reason, dict(one.shipping_address), dict(one.extras))
            for one in session.query(Order)
        }
        customers = [one.addresses[0].snapshot() for one in session.query(Customer).order_by(Customer.id)]
        balances = {one.id: one.balance_cents for one in session.query(PaymentMethod)}
        stocks = {one.id: one.stock for one in session.query(Variant)}
    parts = [(items(database, key), ledger(database, key), promises(database, key)) for key in sorted(orders)]
    return {"orders": orders, "customers": customers, "balances": balances, "stocks": stocks, "parts": parts}
