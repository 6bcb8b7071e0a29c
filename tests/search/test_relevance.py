"""The figures of a search are right on small rankings, and the judged queries hold against the demo shop."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from assistant.search.relevance import BadJudgments, interval, load_judged, ndcg, query_of, recall
from assistant.shop.catalogue import load_catalogue
from assistant.shop.data_files import DATA
from intents.catalogue import load_catalogue as load_intents

JUDGED = Path(__file__).with_name("relevance.jsonl")


def test_ndcg_is_one_for_the_ideal_order_and_falls_with_each_place() -> None:
    grades = {"best": 3, "good": 2, "near": 1}
    assert ndcg(["best", "good", "near"], grades) == 1
    later = (7 / math.log2(3) + 3 / math.log2(2) + 1 / math.log2(4)) / (7 + 3 / math.log2(3) + 1 / 2)
    assert ndcg(["good", "best", "near"], grades) == pytest.approx(later)
    assert ndcg(["other"] * 10 + ["best"], grades) == 0


def test_recall_counts_what_answers_the_query_and_not_what_is_only_near() -> None:
    grades = {"best": 3, "good": 2, "near": 1}
    assert recall(["best", "near"], grades) == 0.5
    assert recall(["other"] * 50 + ["best"], grades) == 0
    assert recall(["near"], {"near": 1}) is None


def test_an_interval_holds_the_mean_and_is_the_same_each_time() -> None:
    values = [0.0, 0.5, 1.0] * 20
    low, high = interval(values)
    assert low < 0.5 < high
    assert interval(values) == (low, high)


def test_a_line_that_is_no_judgment_is_named(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    path.write_text('{"id": "q1"}\n', "utf-8")
    with pytest.raises(BadJudgments, match=r"judged\.jsonl:1 is no judged query"):
        load_judged(path)
    line = {"id": "q1", "query": "a", "commands": [{"intent": "search_products", "slots": {}}], "tags": []}
    path.write_text(json.dumps({**line, "relevant": {"A": 5}}) + "\n", "utf-8")
    with pytest.raises(BadJudgments, match="grades are 1, 2 or 3"):
        load_judged(path)


def test_the_judged_queries_name_products_of_the_demo_shop_and_slots_of_the_catalogue() -> None:
    judged = load_judged(JUDGED)
    names = {product.entry.name for product in load_catalogue(DATA)}
    assert len(judged) >= 150
    assert len({one.id for one in judged}) == len(judged)
    assert {name for one in judged for name in one.grades} <= names
    known = load_intents().intents["search_products"].slots
    for one in judged:
        assert set(one.slots) <= {*known, "item"}, one.id
        assert query_of(one.slots).says_something, one.id
