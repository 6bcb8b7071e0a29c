"""Facts carry their receipts, and a receipt tells whether what was said is still so. On each kind of database."""

from __future__ import annotations

import json
from typing import Any

from small_shop import Outcome, Run
from sqlalchemy import delete, update

from assistant.facts import Fact
from assistant.rasa_shapes import say_of
from assistant.receipts import AGREES, GONE, MOVED_ON, NO_RECEIPT, NOT_SQL, WRONG, Check, check_event, explain
from assistant.store import Database, Order, Product, Shipment
from assistant.web.channels import entry
from dialogues.messages import BotMessage
from dialogues.responses import fill, placeholders


def said(outcome: Outcome, wording: str) -> BotMessage:
    """The first message of an action, worded so."""
    say = say_of(outcome.messages[0])
    receipts = say.receipts_of(placeholders(wording))
    return BotMessage(fill(wording, say.facts), say.response, say.facts, say.cards, wording=wording, receipts=receipts)


def checked(database: Database, message: BotMessage, **tampered: str) -> dict[str, Check]:
    """The verdicts on a message as it comes out of an event, some of its facts written over."""
    event = json.loads(json.dumps(message.to_event()))
    event["data"]["facts"] |= tampered
    with database.reading() as session:
        return {check.fact: check for check in check_event(session, event)}


def status(run: Run) -> BotMessage:
    outcome = run("action_order_status", customer_id="mia", order="#W1000002")
    return said(outcome, "Order {order_id} is {status}: {items}, on {eta}.")


def test_every_fact_of_a_reply_agrees_with_its_rows(run: Run, database: Database) -> None:
    found = checked(database, status(run))
    assert {name: check.verdict for name, check in found.items()} == dict.fromkeys(
        ("order_id", "status", "items", "eta", "card 1"), AGREES
    )


def test_a_receipt_names_table_key_and_column(run: Run) -> None:
    message = status(run)
    assert explain(message.receipts["status"]) == ["orders #W1000002: status"]
    assert any(line.startswith("shipments ") and "eta" in line for line in explain(message.receipts["eta"]))
    assert any(line.startswith("order_items ") and "name" in line for line in explain(message.receipts["items"]))


def test_only_what_the_text_used_has_a_receipt(run: Run) -> None:
    outcome = run("action_order_status", customer_id="mia", order="#W1000002")
    assert "tracking" in outcome.facts
    assert set(said(outcome, "It is {status}.").receipts) == {"status", "cards"}


def test_a_fact_that_was_tampered_with_is_found(run: Run, database: Database) -> None:
    found = checked(database, status(run), status="delivered", order_id="#W1000009")
    assert (found["status"].verdict, found["status"].now) == (WRONG, "shipped")
    assert found["order_id"].verdict == WRONG
    assert found["items"].verdict == AGREES


def test_a_tampered_card_is_found(run: Run, database: Database) -> None:
    message = said(run("action_product_details", item="Lamp"), "The {product} costs {price}.")
    event = message.to_event()
    event["data"]["cards"][0]["price"] = "$9.00"
    with database.reading() as session:
        verdicts = {check.fact: check.verdict for check in check_event(session, event)}
    assert verdicts == {"product": AGREES, "price": AGREES, "card 1": WRONG}


def test_a_row_that_changed_since_is_told_from_a_wrong_fact(run: Run, database: Database) -> None:
    message = status(run)
    with database.session() as session:
        session.execute(update(Order).where(Order.id == "#W1000002").values(status="delivered"))
    found = checked(database, message)
    assert (found["status"].verdict, found["status"].now) == (MOVED_ON, "delivered")
    assert found["order_id"].verdict == AGREES


def test_a_row_that_is_added_or_taken_away_counts_as_a_change(run: Run, database: Database) -> None:
    message = status(run)
    with database.session() as session:
        session.execute(delete(Shipment).where(Shipment.order_id == "#W1000002"))
    assert checked(database, message)["eta"].verdict == MOVED_ON


def test_a_row_that_is_gone_is_told(run: Run, database: Database) -> None:
    message = status(run)
    with database.session() as session:
        session.execute(delete(Order).where(Order.id == "#W1000002"))
    assert {check.verdict for check in checked(database, message).values()} == {GONE}


def test_a_count_of_products_is_counted_again(run: Run, database: Database) -> None:
    message = said(run("action_search_products", max_price=100), "I found {count} for {query}.")
    verdicts = {name: check.verdict for name, check in checked(database, message).items()}
    assert (verdicts["count"], verdicts["query"]) == (AGREES, NOT_SQL)
    assert explain(message.receipts["query"]) == ["the shopper's words"]


def test_what_compares_is_measured_and_counted_again(run: Run, database: Database) -> None:
    def weigh(weight: str, *names: str) -> None:
        with database.session() as session:
            session.execute(update(Product).where(Product.id.in_(names)).values(attributes={"weight": weight}))

    weigh("300 g", "Rug", "Kettle")
    weigh("480 g", "Lamp")
    before = {"filters": {"max_price": 100}, "offset": 4, "total": 5}
    outcome = run("action_refine_search", "anything lighter than the lamp?", feature=["lighter"], search=before)
    message = said(outcome, "I found {count}: {query}.")
    assert message.facts == {"count": "2", "query": "your search, lighter than the Lamp (480 g)"}
    assert "products Lamp: attributes, name, variants" in explain(message.receipts["query"])
    assert {one.verdict for one in checked(database, message).values()} == {AGREES}
    assert checked(database, message, query="your search, lighter than the Lamp (4 kg)")["query"].verdict == WRONG
    weigh("900 g", "Rug")
    assert checked(database, message)["count"].verdict == MOVED_ON
    weigh("500 g", "Lamp")
    assert checked(database, message)["query"].verdict == MOVED_ON


def test_a_policy_names_its_file_and_topic(run: Run) -> None:
    message = said(run("action_answer_policy", topic="returns"), "{text}")
    assert explain(message.receipts["text"]) == ["policies.yml returns"]


def test_what_is_repeated_keeps_the_receipts_of_its_cards(run: Run, database: Database) -> None:
    again = said(run("action_repeat", said=[status(run).to_event()]), "{text}")
    assert {name: check.verdict for name, check in checked(database, again).items()} == {
        "text": NOT_SQL,
        "card 1": AGREES,
    }


def test_events_from_before_receipts_still_read(run: Run, database: Database) -> None:
    event = status(run).to_event()
    del event["data"]["receipts"]
    assert BotMessage.from_event(event).receipts == {}
    with database.reading() as session:
        assert {check.verdict for check in check_event(session, event)} == {NO_RECEIPT}


def test_a_message_keeps_its_receipts_in_its_event(run: Run) -> None:
    message = status(run)
    assert BotMessage.from_event(json.loads(json.dumps(message.to_event()))).receipts == message.receipts


def test_a_shopper_sees_nothing_of_it(run: Run) -> None:
    message = status(run)
    written = json.dumps(entry("mia", message))
    assert message.receipts and not any(
        word in written for word in ("receipt", "rule", "order_items", "variants.", "seen")
    )


def test_a_fact_that_is_cut_or_joined_has_no_receipt_to_vouch_for_it(run: Run) -> None:
    name: Any = run("action_product_details", item="Lamp").facts["product"]
    assert isinstance(name, Fact)
    assert not isinstance(name[:2], Fact) and not isinstance(f"the {name}", Fact)
