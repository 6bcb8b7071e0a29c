"""Policies are said word for word; a person is one action away; every action is known by its name."""

from __future__ import annotations

import pytest
from rasa_sdk.executor import ActionExecutor
from small_shop import IDENTITY_ATTEMPTS, POLICIES, Run

from assistant.actions import ACTIONS, Shop, open_shop, register
from assistant.settings import Settings
from assistant.store import Database
from dialogues.responses import load_responses


def test_a_policy_is_said_word_for_word(run: Run) -> None:
    outcome = run("action_answer_policy", topic="returns")
    assert outcome.responses == ["utter_policy"]
    assert outcome.messages[0]["text"] == POLICIES["returns"]


@pytest.mark.parametrize("topic", [None, "", "password", "no such topic"])
def test_without_a_written_policy_nothing_is_made_up(run: Run, topic: str | None) -> None:
    outcome = run("action_answer_policy", topic=topic)
    assert outcome.responses == ["utter_policy_unknown"]
    assert outcome.messages[0]["text"] is None


def test_a_person_is_called(run: Run) -> None:
    assert run("action_hand_over").responses == ["utter_handoff"]


def test_every_shipped_policy_can_be_asked_for() -> None:
    policies = open_shop(Settings()).policies
    assert {"returns", "shipping_cost", "warranty"} <= set(policies)
    assert all(text.strip() for text in policies.values())


def test_every_action_is_registered_once_under_its_name(database: Database) -> None:
    executor = ActionExecutor()
    register(executor, Shop(database, POLICIES, IDENTITY_ATTEMPTS))
    assert len(executor.actions) == len(ACTIONS)
    assert all(name.startswith("action_") for name in executor.actions)


def test_what_the_order_actions_say_is_among_the_written_responses() -> None:
    said = {"utter_orders", "utter_order_status", "utter_order_details", "utter_no_orders", "utter_policy"}
    assert said <= set(load_responses())
