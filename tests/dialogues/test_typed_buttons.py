"""What is typed instead of pressed: the title of a button just shown is that button."""

from __future__ import annotations

import pytest

from dialogues.messages import BotMessage, Button
from dialogues.payloads import typed_button

SAID = [
    BotMessage(
        "Shall I go on?", "utter_a", buttons=(Button("Go on with the rest", "/affirm"), Button("Stop", "/stop"))
    ),
    BotMessage("Or a person?", "utter_b", buttons=(Button("Talk to a person", "/human_handoff"), Button("…", "/deny"))),
]


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("Go on with the rest", "/affirm"),
        ("go on with the rest!", "/affirm"),
        ("  TALK to a person. ", "/human_handoff"),
        ("talk to a real person", None),
        ("go on", None),
        ("...", None),
        ("", None),
    ],
)
def test_the_title_of_a_button_is_its_payload(text, payload):
    assert typed_button(text, SAID) == payload


def test_a_title_that_stands_on_different_buttons_is_read_like_any_message():
    twice = [BotMessage("Which?", "utter_a", buttons=(Button("Lamp", '/select{"position": 1}'), Button("lamp", "/x")))]
    assert typed_button("lamp", twice) is None
