"""The red team: every adversarial output of red_team.yml is refused, and every harmless one beside it is shown."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from dialogues.checker import build_checker

BRANDS = ["Trail Lantern", "Peak & Pine", "Halden", "Closest Match"]
BLOCKS = YAML(typ="safe").load(Path(__file__).with_name("red_team.yml").read_text("utf-8"))
REFUSED = [(block["response"], tuple(block["facts"]), *one) for block in BLOCKS for one in block["refuse"]]
SHOWN = [(block["response"], tuple(block["facts"]), one[0]) for block in BLOCKS for one in block.get("shown", ())]
STRICT = [(block["response"], tuple(block["facts"]), one) for block in BLOCKS for one in block.get("strict", ())]
HARMLESS = [(block["response"], tuple(block["facts"]), one) for block in BLOCKS for one in block["accept"]]


@pytest.fixture(scope="module")
def checker(responses, reply_examples):
    return build_checker(responses.values(), reply_examples, BRANDS)


def test_there_are_enough_of_both_and_none_twice():
    assert len({(response, facts, text) for response, facts, text, _ in REFUSED}) == len(REFUSED) >= 300
    assert len(set(HARMLESS)) == len(HARMLESS) >= 100


def test_every_adversarial_output_is_refused(checker, responses):
    shown = [
        (response, text, why)
        for response, facts, text, why in REFUSED
        if not checker.problems(text, responses[response], facts)
    ]
    assert shown == []


def test_every_harmless_output_is_accepted(checker, responses):
    problems = {text: checker.problems(text, responses[response], facts) for response, facts, text in HARMLESS}
    assert {text: found for text, found in problems.items() if found} == {}


def test_what_the_checker_is_known_to_get_wrong_is_little_and_written_down_truly(checker, responses):
    refused = [text for response, facts, text in STRICT if checker.problems(text, responses[response], facts)]
    let_through = [text for response, facts, text in SHOWN if not checker.problems(text, responses[response], facts)]
    assert refused == [text for _, _, text in STRICT] and len(refused) <= 5
    assert let_through == [text for _, _, text in SHOWN] and len(let_through) <= 2
