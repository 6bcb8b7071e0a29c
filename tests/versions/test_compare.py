"""Candidate beside live: what got better, what got worse, and what stops a promotion."""

import json

import pytest

from assistant.versions.compare import as_json, compare, markdown
from intents.commands import parse_commands
from intents.examples import Example
from intents.recogniser import Understanding

MEANT = {
    "hi": "greet()",
    "send it back": "return_items()",
    "i want to return the <b>mug</b>": 'return_items(item="mug")',
    "refund for the | socks": 'return_items(item="socks")',
    "what is the weather": "out_of_scope()",
}
EXAMPLES = [Example(text, parse_commands(commands)) for text, commands in MEANT.items()]


def readings(**otherwise):
    said = {**MEANT, **{text.replace("_", " "): commands for text, commands in otherwise.items()}}
    return [Understanding(one.text, parse_commands(said[one.text]), 0.9, "m") for one in EXAMPLES]


def compared(live, candidate, was=None, now=None, corrected=()):
    conversations, names = (was or {}, now or {}), ("shipped", "v001")
    return compare(names, "some.jsonl", EXAMPLES, live, candidate, conversations, frozenset(), frozenset(corrected))[0]


def test_a_candidate_that_reads_the_same_has_nothing_against_it():
    found = compared(readings(), readings(), {"buys": ()}, {"buys": ()})
    assert found.regressions == () and found.intents == () and found.conversations == 1
    assert "Nothing regressed." in markdown(found)


def test_better_and_worse_intents_stand_with_their_messages():
    live = readings(**{"i want to return the <b>mug</b>": "greet()"})
    candidate = readings(hi="out_of_scope()", what_is_the_weather="greet()")
    found = compared(live, candidate)
    changes = {one.intent: (one.n, one.live, one.candidate) for one in found.intents}
    assert changes == {"greet": (1, 1, 0), "out_of_scope": (1, 1, 0), "return_items": (3, 2, 3)}
    assert [one.intent for one in found.intents][-1] == "return_items", "the worst first"
    broken = found.intents[0].broken[0]
    assert (broken.text, broken.live, broken.candidate) == ("hi", "greet()", "out_of_scope()")
    assert found.regressions == (
        "messages whose intents are right: 60.0%, not 80.0%",
        "messages that are right whole: 60.0%, not 80.0%",
        "foreign topics recognised: 0.0%, not 100.0%",
    )


def test_an_intent_counts_as_worse_from_the_second_message_lost_on_balance():
    lost = {"send_it_back": "greet()", "refund for the | socks": "greet()"}
    found = compared(readings(), readings(**lost))
    assert "return_items: 1 of 3 messages are right, not 3" in found.regressions
    evened = {**lost, "i want to return the <b>mug</b>": 'return_items(item="mug")'}
    live = readings(**{"i want to return the <b>mug</b>": "greet()"})
    assert not [one for one in compared(live, readings(**evened)).regressions if one.startswith("return_items")]


def test_a_conversation_that_no_longer_goes_as_written_is_lost():
    was = {"buys": (), "cancels": ("a.yml:3: too late",), "chats": ("a.yml:9: no",)}
    now = {"buys": ("a.yml:1: the answer was nothing",), "cancels": (), "chats": ("a.yml:9: no",)}
    found = compared(readings(), readings(), was, now)
    assert found.lost == {"buys": ("a.yml:1: the answer was nothing",)} and found.won == ("cancels",)
    assert found.regressions == ("the conversation 'buys' no longer goes as it was written",)


def test_a_conversation_that_staff_corrected_must_go_as_corrected_even_if_it_never_did():
    was = dict.fromkeys(("desk 1", "desk 2", "chats"), ("a.yml:2: read as greet()",))
    now = {"desk 1": ("a.yml:2: read as deny()",), "desk 2": (), "chats": ("a.yml:2: read as deny()",)}
    found = compared(readings(), readings(), was, now, {"desk 1", "desk 2"})
    assert found.regressions == ("the conversation 'desk 1' does not go as it was corrected",)
    assert found.unheld == {"desk 1": ("a.yml:2: read as deny()",)} and found.won == ("desk 2",)
    assert "- not as corrected: desk 1\n  - a.yml:2: read as deny()" in markdown(found)
    broken = compared(readings(), readings(), {"desk 1": ()}, {"desk 1": ("a.yml:2: no",)}, {"desk 1"})
    assert broken.regressions == ("the conversation 'desk 1' no longer goes as it was written",), "told once"


def test_the_page_and_the_record_hold_it_all_and_no_markup_of_a_message():
    candidate = readings(**{"i want to return the <b>mug</b>": "greet()", "refund for the | socks": "greet()"})
    found = compared(readings(), candidate, {"buys": ()}, {"buys": ("a.yml:1: `no` <script>",)})
    page = markdown(found)
    assert "v001 beside shipped" in page and "&lt;b&gt;mug" in page and "<b>" not in page and "<script>" not in page
    assert "the &#124; socks" in page
    kept = json.loads(json.dumps(as_json(found)))
    assert kept["regressions"] == list(found.regressions) and kept["lost"] == {"buys": ["a.yml:1: `no` <script>"]}
    assert kept["figures"]["frames_exact"] == [1.0, pytest.approx(0.6)]
