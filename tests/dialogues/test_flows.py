"""The flow files: the shipped ones load with the real actions, and a mistake is named with its file and line."""

import pytest

from assistant.actions import ACTIONS
from dialogues.flows import BadFlows, Step, load_flows
from intents.catalogue import load_catalogue


@pytest.fixture
def load(tmp_path):
    """Call it with the text of a flow file; action_a and utter_a are known."""

    def read(text: str, **others: str):
        for name, other in {"mine": text, **others}.items():
            (tmp_path / f"{name}.yml").write_text(other, "utf-8")
        return load_flows({"action_a"}, {"utter_a"}, tmp_path)

    return read


def test_the_shipped_flows_name_only_what_exists(responses):
    flows = load_flows({action().name() for action in ACTIONS}, responses.keys())
    called = {step.name for flow in flows.values() for step in flow.steps if step.kind == "call"}
    inner = {
        "nothing_to_stop",
        "check_identity",
        "rephrase",
        "ask_back",
        "offer_person",
        "unsupported",
        "several",
        "needed",
        "no_hurry",
        "other_language",
    }
    assert set(flows) - set(load_catalogue().intents) - called == inner


def test_a_slot_that_a_flow_keeps_is_one_that_the_shopper_can_give_or_an_action_sets(flows):
    for flow in flows.values():
        needed = {step.until for step in flow.steps if step.until} - {"customer_id"}
        assert needed <= flow.slots, flow.name


def test_reads_the_steps(load):
    text = (
        "flows:\n  one:\n    slots: [x]\n    steps:\n    - {action: action_a, until: x, asks: y, when: b, unless: c}\n"
    )
    flow = load(text)["one"]
    assert flow.steps == (Step("action", "action_a", "x", "y", "b", "c"),)
    assert flow.slots == {"x"}


@pytest.mark.parametrize(
    ("slots", "applies"),
    [({"b": 1}, True), ({"b": 1, "c": False}, True), ({}, False), ({"b": False}, False), ({"b": 1, "c": 1}, False)],
)
def test_a_step_applies_when_its_slots_say_so(slots, applies):
    assert Step("action", "action_a", when="b", unless="c").applies(slots) is applies


GOOD = "flows:\n  good:\n    steps:\n    - action: action_a\n"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (GOOD + "    - action: action_b\n", 5, "flow `good` names action `action_b`, which does not exist"),
        (GOOD + "    - respond: utter_b\n", 5, "names respond `utter_b`, which does not exist"),
        (GOOD + "    - call: other\n", 5, "names call `other`, which does not exist"),
        (GOOD + "    - action: [action_a]\n", 5, "names one action"),
        (GOOD + "    - {action: action_a, respond: utter_a}\n", 5, "has one of call, action, respond"),
        (GOOD + "    - {action: action_a, untill: x}\n", 5, "and may have until, asks, uses, with, when, unless"),
        (GOOD + "    - {action: action_a, until: x}\n", 5, "`until` and `asks` together or neither"),
        (GOOD + "    - action_a\n", 5, "has one of call, action, respond"),
        (GOOD + "  bad: {steps: action_a}\n", 5, "flow `bad` needs a list of `steps:`"),
        (GOOD + "  bad: {steps: [], step: 1}\n", 5, "flow `bad` takes description, gathers, slots, steps, title, not"),
        (GOOD + "  bad: {steps: [], slots: order_id}\n", 5, "flow `bad` needs a list of `slots:`"),
        (GOOD + "    - call: good\n", 2, "flow `good` calls itself: good, good"),
        (GOOD + "    - call: b\n  b: {steps: [call: c]}\n  c: {steps: [call: good]}\n", 2, "itself: good, b, c, good"),
        (GOOD + "  good:\n    steps: []\n", 5, "not YAML"),
        (GOOD + "  'bad:\n", 5, "not YAML"),
        ("- flows\n", 1, "has no `flows:` mapping"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_file_and_line(load, tmp_path, text, line, says):
    with pytest.raises(BadFlows) as caught:
        load(text)
    (problem,) = str(caught.value).splitlines()
    assert problem.startswith(f"{tmp_path / 'mine.yml'}:{line}: "), problem
    assert says in problem


def test_a_flow_in_two_files_is_named_with_both(load, tmp_path):
    with pytest.raises(BadFlows) as caught:
        load(GOOD, other=f"# another\n{GOOD}")
    assert str(caught.value).startswith(
        f"{tmp_path / 'other.yml'}:3: flow `good` is in {tmp_path / 'mine.yml'}:2 already"
    )


def test_every_mistake_is_reported_at_once(load):
    with pytest.raises(BadFlows) as caught:
        load(GOOD + "    - action: action_b\n    - respond: utter_b\n", other="flows:")
    assert len(str(caught.value).splitlines()) == 3
