"""Nothing that the recogniser is measured on is taught to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.training import VALIDATION
from intents.jsonl import load_jsonl

HELD_OUT = [*sorted((Path(__file__).parents[1] / "held_out").glob("*.jsonl")), VALIDATION]
SHORT = 2  # words; "yes" and "never mind" are said by everybody


def said(text: str) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in text.lower()).split())


@pytest.mark.parametrize("path", HELD_OUT, ids=lambda path: path.stem)
def test_no_held_out_message_is_a_training_example(catalogue, shipped_examples, path):
    taught = {said(one.text): one.source for one in shipped_examples}
    told = [said(one.text) for one in load_jsonl(path, catalogue)]
    assert [taught[one] for one in told if one in taught and len(one.split()) > SHORT] == []
