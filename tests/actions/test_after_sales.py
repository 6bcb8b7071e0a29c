"""Where the money is, the invoice, and a problem told to the team."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from small_shop import Run
from sqlalchemy import select

from assistant.desk import problems
from assistant.desk.proofs import Proof
from assistant.importers.tau2 import PRICE_DIFFERENCE_CENTS
from assistant.store import Annotation, Conversation, Database, Order, Payment, Refund, now

RETURNED = "#W1000001"  # return requested: a lamp, a rug, a kettle and shoes, 89 dollars each


def add(database: Database, *rows: Any) -> None:
    with database.session() as session:
        session.add_all(rows)


def promise(order_id: str = RETURNED, cents: int = 8900, status: str = "approved", **more: Any) -> Refund:
    return Refund(
        order_id=order_id, amount_cents=cents, reason="too small", status=status, payment_method_id="visa_mia", **more
    )


def test_a_refund_is_told_with_its_state_and_where_it_goes(run: Run, database: Database) -> None:
    asked = datetime(2026, 11, 20, tzinfo=UTC)
    add(database, promise(requested_at=asked))
    outcome = run("action_refund_status", customer_id="mia", order=RETURNED)
    assert outcome.responses == ["utter_refund_status"]
    assert outcome.facts == {
        "order_id": RETURNED,
        "amount": "$89.00",
        "status": "approved",
        "method": "a Visa card ending in 4821",
        "when": "November 20, 2026",
    }


def test_money_that_was_promised_and_paid_counts_once(run: Run, database: Database) -> None:
    paid = Payment(
        order_id=RETURNED, transaction_type="refund", amount_cents=8900, payment_method_id="visa_mia", paid_at=now()
    )
    add(database, promise(status="paid", payment=paid))
    outcome = run("action_refund_status", customer_id="mia", order=RETURNED)
    assert (outcome.responses, outcome.facts["status"]) == (["utter_refund_status"], "paid")


def test_a_refund_in_the_ledger_alone_was_sent_and_nothing_is_no_refund(run: Run, database: Database) -> None:
    sent = Payment(order_id="#W1000002", transaction_type="refund", amount_cents=501, payment_method_id="gift_mia")
    none = Payment(order_id="#W1000003", transaction_type="refund", amount_cents=0, payment_method_id="gift_mia")
    add(database, sent, none)
    outcome = run("action_refund_status", customer_id="mia", order="#W1000002")
    assert outcome.facts == {"order_id": "#W1000002", "amount": "$5.01", "status": "sent", "method": "a gift card"}
    nothing = run("action_refund_status", customer_id="mia", order="#W1000003")
    assert nothing.responses == ["utter_no_refund"]
    assert nothing.facts == {"order_id": "#W1000003", "status": "processed and about to leave"}


def test_a_return_of_an_imported_order_is_worth_its_items(run: Run, database: Database) -> None:
    with database.session() as session:
        order = session.get_one(Order, RETURNED)
        order.extras = {"return_items": ["Lamp", "Rug"], "return_payment_method_id": "gift_mia"}
        swapped = session.get_one(Order, "#W1000003")
        swapped.status = "exchange requested"
        swapped.extras = {PRICE_DIFFERENCE_CENTS: -1234, "exchange_payment_method_id": "visa_mia"}
    outcome = run("action_find_refunds", "how much do i get back in all?", customer_id="mia")
    assert outcome.responses == ["utter_refund_status", "utter_refund_status", "utter_refunds_total"]
    assert [one["amount"] for one in outcome.messages[:2]] == ["$12.34", "$178.00"]
    assert (outcome.messages[2]["total"], outcome.messages[2]["count"]) == ("$190.34", "2")
    assert outcome.slots == {"order": False}


def test_what_was_refused_does_not_count_and_what_is_long_settled_is_not_told(run: Run, database: Database) -> None:
    long_ago = now() - timedelta(days=200)
    add(
        database,
        promise(status="refused", cents=700, requested_at=now()),
        promise(status="requested", cents=900, requested_at=now()),
        promise("#W1000002", 100, "paid", requested_at=long_ago),
    )
    outcome = run("action_find_refunds", "where is my refund?", customer_id="mia")
    assert [one.get("amount") for one in outcome.messages] == ["$7.00", "$9.00", None]
    assert outcome.messages[2]["total"] == "$9.00"
    assert outcome.slots == {"order": False, "last_order_id": RETURNED}


def test_an_order_that_is_named_is_looked_up_and_no_refund_at_all_is_said(run: Run) -> None:
    named = run("action_find_refunds", customer_id="mia", order_id="W1000002")
    assert (named.messages, named.slots) == ([], {"order": "#W1000002"})
    assert run("action_find_refunds", customer_id="jose").responses == ["utter_no_refunds"]
    assert run("action_find_refunds", customer_id="mia", order_id="W2999999").responses == ["utter_order_not_found"]


def test_the_invoice_shows_every_item_the_total_and_the_payments(run: Run, database: Database) -> None:
    with database.session() as session:
        order = session.get_one(Order, "#W1000002")
        order.items[1].quantity = 3
    outcome = run("action_get_invoice", customer_id="mia", order="#W1000002")
    assert outcome.responses == ["utter_invoice"]
    assert outcome.facts == {
        "order_id": "#W1000002",
        "total": "$356.00",
        "placed": "October 20, 2026",
        "payment": "a Visa card ending in 4821",
    }
    assert [(row["name"], row["values"]) for row in outcome.cards[0]["rows"]] == [
        ("Ledger 75 Keyboard", ["$89.00"]),
        ("Lamp", ["3 x $89.00 = $267.00"]),
        ("Total", ["$356.00"]),
        ("Paid with a Visa card ending in 4821", ["$178.00"]),
        ("Placed", ["October 20, 2026"]),
    ]


def test_the_invoice_of_an_order_from_the_chat_shows_what_sending_it_cost(run: Run, database: Database) -> None:
    with database.session() as session:
        order = session.get_one(Order, "#W1000002")
        order.extras = {**(order.extras or {}), "shipping_cents": 595}
    rows = run("action_get_invoice", customer_id="mia", order="#W1000002").cards[0]["rows"]
    assert [(row["name"], row["values"]) for row in rows[2:4]] == [("Shipping", ["$5.95"]), ("Total", ["$183.95"])]


@pytest.mark.parametrize("action", ["action_refund_status", "action_get_invoice", "action_report_problem"])
def test_nobody_sees_or_reports_on_an_order_of_somebody_else(run: Run, action: str) -> None:
    outcome = run(action, customer_id="mia", order="#W2000001", problem="damaged")
    assert (outcome.messages, outcome.changes) == ([], [])
    stranger = run(action, order="#W2000001")
    assert (stranger.responses, stranger.changes) == (["utter_ask_identity"], [])


def test_a_broken_thing_can_be_returned_exchanged_or_shown_to_a_person(run: Run) -> None:
    outcome = run("action_report_problem", "kettle leaks", customer_id="jose", order="#W2000001", problem="damaged",
                  item=["kettle"])  # fmt: skip
    assert outcome.responses == ["utter_problem_noted", "utter_problem_swap"]
    assert outcome.facts == {"order_id": "#W2000001", "problem": "damaged"}
    assert [one["payload"] for one in outcome.messages[1]["buttons"]] == [
        '/return_items{"order_id": "W2000001", "item": ["kettle"], "reason": "damaged"}',
        '/exchange_items{"order_id": "W2000001", "item": ["kettle"]}',
        "/human_handoff",
    ]


@pytest.mark.parametrize(
    ("order", "problem"), [("#W1000002", "damaged"), ("#W1000001", "payment"), ("#W1000003", None)]
)
def test_what_a_swap_does_not_mend_goes_to_a_person(run: Run, order: str, problem: str | None) -> None:
    outcome = run("action_report_problem", customer_id="mia", order=order, problem=problem)
    assert outcome.responses == ["utter_problem_noted", "utter_problem_person"]


def test_the_problem_is_noted_on_the_turn_in_the_shoppers_words(run: Run, database: Database) -> None:
    outcome = run("action_report_problem", "kettle \"leaks\"", customer_id="jose", order="#W2000001",
                  problem="damaged", item=["kettle"])  # fmt: skip
    (event,) = outcome.changes
    add(database, Conversation(id="test"))
    with database.session() as session:
        problems.apply(session, event["change"], Proof("test", 3, "email", "", "", event["yes"]))
    with database.reading() as session:
        note = session.scalars(select(Annotation)).one()
        assert (note.conversation_id, note.turn, note.kind) == ("test", 3, "note")
        assert note.text == 'damaged: order #W2000001 (kettle). The shopper wrote: "kettle "leaks""'


def test_the_total_is_of_what_is_still_to_come_unless_all_is_asked_for(run: Run, database: Database) -> None:
    paid = Payment(
        order_id=RETURNED, transaction_type="refund", amount_cents=1000, payment_method_id="visa_mia", paid_at=now()
    )
    add(database, promise(cents=1000, status="paid", payment=paid), promise(cents=8900), promise(cents=500))
    told = run("action_find_refunds", "where is my refund", customer_id="mia")
    assert told.responses == [*["utter_refund_status"] * 3, "utter_refunds_awaited"]
    assert told.messages[-1]["total"] == "$94.00"
    everything = run("action_find_refunds", "tell me all my refunds", customer_id="mia")
    assert everything.messages[-1]["total"] == "$104.00"
    of_order = run("action_refund_status", "how much", customer_id="mia", order=RETURNED)
    assert of_order.responses[-1] == "utter_refunds_awaited"
