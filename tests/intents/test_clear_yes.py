"""What hesitates, asks or adds is no yes to a change, however it was read."""

from __future__ import annotations

import pytest

from dialogues.reread import reread
from dialogues.tracker import Frame, Tracker, stack_event
from intents.clear_yes import added, is_clear_yes
from intents.commands import format_commands, parse_commands

NO_YES = """
let me think | ok wait | maybe | go back | what about tomorrow | can i see it first | let me see | hold on | one sec
actually let me check with my wife | and the dumbbell | actually let me see the colours | and can you do it fast
hmm fine but is it free | ask me later | is that all? | actually can i first see the other colours | yes but wait
hmm actually what colours do they come in | wait before you do that, is it serrated? | do they run small?
what will the price difference be all in all? | yes. no wait | ok hold on a sec | I'm not sure yet | ok, maybe
give me a minute | hm lemme ask my dad | also the goggles | okay but how long does that take
i need to think about it | not so fast | perhaps tomorrow | thinking... | dunno
"""
YES = """
yes | yes please | ok | k | do it | go for it | sure thing | that would be right | the kids will love it | why not
i suppose | if you must | before i change my mind, yes | hmm... ok fine | I can wait, proceed
hold on, yes that's right | don't dilly dally, go ahead with it | cant wait | yes and how long does the refund take?
👍 | ok do it. when do i see it | correct, and are you open tomorrow | please do | send it!!
no problem at all, its round the corner | y | yessss
Do, please. | spot on | exactly what happened | be my guest lol | sure. and where is my other one?
"""


def listed(text: str) -> list[str]:
    return [one.strip() for line in text.strip().splitlines() for one in line.split("|")]


@pytest.mark.parametrize("message", listed(NO_YES))
def test_what_hesitates_asks_or_adds_is_no_yes(message: str) -> None:
    assert not is_clear_yes(message)


@pytest.mark.parametrize("message", listed(YES))
def test_a_yes_in_whatever_words_is_one(message: str) -> None:
    assert is_clear_yes(message)


def test_of_what_people_labelled_a_yes_hardly_any_is_asked_again(shipped_examples) -> None:
    """Each costs its shopper one message more; most of these say something besides, which is asked anew anyway."""
    said = [
        one.text
        for one in shipped_examples
        if one.context.asked == "confirm" and "affirm" in [command.intent for command in one.commands]
    ]
    asked_again = [text for text in said if not is_clear_yes(text)]
    assert len(said) > 700 and len(asked_again) < 0.02 * len(said), asked_again


@pytest.mark.parametrize(
    ("message", "item"),
    [
        ("and the dumbbell", "the dumbbell"),
        ("oh, and my blue mug too", "my blue mug"),
        ("also the other two please", "the other two"),
        ("and the refund on my visa", None),
        ("and can you do it fast", None),
        ("yes and the plates", None),
    ],
)
def test_what_is_added_is_told_from_what_is_said_besides(message: str, item: str | None) -> None:
    assert added(message) == item


@pytest.mark.parametrize(
    ("flow", "message", "read", "meant"),
    [
        ("return_items", "yes please", "affirm()", "affirm()"),
        ("return_items", "let me think", "affirm()", "hold_on()"),
        ("return_items", "and the dumbbell", "affirm()", 'return_items(item="the dumbbell")'),
        ("cancel_order", "and the dumbbell", "affirm()", "hold_on()"),
        (
            "return_items",
            "hmm fine but is it free",
            'affirm(); ask_policy(topic="returns")',
            'ask_policy(topic="returns")',
        ),
        ("return_items", "let me think", "deny()", "deny()"),
        ("offer_person", "hmm", "affirm()", "hold_on()"),
        ("offer_person", "ill wait", "affirm()", "affirm()"),
        ("ask_back", "ok wait", "affirm()", "affirm()"),
        ("return_items", "/affirm", "affirm()", "affirm()"),
    ],
)
def test_only_a_clear_yes_goes_on_with_a_change(flow: str, message: str, read: str, meant: str) -> None:
    tracker = Tracker("somebody").apply(stack_event([Frame(flow, asked="confirm")]))
    tracker = tracker.apply({"event": "user", "text": message, "parse_data": {}})
    assert format_commands(reread(tracker, parse_commands(read))) == meant


def test_where_something_else_was_asked_a_yes_is_taken_as_read() -> None:
    tracker = Tracker("somebody").apply(stack_event([Frame("return_items", asked="item")]))
    tracker = tracker.apply({"event": "user", "text": "let me think", "parse_data": {}})
    assert format_commands(reread(tracker, parse_commands("affirm()"))) == "affirm()"
