"""A thumb on a reply: kept with its turn, kept once, and changed at will."""

from __future__ import annotations

import pytest

from assistant.conversations import append_turn, read_events
from assistant.feedback import NoSuchReply, rate, thumbs_of
from dialogues.messages import BotMessage
from dialogues.tracker import fold

TURN = [{"event": "user", "text": "hi"}, {**BotMessage("Hello.", "utter_greet").to_event(), "turn_first": True}]


@pytest.fixture
def talked(database):
    """Two turns of mia's."""
    with database.session() as session:
        append_turn(session, "mia", 0, 1, TURN, "m1")
        append_turn(session, "mia", 2, 2, TURN, "m2")
    return database


def press(database, turn: int, thumb: str | None) -> bool:
    with database.session() as session:
        return rate(session, "mia", turn, thumb)


def standing(database) -> dict[int, str]:
    with database.reading() as session:
        return thumbs_of(session, "mia")


def test_a_thumb_belongs_to_its_turn_and_can_be_changed_and_taken_back(talked):
    assert standing(talked) == {}
    assert press(talked, 2, "down")
    assert press(talked, 1, "up")
    assert standing(talked) == {1: "up", 2: "down"}
    assert press(talked, 2, "up")
    assert press(talked, 1, None)
    assert standing(talked) == {2: "up"}


def test_the_same_thumb_twice_is_kept_once(talked):
    assert [press(talked, 1, "up"), press(talked, 1, "up")] == [True, False]
    assert not press(talked, 2, None)
    with talked.reading() as session:
        assert [event for event in read_events(session, "mia") if event["event"] == "feedback"] == [
            {"event": "feedback", "turn": 1, "thumb": "up"}
        ]


def test_the_conversation_goes_on_after_a_thumb(talked):
    press(talked, 1, "down")
    with talked.session() as session:
        tracker = fold("mia", read_events(session, "mia"))
        assert (tracker.turn, tracker.event_count) == (2, 5)
        append_turn(session, "mia", tracker.event_count, 3, TURN, "m3")


@pytest.mark.parametrize(("sender", "turn"), [("mia", 3), ("mia", 0), ("nobody", 1)])
def test_what_was_never_said_has_no_thumb(talked, sender, turn):
    with pytest.raises(NoSuchReply, match=str(turn)), talked.session() as session:
        rate(session, sender, turn, "up")
