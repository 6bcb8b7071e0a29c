"""Messages worth a label are found in real conversations: unsure, or like nothing taught; never private ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import delete

from assistant.staff.access import NotAllowed, Staff
from assistant.store import Conversation, Customer, Database
from assistant.studio.inbox import open_items
from assistant.studio.library import Library
from assistant.studio.live_examples import LiveExamples
from assistant.studio.worth_labelling import Found, _different, search_messages
from dialogues.tracker import Tracker, slot_event
from finetune.taught import example_hash
from intents.catalogue import load_catalogue
from intents.context import Context
from intents.example_index import ExampleIndex
from tests.review.talks import happens, in_task, reply, said
from tests.studio.files import by_words, write_examples


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> LiveExamples:
    library = Library(write_examples(tmp_path_factory.mktemp("files")), load_catalogue())
    examples = library.examples()
    base = ExampleIndex.fit(examples, ("greet", "track_order", "return_items"), by_words)
    return LiveExamples(library, base, {example_hash(one) for one in examples})


def asked_now(tracker: Tracker) -> Context:
    return Context(asked=tracker.top.asked if tracker.top else None)


def inbox(database: Database) -> dict[str, str]:
    with database.reading() as session:
        return {item.text: item.source for item in open_items(session)}


def test_what_was_unsure_and_what_is_new_waits_in_the_inbox_masked(
    database: Database, live: LiveExamples, tess: Staff
) -> None:
    with database.session() as session:
        session.add(Customer(id="mia_12", email="mia@example.com", first_name="Mia", last_name="Lindqvist"))
    happens(database, "mia", said("hello there", "greet()", 0.95), slot_event("customer_id", "mia_12"), reply("Hi."))
    happens(
        database, "mia", in_task("track_order", "order_id"), said("it is Mia again", "inform()", 0.4), reply("Sorry?")
    )
    happens(database, "mia", said("do you sell gift wrap", "out_of_scope()", 0.9), reply("No."))
    happens(database, "mia", said("/affirm", "affirm()", 0.2), said("hm", "deny()", 0.2), reply("No."))
    assert search_messages(database, tess, asked_now, live) == 2
    assert inbox(database) == {"it is [name] again": "uncertain", "do you sell gift wrap": "novel"}
    with database.reading() as session:
        novel = next(item for item in open_items(session) if item.source == "novel")
    assert (novel.proposed, novel.context, novel.added_by) == ("out_of_scope()", {"asked": "order_id"}, None)


def test_the_name_and_street_that_a_stranger_gave_are_masked_as_they_were_read(
    database: Database, live: LiveExamples, tess: Staff
) -> None:
    happens(database, "stranger", said("zora quimby of old mill", 'identify(name="zora quimby")', 0.4), reply("Sorry?"))
    happens(database, "stranger", said("to old mill then", 'inform(address="old mill")', 0.3), reply("Sorry, Zora?"))
    assert search_messages(database, tess, asked_now, live) == 2
    with database.reading() as session:
        kept = {item.text: item.proposed for item in open_items(session)}
    assert kept == {
        "[name] of [address]": 'identify(name="[name]")',
        "to [address] then": 'inform(address="[address]")',
    }


def test_nothing_comes_from_private_conversations_nor_while_a_person_answers(
    database: Database, live: LiveExamples, tess: Staff
) -> None:
    happens(database, "secret", said("do you sell gift wrap", "out_of_scope()", 0.2), reply("No."))
    happens(
        database, "secret", said("and keep it quiet", "out_of_scope()", 0.2), slot_event("private", True), reply("Yes.")
    )
    happens(database, "lee", said("a person", "human_handoff()", 0.9), {"event": "pause", "by": "kim"})
    happens(database, "lee", said("do you mend bicycles here", "out_of_scope()", 0.1))
    search_messages(database, tess, asked_now, live)
    assert set(inbox(database)) <= {"a person"}


def test_of_messages_like_each_other_one_is_enough_and_each_search_goes_on_from_the_last(
    database: Database, live: LiveExamples, tess: Staff
) -> None:
    for sender in ("a", "b"):
        happens(database, sender, said("do you sell gift wrap", "out_of_scope()", 0.3), reply("No."))
    assert search_messages(database, tess, asked_now, live) == 1
    assert search_messages(database, tess, asked_now, live) == 0
    happens(database, "c", said("Do you sell gift wrap?", "out_of_scope()", 0.3), reply("No."))
    happens(database, "c", said("can i pay with seashells", "out_of_scope()", 0.3), reply("No."))
    assert search_messages(database, tess, asked_now, None) == 1


def test_what_is_said_while_a_search_goes_on_is_found_by_the_next(
    database: Database, live: LiveExamples, tess: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    happens(database, "a", said("do you sell gift wrap", "out_of_scope()", 0.3), reply("No."))

    def slowly(found: Sequence[Found], there: Sequence[str], live: LiveExamples | None) -> list[Found]:
        if not there:
            happens(database, "late", said("can i pay with seashells", "out_of_scope()", 0.3), reply("No."))
        return _different(found, there, live)

    monkeypatch.setattr("assistant.studio.worth_labelling._different", slowly)
    monkeypatch.setattr("assistant.studio.worth_labelling.UNDER_WAY", timedelta(0), raising=False)
    assert search_messages(database, tess, asked_now, live) == 1
    assert search_messages(database, tess, asked_now, live) == 1
    assert set(inbox(database)) == {"do you sell gift wrap", "can i pay with seashells"}


def test_what_was_erased_or_made_private_while_a_search_went_on_is_left_out(
    database: Database, live: LiveExamples, tess: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    said_in = {
        "a": "do you sell gift wrap",
        "gone": "can i pay with seashells",
        "secret": "who painted that ceiling",
    }
    for sender, text in said_in.items():
        happens(database, sender, said(text, "out_of_scope()", 0.3), reply("No."))

    def slowly(found: Sequence[Found], there: Sequence[str], live: LiveExamples | None) -> list[Found]:
        with database.session() as session:
            session.execute(delete(Conversation).where(Conversation.id == "gone"))
        happens(database, "secret", slot_event("private", True), reply("Yes."))
        return list(found)

    monkeypatch.setattr("assistant.studio.worth_labelling._different", slowly)
    assert search_messages(database, tess, asked_now, live) == 1
    assert set(inbox(database)) == {"do you sell gift wrap"}


def test_a_message_that_is_in_the_inbox_is_not_counted_again_when_its_conversation_goes_on(
    database: Database, live: LiveExamples, tess: Staff
) -> None:
    happens(database, "a", said("write to ann@lee.example then", "out_of_scope()", 0.3), reply("No."))
    assert search_messages(database, tess, asked_now, live) == 1
    happens(database, "a", said("can i pay with seashells", "out_of_scope()", 0.3), reply("No."))
    assert search_messages(database, tess, asked_now, live) == 1
    assert set(inbox(database)) == {"write to [e-mail] then", "can i pay with seashells"}


def test_an_agent_does_not_search(database: Database, live: LiveExamples, kim: Staff) -> None:
    with pytest.raises(NotAllowed):
        search_messages(database, kim, asked_now, live)
