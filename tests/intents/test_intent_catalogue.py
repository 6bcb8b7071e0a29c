"""The catalogue: it loads, a mistake in it is named, and a command is held against it."""

import math

import pytest

from intents.catalogue import BadCatalogue, load_catalogue
from intents.commands import Command


@pytest.mark.parametrize(
    "command",
    [
        Command("greet"),
        Command("search_products", (("feature", "with pockets"), ("feature", "waterproof"), ("max_price", 99.5))),
        Command("inform", (("order_id", "W1"), ("quantity", 2), ("topic", "password"))),
        Command("select", (("position", -1),)),
    ],
)
def test_a_good_command_has_no_problems(catalogue, command):
    assert catalogue.problems(command) == []
    assert catalogue.is_valid(command)


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (Command("buy_now"), "unknown intent `buy_now`"),
        (Command("greet", (("name", "Mia"),)), "`greet` takes no slot `name`; it takes none"),
        (Command("list_orders", (("item", "tent"),)), "it takes status"),
        (Command("search_products", (("color", "red"), ("color", "blue"))), "slot `color` stands twice"),
        (Command("add_to_cart", (("quantity", "two"),)), "slot `quantity` holds a number, not 'two'"),
        (Command("track_order", (("order_id", 7741902),)), "slot `order_id` holds text, so write it in quotes"),
        (Command("ask_policy", (("topic", "weather"),)), "slot `topic` is one of shipping_cost"),
        (Command("ask_policy", (("topic", "password"),)), "slot `topic` is one of shipping_cost"),
        (Command("track_order", (("item", "  "),)), "slot `item` is empty"),
    ],
)
def test_a_bad_command_is_told_what_is_wrong(catalogue, command, problem):
    assert any(problem in one for one in catalogue.problems(command))
    assert not catalogue.is_valid(command)


@pytest.mark.parametrize("value", [None, True, math.nan, math.inf, 10**15, [1], {"a": 1}])
def test_only_a_finite_number_is_a_number(catalogue, value):
    assert not catalogue.is_valid(Command("add_to_cart", (("quantity", value),)))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("intents: [greet]", "has no `intents:` mapping"),
        ("intents: {greet: {slots: [mood]}}", "intent `greet` names slot `mood`, which `slots:` does not define"),
        ("slots: {mood: {type: colour}}\nintents: {greet: }", "slot `mood` needs `type: text`"),
        ("intents: {Say-Hello: }", "`Say-Hello` is no name"),
        ("slots: {Mood: {type: text}}\nintents: {greet: }", "`Mood` is no name"),
        ("intents: {greet: say hello}", "intent `greet` is a mapping"),
        ("intents: {greet: {slots: mood}}", "intent `greet`: `slots` is a list"),
        ("intents: {greet: ", "Cannot read the intent catalogue"),
    ],
)
def test_a_mistake_in_the_catalogue_is_named_with_its_file(tmp_path, text, problem):
    path = tmp_path / "catalogue.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadCatalogue) as caught:
        load_catalogue(path)
    assert problem in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_catalogue_is_named(tmp_path):
    with pytest.raises(BadCatalogue, match=r"absent\.yml"):
        load_catalogue(tmp_path / "absent.yml")
