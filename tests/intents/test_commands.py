"""The command language: what is printed is read back as it was, and what cannot be read says where."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intents.commands import LARGEST, Command, CommandSyntaxError, format_commands, parse_commands

names = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
numbers = st.integers(1 - LARGEST, LARGEST - 1) | st.floats(-LARGEST, LARGEST, exclude_min=True, exclude_max=True)
commands = st.builds(Command, names, st.lists(st.tuples(names, st.text() | numbers), max_size=5).map(tuple))


@given(st.lists(commands, min_size=1, max_size=3).map(tuple))
@example((Command("a", (("b", 'say \\"hi\\" ; c()'), ("d", "\\"))),))
@example((Command("a", (("b", "1e-7"), ("c", 1e-7), ("d", -0.5), ("e", 5e-324))),))
@example((Command("a", (("b", "\u2028\x85 ünïcödé 🙂\n\ud800"),)),))
def test_commands_that_are_printed_read_back_the_same(written):
    assert parse_commands(format_commands(written)) == written


@given(st.text())
def test_any_text_is_read_or_refused_by_its_own_error(text):
    try:
        assert parse_commands(text)
    except CommandSyntaxError as error:
        assert "at character" in str(error)


def test_prints_as_the_recogniser_writes():
    search = Command("search_products", (("query", "wireless headphones"), ("max_price", 100.0)))
    policy = Command("ask_policy", (("topic", "returns"),))
    written = 'search_products(query="wireless headphones", max_price=100); ask_policy(topic="returns")'
    assert format_commands([search, policy]) == written
    assert parse_commands(written) == (search, policy)


def test_space_between_the_parts_does_not_matter():
    assert parse_commands(' a( b = "c" ,d=1 ) ;e( ) ') == (Command("a", (("b", "c"), ("d", 1))), Command("e"))


@pytest.mark.parametrize(
    ("text", "wanted", "character"),
    [
        ("", "an intent name", 1),
        ("greet", "`(`", 6),
        ("greet(", "a slot name", 7),
        ("greet() thank()", "`;` or the end", 9),
        ("greet(); ", "an intent name", 9),
        ('a(b="c)', "a string that closes", 5),
        (r'a(b="\n")', "a string that closes", 5),
        ("a(b=c)", "a quoted string or a number", 5),
        ("a(b=1.2.3)", "a quoted string or a number", 5),
        ("a(b=٣)", "a quoted string or a number", 5),
        ("Greet()", "an intent name", 1),
    ],
)
def test_says_what_was_expected_and_where(text, wanted, character):
    with pytest.raises(CommandSyntaxError) as caught:
        parse_commands(text)
    assert f"Expected {wanted} at character {character} of" in str(caught.value)


def test_a_number_too_long_to_be_one_is_a_syntax_error():
    with pytest.raises(CommandSyntaxError):
        parse_commands(f"a(b={'9' * 5000})")


def test_a_repeated_slot_gives_its_first_value_or_all():
    compare = Command("compare_products", (("item", "kettle"), ("attribute", "price"), ("item", "toaster")))
    assert (compare.get("item"), compare.all("item"), compare.get("color")) == ("kettle", ("kettle", "toaster"), None)
