"""What a task that has ended takes with it: those that waited for the same order, and no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialogues.flows import Step
from dialogues.manager import CLOSED, LATER, NO, YES, Listen, decide
from dialogues.messages import Say, source
from dialogues.tracker import Frame

ENDED = 99  # behind the last step
WAITING = (
    Frame("return_items", slots={"order": "W1"}, asked="item"),
    Frame("identify", called=True, asked="order_id"),
    Frame("get_invoice", slots={"order": "W2"}, asked="order_id"),
    Frame("identify", called=True, asked="order_id"),
)


def after(chat, *ended: Frame) -> list[Frame]:
    """The stack when these have ended on top of what waits."""
    step = chat.manager.next(replace(chat.tracker, stack=(*WAITING, *ended)))
    assert isinstance(step.decision, Listen)
    chat.apply(step.events)
    return list(chat.tracker.stack)


def test_what_waits_for_an_order_that_is_closed_goes_with_what_it_called(chat):
    assert after(chat, Frame("cancel_order", at=ENDED, slots={CLOSED: ["W1"]})) == list(WAITING[2:])


def test_what_waits_for_other_orders_stays(chat):
    assert after(chat, Frame("cancel_order", at=ENDED, slots={CLOSED: ["W3"]})) == list(WAITING)
    assert after(chat, Frame("cancel_order", at=ENDED)) == list(WAITING)


def test_of_several_orders_the_next_has_its_turn_and_the_others_wait(chat):
    orders = [{"order_id": "W3"}, {"order_id": "W4"}]
    step = chat.manager.next(
        replace(chat.tracker, stack=(*WAITING, Frame("track_order", at=ENDED, slots={LATER: orders}, digression=True)))
    )
    chat.apply(step.events)
    assert chat.tracker.stack[len(WAITING)].flow == "track_order"
    assert chat.tracker.stack[len(WAITING)].slots[LATER] == orders[1:]
    assert chat.tracker.stack[len(WAITING)].slots["order_id"] == "W3" and chat.tracker.stack[len(WAITING)].digression


@pytest.mark.parametrize("slots", [{}, {LATER: []}])
def test_when_nothing_follows_a_digression_the_task_below_is_named(chat, slots):
    step = chat.manager.next(
        replace(chat.tracker, stack=(WAITING[0], Frame("greet", at=ENDED, slots=slots, digression=True)))
    )
    assert step.decision == chat.manager.resume([WAITING[0]])


def test_a_response_tells_the_slots_that_are_set_and_where_they_stand():
    step = Step("respond", "utter_declined", facts=("order", "reason"))
    assert decide(step, {"order": 7, "reason": None, "more": "x"}) == Say(
        "utter_declined", {"order": "7"}, receipts={"order": source("slot", "order")}
    )


def test_a_question_of_yes_or_no_has_its_buttons_and_no_other_has():
    asked = decide(Step("respond", "utter_declined", asks="confirm"), {})
    assert isinstance(asked, Say) and asked.buttons == (YES, NO)
    other = decide(Step("respond", "utter_declined", asks="order_id"), {})
    assert isinstance(other, Say) and other.buttons == ()


def test_a_flow_that_another_calls_is_marked_as_called_and_what_changes_nothing_is_no_event(chat):
    chat.says("track_order()")
    assert [(frame.flow, frame.called) for frame in chat.tracker.stack] == [("track_order", False), ("identify", True)]
    assert chat.manager.next(chat.tracker).events == ()
