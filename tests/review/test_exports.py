"""Conversations out of the house: each format, masked, and who may have it otherwise."""

from __future__ import annotations

import csv
import io
import json

import pytest
from sqlalchemy import select
from talks import happens, reply, said, search_for_boots

from assistant.review.exports import FORMATS, export, tracker_of
from assistant.review.queue import Wanted
from assistant.review.transcript import NoSuchConversation
from assistant.staff.access import NotAllowed, Staff
from assistant.store import AuditEntry, Database
from dialogues.tracker import slot_event

SECRET = "ann@lee.example"
ALL = Wanted()


@pytest.fixture
def talked(database: Database) -> Database:
    search_for_boots(database, "mia")
    happens(
        database,
        "ann",
        said(f"=HYPERLINK(1) I'm Ann, {SECRET}", f'identify(email="{SECRET}")'),
        slot_event("email", SECRET),
        reply("Thanks.", "utter_identified"),
    )
    return database


def exported(database: Database, staff: Staff, form: str, wanted: Wanted = ALL, unmasked: bool = False) -> str:
    return "".join(export(database, staff, wanted, form, unmasked=unmasked))


def test_a_sheet_has_a_row_for_each_turn_and_runs_no_formula(talked: Database, kim: Staff) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(talked, kim, "csv"))))
    assert [row["conversation"] for row in rows] == ["ann", "mia"]
    assert rows[0]["shopper"] == "'=HYPERLINK(1) I'm Ann, [e-mail]"
    assert (rows[1]["commands"], rows[1]["confidence"]) == ('search_products(query="boots")', "0.9")


def test_the_events_come_a_conversation_a_line(talked: Database, kim: Staff) -> None:
    lines = [json.loads(line) for line in exported(talked, kim, "jsonl").splitlines()]
    assert [line["conversation"] for line in lines] == ["ann", "mia"]
    assert [event["event"] for event in lines[1]["events"]] == ["user", "action", "bot"]


def test_a_rasa_tracker_holds_what_rasa_knows(talked: Database, kim: Staff) -> None:
    ann, mia = json.loads(exported(talked, kim, "rasa"))
    assert (ann["sender_id"], ann["slots"]["email"]) == ("ann", "[e-mail]")
    assert [event["event"] for event in mia["events"]] == ["user", "action", "bot"]
    assert mia["latest_action_name"] == "action_search_products"
    assert mia["latest_message"]["intent"] == {"name": "search_products", "confidence": 0.9}
    assert mia["events"][-1]["metadata"] == {"utter_action": "utter_products_found"}
    assert mia["events"][0]["timestamp"] == pytest.approx(mia["latest_event_time"], abs=5)


def test_a_chat_to_learn_from_leaves_out_who_asked_to_be_kept_private(talked: Database, kim: Staff) -> None:
    happens(talked, "ann", slot_event("private", True))
    (line,) = exported(talked, kim, "openai").splitlines()
    assert json.loads(line) == {
        "messages": [
            {"role": "user", "content": "I need waterproof boots"},
            {"role": "assistant", "content": "I found one."},
        ]
    }


@pytest.mark.parametrize("form", FORMATS)
def test_personal_data_leaves_only_unmasked_and_by_who_may(
    talked: Database, kim: Staff, tess: Staff, form: str
) -> None:
    assert SECRET not in exported(talked, tess, form)
    with pytest.raises(NotAllowed):
        export(talked, tess, ALL, form, unmasked=True)
    assert SECRET in exported(talked, kim, form, unmasked=True)
    with talked.reading() as session:
        logged = session.scalars(select(AuditEntry).where(AuditEntry.action.like("transcript%"))).all()
    assert [(entry.action, entry.staff_id == kim.id) for entry in logged] == [
        ("transcripts.exported", False),
        ("transcripts.exported", True),
        ("transcript.unmasked", True),
        ("transcript.unmasked", True),
    ]
    assert SECRET not in str([entry.data for entry in logged])


def test_only_what_was_searched_for_is_exported(talked: Database, kim: Staff) -> None:
    found = exported(talked, kim, "jsonl", Wanted(text="boots"))
    assert [json.loads(line)["conversation"] for line in found.splitlines()] == ["mia"]
    assert exported(talked, kim, "rasa", Wanted(text="xylophone")) == "[]\n"


def test_a_tracker_is_masked_and_logged(talked: Database, kim: Staff) -> None:
    with talked.session() as session:
        assert SECRET not in json.dumps(tracker_of(session, kim, "ann"))
        assert SECRET in json.dumps(tracker_of(session, kim, "ann", unmasked=True))
        with pytest.raises(NoSuchConversation):
            tracker_of(session, kim, "../etc/passwd")
    with talked.reading() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == "ann")).all()
    assert list(actions) == ["transcript.read", "transcript.unmasked"]
