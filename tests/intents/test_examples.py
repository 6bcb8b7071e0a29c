"""The example loader: what trainers write is read, and each mistake is named with its file and line."""

import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.commands import Command, format_commands, parse_commands
from intents.context import Context
from intents.examples import BadExamples, invented, load_examples, read_annotated
from intents.grammar import MOST_COMMANDS, MOST_SLOTS

GOOD = """\
version: "3.1"
nlu:
- intent: search_products
  examples: |
    - wireless headphones
    - a [red](color) tent under [100 bucks]{"entity": "max_price", "value": 100}
- intent: affirm
  context: {bot: Shall I?, task: cancel_order, asked: confirm, shown: [Oak Desk, Elm Desk]}
  examples: |
    - yes
- messages:
  - text: W2378156, and what's your return policy btw
    context: {task: track_order, asked: order_id}
    commands: 'inform(order_id="W2378156"); ask_policy(topic="returns")'
"""


@pytest.fixture
def load(tmp_path, catalogue):
    """Call it with the text of an example file."""

    def read(text: str):
        path = tmp_path / "mine.yml"
        path.write_text(text, "utf-8")
        return load_examples([path], catalogue)

    return read


def problems(load, text: str) -> list[tuple[int, str]]:
    """(line, message) of every problem that the loader finds."""
    with pytest.raises(BadExamples) as caught:
        load(text)
    found = caught.value.problems
    assert all(Path(one.source.rsplit(":", 1)[0]).name == "mine.yml" for one in found)
    return [(int(one.source.rsplit(":", 1)[1]), one.message) for one in found]


def test_reads_the_three_forms_with_their_lines(load):
    first, second, third, fourth = load(GOOD)
    assert (first.text, first.commands, first.context) == (
        "wireless headphones",
        (Command("search_products"),),
        Context(),
    )
    assert second.text == "a red tent under 100 bucks"
    assert second.commands == (Command("search_products", (("color", "red"), ("max_price", 100))),)
    assert third.context == Context("Shall I?", "cancel_order", "confirm", ("Oak Desk", "Elm Desk"))
    assert format_commands(fourth.commands) == 'inform(order_id="W2378156"); ask_policy(topic="returns")'
    assert [one.source.rsplit(":", 1)[1] for one in (first, second, third, fourth)] == ["5", "6", "10", "12"]


def test_the_shipped_examples_load_and_fit_the_grammar(catalogue, shipped_examples):
    assert {command.intent for one in shipped_examples for command in one.commands} == set(catalogue.intents)
    for one in shipped_examples:
        assert len(one.commands) <= MOST_COMMANDS, one.source
        assert all(len(command.slots) <= MOST_SLOTS for command in one.commands), one.source
        assert parse_commands(format_commands(one.commands)) == one.commands


def test_an_examples_line_is_where_its_text_stands(shipped_examples):
    lines = cache(lambda path: Path(path).read_text("utf-8").splitlines())
    for one in shipped_examples:
        path, line = one.source.rsplit(":", 1)
        written = lines(path)[int(line) - 1]
        assert written.lstrip().startswith(("- ", "text:")), one.source
        plain = MARK.sub("", written).replace("[", "").replace("''", "'").replace('\\"', '"')
        assert one.text.split()[0].replace("[", "").strip("\"'") in plain, one.source


MARK = re.compile(r"\](\([a-z_]+\)|\{[^}]*\})")
BLOCK = "nlu:\n- intent: search_products\n  examples: |\n    - red shoes\n"
MESSAGE = BLOCK + "- messages:\n  - text: "  # on line 6


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (BLOCK + "- intent: gret\n  examples: |\n    - ho\n", 5, "unknown intent `gret`"),
        (BLOCK + "    - a [red](colour) tent\n", 5, "takes no slot `colour`"),
        (BLOCK + "    - [red](color\n", 5, "an annotation does not close"),
        (BLOCK + "    - red](color)\n", 5, "an annotation does not close"),
        (BLOCK + '    - under [9]{"entity": "max_price", "value": }\n', 5, "is not JSON"),
        (BLOCK + "    - under [100 bucks](max_price)\n", 5, "`max_price` holds a number: add \"value\""),
        (BLOCK + '    - [tent]{"entity": "query", "value": "caravan"}\n', 5, "'caravan' does not stand in the message"),
        (BLOCK + '    - [tent]{"entity": "query", "value": null}\n', 5, "holds text"),
        (BLOCK + '    - [cheap]{"entity": "sort", "value": "cheapest"}\n', 5, "`sort` is one of price_asc"),
        (BLOCK + "    - \n", 5, "the example is empty"),
        (BLOCK + "    blue shoes\n", 5, "each example starts with `- `"),
        (BLOCK + "    - green shoes\n    - red  shoes\n", 6, "repeats"),
        (MESSAGE + "red shoes\n    commands: greet()\n", 6, "contradicts"),
        (BLOCK + "- intent: greet\n  examples: [hi, ho]\n", 5, "a block needs `intent:` with `examples: |`"),
        (BLOCK + '- intent: greet\n  examples: "- hi"\n', 5, "a block needs `intent:` with `examples: |`"),
        (BLOCK + "- intent: greet\n  contxt: {bot: hi}\n  examples: |\n    - hi\n", 5, "`contxt`"),
        (MESSAGE + "hi\n    comands: greet()\n", 6, "a message needs `text:` and `commands:`"),
        (MESSAGE + "hi\n    commands: greet()\n    contxt: {bot: hi}\n", 6, "`contxt`"),
        (MESSAGE + "hi\n    commands: greet(\n", 6, "Expected a slot name"),
        (MESSAGE + "' '\n    commands: greet()\n", 6, "the example is empty"),
        (MESSAGE + "hi\n    context: {said: hi}\n    commands: greet()\n", 6, "a context takes asked, bot, shown"),
        (MESSAGE + "hi\n    context: {task: fly}\n    commands: greet()\n", 6, "task `fly` is no intent"),
        (MESSAGE + "hi\n    context: {asked: colour}\n    commands: greet()\n", 6, "`colour` is no slot"),
        (MESSAGE + "hi\n    context: {shown: desk}\n    commands: greet()\n", 6, "`shown` is a list"),
        (MESSAGE + "hi\n    commands: greet(); greet(); greet(); greet()\n", 6, "at most 3 commands"),
        (MESSAGE + "'hi\n", 6, "not YAML"),
        (BLOCK + "- intent: greet\n  intent: thank\n", 6, "not YAML"),
        (BLOCK + "\t- blue shoes\n", 5, "not YAML"),
        (BLOCK + "    - bell \x07\n", 5, "not YAML"),
        ("nlu: hi\n", 1, "has no list under `nlu:`"),
        ("- nlu\n", 1, "has no list under `nlu:`"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_file_and_line(load, text, line, says):
    found = problems(load, text)
    assert [(where, says in message) for where, message in found] == [(line, True)], found


def test_every_mistake_is_reported_at_once(load):
    found = problems(load, BLOCK + "    - [a](b) c\n    - [red](color\n- intent: fly\n  examples: |\n    - up\n")
    assert [line for line, _ in found] == [5, 6, 7]


def test_a_blank_line_or_a_comment_does_not_move_the_lines(load):
    found = problems(
        load, "# examples\nnlu:\n\n- intent: greet\n  # of greeting\n  examples: |\n\n    - hi\n\n    - [hi\n"
    )
    assert [line for line, _ in found] == [10]


def test_the_same_words_in_another_context_may_mean_something_else(load):
    stop = "{text: 'yes', commands: stop(), context: {bot: Stop?}}"
    assert len(load(f"nlu:\n- messages:\n  - {{text: 'yes', commands: affirm()}}\n  - {stop}\n")) == 2


def test_a_missing_or_unreadable_file_is_named(tmp_path, catalogue):
    with pytest.raises(BadExamples, match="no such file or folder"):
        load_examples([tmp_path / "absent"], catalogue)
    (tmp_path / "latin.yml").write_bytes(b"nlu:\n- caf\xe9\n")
    with pytest.raises(BadExamples, match=r"latin.yml:1: cannot be read"):
        load_examples([tmp_path], catalogue)


def test_a_folders_files_without_examples_are_left_alone(tmp_path, catalogue):
    (tmp_path / "other.yml").write_text("intents: {}\n", "utf-8")
    assert load_examples([tmp_path], catalogue) == []


plain_words = st.text(st.characters(exclude_characters="[]\n\r", exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@given(st.lists(st.tuples(plain_words, plain_words), min_size=1, max_size=4))
def test_an_annotated_line_gives_back_its_words(catalogue, parts):
    line = " ".join(f"{word} [{value}](feature)" for word, value in parts)
    text, command = read_annotated(line, catalogue.intents["search_products"])
    assert text == " ".join(f"{word} {value}" for word, value in parts)
    assert command.all("feature") == tuple(value for _, value in parts)
    assert invented(command, text, catalogue) == []
