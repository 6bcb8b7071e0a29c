"""Everything about one person can be written down and taken out, and nothing of anybody else is."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from people import (
    BOOT,
    MARK,
    MIA,
    MIA_EMAIL,
    MIA_PHONE,
    YUSUF,
    fill,
    replayed_in,
    talk,
    talk_as_mia,
    talk_of_mia_elsewhere,
)
from sqlalchemy import func, inspect, select, text, update
from sqlalchemy.orm import Session

from assistant.conversations import append_turn
from assistant.operations.erasing import erase, remove_conversations
from assistant.operations.exporting import export
from assistant.operations.persons import NoSuchCustomer
from assistant.operations.retention import Housekeeper, sweep
from assistant.store import (
    Annotation,
    AuditEntry,
    Base,
    Cart,
    Conversation,
    Customer,
    Database,
    Event,
    Order,
    PaymentMethod,
    matching,
    now,
)
from assistant.versions.registry import Registry


@pytest.fixture
def shop(own_database: Database) -> Database:
    """Mia in five conversations, in each in another way, and Yusuf in one where she is spoken of."""
    fill(own_database)
    talk_as_mia(own_database)
    talk(own_database, "web-2", f"my mail is {MIA_EMAIL}")  # before anybody knew who it was
    talk(own_database, "web-3", f"where is #W1000001 of {MARK}")  # by the order alone
    talk(own_database, MIA_EMAIL, "a channel that names its senders so")
    talk(own_database, "web-4", f"ring {MIA_PHONE}, says {MARK}")
    talk_of_mia_elsewhere(own_database)
    talk(own_database, "web-8", f"my mail is la{MIA_EMAIL}")  # another's, that ends like hers
    return own_database


def everything(database: Database) -> str:
    """Every row of every table, those behind the full-text indexes too, as one text."""
    found = []
    with database.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                found.append(table + json.dumps([str(value) for value in row]))
    return "\n".join(found)


def conversations(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(Conversation.id)))


def test_nothing_of_an_erased_person_is_left_in_any_column_or_page(shop: Database) -> None:
    assert everything(shop).count(MARK) > 30
    done = erase(shop, MIA_EMAIL.upper())
    left = everything(shop).replace(f"la{MIA_EMAIL}", "")
    assert [line for line in left.splitlines() if MARK in line] == []
    assert MIA_PHONE not in left
    assert (done.conversations, done.orders, done.named_in) == (5, 1, ())
    assert done.elsewhere == 4, "what was said and its echo, a note, an audit entry"
    if shop.engine.dialect.name == "sqlite":
        stored = b"".join(Path(f"{shop.url.database}{end}").read_bytes() for end in ("", "-wal"))
        assert stored.replace(f"la{MIA_EMAIL}".encode(), b"").count(MARK.encode()) == 0


def test_a_customer_number_said_by_somebody_else_is_left_in_no_index(shop: Database) -> None:
    talk(shop, "web-9", f"and her number with you is {MIA}, by the fountain", message_id="2")
    erase(shop, MIA)
    assert MARK not in everything(shop).replace(f"la{MIA_EMAIL}", "")
    with shop.reading() as session:
        assert session.scalars(matching(session, "fountain", "word")).all() == ["web-9"]
        assert session.scalars(matching(session, "wife", "word")).all() == ["web-9"]


def test_an_erasure_beside_somebody_who_reads_says_that_pages_may_be_left(
    own_sqlite: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("assistant.store.database.BUSY_TIMEOUT_MS", 50)
    fill(own_sqlite)
    own_sqlite.close()  # its next connections have less patience
    url = own_sqlite.url.render_as_string(hide_password=False)
    with closing(Database(url)) as backup, backup.reading() as session:
        assert session.get(Customer, MIA)
        erase(own_sqlite, MIA)
    assert "may stand in its free pages" in caplog.text
    caplog.clear()
    erase(own_sqlite, YUSUF)
    assert "free pages" not in caplog.text


@pytest.mark.parametrize("number", ["5501234567", "n7"], ids=["of digits", "short"])
def test_a_customer_number_that_may_mean_something_else_leaves_the_audit_log_where_it_stands_alone(
    own_database: Database, number: str
) -> None:
    with own_database.session() as session:
        session.add(Customer(id=number, email="new@example.com", first_name="New", last_name="Comer"))
        session.add(AuditEntry(action="transcript.read", subject=number))  # a conversation may be called so
    export(own_database, number)
    erase(own_database, number)
    with own_database.reading() as session:
        told = session.execute(select(AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id)).all()
    assert [action for action, subject in told if subject == number] == ["transcript.read"]
    assert [action for action, subject in told if subject.startswith("erased-")] == [
        "customer.exported",
        "customer.erased",
    ]


def test_what_is_anybody_elses_stays(shop: Database) -> None:
    with shop.reading() as session:
        order = session.get_one(Order, "#W1000002")
        kept = (order.shipping_address, order.extras, order.payments[0].payment_method_id)
    erase(shop, MIA)
    assert conversations(shop) == {"web-9", "web-8"}
    with shop.reading() as session:
        order = session.get_one(Order, "#W1000002")
        assert (order.shipping_address, order.extras, order.payments[0].payment_method_id) == kept
        assert session.get_one(Customer, YUSUF).first_name == "Yusuf"
        said = [data["text"] for data in session.scalars(select(Event.data).order_by(Event.conversation_id, Event.seq))
                if data["event"] == "user"]  # fmt: skip
    assert said[0] == f"my mail is la{MIA_EMAIL}"
    assert said[1].startswith("send it to my wife, erased-")


def test_orders_stay_for_the_books_under_a_name_that_is_nobodys(shop: Database) -> None:
    done = erase(shop, MIA)
    with shop.reading() as session:
        order = session.get_one(Order, "#W1000001")
        owner = order.customer
        assert (owner.id, owner.first_name, owner.phone) == (done.pseudonym, "Erased", None)
        assert order.total_cents == 11_400
        assert (order.items[0].variant_id, order.payments[0].amount_cents) == (BOOT, 11_400)
        assert order.refunds[0].payment_method is order.payments[0].payment_method
        assert order.extras == {"shipping_cents": 500, "return_payment_method_id": order.payments[0].payment_method_id}
        assert {name: part for name, part in order.shipping_address.items() if part} == {
            "country": "USA",
            "state": "OR",
        }
        assert order.shipments[0].tracking_ids == []
        assert session.scalar(select(func.count()).select_from(PaymentMethod).where(PaymentMethod.brand.is_(None))) == 3
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "customer.erased")).one()
    assert (entry.subject, entry.data["orders"]) == (done.pseudonym, 1)


def test_somebody_without_orders_leaves_no_row_and_may_come_back(shop: Database) -> None:
    with shop.session() as session:
        session.add(Customer(id="newcomer", email="new@example.com", first_name="New", last_name="Comer"))
    assert erase(shop, "newcomer").pseudonym is None
    with shop.session() as session:
        session.add(Customer(id="newcomer", email="new@example.com", first_name="New", last_name="Comer"))
    with pytest.raises(NoSuchCustomer, match=r"no customer with the id or e-mail nobody@example\.com"):
        erase(shop, "nobody@example.com")


def test_a_way_to_pay_that_paid_anothers_order_stays_in_the_ledger_without_its_owner(shop: Database) -> None:
    with shop.session() as session:
        giver = Customer(id="giver_3", email="giver@example.com", first_name="Gi", last_name="Ver")
        giver.payment_methods = [PaymentMethod(id="gift_of_giver", source="gift_card", balance_cents=100)]
        session.add(giver)
        session.flush()
        session.get_one(Order, "#W1000002").refunds[0].payment_method_id = "gift_of_giver"
    assert (erase(shop, "giver_3").orders, "gift_of_giver" in everything(shop)) == (0, False)
    with shop.reading() as session:
        refund = session.get_one(Order, "#W1000002").refunds[0]
        assert (refund.amount_cents, refund.payment_method.source) == (10_900, "gift_card")


def test_conversations_of_others_that_say_the_full_name_are_told_of(shop: Database) -> None:
    talk(shop, "web-7", "is Yusuf Rossi on duty?")
    assert erase(shop, YUSUF).named_in == ("web-7",)


def test_an_export_has_all_of_hers_and_nothing_of_his(shop: Database) -> None:
    document = json.loads(export(shop, MIA_EMAIL))
    tables = document["tables"]
    assert document["customer"] == MIA
    expected = {
        "customers",
        "addresses",
        "payment_methods",
        "orders",
        "order_items",
        "shipments",
        "payments",
        "refunds",
    }
    expected |= {"conversations", "events", "annotations", "carts", "cart_items", "product_events", "proofs"}
    assert expected <= set(tables)
    assert {row["id"] for row in tables["orders"]} == {"#W1000001"}
    assert len(tables["conversations"]) == 5
    assert "usuf" not in json.dumps(tables)


def test_conversations_older_than_the_setting_are_swept_and_the_rest_stays(shop: Database, tmp_path: Path) -> None:
    old = now() - timedelta(days=31)
    with shop.session() as session:
        session.execute(update(Conversation).where(Conversation.id.in_(["web-1", "web-2"])).values(updated_at=old))
    page = replayed_in(tmp_path / "models", "web-1", "web-9")
    housekeeper = Housekeeper(shop, 30, Registry(tmp_path / "models", None))
    housekeeper.start()
    housekeeper.close()
    assert "web-1" not in page.read_text("utf-8") and "web-9" in page.read_text("utf-8")
    assert conversations(shop) == {"web-3", MIA_EMAIL, "web-4", "web-9", "web-8"}
    assert sweep(shop, 30) == 0
    with shop.reading() as session:
        assert session.scalars(select(Cart)).all() == []
        assert session.scalar(select(func.count()).select_from(Annotation)) == 1
        assert session.execute(matching(session, "hello", "word")).all() == []
        assert session.get(Customer, MIA) is not None, "an account is no conversation"


def test_a_conversation_that_somebody_comes_back_to_at_that_moment_is_not_swept(shop: Database) -> None:
    with shop.session() as session:
        long_ago = now() - timedelta(days=31)
        session.execute(update(Conversation).where(Conversation.id == "web-8").values(updated_at=long_ago))
    with ThreadPoolExecutor(1) as beside:
        with shop.session() as session:
            append_turn(session, "web-8", 2, 2, [{"event": "user", "text": "back again", "message_id": None}], None)
            swept = beside.submit(sweep, shop, 30)
            time.sleep(0.5)  # it has met the turn by now
        assert swept.result() == 0
    with shop.reading() as session:
        said = session.scalars(select(Event.data).where(Event.conversation_id == "web-8").order_by(Event.seq)).all()
    assert [event["text"] for event in said][-1] == "back again" and len(said) == 3


def test_a_sweep_that_is_cut_has_written_down_what_it_erased(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with shop.session() as session:
        session.execute(update(Conversation).values(updated_at=now() - timedelta(days=31)))
    monkeypatch.setattr("assistant.operations.retention.AT_ONCE", 4)
    removed: list[int] = []

    def cut(session: Session, ids: Sequence[str]) -> None:
        if removed:
            raise RuntimeError("the server is stopped")
        removed.append(len(ids))
        remove_conversations(session, ids)

    monkeypatch.setattr("assistant.operations.retention.remove_conversations", cut)
    with pytest.raises(RuntimeError, match="stopped"):
        sweep(shop, 30)
    with shop.reading() as session:
        entries = session.scalars(select(AuditEntry.data).where(AuditEntry.action == "conversations.expired")).all()
    assert entries == [{"count": 4}] and len(conversations(shop)) == 3


def test_every_table_that_points_at_a_conversation_or_a_customer_is_emptied_of_them() -> None:
    """A table that is added later must be reached by a foreign key, or the erasure would pass it over."""
    reached = {"customers", "conversations"}
    for table in Base.metadata.sorted_tables:
        named = {column.name for column in table.columns} & {"conversation_id", "customer_id"}
        links = {link.column.table.name for link in table.foreign_keys}
        assert not named or links & reached, f"{table.name} has {named} without a foreign key"
