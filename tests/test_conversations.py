"""Conversations in SQL: a turn is appended whole or not at all, and the same message is answered once."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from assistant.conversations import ConversationMoved, append_turn, earlier_answer, read_events
from assistant.locks import ConversationBusy, Locks
from assistant.store import Conversation
from assistant.store import Event as EventRow
from dialogues.messages import BotMessage, Button
from dialogues.tracker import fold, slot_event

HELLO = BotMessage("Hello.", "utter_greet", buttons=(Button("Yes", "/affirm"),), cards=({"kind": "product"},))


def turn_of(text: str, *messages: BotMessage) -> list[dict]:
    bots = [{**message.to_event(), "turn_first": place == 0} for place, message in enumerate(messages)]
    return [{"event": "user", "text": text, "parse_data": {}}, slot_event("said", text), *bots]


def append(database, sender: str, expected: int, turn: int, events, message_id=None) -> None:
    with database.session() as session:
        append_turn(session, sender, expected, turn, events, message_id)


def read(database, sender: str) -> list[dict]:
    with database.reading() as session:
        return read_events(session, sender)


def answer(database, sender: str, message_id: str) -> list[BotMessage] | None:
    with database.reading() as session:
        return earlier_answer(session, sender, message_id)


def test_an_unknown_conversation_has_no_events(database):
    assert read(database, "nobody") == []
    assert answer(database, "nobody", "m1") is None


def test_turns_read_back_in_order(database):
    first, second = turn_of("hi", HELLO), turn_of('naïve "日本" \\ 🙂', HELLO, HELLO)
    append(database, "mia", 0, 1, first)
    append(database, "mia", len(first), 2, second)
    append(database, "other", 0, 1, first)
    assert read(database, "mia") == first + second
    tracker = fold("mia", read(database, "mia"))
    assert (tracker.turn, tracker.event_count, len(tracker.said)) == (2, 7, 2)
    assert tracker.slots["said"] == 'naïve "日本" \\ 🙂'


def test_a_message_that_was_answered_has_its_answer(database):
    append(database, "mia", 0, 1, turn_of("hi", HELLO), "m1")
    append(database, "mia", 3, 2, turn_of("bye"), "m2")
    assert answer(database, "mia", "m1") == [HELLO]
    assert answer(database, "mia", "m2") == []
    assert answer(database, "mia", "m3") is None
    assert answer(database, "other", "m1") is None


@pytest.mark.parametrize("expected", [0, 2, 4])
def test_a_turn_on_a_conversation_that_moved_on_writes_nothing(database, expected):
    append(database, "mia", 0, 1, turn_of("hi", HELLO), "m1")
    with pytest.raises(ConversationMoved, match="mia"):
        append(database, "mia", expected, 2, turn_of("again", HELLO), "m2")
    assert read(database, "mia") == turn_of("hi", HELLO)
    with database.reading() as session:
        assert session.get(Conversation, "mia").event_count == 3


def test_a_turn_on_a_conversation_that_is_gone_writes_nothing(database):
    with pytest.raises(ConversationMoved):
        append(database, "mia", 3, 2, turn_of("hi"))
    assert read(database, "mia") == []


def test_the_same_message_twice_is_written_once(database):
    append(database, "mia", 0, 1, turn_of("hi", HELLO), "m1")
    with pytest.raises(ConversationMoved):
        append(database, "mia", 3, 2, turn_of("hi", HELLO), "m1")
    assert len(read(database, "mia")) == 3


def test_a_turn_that_fails_later_leaves_nothing(database):
    with pytest.raises(ZeroDivisionError), database.session() as session:
        append_turn(session, "mia", 0, 1, turn_of("hi", HELLO), "m1")
        raise ZeroDivisionError
    assert read(database, "mia") == []
    append(database, "mia", 0, 1, turn_of("hi", HELLO), "m1")


def test_of_many_turns_at_once_one_is_written(database):
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def answer_one(number: int) -> None:
        start.wait()
        try:
            append(database, "mia", 0, 1, turn_of(f"hi {number}", HELLO))
            outcomes.append("written")
        except ConversationMoved:
            outcomes.append("moved")

    threads = [threading.Thread(target=answer_one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved", "moved", "moved", "written"]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(EventRow)) == 3


def test_a_conversation_is_held_by_one_turn_at_a_time_and_forgotten_afterwards():
    locks, order, held, tried = Locks(), [], threading.Event(), threading.Event()

    def second() -> None:
        held.wait()
        tried.set()
        with locks.of("mia"):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with locks.of("mia"), locks.of("another"):
        held.set()
        tried.wait()
        order.append("first")
    thread.join()
    assert order == ["first", "second"] and locks._locks == {}


def test_a_turn_that_waits_too_long_is_told_so(monkeypatch):
    monkeypatch.setattr("assistant.locks.WAIT_S", 0.05)
    locks = Locks()
    with locks.of("mia"):
        with pytest.raises(ConversationBusy, match="send this one again"), locks.of("mia"):
            pass
        with locks.of("another"):
            pass
    assert locks._locks == {}


def test_a_turn_that_fails_lets_the_conversation_go():
    locks = Locks()
    with pytest.raises(ZeroDivisionError), locks.of("mia"):
        raise ZeroDivisionError
    with locks.of("mia"):
        pass
