"""Conversation files: what is read, and what is said about a mistake."""

from __future__ import annotations

import pytest

from dialogues.conversations import BadConversations, load_conversations
from intents.catalogue import load_catalogue
from intents.commands import parse_commands

GOOD = """\
conversations:
- conversation: asks where a parcel is
  turns:
  - user: where is my order W1
    commands: track_order(order_id="W1")
    says: [utter_ask_identity]
    shows: e-mail
  - user: "97205"
    intents: [inform]
    shows: [one, two]
  expect:
    orders: {"#W1": {status: shipped}}
    writes: 0
- conversation: reaches the state of a task
  shop: tau2
  task: "12"
  turns:
  - user: hello
"""


@pytest.fixture
def read(tmp_path, responses):
    def load(text: str):
        path = tmp_path / "some.yml"
        path.write_text(text, "utf-8")
        return load_conversations(load_catalogue(), responses, [path])

    return load


def test_a_conversation_is_read_with_what_it_expects_and_where_it_stands(read, tmp_path):
    parcel, task = read(GOOD)
    assert parcel.name == "asks where a parcel is"
    assert parcel.turns[0].commands == parse_commands('track_order(order_id="W1")')
    assert parcel.turns[0].says == ("utter_ask_identity",)
    assert [turn.shows for turn in parcel.turns] == [("e-mail",), ("one", "two")]
    assert parcel.turns[1].where == f"{tmp_path / 'some.yml'}:8"
    assert (parcel.expect.orders["#W1"]["status"], parcel.expect.writes) == ("shipped", 0)
    assert (task.shop, task.task, task.expect.writes) == ("tau2", "12", None)


@pytest.mark.parametrize(
    ("before", "after", "line", "complaint"),
    [
        ("says: [utter_ask_identity]", "says: [utter_nonsense]", 4, "no response `utter_nonsense`"),
        ("intents: [inform]", "intents: [buy_a_boat]", 8, "no intent `buy_a_boat`"),
        ('track_order(order_id="W1")', "track_order(", 4, "Expected a slot name"),
        ('track_order(order_id="W1")', 'track_order(color="red")', 4, "takes no slot `color`"),
        ('"97205"', "97205", 8, "in quotes"),
        ('task: "12"', "task: 12", 14, "in quotes"),
        ("shop: tau2", "shop: ikea", 14, "one of demo, tau2"),
        ("writes: 0", "writes: many", 11, "number of changes"),
        ("writes: 0", "carts: {}", 11, "not carts"),
        ("reaches the state of a task", "asks where a parcel is", 14, "another name"),
        ("  - user: hello", "  - hello", 18, "`user:`"),
        ("conversations:", "talks:", 1, "no `conversations:` list"),
        ("shows: e-mail", "shows: [e-mail", 8, "not YAML"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(read, before, after, line, complaint):
    with pytest.raises(BadConversations) as caught:
        read(GOOD.replace(before, after))
    assert f"some.yml:{line}: " in str(caught.value)
    assert complaint in str(caught.value)


def test_the_shipped_conversations_can_be_read(responses):
    names = [one.name for one in load_conversations(load_catalogue(), responses)]
    assert len(names) == len(set(names))
