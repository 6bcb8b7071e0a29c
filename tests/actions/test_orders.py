"""Finding the order that is meant, and telling about it from what the store holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_shop import Outcome, Run, in_days, runner
from sqlalchemy import select

from assistant.importers.tau2 import import_tau2
from assistant.orders import names_latest
from assistant.presentation import day
from assistant.store import Database, Order

FORGOTTEN = {"order_id": None, "item": None, "position": None}
NEWEST = ["#W1000004", "#W1000003", "#W1000002", "#W1000001"]


def found(run: Run, message: str = "", **slots: Any) -> Any:
    outcome = run("action_find_order", message, customer_id="mia", **slots)
    assert outcome.messages == []
    assert list(outcome.slots) == ["order"]
    return outcome.slots["order"]


def on_screen(*ids: str) -> list[dict[str, str]]:
    return [{"kind": "order", "id": one, "name": one} for one in ids]


@pytest.mark.parametrize(
    "said",
    ["#W1000002", "W1000002", "w1000002", "1000002", "# W 1000002", "it's w1000002, i think", "order no. 1000002."],
)
def test_an_order_is_found_by_its_id_however_it_is_typed(run: Run, said: str) -> None:
    assert found(run, order_id=said) == "#W1000002"


@pytest.mark.parametrize("said", ["my last order", "latest", "the most recent one", "newest"])
def test_the_last_order_is_the_one_placed_last(run: Run, said: str) -> None:
    assert found(run, order_id=said) == "#W1000004"
    assert found(run, item=[said]) == "#W1000004"


def test_the_last_order_may_be_named_in_the_message_alone(run: Run) -> None:
    assert found(run, "could you look up where my last order is") == "#W1000004"
    assert not names_latest("i ordered it last tuesday")


@pytest.mark.parametrize(
    ("items", "order"),
    [
        (["keyboard"], "#W1000002"),
        (["the mechanical keyboards"], "#W1000002"),
        (["graphite keyboard"], "#W1000002"),
        (["clicky ledger keyboard"], "#W1000002"),
        (["key board"], "#W1000002"),
        (["last order"], "#W1000004"),
        (["kettles"], "#W1000001"),
        (["keyboard", "lamp"], "#W1000002"),
        (["keyboard", "spaceship"], "#W1000002"),
        (["october 20 one"], "#W1000002"),
        (["the returned trainers"], "#W1000001"),
        (["processed one"], "#W1000003"),
    ],
    ids=str,
)
def test_an_order_is_found_by_what_is_in_it(run: Run, items: list[str], order: str) -> None:
    assert found(run, item=items) == order


def test_when_several_orders_fit_they_are_listed_and_the_shopper_is_asked(run: Run) -> None:
    outcome = run("action_find_order", "where are my trainers", customer_id="mia", item=["my trainers"])
    assert outcome.responses == ["utter_orders", "utter_ask_order_id"]
    assert outcome.facts == {"count": "2"}
    assert [card["id"] for card in outcome.cards] == ["#W1000003", "#W1000001"]
    assert outcome.slots == {**FORGOTTEN, "shown": on_screen("#W1000003", "#W1000001")}
    assert found(run, position=2, shown=outcome.slots["shown"]) == "#W1000001"
    assert found(run, position=-1, shown=outcome.slots["shown"]) == "#W1000001"
    assert found(run, item=["first one"], shown=outcome.slots["shown"]) == "#W1000003"
    assert found(run, order_id="the second", shown=outcome.slots["shown"]) == "#W1000001"


@pytest.mark.parametrize(
    ("slots", "response", "facts"),
    [
        ({"order_id": "w9999999"}, "utter_order_not_found", {"order_id": "#W9999999"}),
        ({"order_id": "W3000005"}, "utter_order_not_found", {"order_id": "#W3000005"}),
        ({"order_id": "it's AB-12345!"}, "utter_order_not_found", {"order_id": "#AB-12345"}),
        ({"order_id": "'; DROP TABLE orders; --"}, "utter_order_not_found", {"order_id": "'; DROP TABLE orders; --"}),
        ({"order_id": "7" * 2000}, "utter_order_not_found", {"order_id": "#" + "7" * 60}),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_is_not_on_the_account_is_said_back_and_forgotten(
    run: Run, slots: dict[str, Any], response: str, facts: dict[str, str]
) -> None:
    outcome = run("action_find_order", customer_id="mia", **slots)
    assert outcome.responses == [response]
    assert outcome.facts == facts
    assert outcome.slots == FORGOTTEN


@pytest.mark.parametrize(("items", "said"), [(["tent"], "tent"), (["tent", "stove"], "tent and stove")])
def test_what_no_order_holds_is_said_back_with_the_last_orders(run: Run, items: list[str], said: str) -> None:
    outcome = run("action_find_order", customer_id="mia", item=items)
    assert (outcome.responses, outcome.facts) == (["utter_no_such_item_order"], {"item": said})
    assert [card["id"] for card in outcome.cards] == NEWEST
    assert outcome.slots == {**FORGOTTEN, "shown": on_screen(*NEWEST)}
    assert found(run, position=2, shown=outcome.slots["shown"]) == NEWEST[1]


def test_the_only_order_is_meant_whatever_it_is_said_to_hold(run: Run, database: Database) -> None:
    with database.session() as session:
        kept = session.get_one(Order, "#W1000002")
        for order in session.scalars(select(Order).where(Order.customer_id == "mia")):
            if order is not kept:
                session.delete(order)
    assert found(run, item=["tent"]) == "#W1000002"
    assert run("action_find_order", customer_id="mia", order_id="W9999999").responses == ["utter_order_not_found"]


def test_an_order_of_somebody_else_is_like_one_that_does_not_exist(run: Run) -> None:
    def answer(order_id: str) -> tuple[Any, ...]:
        outcome = run("action_find_order", customer_id="mia", order_id=order_id)
        return outcome.responses, outcome.slots, outcome.cards

    assert answer("#W3000005") == answer("#W2999999")
    assert run("action_order_status", customer_id="mia", order="#W3000005").messages == []
    assert run("action_order_details", customer_id="mia", order="#W3000005").messages == []
    assert run("action_order_status", customer_id="mia", order="#W2000001").messages == []
    assert run("action_order_details", customer_id="mia", order="#W2000001").messages == []


@pytest.mark.parametrize("slots", [{}, {"item": ["my stuff"]}, {"order_id": "the one"}, {"position": 7}], ids=str)
def test_without_anything_to_go_by_the_last_orders_are_offered(run: Run, slots: dict[str, Any]) -> None:
    outcome = run("action_find_order", "where is my stuff", customer_id="mia", **slots)
    assert outcome.responses == ["utter_ask_order_id"]
    assert [card["id"] for card in outcome.cards] == NEWEST
    assert outcome.slots == {**FORGOTTEN, "shown": on_screen(*NEWEST)}


def test_the_only_order_needs_no_naming(run: Run) -> None:
    assert run("action_find_order", "where is it", customer_id="jose").slots == {"order": "#W2000001"}


def test_the_order_just_talked_about_is_meant_until_another_is_asked_for(run: Run) -> None:
    assert found(run, "when will it come?", last_order_id="#W1000003") == "#W1000003"
    assert found(run, "and what was in it?", last_order_id="#W1000003", item=["it"]) == "#W1000003"
    outcome = run("action_find_order", "and my other order?", customer_id="mia", last_order_id="#W1000003")
    assert outcome.responses == ["utter_ask_order_id"]


def test_an_order_named_by_its_status_is_meant_whatever_was_talked_about(run: Run) -> None:
    found = run("action_find_order", "and the shipped one?", customer_id="mia", last_order_id="#W1000003")
    assert found.slots == {"order": "#W1000002"}


def test_whoever_has_no_orders_is_told_so_and_not_asked_for_one(run: Run) -> None:
    outcome = run("action_find_order", order_id="W1000002", customer_id="noor")
    assert outcome.responses == ["utter_no_orders"]
    assert outcome.slots == {"order": False}
    assert run("action_order_status", customer_id="noor", **outcome.slots).messages == []


def test_my_last_order_is_kept_in_mind_while_the_shopper_says_who_they_are(run: Run) -> None:
    noted = run("action_note_order", "where is my last order?").slots
    assert found(run, "Mia O'Neill-Berg, 19122", **noted) == "#W1000004"
    assert run("action_note_order", "where is my order?").slots == {}
    assert run("action_note_order", "is W1000002 my last order?", order_id="W1000002").slots == {}


def test_the_status_comes_with_what_is_known_and_nothing_else(run: Run) -> None:
    outcome = run("action_order_status", customer_id="mia", order="#W1000002")
    assert outcome.responses == ["utter_order_status"]
    assert outcome.facts == {
        "order_id": "#W1000002",
        "status": "shipped",
        "items": "the Ledger 75 Keyboard and the Lamp",
        "eta": day(in_days(3)),
        "tracking": "1Z9 and 1Z8",
    }
    assert [(card["id"], card["status"], card["total"]) for card in outcome.cards] == [
        ("#W1000002", "shipped", "$178.00")
    ]
    assert outcome.slots == {"last_order_id": "#W1000002"}


@pytest.mark.parametrize(
    ("order", "status", "items"),
    [
        ("#W1000004", "pending (items changed)", "the Rug"),
        ("#W1000003", "processed and about to leave", "the Swift Runner"),
        ("#W1000001", "delivered, with a return requested", "the Lamp, the Rug and 2 more"),
    ],
)
def test_each_status_reads_as_a_sentence_says_it(run: Run, order: str, status: str, items: str) -> None:
    facts = run("action_order_status", customer_id="mia", order=order).facts
    assert (facts["status"], facts["items"]) == (status, items)
    assert "eta" not in facts  # unknown, or passed
    assert "tracking" not in facts


def test_the_details_say_what_it_cost_and_how_it_was_paid(run: Run) -> None:
    outcome = run("action_order_details", customer_id="mia", order="#W1000002")
    assert outcome.responses == ["utter_order_details"]
    assert outcome.facts == {
        "order_id": "#W1000002",
        "total": "$178.00",
        "status": "shipped",
        "items": "the Ledger 75 Keyboard and the Lamp",
        "placed": "October 20, 2026",
        "payment": "a Visa card ending in 4821",
    }
    assert outcome.slots == {"last_order_id": "#W1000002"}


def listed(run: Run, **slots: Any) -> Outcome:
    return run("action_list_orders", customer_id="mia", **slots)


def test_orders_are_listed_newest_first_and_remembered_as_on_screen(run: Run) -> None:
    outcome = listed(run)
    assert outcome.responses == ["utter_orders"]
    assert outcome.facts == {"count": "4"}
    assert [card["id"] for card in outcome.cards] == NEWEST
    assert outcome.slots == {"shown": on_screen(*NEWEST)}


@pytest.mark.parametrize(
    ("status", "orders", "named"),
    [
        ("pending", ["#W1000004"], "pending"),
        ("shipped", ["#W1000002"], "shipped"),
        ("returned", ["#W1000001"], "returned or return requested"),
    ],
)
def test_orders_in_one_status_alone_are_listed(run: Run, status: str, orders: list[str], named: str) -> None:
    outcome = listed(run, status=status)
    assert outcome.facts == {"count": str(len(orders)), "status": named}
    assert [card["id"] for card in outcome.cards] == orders


def test_no_orders_is_said_with_the_status_asked_for_if_there_are_others(run: Run) -> None:
    none_cancelled = listed(run, status="cancelled")
    assert (none_cancelled.responses, none_cancelled.facts) == (["utter_no_orders"], {"status": "cancelled"})
    none_at_all = run("action_list_orders", customer_id="noor", status="cancelled")
    assert (none_at_all.responses, none_at_all.facts) == (["utter_no_orders"], {})


@pytest.mark.parametrize(
    "action", ["action_find_order", "action_order_status", "action_order_details", "action_list_orders"]
)
def test_strangers_are_told_nothing(run: Run, action: str) -> None:
    outcome = run(action, order="#W1000002", order_id="#W1000002")
    assert outcome.responses == ["utter_ask_identity"]
    assert (outcome.cards, outcome.slots) == ([], {})


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_order_of_tau2_is_told_as_its_file_has_it(
    kind: str, new_database: Callable[[str], Database], shared_data: Path
) -> None:
    database = new_database(kind)
    import_tau2(database, shared_data / "tau2_retail" / "db.json")
    run = runner(database)
    mine = run("action_find_order", customer_id="yusuf_rossi_9620", order_id="W2378156")
    assert mine.slots == {"order": "#W2378156"}
    status = run("action_order_status", customer_id="yusuf_rossi_9620", **mine.slots)
    assert status.facts == {
        "order_id": "#W2378156",
        "status": "delivered",
        "items": "the Headphones, the Vacuum Cleaner and 3 more",
        "tracking": "843053632392",
    }
    names = [item["name"] for item in status.cards[0]["items"]]
    assert names == ["Headphones", "Vacuum Cleaner", "Mechanical Keyboard", "Smart Thermostat", "Smart Watch"]
    assert status.cards[0]["total"] == "$1,819.92"
    last = run("action_find_order", "my last order", customer_id="yusuf_rossi_9620")
    assert last.slots == {"order": "#W2378156"}
