"""A person takes a conversation over and gives it back; the assistant is silent in between, whatever it was doing."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select
from talks import happens, hired, in_task, reply, said, search_for_boots

from assistant.actions.base import open_shop
from assistant.conversations import earlier_answer, read_events, staff_messages
from assistant.review.takeover import Counter, NotYours
from assistant.review.work import BadWork
from assistant.settings import Settings
from assistant.staff.access import NotAllowed, Staff
from assistant.store import AuditEntry, ConversationFacts, Database
from assistant.testing.meant import as_meant
from assistant.turns import Assistant
from dialogues.tracker import fold, slot_event
from intents.commands import Command

JOINS, LEAVES = "A colleague is here.", "I'm back."


@pytest.fixture
def counter(database: Database) -> Counter:
    search_for_boots(database)
    happens(
        database,
        "mia",
        said("cancel my order", "cancel_order()"),
        slot_event("customer_id", "c1"),
        in_task("cancel_order", "reason"),
        reply("Why would you like to cancel?", "utter_ask_reason"),
    )
    return Counter(database, JOINS, LEAVES)


def shopper_sees(counter: Counter, after: int = 0) -> list[str]:
    with counter.database.reading() as session:
        return [message.text for _, message in staff_messages(session, "mia", after)]


def tracker(counter: Counter, sender: str = "mia") -> Any:
    with counter.database.reading() as session:
        return fold(sender, read_events(session, sender))


def test_the_shopper_is_told_and_the_task_goes_on_where_it_stood(counter: Counter, kim: Staff) -> None:
    before = tracker(counter)
    counter.take(kim, "mia")
    assert tracker(counter).paused
    counter.say(kim, "mia", "Hello, it's Kim.\n\nOne moment.")
    counter.give_back(kim, "mia")
    after = tracker(counter)
    assert not after.paused
    assert (after.slots, after.stack) == (before.slots, before.stack)
    assert shopper_sees(counter) == [JOINS, "Hello, it's Kim.\nOne moment.", LEAVES, "Why would you like to cancel?"]
    with counter.database.reading() as session:
        logged = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert session.get_one(ConversationFacts, "mia").taken_by is None
    assert logged == ["conversation.taken_over", "conversation.answered", "conversation.handed_back"]


def test_taking_over_twice_tells_the_shopper_once(counter: Counter, kim: Staff) -> None:
    counter.take(kim, "mia")
    counter.take(kim, "mia")
    assert shopper_sees(counter) == [JOINS]


def test_a_colleague_neither_takes_nor_answers_what_somebody_has(counter: Counter, kim: Staff, lee: Staff) -> None:
    counter.take(kim, "mia")
    for act in (counter.take, counter.give_back, lambda staff, sender: counter.say(staff, sender, "hi")):
        with pytest.raises(NotYours, match="kim"):
            act(lee, "mia")
    counter.take(Staff(lee.id, lee.name, "admin"), "mia")  # an admin steps in where somebody has left
    with pytest.raises(NotYours, match="lee"):
        counter.say(kim, "mia", "still me")


def test_nobody_writes_without_taking_over(counter: Counter, kim: Staff) -> None:
    with pytest.raises(NotYours, match="Take it over first"):
        counter.say(kim, "mia", "hello")
    with pytest.raises(NotYours):
        counter.give_back(kim, "mia")
    with pytest.raises(BadWork):
        counter.say(kim, "mia", "  \n ")


def test_a_trainer_does_not_take_over(counter: Counter, tess: Staff) -> None:
    with pytest.raises(NotAllowed):
        counter.take(tess, "mia")
    assert not tracker(counter).paused


def test_of_two_who_take_over_at_once_one_has_it(counter: Counter, kim: Staff, lee: Staff) -> None:
    refused: list[Exception] = []
    start = threading.Barrier(2)

    def take(staff: Staff) -> None:
        start.wait()
        try:
            counter.take(staff, "mia")
        except NotYours as error:
            refused.append(error)

    threads = [threading.Thread(target=take, args=(staff,)) for staff in (kim, lee)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert shopper_sees(counter) == [JOINS]


def test_what_was_answered_before_is_repeated_without_what_people_wrote(counter: Counter, kim: Staff) -> None:
    counter.take(kim, "mia")
    counter.say(kim, "mia", "Hello")
    with counter.database.reading() as session:
        assert earlier_answer(session, "mia", "m9") is None
    assert shopper_sees(counter, after=tracker(counter).event_count) == []


# with the assistant


@pytest.fixture
def assistant(own_sqlite: Database) -> Assistant:
    settings = Settings(database_url=own_sqlite.url.render_as_string(), index=False)
    assistant = as_meant(settings)(open_shop(settings))
    assistant.recogniser.means = (Command("greet"),)  # type: ignore[attr-defined]
    return assistant


@pytest.fixture
def agent(assistant: Assistant) -> tuple[Counter, Staff]:
    return Counter(assistant.database, JOINS, LEAVES), hired(assistant.database, "kim", "agent")


def test_the_assistant_says_nothing_while_a_person_answers(assistant: Assistant, agent: tuple[Counter, Staff]) -> None:
    counter, kim = agent
    assert assistant.handle("mia", "hello", "m1")
    counter.take(kim, "mia")
    assert assistant.handle("mia", "are you there?", "m2") == []
    counter.say(kim, "mia", "I am")
    assert assistant.handle("mia", "are you there?", "m2") == []  # sent again: nothing twice
    assert [said for who, said in assistant.history("mia") if who == "user"] == ["hello", "are you there?"]
    counter.give_back(kim, "mia")
    assert [one.response for one in assistant.handle("mia", "hello again", "m3")] == ["utter_greet"]


def test_a_draft_is_offered_where_nobody_has_answered_yet_and_keeps_nothing(
    assistant: Assistant, agent: tuple[Counter, Staff]
) -> None:
    counter, kim = agent
    assistant.handle("mia", "hello", "m1")
    counter.take(kim, "mia")
    assert assistant.draft("mia") is None  # all that the shopper said was answered
    assert assistant.handle("mia", "are you there?", "m2") == []
    before = assistant.history("mia")
    drafted = assistant.draft("mia")
    assert drafted is not None and drafted.text and not drafted.changes
    assert assistant.history("mia") == before and assistant.tracker("mia").paused
    counter.say(kim, "mia", "I am")
    assert assistant.draft("mia") is None
    assert assistant.draft("nobody") is None


def test_a_message_that_is_just_being_answered_is_left_to_the_person(
    assistant: Assistant, agent: tuple[Counter, Staff]
) -> None:
    counter, kim = agent
    assistant.handle("mia", "hello", "m1")
    write = assistant.writer.write
    taken: list[bool] = []

    class SlowWriter:
        def write(self, *arguments: Any) -> Any:
            messages = write(*arguments)
            if not taken:
                counter.take(kim, "mia")  # the words are there, the turn is not committed
                taken.append(True)
            return messages

    assistant.writer = SlowWriter()  # type: ignore[assignment]
    assert assistant.handle("mia", "where is my order?", "m2") == []
    texts = [said if who == "user" else said.text for who, said in assistant.history("mia")][2:]  # type: ignore[union-attr]
    assert texts == [JOINS, "where is my order?"]
