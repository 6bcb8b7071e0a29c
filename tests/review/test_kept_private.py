"""A shopper's wish that nobody learns from the conversation is kept as an event; the last word counts."""

from __future__ import annotations

import pytest

from assistant.conversations import append_turn, read_events
from assistant.feedback import NoSuchConversation, keep_private
from assistant.review.privacy import is_private
from assistant.store import Database
from dialogues.tracker import fold


def test_the_last_word_counts_and_the_same_word_twice_is_one_event(database: Database) -> None:
    with database.session() as session:
        append_turn(session, "mia", 0, 1, [{"event": "user", "text": "hello"}], None)
        assert not is_private(session, "mia")
        assert [keep_private(session, "mia", wish) for wish in (False, True, True)] == [False, True, False]
        assert is_private(session, "mia")
    with database.session() as session:
        assert keep_private(session, "mia", False) and not is_private(session, "mia")
        events = read_events(session, "mia")
        assert [event["event"] for event in events] == ["user", "slot", "slot"]
        assert fold("mia", events).turn == 1


def test_there_is_nothing_to_keep_private_of_a_conversation_that_has_not_begun(database: Database) -> None:
    with database.session() as session, pytest.raises(NoSuchConversation):
        keep_private(session, "nobody", True)
