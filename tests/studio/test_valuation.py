"""The worth of examples is the Shapley value, by its definition; wrong labels are worth least."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from assistant.studio.valuation import meanings_of, shapley, value_examples
from intents.commands import Command
from intents.examples import Example


def by_definition(agrees: np.ndarray, k: int) -> np.ndarray:
    """The mean of what each adds to the vote, over all orders in which they could have come."""
    count = len(agrees)
    values = np.zeros(count)
    orders = list(permutations(range(count)))
    for order in orders:
        before = 0.0
        for length in range(1, count + 1):
            nearest = sorted(order[:length])[:k]
            vote = sum(agrees[one] for one in nearest) / k
            values[order[length - 1]] += vote - before
            before = vote
    return values / len(orders)


@pytest.mark.parametrize("k", [1, 2, 3, 9])
def test_the_recursion_gives_the_shapley_values(k: int) -> None:
    agrees = np.array([[1, 0, 1, 1, 0, 0.5], [0, 0, 1, 0, 1, 1.0]])
    assert shapley(agrees, k) == pytest.approx(np.array([by_definition(row, k) for row in agrees]))


def clusters(seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """400 points around 8 centres, and which centre."""
    chance = np.random.default_rng(seed)
    labels = chance.integers(0, 8, 400)
    points = chance.normal(size=(8, 16))[labels] + 0.5 * chance.normal(size=(400, 16))
    return points, labels


def test_wrong_labels_are_worth_least_and_most_suspect() -> None:
    points, labels = clusters()
    wrong = np.arange(0, 400, 20)
    labels[wrong] = (labels[wrong] + 1) % 8
    heard: list[int] = []
    found = value_examples(
        lambda part: -np.linalg.norm(points[part, None] - points[None], axis=2), np.eye(8)[labels], told=heard.append
    )
    for worst in (np.argsort(found.values)[:40], np.argsort(-found.suspects)[:40]):
        assert len(set(worst) & set(wrong)) >= 18, "of the 20 planted, in the worst tenth"
    assert found.suspects.min() >= 0 and found.suspects.max() <= 1
    assert heard == [256, 400]


def test_examples_of_several_intents_agree_in_part() -> None:
    both = Example("a", (Command("greet"), Command("thank")))
    greet, thank = (Example("b", (Command(name),)) for name in ("greet", "thank"))
    shares = meanings_of([both, greet, thank], ["greet", "thank"])
    assert shares @ shares.T == pytest.approx(np.array([[1, 0.7071, 0.7071], [0.7071, 1, 0], [0.7071, 0, 1]]), abs=1e-4)
