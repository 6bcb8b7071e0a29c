"""The grammar: a rule for every intent, and every name that a rule uses is defined."""

import re

from intents.catalogue import load_catalogue
from intents.grammar import command_grammar

NAME = re.compile(r"\b(?:root|command|[is]_[a-z_]+|text|char|number)\b")
LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
CLASS = re.compile(r"\[(?:[^\]\\]|\\.)*\]")


def rules_of(grammar: str) -> dict[str, str]:
    return dict(line.split(" ::= ", 1) for line in grammar.splitlines())


def test_every_intent_has_a_rule_and_every_rule_is_defined(catalogue):
    rules = rules_of(command_grammar(catalogue))
    assert {f"i_{name}" for name in catalogue.intents} <= set(rules)
    used = {name for body in rules.values() for name in NAME.findall(CLASS.sub("", LITERAL.sub("", body)))}
    assert used | {"root"} == set(rules)


def test_a_slot_of_choices_allows_those_alone(catalogue):
    rules = rules_of(command_grammar(catalogue))
    assert '"price_direction=" ("\\"cheaper\\"" | "\\"pricier\\"")' in rules["s_refine_search"]
    assert "password" not in rules["s_ask_policy"] and "password" in rules["s_account_help"]
    assert rules["i_greet"] == '"greet()"'


def test_a_choice_with_a_quote_is_written_as_it_is_read(tmp_path):
    path = tmp_path / "catalogue.yml"
    path.write_text("slots: {screen: {values: ['27\"']}}\nintents: {ask: {slots: [screen]}}\n", "utf-8")
    assert r'"\"27\\\"\""' in rules_of(command_grammar(load_catalogue(path)))["s_ask"]
