"""Importing tau2's retail database: whole, twice without a change, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from assistant.importers.sync import Tally
from assistant.importers.tau2 import import_tau2
from assistant.importers.tau2_export import export_some, export_tau2
from assistant.importers.tau2_format import BrokenFile
from assistant.store import Base, Customer, Database, Order, OrderItem, Payment, Product, Refund, Variant

ADDRESS = {
    "address1": "1 Elm Street",
    "address2": "",
    "city": "Denver",
    "country": "USA",
    "state": "CO",
    "zip": "80201",
}
SMALL: dict[str, Any] = {
    "products": {
        "100": {
            "name": "Lamp",
            "product_id": "100",
            "variants": {
                "101": {
                    "item_id": "101",
                    "options": {"size": "tall", "color": "red"},
                    "available": True,
                    "price": 45.1,
                },
                "102": {"item_id": "102", "options": {"size": "low", "color": "red"}, "available": False, "price": 40},
            },
        }
    },
    "users": {
        "mia": {
            "user_id": "mia",
            "name": {"first_name": "Mia", "last_name": "Garcia"},
            "address": ADDRESS,
            "email": "mia@example.com",
            "payment_methods": {
                "gift_card_1": {"source": "gift_card", "id": "gift_card_1", "balance": 0.29},
                "credit_card_1": {"source": "credit_card", "id": "credit_card_1", "brand": "visa", "last_four": "1234"},
                "paypal_1": {"source": "paypal", "id": "paypal_1"},
            },
            "orders": ["#W2", "#W1"],
        }
    },
    "orders": {
        "#W1": {
            "order_id": "#W1",
            "user_id": "mia",
            "address": ADDRESS,
            "items": [
                {"name": "Lamp", "product_id": "100", "item_id": "101", "price": 45.1, "options": {"size": "tall"}},
                {"name": "Lamp", "product_id": "100", "item_id": "101", "price": 45.1, "options": {"size": "tall"}},
            ],
            "status": "exchange requested",
            "fulfillments": [{"tracking_id": ["1", "2"], "item_ids": ["101"]}],
            "payment_history": [
                {"transaction_type": "payment", "amount": 90.2, "payment_method_id": "credit_card_1"},
            ],
            "exchange_items": ["101"],
            "exchange_new_items": ["102"],
            "exchange_payment_method_id": "paypal_1",
            "exchange_price_difference": -5.1,
            "gift_note": {"to": "Noah", "size_cm": 2.5},
        },
        "#W2": {
            "order_id": "#W2",
            "user_id": "mia",
            "address": ADDRESS,
            "items": [
                {"name": "Lamp", "product_id": "100", "item_id": "102", "price": 40.0, "options": {"size": "low"}},
            ],
            "status": "cancelled",
            "fulfillments": [],
            "payment_history": [
                {"transaction_type": "payment", "amount": 40.0, "payment_method_id": "gift_card_1"},
                {"transaction_type": "refund", "amount": 40.0, "payment_method_id": "gift_card_1"},
            ],
            "cancel_reason": "ordered by mistake",
        },
    },
}


def write(folder: Path, content: object) -> Path:
    path = folder / "db.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2), encoding="utf-8")
    return path


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """SMALL with the value at `path` replaced; `to=...` takes it out."""
    shop = json.loads(json.dumps(SMALL))  # a copy whose parts are not shared, unlike ADDRESS
    inner: Any = shop
    for key in path[:-1]:
        inner = inner[key]
    if to is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return shop


def row_counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        tables = Base.metadata.sorted_tables
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


@pytest.fixture
def small(database: Database, tmp_path: Path) -> Database:
    import_tau2(database, write(tmp_path, SMALL))
    return database


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_whole_real_file_comes_back_as_it_was_and_a_second_import_writes_nothing(
    kind: str, new_database: Callable[[str], Database], shared_data: Path
) -> None:
    path = shared_data / "tau2_retail" / "db.json"
    database = new_database(kind)
    first = import_tau2(database, path)
    assert {name: tally.created for name, tally in first.tables.items()} == {
        "products": 50,
        "variants": 591,
        "customers": 500,
        "addresses": 500,
        "payment_methods": 695,
        "orders": 1000,
        "order_items": 2978,
        "shipments": 577,
        "payments": 1102,
    }
    assert export_tau2(database) == json.loads(path.read_text(encoding="utf-8"))

    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *about: statements.append(about[2]))
    second = import_tau2(database, path)
    assert second.total == Tally(unchanged=first.total.created)
    assert [statement for statement in statements if statement.startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_a_part_comes_back_as_it_stands_in_the_whole(small: Database) -> None:
    assert export_some(small, ["mia"], ["#W2", "#W9"]) == {
        "users": SMALL["users"],
        "orders": {"#W2": SMALL["orders"]["#W2"]},
    }
    assert export_some(small, [], []) == {"users": {}, "orders": {}}


def test_every_field_of_an_order_is_kept_known_or_not(small: Database) -> None:
    assert export_tau2(small) == SMALL
    with small.reading() as session:
        extras = session.get_one(Order, "#W1").extras
        assert extras["exchange_price_difference_cents"] == -510
        assert session.get_one(Order, "#W2").cancel_reason == "ordered by mistake"


def test_orders_stand_in_the_customers_order_and_the_same_item_may_stand_twice(small: Database) -> None:
    with small.reading() as session:
        mia = session.get_one(Customer, "mia")
        assert [order.id for order in mia.orders] == ["#W2", "#W1"]
        assert [item.variant_id for item in session.get_one(Order, "#W1").items] == ["101", "101"]


def test_products_can_be_searched_after_an_import(small: Database) -> None:
    with small.reading() as session:
        assert session.scalars(text("SELECT product_id FROM product_search")).all() == ["100"]


@pytest.mark.parametrize(
    ("path", "value", "table"),
    [
        (("products", "100", "variants", "101", "price"), 44.99, "variants"),
        (("products", "100", "variants", "101", "options"), {"color": "red", "size": "tall"}, "variants"),
        (("users", "mia", "address", "zip"), "80202", "addresses"),
        (("users", "mia", "payment_methods", "gift_card_1", "balance"), 10.5, "payment_methods"),
        (("orders", "#W1", "gift_note", "to"), "Ava", "orders"),
        (("orders", "#W2", "payment_history", 1, "amount"), 39.0, "payments"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_later_file_changes_only_the_row_that_differs(
    small: Database, tmp_path: Path, path: tuple[Any, ...], value: object, table: str
) -> None:
    later = changed(*path, to=value)
    report = import_tau2(small, write(tmp_path, later))
    assert (report.total.changed, report.tables[table].changed, report.total.writes) == (1, 1, 1)
    assert export_tau2(small) == later
    with small.reading() as session:
        options = later["products"]["100"]["variants"]["101"]["options"]
        assert list(session.get_one(Variant, "101").options) == list(options)


def test_parts_that_a_later_file_no_longer_has_are_removed(small: Database, tmp_path: Path) -> None:
    with small.session() as session:
        paid_back = session.get_one(Order, "#W2").payments[1]
        refund = Refund(order_id="#W2", payment_method_id="gift_card_1", amount_cents=4000, reason="cancelled")
        refund.payment = paid_back
        session.add(refund)
    later = changed("orders", "#W2", "payment_history", 1, to=...)
    report = import_tau2(small, write(tmp_path, later))
    assert report.tables["payments"] == Tally(removed=1, unchanged=2)
    assert export_tau2(small) == later


def test_what_the_file_does_not_name_stays(small: Database, tmp_path: Path) -> None:
    import_tau2(small, write(tmp_path, {"products": {}, "users": {}, "orders": {}}))
    assert export_tau2(small) == SMALL


ITEM = ("orders", "#W1", "items", 0)
BROKEN: list[tuple[object, str]] = [
    ("", "is not JSON: line 1, column 1: Expecting value"),
    ('{\n  "products": {},\n  "users" {}\n}', "is not JSON: line 3, column 11: Expecting ':' delimiter"),
    ('{"products": {}, "products": {}}', "the key 'products' stands twice in one object"),
    ('{"products": NaN}', "NaN is not a number that JSON has"),
    ("[" * 100_000, "is nested too deep"),
    ([], "the whole file: Input should be"),
    (changed("orders", to=...), "orders: Field required"),
    (changed("reviews", to={}), "reviews: Extra inputs are not permitted"),
    (changed(*ITEM, "price", to="45.10"), "orders.#W1.items[0].price: Value error, an amount of money is a number"),
    (changed(*ITEM, "price", to=True), "orders.#W1.items[0].price: Value error, an amount of money is a number"),
    (changed(*ITEM, "price", to=45.105), "orders.#W1.items[0].price: Value error, the amount 45.105 is not in whole"),
    (changed(*ITEM, "price", to=-1), "orders.#W1.items[0].price: Value error, the amount -1 is below zero"),
    (changed(*ITEM, "price", to=1e300), "orders.#W1.items[0].price: Value error, the amount 1E+300 is out of range"),
    (changed(*ITEM, "colour", to="red"), "orders.#W1.items[0].colour: Extra inputs are not permitted"),
    (changed(*ITEM, "product_id", to="999"), "orders.#W1.items[0].product_id: there is no product 999"),
    (changed(*ITEM, "item_id", to="999"), "orders.#W1.items[0].item_id: product 100 has no variant 999"),
    (changed("orders", "#W1", "status", to="lost"), "orders.#W1.status: Input should be 'pending'"),
    (changed("orders", "#W1", "user_id", to="noah"), "users.mia.orders[1]: another customer's"),
    (changed("orders", "#W1", "order_id", to="#W9"), "orders.#W1.order_id: #W9 stands under the key #W1"),
    (changed("orders", "#W1", to=...), "users.mia.orders[1]: there is no order #W1"),
    (
        changed("orders", "#W1", "fulfillments", 0, "item_ids", to=["102"]),
        "fulfillments[0].item_ids: the order holds no",
    ),
    (
        changed("orders", "#W2", "payment_history", 0, "payment_method_id", to="x"),
        "payment_history[0].payment_method_id",
    ),
    (changed("users", "mia", "orders", to=["#W1"]), "orders.#W2.user_id: user mia does not list this order"),
    (changed("users", "mia", "name", "first_name", to="M\0"), "users.mia.name.first_name: String should match"),
    (changed("users", "mia", "name", "first_name", to="M\ud800"), "users.mia.name.first_name"),
    (
        changed("users", "mia", "payment_methods", "paypal_1", "balance", to=1),
        "a paypal has no details, not ['balance']",
    ),
    (changed("users", "noah", to=SMALL["users"]["mia"]), "users.noah.user_id: mia stands under the key noah"),
    (changed("products", "200", to=SMALL["products"]["100"]), "products.200.product_id: 100 stands under the key 200"),
]


@pytest.mark.parametrize(("content", "message"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_refused_with_the_line_or_key_at_fault(
    shut: Database, tmp_path: Path, content: object, message: str
) -> None:
    with pytest.raises(BrokenFile) as refusal:
        import_tau2(shut, write(tmp_path, content))
    assert message in str(refusal.value)
    assert str(tmp_path / "db.json") in str(refusal.value)


@pytest.fixture(scope="module")
def shut(new_database: Callable[[str], Database]) -> Database:
    """A database that refuses to be written to: a broken file must be refused before the first row."""
    database = new_database("sqlite")
    event.listen(database.engine, "begin", lambda connection: pytest.fail("a broken file reached the database"))
    return database


def test_a_missing_file_and_one_that_is_not_text_are_refused(shut: Database, tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match=r"nowhere\.json cannot be read: No such file"):
        import_tau2(shut, tmp_path / "nowhere.json")
    (tmp_path / "db.json").write_bytes(b'{"products": "\xff"}')
    with pytest.raises(BrokenFile, match="is not UTF-8 text: byte 14 is out of place"):
        import_tau2(shut, tmp_path / "db.json")


def test_an_import_that_fails_half_way_leaves_nothing(database: Database, tmp_path: Path) -> None:
    def cut_the_line(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.startswith("INSERT INTO payments"):
            raise ConnectionError

    event.listen(database.engine, "before_cursor_execute", cut_the_line)
    with pytest.raises(ConnectionError):
        import_tau2(database, write(tmp_path, SMALL))
    event.remove(database.engine, "before_cursor_execute", cut_the_line)
    assert set(row_counts(database).values()) == {0}


def test_an_email_that_another_customer_has_already_is_refused(database: Database, tmp_path: Path) -> None:
    with database.session() as session:
        session.add(Customer(id="other", email="mia@example.com", first_name="M", last_name="G"))
    with pytest.raises(BrokenFile, match=r"users\.mia\.email: mia@example\.com belongs to customer other"):
        import_tau2(database, write(tmp_path, SMALL))
    assert row_counts(database)["products"] == 0


def test_amounts_are_whole_cents_that_no_float_has_touched(small: Database) -> None:
    with small.reading() as session:
        assert session.get_one(Variant, "101").price_cents == 4510
        assert session.scalars(select(OrderItem.price_cents).distinct()).all() in ([4510, 4000], [4000, 4510])
        assert sorted(session.scalars(select(Payment.amount_cents))) == [4000, 4000, 9020]
        assert session.get_one(Product, "100").brand is None
