"""The tracker: what each event makes of a conversation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dialogues.messages import BotMessage
from dialogues.tracker import KEPT_TASKS, KEPT_WORDINGS, Frame, Tracker, action_event, fold, slot_event, stack_event


def user(text: str) -> dict[str, Any]:
    return {"event": "user", "text": text}


def bot(text: str, turn_first: bool | None = None) -> dict[str, Any]:
    event = replace(BotMessage(text, "utter_any"), wording=f"{text} as worded").to_event()
    return event if turn_first is None else {**event, "turn_first": turn_first}


def test_every_event_counts_and_every_message_of_the_shopper_is_a_turn():
    tracker = fold("mia", [user("hi"), bot("Hello."), action_event("action_x"), user("bye"), {"event": "unheard of"}])
    assert (tracker.event_count, tracker.turn, tracker.latest["text"]) == (5, 2, "bye")


def test_what_was_said_is_that_of_the_last_turn_with_a_reply():
    said = [user("hi"), bot("Hello.", True), bot("What can I do?", False), user("hm")]
    assert [one.text for one in fold("mia", said).said] == ["Hello.", "What can I do?"], "nothing was answered since"
    later = fold("mia", [*said, bot("Sorry?", True), bot("Say it otherwise.")])
    assert [one.text for one in later.said] == ["Sorry?", "Say it otherwise."]


def test_the_last_wordings_are_kept_for_longer_than_a_turn():
    replies = [bot(str(number), True) for number in range(KEPT_WORDINGS + 3)]
    assert fold("mia", replies).wordings == tuple(f"{number} as worded" for number in range(3, KEPT_WORDINGS + 3))


def test_a_slot_is_the_tasks_or_the_conversations():
    open_task = stack_event([Frame("track_order")])
    tracker = fold("mia", [open_task, slot_event("order", "W1", of_task=True), slot_event("name", "Mia")])
    assert (tracker.top.slots, tracker.slots) == ({"order": "W1"}, {"name": "Mia"})
    assert tracker.all_slots() == {"order": "W1", "name": "Mia"}
    assert Tracker("mia").all_slots() == {}
    assert slot_event("name", "Mia") == {"event": "slot", "name": "name", "value": "Mia", "scope": "conversation"}


def test_a_slot_of_a_task_hides_the_conversations_of_that_name():
    tracker = fold("mia", [slot_event("order", "W1"), stack_event([Frame("track_order", slots={"order": "W2"})])])
    assert tracker.all_slots() == {"order": "W2"}


def test_the_last_tasks_are_told_once_in_a_row_and_without_those_they_called():
    names = [f"task_{number}" for number in range(KEPT_TASKS + 1)]
    events = [stack_event([Frame(name)]) for name in (*names, names[-1])]
    called = stack_event([Frame(names[-1]), Frame("identify", called=True)])
    assert fold("mia", [*events, called, stack_event([])]).tasks == tuple(names[1:])
    again = stack_event([Frame(names[-2])])
    assert fold("mia", [*events, again]).tasks == (*names[2:], names[-2]), "it ran before another and once more after"


def test_a_person_answers_between_pause_and_resume():
    assert fold("mia", [{"event": "pause"}]).paused
    assert not fold("mia", [{"event": "pause"}, {"event": "resume"}]).paused


def test_an_action_that_ran_has_rasas_shape():
    assert action_event("action_x") == {"event": "action", "name": "action_x"}
