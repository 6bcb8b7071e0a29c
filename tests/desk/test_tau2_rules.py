"""Every change that the tasks of tau2-bench expect leaves, made by us, the very database that tau2's tools leave."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from desk_shop import PROOF
from sqlalchemy.orm import Session

from assistant.desk.changes import Change, Line, Refused, apply
from assistant.importers.tau2 import import_tau2
from assistant.importers.tau2_export import export_tau2
from assistant.store import Conversation, Database, Order
from assistant.store.customers import ADDRESS_FIELDS
from assistant.testing.tau2_oracle import TOOLS, NotAllowed, play

KIND_OF = {
    "cancel_pending_order": "cancel",
    "modify_pending_order_items": "change_items",
    "modify_pending_order_address": "change_address",
    "modify_pending_order_payment": "change_payment",
    "return_delivered_order_items": "return",
    "exchange_delivered_order_items": "exchange",
    "modify_user_address": "default_address",
}
Action = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def db(shared_data: Path) -> dict[str, Any]:
    return dict(json.loads((shared_data / "tau2_retail" / "db.json").read_text("utf-8")))


@pytest.fixture(scope="module")
def tasks(shared_data: Path) -> dict[str, list[Action]]:
    """The writing actions that each task expects, by task id."""
    read = json.loads((shared_data / "tau2_retail" / "tasks_train.json").read_text("utf-8"))
    expected = {task["id"]: task["evaluation_criteria"]["actions"] for task in read}
    return {
        key: [(one["name"], one["arguments"]) for one in actions if one["name"] in TOOLS]
        for key, actions in expected.items()
    }


@pytest.fixture(scope="module")
def retail(shared_data: Path, new_database: Callable[[str], Database]) -> Database:
    database = new_database("sqlite")
    import_tau2(database, shared_data / "tau2_retail" / "db.json")
    with database.session() as session:
        session.add(Conversation(id=PROOF.conversation_id))
    return database


def as_change(name: str, arguments: dict[str, Any], order: Order | None) -> Change:
    """The tool's call as a change of ours: its item ids become rows of the order, each row named once."""
    rows: dict[str, list[int]] = defaultdict(list)
    for item in order.items if order else ():
        rows[item.variant_id].append(item.id)
    new = arguments.get("new_item_ids") or [None] * len(arguments.get("item_ids", ()))
    lines = [Line(rows[old].pop(0), 1, one) for old, one in zip(arguments.get("item_ids", ()), new, strict=True)]
    address = {field: arguments[field] for field in ADDRESS_FIELDS} if "address1" in arguments else None
    return Change(
        KIND_OF[name],
        order.customer_id if order else arguments["user_id"],
        order.id if order else None,
        order.version if order else None,
        tuple(lines),
        arguments.get("payment_method_id"),
        arguments.get("reason"),
        address,
    )


def made_by_us(session: Session, name: str, arguments: dict[str, Any]) -> bool:
    """Apply the tool's call to our rows. Whether it was allowed."""
    order = session.get(Order, arguments.get("order_id", ""))
    try:
        with session.begin_nested():
            apply(session, as_change(name, arguments, order), PROOF)
    except Refused:
        return False
    return True


def made_by_tau2(db: dict[str, Any], name: str, arguments: dict[str, Any]) -> bool:
    try:
        play(db, name, arguments)
    except NotAllowed:
        return False
    return True


def batches(db: dict[str, Any], tasks: dict[str, list[Action]]) -> list[list[Action]]:
    """The actions of all tasks in as few rounds as no customer appears twice in, since each round starts anew."""
    found: list[list[Action]] = []
    rounds: Counter[str] = Counter()
    for actions in filter(None, tasks.values()):
        customers = {one.get("user_id") or db["orders"][one["order_id"]]["user_id"] for _, one in actions}
        number = max(rounds[customer] for customer in customers)
        rounds.update({customer: number + 1 - rounds[customer] for customer in customers})
        found += [[] for _ in range(number + 1 - len(found))]
        found[number] += actions
    return found


def test_every_expected_action_leaves_the_database_of_tau2s_tools(
    retail: Database, db: dict[str, Any], tasks: dict[str, list[Action]]
) -> None:
    refused = []
    for actions in batches(db, tasks):
        expected = deepcopy(db)
        with retail.rehearsal() as session:
            for name, arguments in actions:
                allowed = made_by_us(session, name, arguments)
                assert allowed == made_by_tau2(expected, name, deepcopy(arguments)), (name, arguments)
                refused += [] if allowed else [arguments["order_id"]]
            assert export_tau2(retail) == expected
    assert refused == ["#W4316152"]  # task 105 wants to pay with a gift card that is $4.10 short
    assert sum(map(len, tasks.values())) == 120


def test_what_no_task_expects_is_the_same_too(retail: Database, db: dict[str, Any]) -> None:
    """Another way to pay, for a hundred pending orders of different customers; and tau2's refusals are ours."""
    expected = deepcopy(db)
    seen: set[str] = set()
    outcomes: Counter[bool] = Counter()
    with retail.rehearsal() as session:
        for order in db["orders"].values():
            if order["user_id"] in seen or len(seen) == 100:
                continue
            seen.add(order["user_id"])
            for method in db["users"][order["user_id"]]["payment_methods"]:
                call = ("modify_pending_order_payment", {"order_id": order["order_id"], "payment_method_id": method})
                allowed = made_by_us(session, *call)
                assert allowed == made_by_tau2(expected, *call), call
                outcomes[allowed] += 1
        assert export_tau2(retail) == expected
    assert min(outcomes[True], outcomes[False]) >= 10
