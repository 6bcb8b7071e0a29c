"""Replay: recorded conversations read again; only turns that would go otherwise, masked, and nothing is written."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from assistant.conversations import append_turn
from assistant.store import Conversation, Customer, Event, now
from assistant.versions.replay import changes, messages
from assistant.versions.replayed import forget_erased, keep, markdown, read_replay
from dialogues.messages import BotMessage, Button
from dialogues.tracker import slot_event
from intents.recogniser import Recogniser
from tests.versions.shop_with_engine import VersionEngine, assistant_of, settings_of


@pytest.fixture(scope="module")
def assistant(new_database, tmp_path_factory):
    made = assistant_of(settings_of(tmp_path_factory.mktemp("shop"), new_database("sqlite")), VersionEngine("v002", []))
    with made.database.session() as session:
        session.add(Customer(id="mia_12", email="mia@example.com", first_name="Mia", last_name="Lindqvist"))
        append_turn(
            session,
            "mia",
            0,
            1,
            [said("hello"), *bot("Hello! How can I help?", Button("My orders", "/list_orders"))],
            None,
        )
        append_turn(session, "mia", 3 - 1, 2, [said("My orders", "list_orders()"), *bot("Who are you?")], None)
        told = [
            said("mia@example.com, Mia Lindqvist", 'identify(email="mia@example.com")'),
            slot_event("customer_id", "mia_12"),
        ]
        append_turn(session, "mia", 4, 3, told, None)
        append_turn(session, "mia", 6, 4, [said("bye for Lindqvist", "goodbye()"), *bot("Bye.")], None)
        append_turn(session, "taken", 0, 1, [{"event": "pause", "by": "kim"}, said("anybody there", "greet()")], None)
        append_turn(session, "old", 0, 1, [said("bye then", "goodbye()")], None)
        append_turn(session, "odd", 0, 1, [said("/greet", "greet()"), said("hm", "no_such_intent()")], None)
        strange = [said("zora quimby", 'identify(name="zora quimby")'), *bot("Sorry, Zora?")]
        append_turn(session, "stranger", 0, 1, strange, None)
        append_turn(session, "stranger", 2, 2, [said("it is zora", "inform()"), *bot("Sorry?")], None)
        long_ago = now() - timedelta(days=60)
        session.execute(update(Conversation).where(Conversation.id == "old").values(updated_at=long_ago))
    yield made
    made.database.close()


def said(text, commands="greet()", confidence=0.9):
    intent = {"name": commands.partition("(")[0], "confidence": confidence}
    return {"event": "user", "text": text, "message_id": None,
            "parse_data": {"intent": intent, "commands": commands, "model": "v001"}}  # fmt: skip


def bot(text, *buttons):
    return [{**BotMessage(text, "utter_greet", buttons=buttons).to_event(), "turn_first": True}]


def replayed(assistant, reads, days=30, most=100):
    assistant.recogniser = Recogniser(VersionEngine("v002", [], reads=reads), assistant.recogniser.catalogue)
    with assistant.database.reading() as session:
        heard = list(messages(session, assistant.interpreter, days, most))
    return heard, list(changes(assistant, assistant.interpreter, heard))


def test_what_shoppers_wrote_lately_is_read_again_but_no_button_and_nothing_said_to_a_person(assistant):
    heard, _ = replayed(assistant, "greet()")
    assert sorted(one.event["text"] for one in heard) == [
        "bye for Lindqvist", "hello", "hm", "it is zora", "mia@example.com, Mia Lindqvist", "zora quimby"
    ]  # fmt: skip
    assert len(replayed(assistant, "greet()", days=90)[0]) == 7
    assert len(replayed(assistant, "greet()", most=2)[0]) == 2
    hello = next(one for one in heard if one.event["text"] == "hello")
    bye = next(one for one in heard if one.event["text"].startswith("bye"))
    assert (hello.turn, hello.context.bot) == (1, None)
    assert (bye.turn, bye.context.bot) == (4, "Who are you?")


def test_only_turns_that_would_go_otherwise_are_shown_and_masked(assistant):
    _, found = replayed(assistant, "greet()")
    of_mia, of_stranger = ([one for one in found if one.conversation == sender] for sender in ("mia", "stranger"))
    assert [one.turn for one in of_mia] == [3, 4] and len(found) == 4, "hello stays as it was"
    who, bye = of_mia
    assert who.said == "[e-mail], [name]" and who.was == 'identify(email="[e-mail]")' and who.now == "greet()"
    assert bye.said == "bye for [name]"
    assert bye.did != bye.would and "utter_goodbye" in bye.did and "utter_greet" in bye.would
    assert [(one.said, one.was) for one in of_stranger] == [
        ("[name]", 'identify(name="[name]")'),
        ("it is [name]", "inform()"),
    ]
    page = markdown({"version": "v002", "messages": 6, "days": 30}, found)
    assert "Lindqvist" not in page and "mia@example.com" not in page and "4 turns would go otherwise" in page
    assert "zora" not in page.lower()


def test_turns_of_a_conversation_that_is_gone_leave_the_replays(assistant, registry, trained):
    _, found = replayed(assistant, "greet()")
    record = {"version": "v001", "live": "shipped", "messages": 6, "days": 30, "at": "2026-11-29T00:00:00+00:00"}
    version = registry.add(trained("one"), "tess")
    gone = [replace(one, conversation="erased since", said="meet me at the old mill") for one in found[:2]]
    page = keep(version.adapter, record, [*found, *gone])
    assert "old mill" in page.read_text("utf-8")
    assert forget_erased(registry, assistant.database) == 2
    assert "old mill" not in page.read_text("utf-8") and "bye for [name]" in page.read_text("utf-8")
    kept = read_replay(registry.version("v001"))
    assert [one["conversation"] for one in kept.pop("changes")] == [one.conversation for one in found]
    assert kept == record
    assert forget_erased(registry, assistant.database) == 0


def test_less_sure_of_the_same_counts_where_the_assistant_would_ask_back(assistant, monkeypatch):
    monkeypatch.setattr("tests.versions.shop_with_engine.SURE", (-3.0, -3.0))
    _, found = replayed(assistant, "goodbye()")
    bye = next(one for one in found if one.conversation == "mia" and one.turn == 4)
    assert bye.was == bye.now == "goodbye()" and bye.now_sure < 0.1
    assert "utter_goodbye" in bye.did and "utter_goodbye" not in bye.would


def test_nothing_is_written(assistant):
    def counted():
        with assistant.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Event)), session.scalar(
                select(func.sum(Conversation.event_count))
            )

    before = counted()
    replayed(assistant, 'search_products(query="boots"); add_to_cart(item="boots")')
    assert counted() == before
