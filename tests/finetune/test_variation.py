"""Generated variation keeps the meaning: labels stay valid, values stand in the message, and it is seeded."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from finetune.variation import swap_values, vary
from intents.catalogue import load_catalogue
from intents.commands import parse_commands
from intents.context import Context
from intents.examples import Example


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


def example(text: str, commands: str, context: Context | None = None) -> Example:
    return Example(text, parse_commands(commands), context or Context())


def test_varied_examples_are_as_valid_as_written_ones(catalogue, shipped_examples):
    chance = random.Random(3)
    for one in shipped_examples:
        varied = vary(one, chance, catalogue)
        assert [command.intent for command in varied.commands] == [command.intent for command in one.commands]
        assert [[n for n, _ in command.slots] for command in varied.commands] == [
            [n for n, _ in command.slots] for command in one.commands
        ]
        for command in varied.commands:
            assert catalogue.problems(command) == []
            for name, value in command.slots:
                if catalogue.intents[command.intent].slots[name].kind == "text":
                    assert str(value) in varied.text


def test_many_examples_are_varied_and_many_are_not(catalogue, shipped_examples):
    chance = random.Random(3)
    kinds = Counter(vary(one, chance, catalogue) == one for one in shipped_examples)
    assert kinds[False] > 0.25 * len(shipped_examples)
    assert kinds[True] > 0.3 * len(shipped_examples)


def test_the_same_seed_varies_alike_and_another_does_not(catalogue, shipped_examples):
    def run(seed: int) -> list[Example]:
        chance = random.Random(seed)
        return [vary(one, chance, catalogue) for one in shipped_examples[:200]]

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_an_id_said_for_two_commands_changes_in_both(catalogue):
    one = example(
        "cancel W1234567 and send the invoice", 'cancel_order(order_id="W1234567"); get_invoice(order_id="W1234567")'
    )
    varied = swap_values(one, random.Random(1), catalogue)
    new = varied.commands[0].slots[0][1]
    assert new != "W1234567"
    assert varied.text == f"cancel {new} and send the invoice"
    assert varied.commands[1].slots == (("order_id", new),)


def test_a_price_changes_with_its_number(catalogue):
    varied = swap_values(
        example("boots under 80", 'search_products(query="boots", max_price=80)'), random.Random(2), catalogue
    )
    price = dict(varied.commands[0].slots)["max_price"]
    assert varied.text == f"boots under {price}"


def test_what_the_shop_named_before_is_not_swapped(catalogue):
    one = example("the red one", 'inform(color="red")', Context(bot="It comes in red and in blue.", asked="color"))
    assert all(swap_values(one, random.Random(seed), catalogue) == one for seed in range(20))


def test_around_a_price_stays_as_it_is(catalogue):
    one = example("desk around 50", 'search_products(query="desk", min_price=40, max_price=60)')
    assert all(swap_values(one, random.Random(seed), catalogue) == one for seed in range(20))
