"""Reading a conversation: as the shopper saw it and what happened behind it, masked, with a line in the audit log."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from talks import MODEL, ORDER, happens, in_task, reply, said

from assistant.review import work
from assistant.review.transcript import NoSuchConversation, Transcript, read_transcript
from assistant.review.work import BadWork
from assistant.staff.access import NotAllowed, Staff
from assistant.store import AuditEntry, Customer, Database
from dialogues.tracker import action_event, slot_event


@pytest.fixture
def talk(database: Database) -> Database:
    with database.session() as session:
        session.add(Customer(id="mia_lindqvist_12", email="mia@example.com", first_name="Mia", last_name="Lindqvist"))
    happens(
        database,
        "mia",
        said("where is it? mia@example.com", 'track_order(); identify(email="mia@example.com")', 0.71),
        action_event("action_identify"),
        slot_event("customer_id", "mia_lindqvist_12"),
        slot_event("email", "mia@example.com"),
        in_task("track_order", "order_id"),
        {"event": "change", "change": {"kind": "address", "order_id": "#W1", "address": {"address1": "1 Elm"}}},
        reply(
            "Thanks, Mia.", "utter_identified", facts={"name": "Mia"}, cards=(ORDER,), written_by="model", how="model",
            refused=("digits",),
        ),
        {"event": "timing", "seconds": {"understand": 0.2, "act": 0.1}},
    )  # fmt: skip
    happens(database, "mia", said("thanks", "thank()"), reply("Any time.", "utter_thanks"))
    happens(database, "mia", {"event": "feedback", "turn": 1, "thumb": "down"})
    return database


def read(database: Database, staff: Staff, **how: bool) -> Transcript:
    with database.session() as session:
        return read_transcript(session, staff, "mia", **how)


def audited(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(entry.action, entry.subject) for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_each_turn_says_what_was_read_done_and_answered(talk: Database, kim: Staff) -> None:
    first, second = read(talk, kim, unmasked=True).turns
    assert first.reading is not None
    assert (first.reading.commands, first.reading.confidence) == (
        'track_order(); identify(email="mia@example.com")',
        0.71,
    )
    assert first.stack == ("track_order (asks order_id)",)
    assert first.actions == ("action_identify",)
    assert first.slots == (("customer_id", "mia_lindqvist_12"), ("email", "mia@example.com"))
    assert first.changes[0]["kind"] == "address"
    assert (first.replies[0].response, first.replies[0].written_by) == ("utter_identified", "model")
    assert (first.replies[0].facts, first.replies[0].refused) == ({"name": "Mia"}, ("digits",))
    assert first.seconds == {"understand": 0.2, "act": 0.1}
    assert (first.thumb, second.thumb) == ("down", None)
    assert second.stack is None


def test_the_model_that_read_it_is_named_whether_masked_or_not(talk: Database, kim: Staff, tess: Staff) -> None:
    for transcript in (read(talk, kim, unmasked=True), read(talk, tess)):
        assert [turn.reading.model for turn in transcript.turns if turn.reading] == [MODEL, MODEL]


def test_nothing_personal_is_left_in_a_masked_transcript(talk: Database, tess: Staff) -> None:
    with talk.session() as session:
        work.add_note(session, tess, "mia", "Mia is in a hurry")
    found = read(talk, tess)
    everything = repr((found.turns, found.notes))
    assert found.masked
    for word in ("mia@example", "Mia", "Lindqvist", "lindqvist", "1 Elm"):
        assert word not in everything
    assert "#W4821093" in everything
    assert "shipped" in everything


def test_a_stranger_is_masked_by_the_name_they_gave_wherever_it_stands(database: Database, tess: Staff) -> None:
    happens(database, "mia", said("swap it, bea simmons", 'exchange_items(); identify(name="bea simmons")'), reply("?"))
    happens(database, "mia", said("please, Bea here again", "thank()"), reply("Of course."))
    first, second = read(database, tess).turns
    assert (first.said[0][1], second.said[0][1]) == ("swap it, [name]", "please, [name] here again")
    assert first.reading is not None and "bea" not in first.reading.commands


def test_only_who_answers_shoppers_may_unmask(talk: Database, kim: Staff, tess: Staff) -> None:
    assert "mia@example.com" in repr(read(talk, kim, unmasked=True).turns)
    with pytest.raises(NotAllowed, match="trainer"):
        read(talk, tess, unmasked=True)


def test_every_look_and_every_unmasking_is_logged_and_a_refresh_is_not(talk: Database, kim: Staff, tess: Staff) -> None:
    read(talk, tess)
    read(talk, kim)
    read(talk, kim, unmasked=True)
    read(talk, kim, unmasked=True, again=True)
    assert audited(talk) == [("transcript.read", "mia"), ("transcript.read", "mia"), ("transcript.unmasked", "mia")]


def test_a_conversation_that_is_not_there_is_named(talk: Database, kim: Staff) -> None:
    with pytest.raises(NoSuchConversation, match="nobody"), talk.session() as session:
        read_transcript(session, kim, "nobody")


def test_notes_labels_flag_assignment_and_settling_show_and_are_logged(talk: Database, kim: Staff, tess: Staff) -> None:
    with talk.session() as session:
        work.add_note(session, tess, "mia", "Should have asked for the order first.")
        work.turn_label(session, tess, "mia", " Wrong  Task ")
        work.turn_flag(session, tess, "mia")
        work.assign(session, kim, "mia", "kim")
        work.turn_resolved(session, kim, "mia")
    found = read(talk, kim)
    assert [(note.author, note.text) for note in found.notes] == [("tess", "Should have asked for the order first.")]
    assert (found.labels, found.facts.flagged, found.assigned_to) == (("wrong task",), True, "kim")
    assert found.facts.resolved_at is not None
    with talk.session() as session:
        work.turn_label(session, tess, "mia", "wrong task")
        work.assign(session, kim, "mia", None)
    assert (read(talk, kim).labels, read(talk, kim).assigned_to) == ((), None)
    assert [action for action, _ in audited(talk)] == [
        "conversation.noted", "conversation.labelled", "conversation.flagged", "conversation.assigned",
        "conversation.resolved", "transcript.read", "conversation.unlabelled", "conversation.unassigned",
        "transcript.read", "transcript.read",
    ]  # fmt: skip


def test_a_trainer_does_not_assign_or_settle(talk: Database, tess: Staff) -> None:
    with talk.session() as session:
        for act in (work.turn_resolved, lambda *who: work.assign(*who, "tess")):
            with pytest.raises(NotAllowed):
                act(session, tess, "mia")


def test_what_cannot_be_kept_is_refused_in_words(talk: Database, kim: Staff, tess: Staff) -> None:
    with talk.session() as session:
        with pytest.raises(BadWork, match="note"):
            work.add_note(session, kim, "mia", " \n ")
        with pytest.raises(BadWork, match="label"):
            work.turn_label(session, kim, "mia", "x" * 50)
        with pytest.raises(BadWork, match="tess does not answer"):
            work.assign(session, kim, "mia", "tess")
