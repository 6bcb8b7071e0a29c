"""The studio's figures are of what they say."""

from __future__ import annotations

import random

import numpy as np

from assistant.at_once_benchmark import Given
from assistant.valuation_benchmark import plant, share_found
from intents.commands import Command
from intents.examples import Example


def test_one_label_in_twenty_is_made_wrong_and_no_other() -> None:
    examples = [
        Example(f"message {number}", (Command(("greet", "thank", "deny")[number % 3]),)) for number in range(200)
    ]
    spoilt, wrong = plant(examples, random.Random(7))
    assert len(wrong) == 10
    assert [at for at in range(200) if spoilt[at].commands != examples[at].commands] == wrong
    assert [one.text for one in spoilt] == [one.text for one in examples]


def test_found_is_the_share_of_the_wrong_ones_in_the_worst_tenth() -> None:
    values = np.arange(100.0)
    assert share_found(values, [0, 9, 10, 99]) == 0.5
    assert share_found(np.zeros(1000), list(range(1000))) == 0.1, "equals are in no order"


def test_a_row_says_a_dash_for_what_there_is_none_of() -> None:
    row = Given(0, None, None, 0.9, 0.8, 0.0, None, 0.85)
    assert row.row() == "| 0 | - | - | 90.0% | 80.0% | 0.0% | - | 85.0% | - |"
    row = Given(5, 0.7, 0.65, 0.9, 0.8, 0.0, 0.75, 0.85, 411.6)
    assert row.row() == "| 5, trained | 70.0% | 65.0% | 90.0% | 80.0% | 0.0% | 75.0% | 85.0% | 412 s |"
