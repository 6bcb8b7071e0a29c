"""The training set: both tasks as pairs, split by the message alone."""

from hypothesis import given
from hypothesis import strategies as st

from dialogues.reply_examples import ReplyExample
from finetune.dataset import Pair, data_hash, make_pairs, split
from intents.commands import Command
from intents.context import Context
from intents.examples import Example

pairs = st.lists(st.builds(Pair, st.text(), st.text(), st.text()), max_size=30)


def test_both_tasks_become_pairs():
    example = Example("the last one", (Command("select", (("position", -1),)),), Context(asked="item"))
    reply = ReplyExample("utter_order_status", ("order_id", "status"), "where is it", "{order_id} is {status}.")
    understood, replied = make_pairs([example], [reply])
    assert "system\nunderstand" in understood.prompt and "asked: item" in understood.prompt
    assert understood.completion == "select(position=-1)"
    assert "system\nreply" in replied.prompt and "says: where is it" in replied.prompt
    assert replied.completion == "{order_id} is {status}."


@given(pairs, st.floats(0, 1))
def test_a_split_loses_nothing_and_keeps_a_message_on_one_side(given_pairs, share):
    train, dev = split(given_pairs, share)
    assert sorted([*train, *dev], key=repr) == sorted(given_pairs, key=repr)
    assert not {pair.key for pair in train} & {pair.key for pair in dev}


@given(pairs, st.builds(Pair, st.text(), st.text(), st.text()))
def test_a_new_example_moves_no_other(given_pairs, new):
    train, dev = split(given_pairs)
    train_with, dev_with = split([*given_pairs, new])
    assert [one for one in train_with if one != new] == [one for one in train if one != new]
    assert [one for one in dev_with if one != new] == [one for one in dev if one != new]


def test_case_and_space_do_not_part_a_message():
    many = [Pair("", "", f"message {number}") for number in range(400)]
    loud = [Pair("", "", f" MESSAGE  {number}\n") for number in range(400)]
    train, dev = split(many)
    assert [pair.key.split()[1] for pair in split(loud)[1]] == [pair.key.split()[1] for pair in dev]
    assert 10 < len(dev) < 45 and len(train) + len(dev) == 400


def test_the_hash_names_the_data_whatever_its_order():
    one, other = Pair("a", "b", "x"), Pair("c", "d", "y")
    assert data_hash([one, other]) == data_hash([other, one]) != data_hash([one])
    assert data_hash([Pair("a", "bc", "")]) != data_hash([Pair("ab", "c", "")])
