"""A small shop with two customers. All that is Mia's says so: her texts hold MARK, and none of Yusuf's do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from assistant.conversations import append_turn
from assistant.store import (
    Address,
    Annotation,
    AuditEntry,
    Cart,
    CartItem,
    Conversation,
    Customer,
    Database,
    Order,
    OrderItem,
    Payment,
    PaymentMethod,
    Product,
    ProductEvent,
    ProductVector,
    Proof,
    Refund,
    Shipment,
    Variant,
    now,
    reindex,
)
from assistant.versions.files import write_json
from assistant.versions.replayed import Changed, keep
from dialogues.messages import BotMessage
from dialogues.tracker import Event, slot_event

MARK = "zqmia"  # stands in everything planted of Mia's
MIA, MIA_EMAIL, MIA_PHONE = f"{MARK}_lindqvist_1", f"{MARK}@example.com", "+1 503 555 0142"
YUSUF = "yusuf_rossi_2"
BOOT = "boot-8"


def fill(database: Database) -> None:
    with database.session() as session:
        boot = Product(id="boot", name="Ridgeline Boot", category="boots", variants=[])
        boot.variants.append(Variant(id=BOOT, options={"size": "8"}, price_cents=10_900, stock=5))
        session.add(boot)
        session.flush()
        session.add(ProductVector(product_id="boot", text_hash="x", vector=np.full(384, 0.25, np.float32)))
        session.add_all([mia(), yusuf()])
        session.flush()
        session.add_all([order("#W1000001", MIA, "method_" + MARK), order("#W1000002", YUSUF, "method_yusuf")])
        reindex(session)


def mia() -> Customer:
    home = {"address1": f"12 {MARK} Row", "address2": MARK, "city": MARK, "state": "OR", "country": "USA", "zip": MARK}
    method = PaymentMethod(id="method_" + MARK, source="credit_card", brand=MARK, last_four="4821")
    unused = PaymentMethod(id="gift_" + MARK, source="gift_card", balance_cents=500)
    return Customer(
        id=MIA,
        email=MIA_EMAIL,
        first_name=MARK,
        last_name=f"{MARK}son",
        phone=MIA_PHONE,
        addresses=[Address(is_default=True, **home)],
        payment_methods=[method, unused],
    )


def yusuf() -> Customer:
    home = {"address1": "1 Elm", "city": "Denver", "state": "CO", "country": "USA", "zip": "80201"}
    return Customer(
        id=YUSUF,
        email="yusuf@example.com",
        first_name="Yusuf",
        last_name="Rossi",
        addresses=[Address(is_default=True, **home)],
        payment_methods=[PaymentMethod(id="method_yusuf", source="paypal")],
    )


def order(key: str, customer: str, method: str) -> Order:
    extras: dict[str, Any] = {"shipping_cents": 500, "gift_note": f"love, {method}", "return_payment_method_id": method}
    street = {
        "address1": f"12 {method} Row",
        "address2": "",
        "city": method,
        "country": "USA",
        "state": "OR",
        "zip": "1",
    }
    return Order(
        id=key,
        customer_id=customer,
        status="return requested",
        shipping_address=street,
        extras=extras,
        items=[OrderItem(variant_id=BOOT, name="Ridgeline Boot", options={"size": "8"}, price_cents=10_900)],
        shipments=[Shipment(carrier="UPS", tracking_ids=[f"track-{method}"], variant_ids=[BOOT])],
        payments=[Payment(transaction_type="payment", amount_cents=11_400, payment_method_id=method)],
        refunds=[Refund(payment_method_id=method, amount_cents=10_900, reason="too small")],
    )


def talk(database: Database, sender: str, *said: str, events: tuple[Event, ...] = (), message_id: str = "1") -> None:
    """One turn: what the shopper said, other events, and a reply that repeats it."""
    text = " ".join(said)
    turn = [
        {"event": "user", "text": text, "message_id": None},
        *events,
        BotMessage(f"You said {text}", "utter_greet", {"said": text}).to_event(),
    ]
    with database.session() as session:
        before = session.get(Conversation, sender)
        number = 1 + (before.event_count if before else 0)
        append_turn(session, sender, before.event_count if before else 0, number, turn, message_id)


def talk_as_mia(database: Database, sender: str = "web-1") -> None:
    """A conversation that knows who she is, with everything that may hang on one."""
    identified = slot_event("customer_id", MIA), slot_event("first_name", MARK)
    talk(database, sender, f"hello, {MARK} here, call {MIA_PHONE}", events=identified, message_id=f"id-{MARK}")
    with database.session() as session:
        session.add_all(
            [
                Cart(conversation_id=sender, customer_id=MIA, items=[CartItem(variant_id=BOOT)]),
                ProductEvent(kind="view", product_id="boot", conversation_id=sender, customer_id=MIA),
                Annotation(conversation_id=sender, turn=1, kind="note", text=f"{MARK} was friendly"),
                Proof(
                    conversation_id=sender,
                    turn=1,
                    customer_id=MIA,
                    order_id="#W1000001",
                    change={"address1": MARK},
                    identified_by="email",
                    state="pending",
                    details=MARK,
                    yes=f"yes, {MARK}",
                ),
            ]
        )


def talk_of_mia_elsewhere(database: Database, sender: str = "web-9") -> None:
    """Yusuf's conversation, in which he and a colleague of the shop speak of Mia."""
    talk(database, sender, f"send it to my wife, {MIA_EMAIL}", events=(slot_event("customer_id", YUSUF),))
    with database.session() as session:
        session.add(Annotation(conversation_id=sender, turn=1, kind="note", text=f"asked for {MIA_EMAIL}"))
        session.add(AuditEntry(action="transcript.read", subject=MIA_EMAIL, data={"at": str(now())}))


def replayed_in(models: Path, *senders: str) -> Path:
    """The page of a replay that shows a turn of each of these conversations, beside a version of the model."""
    adapter = models / "v001"
    adapter.mkdir(parents=True)
    write_json(adapter / "version.json", {"created_at": str(now()), "created_by": "tess", "note": ""})
    found = [Changed(one, 1, f"said in {one}", "", "greet()", "goodbye()", 0.9, 0.8, (), ()) for one in senders]
    return keep(adapter, {"version": "v001", "live": "shipped", "messages": 9, "days": 30}, found)
