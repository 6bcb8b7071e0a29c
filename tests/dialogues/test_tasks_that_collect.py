"""Tasks that collect several things, are corrected, queue up and are dropped: commands in, responses out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dialogues.flows import load_flows
from dialogues.interpret import Interpreter
from dialogues.manager import Manager
from intents.catalogue import load_catalogue
from tests.dialogues import conftest
from tests.dialogues.conftest import THRESHOLDS, Chat

FLOWS = """
flows:
  return_items:
    title: the return
    description: Send items back.
    gathers: [item, reason]
    slots: [order_id, item, reason, wishes, order, lines, confirm]
    steps:
    - {action: action_order, until: order, asks: order_id, uses: [order_id]}
    - {action: action_lines, until: lines, asks: item, uses: [item, wishes], when: order}
    - {action: action_show, until: confirm, asks: confirm}
    - {action: action_return, when: confirm}
    - {respond: utter_declined, unless: confirm}
  get_invoice:
    title: the invoice
    description: Send an invoice.
    slots: [order_id, order]
    steps:
    - {action: action_order, until: order, asks: order_id, uses: [order_id]}
    - {action: action_invoice, when: order}
  ask_policy: {description: Answer., slots: [topic], steps: [{respond: utter_policy}]}
  several: {description: Announce., slots: [tasks], steps: [{respond: utter_several, with: [tasks]}]}
  stop: {description: Drop., steps: [{respond: utter_stopped}]}
  needed: {description: Needed., steps: [{respond: utter_needed}]}
  human_handoff: {description: Person., steps: [{respond: utter_handoff}]}
  nothing_to_stop: {description: Nothing., steps: [{respond: utter_nothing_to_stop}]}
"""


def order(slots: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    return ([], {"order": slots["order_id"]}) if slots.get("order_id") else (["which order?"], {})


def lines(slots: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    items = slots.get("item") or [one for wish in slots.get("wishes") or () for one in wish.get("item", ())]
    return ([], {"lines": items}) if items else (["which items?"], {})


ACTS = {
    "action_order": order,
    "action_lines": lines,
    "action_show": lambda slots: ([f"return {' and '.join(slots['lines'])} of {slots['order']}?"], {}),
    "action_return": lambda slots: ([f"returned {' and '.join(slots['lines'])}"], {}),
    "action_invoice": lambda slots: ([f"invoice of {slots['order']}"], {}),
}


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Chat:
    (tmp_path / "flows.yml").write_text(FLOWS)
    monkeypatch.setattr(conftest, "ACTIONS", ACTS)
    responses = [f"utter_{name}" for name in "declined policy several stopped handoff nothing_to_stop needed".split()]
    flows = load_flows(ACTS.keys(), responses, tmp_path)
    return Chat(Interpreter(flows, load_catalogue(), THRESHOLDS, 0.8, {}), Manager(flows))


def test_requests_on_one_order_are_one_task(desk):
    said = desk.says('return_items(order_id="W1", item="lamp"); return_items(order_id="#w1", item="rug")')
    assert said == ["return lamp and rug of W1?"]
    assert desk.says("affirm()") == ["returned lamp and rug"]
    assert desk.tasks == []


def test_requests_on_two_orders_are_two_tasks_and_announced(desk):
    said = desk.says('return_items(order_id="W1", item="lamp"); return_items(order_id="W2", item="rug")')
    assert said == ["utter_several", "return lamp of W1?"]
    assert desk.said[0].facts == {"tasks": "the return, then the return"}
    assert desk.says("affirm()") == ["returned lamp", "return rug of W2?"]


def test_a_further_wish_at_the_confirmation_is_added_and_shown(desk):
    desk.says('return_items(order_id="W1", item="lamp")')
    assert desk.says('return_items(item="rug")') == ["return lamp and rug of W1?"]


def test_a_further_wish_on_another_order_is_a_task_of_its_own(desk):
    desk.says('return_items(order_id="W1", item="lamp")')
    assert desk.says('return_items(order_id="W2", item="rug")') == ["return rug of W2?"]
    assert desk.says("affirm()") == ["returned rug", "utter_resume_task", "return lamp of W1?"]
    assert desk.said[1].facts == {"task": "the return"}


@pytest.mark.parametrize(
    ("correction", "shown"),
    [
        ('inform(item="rug")', "return rug of W1?"),
        ('inform(order_id="W2")', "return lamp of W2?"),
        ('affirm(); inform(item="rug")', "return rug of W1?"),
        ('deny(); inform(order_id="W2")', "return lamp of W2?"),
    ],
)
def test_an_earlier_answer_is_corrected_and_what_follows_from_it_is_asked_anew(desk, correction, shown):
    desk.says('return_items(order_id="W1", item="lamp")')
    assert desk.says(correction) == [shown]
    assert desk.says("affirm()") == [shown.replace("return", "returned").partition(" of ")[0]]


def test_never_mind_drops_the_task_on_top_and_the_next_goes_on(desk):
    said = desk.says('return_items(order_id="W1"); get_invoice(order_id="W2")')
    assert said == ["utter_several", "which items?"]
    assert desk.says("stop()") == ["utter_stopped", "invoice of W2"]
    assert desk.tasks == []


def test_never_mind_in_a_digression_leaves_what_was_interrupted(desk):
    desk.says('return_items(order_id="W1", item="lamp")')
    assert desk.says("get_invoice()") == ["which order?"]
    assert desk.says("stop()") == ["utter_stopped", "utter_resume_task", "return lamp of W1?"]


def test_a_digression_at_the_confirmation_comes_back_to_it(desk):
    desk.says('return_items(order_id="W1", item="lamp")')
    assert desk.says('ask_policy(topic="returns")') == ["utter_policy", "utter_resume_task", "return lamp of W1?"]
    assert desk.says("affirm()") == ["returned lamp"]


def test_a_no_at_the_confirmation_changes_nothing(desk):
    desk.says('return_items(order_id="W1", item="lamp")')
    assert desk.says("deny()") == ["utter_declined"]
    assert desk.tasks == []


@pytest.mark.parametrize(("answer", "done"), [("affirm", "returned lamp"), ("deny", "utter_declined")])
def test_what_was_decided_is_done_before_what_is_asked_next(desk, answer, done):
    desk.says('return_items(order_id="W1", item="lamp")')
    assert desk.says(f'{answer}(); return_items(order_id="W2", item="rug")') == [done, "return rug of W2?"]
    assert desk.says(f"{answer}()") == [done.replace("lamp", "rug")]


def test_an_order_that_was_found_is_not_mixed_with_another_that_is_named(desk):
    desk.says("return_items()")
    desk.says('inform(order_id="W1")')
    desk.says('inform(item="lamp")')
    assert desk.says('return_items(order_id="W2", item="rug")') == ["return rug of W2?"]


def test_a_task_that_shows_everything_first_is_begun_where_another_would_be_asked_back(desk):
    assert desk.says('return_items(order_id="W1", item="lamp")', 0.3) == ["return lamp of W1?"]


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (
            "gathers: [item]\n    slots: [item]\n    steps: [{action: action_order}]",
            "gathers what is not among its slots",
        ),
        ("slots: [order]\n    steps: [{action: action_order, until: order, asks: x, uses: [size]}]", "no slots"),
        ("steps: [{action: action_order, uses: [order_id]}]", "has to wait `until`"),
        ("steps: [{action: action_order, with: [order_id]}]", "only a response has facts"),
    ],
)
def test_a_flow_that_cannot_be_is_refused_with_its_line(tmp_path, broken, named):
    text = f"flows:\n  stop:\n    description: x\n    {broken}\n"
    (tmp_path / "flows.yml").write_text(text)
    with pytest.raises(Exception, match=named) as problem:
        load_flows(ACTS.keys(), [], tmp_path)
    assert "flows.yml:" in str(problem.value)
