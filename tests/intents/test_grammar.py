"""The grammar: a rule for every intent, and every name that a rule uses is defined."""

import re

import pytest

from intents.catalogue import load_catalogue
from intents.grammar import command_grammar

NAME = re.compile(r"\b(?:root|command|[is]_[a-z_]+|text|char|number)\b")
LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
CLASS = re.compile(r"\[(?:[^\]\\]|\\.)*\]")


def rules_of(grammar: str) -> dict[str, str]:
    return dict(line.split(" ::= ", 1) for line in grammar.splitlines())


def used_in(rules: dict[str, str]) -> set[str]:
    return {name for body in rules.values() for name in NAME.findall(CLASS.sub("", LITERAL.sub("", body)))}


def test_every_intent_has_a_rule_and_every_rule_is_defined(catalogue):
    rules = rules_of(command_grammar(catalogue))
    assert {f"i_{name}" for name in catalogue.intents} <= set(rules)
    assert used_in(rules) | {"root"} == set(rules)


@pytest.mark.parametrize("most", [1, 3])
def test_a_first_intent_is_the_only_beginning(catalogue, most):
    rules = rules_of(command_grammar(catalogue, "greet", most))
    assert rules["root"] == ('"greet(" i_greet' if most == 1 else '"greet(" i_greet ("; " command){0,2}')
    assert used_in(rules) | {"root"} == set(rules)


def test_one_command_of_a_known_intent_needs_its_own_rules_alone(catalogue):
    assert set(rules_of(command_grammar(catalogue, "greet", 1))) == {"root", "i_greet"}


def test_a_slot_of_choices_allows_those_alone(catalogue):
    rules = rules_of(command_grammar(catalogue))
    assert '"price_direction=" ("\\"cheaper\\"" | "\\"pricier\\"")' in rules["s_refine_search"]
    assert "password" not in rules["s_ask_policy"] and "password" in rules["s_account_help"]
    assert rules["i_greet"] == '")"'


def test_a_choice_with_a_quote_is_written_as_it_is_read(tmp_path):
    path = tmp_path / "catalogue.yml"
    path.write_text("slots: {screen: {values: ['27\"']}}\nintents: {ask: {slots: [screen]}}\n", "utf-8")
    assert r'"\"27\\\"\""' in rules_of(command_grammar(load_catalogue(path)))["s_ask"]


def test_names_are_written_by_what_they_share_and_each_can_be_written(tmp_path):
    names = ["time", "timer", "timezone", "calculator", "gas", "gas_type", "new_card"]
    path = tmp_path / "catalogue.yml"
    path.write_text("slots: {}\nintents:\n" + "".join(f"  {name}: {{slots: []}}\n" for name in names), "utf-8")
    command = rules_of(command_grammar(load_catalogue(path)))["command"]
    assert command == (
        '"calculator(" i_calculator | "gas" ("(" i_gas | "_type(" i_gas_type) | "new_card(" i_new_card'
        ' | "time" ("(" i_time | "r(" i_timer | "zone(" i_timezone)'
    )


def test_every_name_of_the_catalogue_can_be_written_and_no_other(catalogue):
    """The alternatives as a regular expression, which Python reads by itself."""
    command = rules_of(command_grammar(catalogue))["command"]
    pattern = re.compile(re.sub(r'"([^"]*)"|i_[a-z_]+| ', lambda found: re.escape(found[1] or ""), command))
    assert all(pattern.fullmatch(f"{name}(") for name in catalogue.intents)
    assert not any(pattern.fullmatch(f"{one}{other}(") for one in catalogue.intents for other in catalogue.intents)
