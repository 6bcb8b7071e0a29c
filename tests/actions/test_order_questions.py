"""Questions about orders: what they cost, how they were paid, where they went, and sums over several."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_shop import Outcome, Run, runner
from sqlalchemy import select

from assistant.importers.tau2 import import_tau2
from assistant.store import Database, Order, OrderItem

SHIPPED = "#W1000002"  # a keyboard and a lamp, 89 dollars each


def asked(run: Run, attribute: str = "", order: str = SHIPPED, message: str = "", **slots: Any) -> Outcome:
    return run("action_order_details", message, customer_id="mia", order=order, attribute=attribute, **slots)


@pytest.fixture
def dear_lamp(run: Run, database: Database) -> Run:
    """Two brass lamps at 120.01 each beside the keyboard; sent to Elm Street."""
    with database.session() as session:
        order = session.get_one(Order, SHIPPED)
        lamp = order.items[1]
        lamp.price_cents, lamp.quantity, lamp.options = 12001, 2, {"finish": "brass", "height": "40 cm"}
        order.shipping_address = {"address1": "1 Elm St", "city": "Denver", "state": "CO", "zip": "80201"}
    return run


@pytest.mark.parametrize("attribute", ["total", "cost", "how much", "came to", "what i paid", "come to with shipping"])
def test_the_total_is_the_sum_of_the_items(dear_lamp: Run, attribute: str) -> None:
    outcome = asked(dear_lamp, attribute)
    assert outcome.responses == ["utter_order_total"]
    assert outcome.facts == {"order_id": SHIPPED, "total": "$329.02", "payment": "a Visa card ending in 4821"}
    assert [card["id"] for card in outcome.cards] == [SHIPPED]


@pytest.mark.parametrize(
    ("attribute", "response", "fact"),
    [
        ("how did i pay", "utter_order_payment", ("payment", "a Visa card ending in 4821")),
        ("which card", "utter_order_payment", ("payment", "a Visa card ending in 4821")),
        ("payment method", "utter_order_payment", ("payment", "a Visa card ending in 4821")),
        ("how was it paid", "utter_order_payment", ("payment", "a Visa card ending in 4821")),
        ("how'd I pay", "utter_order_payment", ("payment", "a Visa card ending in 4821")),
        ("shipping address", "utter_order_address", ("address", "1 Elm St, Denver, CO 80201")),
        ("where was it sent", "utter_order_address", ("address", "1 Elm St, Denver, CO 80201")),
        ("tracking number", "utter_order_tracking", ("tracking", "1Z9 and 1Z8")),
        ("order date", "utter_order_placed", ("placed", "October 20, 2026")),
        ("how many items", "utter_order_count", ("count", "3")),
        ("most expensive item", "utter_order_dearest_item", ("item", "Lamp (brass, 40 cm)")),
        ("cheapest", "utter_order_cheapest_item", ("item", "Ledger 75 Keyboard")),
        ("how much would I get back", "utter_order_items_worth", ("amount", "$329.02")),
    ],
)
def test_each_question_has_its_answer(dear_lamp: Run, attribute: str, response: str, fact: tuple[str, str]) -> None:
    outcome = asked(dear_lamp, attribute)
    assert outcome.responses == [response]
    assert outcome.facts[fact[0]] == fact[1]
    assert outcome.slots == {"last_order_id": SHIPPED}


@pytest.mark.parametrize(
    ("item", "attribute", "facts"),
    [
        ("lamp", "price", {"price": "$120.01", "count": "2", "total": "$240.02"}),
        ("keyboard", "cost", {"item": "Ledger 75 Keyboard", "price": "$89.00"}),
        ("lamp", "finish", {"attribute": "finish", "value": "brass"}),
        ("the lamp", "how tall", {"attribute": "height", "value": "40 cm"}),
        ("lamp", "refund", {"items": "the Lamp", "amount": "$240.02"}),
        ("lamp and keyboard", "get back", {"amount": "$329.02"}),
    ],
)
def test_one_item_is_told_as_it_was_bought(dear_lamp: Run, item: str, attribute: str, facts: dict[str, str]) -> None:
    told = asked(dear_lamp, attribute, item=[item]).facts
    assert {name: told.get(name) for name in facts} == facts


def test_an_item_that_only_says_which_order_leaves_the_total_whole(dear_lamp: Run) -> None:
    said = "what was the total of the order with the lamp"
    assert asked(dear_lamp, "total", message=said, item=["lamp"]).facts["total"] == "$329.02"
    assert asked(dear_lamp, "how did i pay", item=["lamp"]).responses == ["utter_order_payment"]


@pytest.mark.parametrize(
    ("attribute", "message", "item"),
    [
        ("", "my email address is mia@example.com", None),
        ("", "what's in it?", None),
        ("", "did it include the lamp", ["lamp"]),
        ("spaceship colour", "", ["lamp"]),
    ],
)
def test_anything_else_is_answered_with_the_whole_order(
    dear_lamp: Run, attribute: str, message: str, item: list[str] | None
) -> None:
    assert asked(dear_lamp, attribute, message=message, item=item).responses == ["utter_order_details"]


def test_what_has_no_tracking_number_is_said(run: Run) -> None:
    assert asked(run, "tracking", "#W1000004").responses == ["utter_order_no_tracking"]


def test_what_is_kept_of_a_return_is_added_up(run: Run, database: Database) -> None:
    with database.session() as session:
        session.get_one(Order, "#W1000001").extras = {"return_items": ["Lamp"]}
    outcome = asked(run, "total of the remaining items", "#W1000001")
    assert (outcome.responses, outcome.facts["total"]) == (["utter_order_rest_total"], "$267.00")


def summed(run: Run, message: str, **slots: Any) -> Outcome:
    return run("action_find_orders_asked", message, customer_id="mia", **slots)


def test_all_orders_are_summed_without_those_that_were_cancelled(run: Run, database: Database) -> None:
    assert summed(run, "total of all my orders?", attribute="total").facts["total"] == "$712.00"
    with database.session() as session:
        session.get_one(Order, "#W1000004").status = "cancelled"
    outcome = summed(run, "total of all my orders?", attribute="total")
    assert outcome.responses == ["utter_orders_total"]
    assert (outcome.facts["count"], outcome.facts["total"], outcome.facts["left_out"]) == ("3", "$623.00", "1")
    assert outcome.slots == {"order": False}


def test_both_means_the_two_on_screen(run: Run) -> None:
    shown = [{"kind": "order", "id": one, "name": one} for one in (SHIPPED, "#W1000004")]
    outcome = summed(run, "what do both come to?", attribute="come to", shown=shown)
    assert (outcome.facts["total"], outcome.facts["orders"]) == ("$267.00", "#W1000004 and #W1000002")
    assert summed(run, "what do both come to?", attribute="come to").responses == ["utter_ask_order_id"]


def test_one_kind_of_item_is_summed_over_all_orders(run: Run) -> None:
    outcome = summed(run, "what did i pay for all the lamps in my orders", attribute="pay", item=["lamps"])
    assert outcome.responses == ["utter_items_total"]
    assert outcome.facts == {"item": "Lamp", "count": "2", "total": "$178.00", "orders": f"{SHIPPED} and #W1000001"}


def test_all_my_orders_are_kept_in_mind_while_the_shopper_says_who_they_are(run: Run) -> None:
    noted = run("action_note_orders", "what's the total of all my orders?").slots
    outcome = summed(run, "mia@example.com", attribute="total", **noted)
    assert outcome.facts["count"] == "4"
    assert run("action_note_orders", "the total of my last order").slots == {"order_id": "last order"}


def test_one_order_is_found_as_ever(run: Run) -> None:
    assert summed(run, "total of W1000002", order_id="W1000002", attribute="total").slots == {"order": SHIPPED}
    assert summed(run, "price of all of it", order_id="W1000002", attribute="price").slots == {"order": SHIPPED}


def test_strangers_get_no_sum(run: Run) -> None:
    outcome = run("action_find_orders_asked", "total of all my orders", attribute="total")
    assert outcome.responses == ["utter_ask_identity"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_questions_of_tau2_get_the_answers_that_its_tasks_expect(
    kind: str, new_database: Callable[[str], Database], shared_data: Path
) -> None:
    database = new_database(kind)
    import_tau2(database, shared_data / "tau2_retail" / "db.json")
    run = runner(database)

    def ask(customer: str, order: str, attribute: str, *items: str) -> dict[str, str]:
        return run("action_order_details", customer_id=customer, order=order, attribute=attribute, item=items).facts

    with database.reading() as session:
        bought = session.scalars(select(OrderItem).where(OrderItem.name == "Tablet").order_by(OrderItem.id))
        tablet = next(item for item in bought if "storage" in item.options)
        customer, order_id = tablet.order.customer_id, tablet.order_id
    told = ask(customer, order_id, "storage", "tablet")
    assert (told["attribute"], told["value"]) == ("storage", tablet.options["storage"])
