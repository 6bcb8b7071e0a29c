"""Maximal marginal relevance: the best first, then what differs from it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assistant.recommendation.diversity import diverse

EAST, WEST, NORTH = np.eye(3, dtype=np.float32)


def test_the_second_best_gives_way_when_it_is_the_best_once_more() -> None:
    vectors = np.array([EAST, EAST, WEST, NORTH])
    assert diverse([4.0, 3.9, 3.5, 1.0], vectors, 2) == [0, 2]


def test_what_is_not_alike_keeps_its_order() -> None:
    assert diverse([1.0, 3.0, 2.0], np.array([EAST, WEST, NORTH]), 3) == [1, 2, 0]


@given(st.lists(st.floats(-5, 5, width=32), max_size=12), st.integers(0, 15))
def test_it_gives_so_many_places_each_once(relevance: list[float], limit: int) -> None:
    vectors = np.random.default_rng(0).normal(size=(len(relevance), 4)).astype(np.float32)
    chosen = diverse(relevance, vectors, limit)
    assert len(chosen) == len(set(chosen)) == min(limit, len(relevance))
    assert set(chosen) <= set(range(len(relevance)))
