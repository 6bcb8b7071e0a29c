"""`aisle evaluate replies`: facts drawn from the shop's rows for every response, turns, and pairs to judge blind."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.drawn_facts import FACTS, Rows, as_asked, draw_facts, read_rows
from assistant.replies_benchmark import draw_situations, play, summary, table, with_facts, write_pairs
from assistant.shop.builder import build_demo_shop
from assistant.store import Database
from dialogues.checker import build_checker
from dialogues.replies import ReplyWriter
from dialogues.reply_examples import ReplyExample, load_reply_examples
from dialogues.responses import Response, load_responses
from dialogues.wording import collect_wordings
from intents.engine import Completion


class FirstChoice:
    """Writes the first beginning that its grammar allows."""

    name, model = "first choice", "script"

    def generate(self, prompts, *, grammar=None, max_tokens=64, temperature=0.0, on_text=None):
        first = json.JSONDecoder().raw_decode(grammar.removeprefix("root ::= "))[0]
        return [Completion(first, (-0.1,), True) for _ in prompts]


@pytest.fixture(scope="module")
def rows(new_database: Callable[[str], Database], today) -> Iterator[Rows]:
    database = new_database("sqlite")
    build_demo_shop(database, today)
    with database.reading() as session:
        yield read_rows(session)


@pytest.fixture(scope="module")
def responses() -> dict[str, Response]:
    return load_responses()


@pytest.fixture(scope="module")
def examples(responses) -> list[ReplyExample]:
    return load_reply_examples(responses)


@pytest.fixture(scope="module")
def writer(responses, examples) -> ReplyWriter:
    checker = build_checker(responses.values(), examples, [])
    return ReplyWriter(FirstChoice(), responses, checker, collect_wordings(responses, examples), {})


def test_every_fact_of_every_response_can_be_drawn(rows, responses):
    named = set().union(*(response.facts for response in responses.values()))
    assert named <= FACTS.keys()
    for seed in range(60):
        facts = draw_facts(rows, sorted(named), random.Random(seed))
        assert all(value.strip() for value in facts.values()), facts
    assert draw_facts(rows, sorted(named), random.Random(3)) == draw_facts(rows, sorted(named), random.Random(3))


def test_facts_fit_the_shoppers_words(rows):
    """What the shopper names is what is told of: a judge could not tell a good answer from a bad one otherwise."""
    chance = random.Random(7)
    kettle = draw_facts(rows, ["product", "attribute", "value"], chance, "how much does the kettle hold")
    assert "kettle" in kettle["product"].lower()
    paid = draw_facts(rows, ["method"], chance, "put it on paypal")
    assert paid == {"method": "your PayPal account"}
    assert draw_facts(rows, ["zip"], chance, "12 oak st, denver, co 10001") == {"zip": "10001"}
    tasks = draw_facts(rows, ["tasks"], chance, "cancel one and return the other")["tasks"]
    assert tasks in ("the cancellation and the return", "the return and the cancellation")


def test_facts_of_one_reply_belong_together(rows):
    by_name = {one.name: one for one in rows.products}
    for seed in range(40):
        chance = random.Random(seed)
        told = draw_facts(rows, ["product", "attribute", "value"], chance)
        assert str(by_name[told["product"]].attributes[told["attribute"]]) == told["value"]
        gone = draw_facts(rows, ["item", "wanted", "choices"], chance)
        assert gone["wanted"] not in gone["choices"].split("; ")
        back = draw_facts(rows, ["order_id", "items", "refund", "method"], chance)
        assert back["refund"].startswith("$") and " to " not in back["refund"]  # the method is told by itself
        near = draw_facts(rows, ["order_id", "meant"], chance)
        assert near["order_id"] != near["meant"] and near["order_id"][:-1] == near["meant"][:-1]


def test_the_order_that_the_shopper_names_is_the_one_told_of():
    assert as_asked("where is w1234567?", {"order_id": "#W7654321"}) == "where is #W7654321?"
    assert as_asked("where is w1234567?", {"status": "pending"}) == "where is w1234567?"


def test_every_response_has_its_turn_and_held_out_examples_go_first(responses, examples):
    drawn = draw_situations(responses, examples, 2 * len(responses), seed=7)
    assert {one.response for one, _ in drawn} == set(responses)
    first, second = drawn[: len(responses)], drawn[len(responses) :]
    assert sum(held_out for _, held_out in first) > sum(held_out for _, held_out in second) > 0
    assert drawn == draw_situations(responses, examples, 2 * len(responses), seed=7)
    assert drawn != draw_situations(responses, examples, 2 * len(responses), seed=8)


def test_turns_are_summed_up_and_pairs_hide_who_wrote_which(rows, responses, examples, writer, tmp_path: Path):
    situations = draw_situations(responses, examples, len(responses), seed=7)
    says, situations = with_facts(rows, situations, seed=7)
    turns = play(writer, says, situations, seed=7)
    figures = {"n": len(turns)} | summary(turns, rows.names)
    assert figures["facts_not_from_sql"] == 0, figures["faults"]
    assert figures["own_wording"] == 1 and figures["how"]["text"] == 2
    assert f"| facts not from SQL, of {len(turns)} | 0 |" in table(figures)
    write_pairs(turns, tmp_path, seed=7)
    pairs, key = (
        (tmp_path / "pairs.md").read_text("utf-8"),
        json.loads((tmp_path / "pairs_key.json").read_text("utf-8")),
    )
    assert len(key) == 40 == pairs.count("\n- A: ") == pairs.count("\n- B: ")
    assert {tuple(sorted(one.values())) for one in key.values()} == {("model", "written")}
    assert 5 < sum(one["A"] == "model" for one in key.values()) < 35
