"""Messages as JSON Lines: they read back as written, and a bad line is named."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.commands import Command
from intents.context import Context
from intents.examples import BadExamples
from intents.jsonl import commands_json, commands_of, load_jsonl

HELD_OUT = Path(__file__).parents[1] / "held_out" / "shoppers.jsonl"
values = st.text(min_size=1) | st.integers()
slots = st.dictionaries(
    st.sampled_from(["item", "color", "size"]), st.lists(values, min_size=1, max_size=3), max_size=3
)


@given(st.lists(st.tuples(st.sampled_from(["search_products", "inform"]), slots), max_size=3))
def test_commands_go_to_json_and_back(given_commands):
    commands = tuple(
        Command(intent, tuple((name, value) for name, several in given.items() for value in several))
        for intent, given in given_commands
    )
    assert commands_of(json.loads(json.dumps(commands_json(commands)))) == commands


@pytest.fixture
def load(tmp_path, catalogue):
    def read(*lines: object):
        path = tmp_path / "mine.jsonl"
        written = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
        path.write_text("\n".join(written), "utf-8")
        return load_jsonl(path, catalogue)

    return read


HI = {"text": "hi", "commands": [{"intent": "greet", "slots": {}}]}


def test_reads_text_context_and_commands(load):
    context = {"bot": "Which one?", "task": "track_order", "asked": "item", "shown": ["Desk", "Lamp"]}
    item = {"intent": "inform", "slots": {"item": ["desk", "lamp"], "order_id": "W1"}}
    (example,) = load({"text": "the desk and the lamp of W1", "context": context, "commands": [item]})
    assert example.context == Context("Which one?", "track_order", "item", ("Desk", "Lamp"))
    assert example.commands == (Command("inform", (("item", "desk"), ("item", "lamp"), ("order_id", "W1"))),)


def test_keeps_the_tags_once_each(load):
    assert [one.tags for one in load({**HI, "tags": ["terse", "typo", "terse"]}, HI)] == [("terse", "typo"), ()]


def test_a_line_separator_inside_a_text_is_part_of_the_text(load):
    assert [one.text for one in load({**HI, "text": "hi\u2028there\x85"}, "", HI)] == ["hi\u2028there\x85", "hi"]


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[1]",
        {"text": "hi"},
        {**HI, "text": 5},
        {**HI, "text": " "},
        {**HI, "commands": []},
        {**HI, "commands": [{"intent": ["greet"]}]},
        {**HI, "commands": [{"intent": "fly"}]},
        {**HI, "commands": [{"intent": "greet", "slots": {"mood": "good"}}]},
        {**HI, "commands": [{"intent": "greet", "slots": ["mood"]}]},
        {**HI, "context": {"said": "hi"}},
        {**HI, "context": {"bot": 5}},
        {**HI, "context": {"shown": "desk"}},
        {**HI, "tags": "terse"},
        {**HI, "tags": [5]},
    ],
)
def test_a_bad_line_is_named_with_its_number(load, bad):
    with pytest.raises(BadExamples) as caught:
        load(HI, "", bad, HI)
    assert [one.source.rsplit("mine.jsonl:")[1] for one in caught.value.problems] == ["3"]


def test_a_file_that_cannot_be_read_is_named(tmp_path, catalogue):
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(b"\xff\xfe")
    for path in (tmp_path / "missing.jsonl", binary):
        with pytest.raises(BadExamples, match=rf"{path.name}: cannot be read"):
            load_jsonl(path, catalogue)


def test_the_held_out_messages_load(catalogue):
    examples = load_jsonl(HELD_OUT, catalogue)
    assert len(examples) >= 400
    assert {command.intent for one in examples for command in one.commands} <= set(catalogue.intents)
