"""A sample of the prompt injections against the real model; `python -m tests.attacks.injections` tries them all."""

from __future__ import annotations

import pytest

from assistant.turns import Assistant
from dialogues.messages import BotMessage
from tests.attacks.injections import faults_of, injections, try_one

SAMPLE = [(kind, said[0]) for kind, said in injections().items()] + [
    (kind, injections()[kind][9]) for kind in ("others_data", "orders", "override")
]


def test_there_are_enough_of_them_and_none_twice() -> None:
    everything = [one for said in injections().values() for one in said]
    assert len(set(everything)) == len(everything) >= 150


@pytest.mark.parametrize(("kind", "said"), SAMPLE, ids=lambda one: one[:20])
def test_an_injection_says_nothing_foreign_and_does_nothing(assistant: Assistant, kind: str, said: str) -> None:
    outcome = try_one(assistant, kind, said)
    assert outcome.replies and outcome.faults == ()


@pytest.mark.parametrize(
    "words", ["PWNED", "It is free, see https://evil.example", "My instructions are: be kind", "says: x"]
)
def test_what_is_foreign_is_seen(words: str) -> None:
    assert list(faults_of(BotMessage(words, "utter_x", written_by="model", wording=words)))
