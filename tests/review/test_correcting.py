"""A turn put right at the desk: what the trainers get, what is tested from then on, and what gets into neither."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from talks import happens, reply, said

from assistant.masking import NOBODY
from assistant.review.correcting import Corrector, corrections
from assistant.review.stand_ins import StandIns
from assistant.review.work import BadWork
from assistant.staff.access import NotAllowed, Staff
from assistant.store import Annotation, AuditEntry, Customer, Database, InboxItem
from assistant.testing.command import corrected_conversations
from dialogues.tracker import Tracker, slot_event
from intents.catalogue import load_catalogue
from intents.commands import format_commands, parse_commands
from intents.context import Context

PRIVATE = ("bea", "simmons", "80331", "bea@simmons.org", "salt lane")


@pytest.fixture
def corrector(tmp_path: Path) -> Corrector:
    def context(tracker: Tracker) -> Context:
        return Context(bot=tracker.said[-1].text if tracker.said else None, asked="email")

    return Corrector(load_catalogue(), context, tmp_path / "regressions")


@pytest.fixture
def talked(database: Database) -> Database:
    with database.session() as session:
        customer = Customer(id="bea_1", email="bea@simmons.org", first_name="Bea", last_name="Simmons")
        session.add(customer)
    happens(database, "bea", said("hello", "greet()"), reply("Hello, what can I do?"))
    happens(
        database,
        "bea",
        said("I'm Bea Simmons, 80331, bea@simmons.org", 'identify(name="Bea Simmons", zip="80331")'),
        slot_event("customer_id", "bea_1"),
        reply("Thanks, Bea.", "utter_identified"),
    )
    happens(
        database,
        "bea",
        said("swap the boots, it's bea, they pinch", 'return_items(item="boots", reason="they pinch")'),
        reply("Which order?", "utter_ask_order"),
    )
    return database


def test_the_right_intent_takes_over_the_slots_that_fit_it(talked: Database, corrector: Corrector, kim: Staff) -> None:
    with talked.session() as session:
        draft = corrector.draft(session, kim, "bea", 3, ["exchange_items"])
    assert draft.proposed == 'exchange_items(item="boots")'
    assert (draft.text, draft.read_as) == (
        "swap the boots, it's Mia, they pinch",
        'return_items(item="boots", reason="they pinch")',
    )


def test_a_corrected_turn_waits_for_the_trainers_and_is_tested(
    talked: Database, corrector: Corrector, kim: Staff
) -> None:
    with talked.session() as session:
        path = corrector.save(session, kim, "bea", 3, 'exchange_items(item="boots")')
    with talked.reading() as session:
        item = session.scalars(select(InboxItem)).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "turn.corrected")).one()
    assert (item.source, item.proposed, item.text) == (
        "corrected",
        'exchange_items(item="boots")',
        "swap the boots, it's Mia, they pinch",
    )
    assert item.context == {"bot": "Thanks, Mia.", "asked": "email"}
    assert (entry.subject, entry.data) == ("bea", {"turn": 3})
    (conversation,) = corrected_conversations(path.parent)
    assert [turn.user for turn in conversation.turns] == [
        "hello",
        "I'm Mia Lindqvist, 97205, mia.lindqvist@example.com",
        "swap the boots, it's Mia, they pinch",
    ]
    assert [turn.commands for turn in conversation.turns] == [
        None,
        None,
        parse_commands('exchange_items(item="boots")'),
    ]


def test_nothing_personal_gets_into_the_example_or_the_test(talked: Database, corrector: Corrector, kim: Staff) -> None:
    with talked.session() as session:
        path = corrector.save(
            session, kim, "bea", 2, 'inform(name="Mia Lindqvist", zip="97205", email="mia.lindqvist@example.com")'
        )
    with talked.reading() as session:
        item = session.scalars(select(InboxItem)).one()
    assert item.text == "I'm Mia Lindqvist, 97205, mia.lindqvist@example.com"
    assert item.proposed == 'inform(name="Mia Lindqvist", zip="97205", email="mia.lindqvist@example.com")'
    written = f"{path.read_text('utf-8')} {path.name} {item.text} {item.proposed} {item.context}".casefold()
    assert not [word for word in PRIVATE if word in written]


def test_correcting_again_replaces_the_correction_and_another_turn_joins_the_test(
    talked: Database, corrector: Corrector, kim: Staff
) -> None:
    with talked.session() as session:
        corrector.save(session, kim, "bea", 3, "stop()")
    with talked.session() as session:
        corrector.save(session, kim, "bea", 3, "exchange_items()")
        corrector.save(session, kim, "bea", 1, "chitchat()")
    with talked.reading() as session:
        assert corrections(session, "bea") == {3: "exchange_items()", 1: "chitchat()"}
        assert len(session.scalars(select(InboxItem)).all()) == 2
    (conversation,) = corrected_conversations(corrector.folder)
    assert [turn.commands and format_commands(turn.commands) for turn in conversation.turns] == [
        "chitchat()",
        None,
        "exchange_items()",
    ]


@pytest.mark.parametrize(
    ("commands", "told"),
    [
        ("exchange_items(", "Expected"),
        ("fly_to_the_moon()", "unknown intent"),
        ('exchange_items(email="x")', "takes no slot"),
        ('exchange_items(item="bea@simmons.org")', "does not stand in the message"),
        ("stop(); stop(); stop(); stop()", "at most"),
    ],
)
def test_what_cannot_be_an_example_is_refused_and_nothing_is_kept(
    talked: Database, corrector: Corrector, kim: Staff, commands: str, told: str
) -> None:
    with pytest.raises(BadWork, match=told), talked.session() as session:
        corrector.save(session, kim, "bea", 3, commands)
    with talked.reading() as session:
        assert session.scalars(select(Annotation)).all() == []
    assert not corrector.folder.exists()


def test_a_folder_that_cannot_be_written_keeps_nothing_and_says_so(
    talked: Database, corrector: Corrector, kim: Staff
) -> None:
    corrector.folder.write_text("a file stands where the folder should be")
    with pytest.raises(BadWork, match="AISLE_REGRESSIONS"), talked.session() as session:
        corrector.save(session, kim, "bea", 3, "stop()")
    with talked.reading() as session:
        assert session.scalars(select(InboxItem)).all() == []


def test_a_private_conversation_teaches_nothing(talked: Database, corrector: Corrector, kim: Staff) -> None:
    happens(talked, "bea", slot_event("private", True))
    with pytest.raises(BadWork, match="private"), talked.session() as session:
        corrector.save(session, kim, "bea", 3, "stop()")
    assert not corrector.folder.exists()


def test_a_trainer_corrects_in_the_studio_and_not_here(talked: Database, corrector: Corrector, tess: Staff) -> None:
    with pytest.raises(NotAllowed), talked.session() as session:
        corrector.save(session, tess, "bea", 3, "stop()")


def test_a_pressed_button_is_no_misunderstanding(talked: Database, corrector: Corrector, kim: Staff) -> None:
    happens(talked, "bea", said("/affirm", "affirm()"), reply("Done."))
    with pytest.raises(BadWork, match="button"), talked.session() as session:
        corrector.draft(session, kim, "bea", 4)


def test_stand_ins_change_nothing_more_the_second_time() -> None:
    commands = parse_commands('identify(name="Ann Lee", email="ann@lee.example", zip="10115")')
    stand_ins = StandIns.of(NOBODY, commands)
    once = stand_ins.words("ANN LEE here, ann@lee.example, zip 10115, call +49 30 1234567, card 4111 1111 1111 1111")
    assert once == (
        "Mia Lindqvist here, mia.lindqvist@example.com, zip 97205, call 503-555-0142, card 4242 4242 4242 4242"
    )
    assert stand_ins.words(once) == once
