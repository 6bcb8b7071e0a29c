"""What the desk keeps of a conversation is there as soon as the turn is, and the same when it is made afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, text
from talks import ORDER, hand_over, happens, in_task, reply, said, search_for_boots

from assistant.conversations import ConversationMoved, append_turn
from assistant.review.facts import backfill
from assistant.store import (
    Conversation,
    ConversationFacts,
    ConversationMention,
    Customer,
    Database,
    TurnFacts,
    matching,
)
from dialogues.tracker import slot_event, stack_event


def facts_of(database: Database, sender: str = "mia") -> ConversationFacts:
    with database.reading() as session:
        return session.get_one(ConversationFacts, sender)


def mentions_of(database: Database, sender: str = "mia") -> set[tuple[str, str]]:
    chosen = select(ConversationMention.kind, ConversationMention.value)
    with database.reading() as session:
        return {tuple(row) for row in session.execute(chosen.where(ConversationMention.conversation_id == sender))}


def found(database: Database, word: str) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(matching(session, word, "word")))


def test_a_turn_leaves_its_facts_its_mentions_and_its_words(database: Database) -> None:
    search_for_boots(database)
    facts = facts_of(database)
    assert (facts.turns, facts.lowest_confidence, facts.outcome) == (1, 0.9, "answered")
    assert facts.preview == "I need waterproof boots"
    assert mentions_of(database) == {("intent", "search_products"), ("product", "ridgeline")}
    assert found(database, "Boot") == found(database, "found") == {"mia"}
    assert found(database, "kettle") == set()


def test_the_least_sure_reading_and_what_was_not_understood_stay(database: Database) -> None:
    happens(database, "mia", said("hm", "greet()", 0.2), reply("Say it another way?", "utter_rephrase"))
    search_for_boots(database)
    facts = facts_of(database)
    assert (facts.lowest_confidence, facts.not_understood, facts.turns) == (0.2, 1, 2)


def test_a_task_is_open_until_the_stack_is_empty(database: Database) -> None:
    happens(database, "mia", said("cancel it", "cancel_order()"), in_task("cancel_order", "order_id"))
    assert (facts_of(database).open_task, facts_of(database).outcome) == ("cancel_order", "task_open")
    change = {"event": "change", "change": {"kind": "cancel", "order_id": "#W4821093"}}
    happens(database, "mia", said("W4821093", "inform()"), change, stack_event([]), reply("Done.", cards=(ORDER,)))
    assert (facts_of(database).open_task, facts_of(database).outcome) == (None, "done")
    assert ("order", "#W4821093") in mentions_of(database)


def test_a_hand_over_is_remembered_and_opens_what_was_resolved(database: Database) -> None:
    hand_over(database)
    assert facts_of(database).outcome == "handed_over"


def test_the_last_thumb_of_each_turn_counts(database: Database) -> None:
    search_for_boots(database)
    for thumb in ("down", "up", "down"):
        happens(database, "mia", {"event": "feedback", "turn": 1, "thumb": thumb})
    assert (facts_of(database).thumbs_up, facts_of(database).thumbs_down) == (0, 1)


def test_nothing_personal_reaches_the_preview_or_the_index(database: Database) -> None:
    with database.session() as session:
        session.add(Customer(id="c1", email="mia@example.com", first_name="Mia", last_name="Lindqvist"))
    happens(
        database,
        "mia",
        said("it's mia@example.com", "identify()"),
        slot_event("customer_id", "c1"),
        reply("Thanks, Mia.", "utter_identified"),
    )
    assert facts_of(database).preview == "it's [e-mail]"
    assert facts_of(database).customer_id == "c1"
    assert found(database, "thanks") == {"mia"}
    assert found(database, "mia") == found(database, "example") == set()


def test_a_name_that_a_stranger_is_read_to_give_is_masked_in_that_turn(database: Database) -> None:
    lost = reply("Say it another way?", "utter_rephrase")
    happens(database, "mia", said("zora quimby of the mill", 'identify(name="zora quimby")', 0.2), lost)
    assert facts_of(database).preview == "[name] of the mill"
    assert found(database, "quimby") == set() and found(database, "mill") == {"mia"}
    with database.reading() as session:
        assert session.scalars(select(TurnFacts.unanswered)).all() == ["[name] of the mill"]


def test_a_turn_that_may_not_commit_leaves_no_facts(database: Database) -> None:
    search_for_boots(database)
    with pytest.raises(ConversationMoved), database.session() as session:
        append_turn(session, "mia", 0, 1, [said("again", "thank()")], None)
    assert facts_of(database).turns == 1


def as_values(facts: ConversationFacts) -> dict[str, Any]:
    return {column.key: getattr(facts, column.key) for column in ConversationFacts.__mapper__.columns}


def test_facts_made_afterwards_are_the_same(database: Database) -> None:
    search_for_boots(database)
    hand_over(database)
    search_for_boots(database, "other")
    before, mentions = as_values(facts_of(database)), mentions_of(database)
    with database.session() as session:
        session.execute(delete(ConversationFacts))
        session.execute(delete(ConversationMention))
        session.execute(text("DELETE FROM conversation_search"))
    assert backfill(database) == 2
    assert backfill(database) == 0
    after = as_values(facts_of(database))
    assert abs((after.pop("last_at") - before.pop("last_at")).total_seconds()) < 5
    assert abs((after.pop("started_at") - before.pop("started_at")).total_seconds()) < 5
    assert (after, mentions_of(database)) == (before, mentions)
    assert found(database, "boots") == {"mia", "other"}


def test_a_conversation_that_is_deleted_leaves_the_index(database: Database) -> None:
    search_for_boots(database)
    with database.session() as session:
        session.execute(delete(Conversation).where(Conversation.id == "mia"))
    assert found(database, "boots") == set()
