"""Every migration goes back and forward on a shop with orders and conversations, and what it does not touch stays."""

from __future__ import annotations

from datetime import date

from alembic import command
from sqlalchemy import Connection, inspect, text

from assistant.conversations import append_turn
from assistant.review.facts import backfill
from assistant.shop.builder import build_demo_shop
from assistant.store import Cart, CartItem, Database, Variant, migrate
from dialogues.messages import BotMessage
from dialogues.tracker import slot_event

KEPT = ("products", "variants", "customers", "addresses", "payment_methods", "orders", "order_items", "shipments",
        "payments", "refunds", "conversations", "events", "carts", "cart_items")  # fmt: skip


def fill(database: Database) -> None:
    build_demo_shop(database, date(2026, 11, 3))
    turn = [
        {"event": "user", "text": "where is #W4821093", "message_id": None},
        slot_event("customer_id", "mia-lindqvist"),
        BotMessage("On its way.", "utter_order_status").to_event(),
    ]
    with database.session() as session:
        append_turn(session, "mia", 0, 1, turn, "m1")
        variant = session.query(Variant.id).order_by(Variant.id).first()[0]
        session.add(Cart(conversation_id="mia", items=[CartItem(variant_id=variant)]))


def counts(connection: Connection) -> dict[str, int]:
    there = set(inspect(connection).get_table_names())
    return {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in KEPT if name in there}


def test_a_filled_shop_goes_back_step_by_step_and_forward_again(own_database: Database) -> None:
    fill(own_database)
    with own_database.engine.connect() as connection:
        filled = counts(connection)
        orders = connection.execute(text("SELECT id, status, customer_id FROM orders ORDER BY id")).all()
    assert len(filled) == len(KEPT) and min(filled.values()) > 0
    for revision in migrate.revisions()[-2::-1]:
        with own_database.engine.begin() as connection:
            migrate.move(connection, revision)
            assert (migrate.current_revision(connection), counts(connection)) == (revision, filled)
    own_database.upgrade()
    with own_database.engine.connect() as connection:
        assert counts(connection) == filled
        assert connection.execute(text("SELECT id, status, customer_id FROM orders ORDER BY id")).all() == orders
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    assert backfill(own_database) == 1, "the desk's facts are made again from the events"
    with own_database.engine.begin() as connection:
        command.downgrade(migrate.config(connection), "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    own_database.upgrade()
    own_database.check()


def test_an_index_of_words_that_were_cut_otherwise_is_written_anew(own_database: Database) -> None:
    fill(own_database)
    with own_database.engine.begin() as connection:
        migrate.move(connection, "0012")
        connection.execute(text("DELETE FROM product_search"))
    own_database.upgrade()
    count = text("SELECT count(*) FROM product_search")
    with own_database.engine.begin() as connection:
        assert connection.scalar(count) == counts(connection)["products"]
        connection.execute(text("DELETE FROM product_search"))
    own_database.upgrade()
    with own_database.engine.connect() as connection:
        assert connection.scalar(count) == 0, "it is of the newest version already"
