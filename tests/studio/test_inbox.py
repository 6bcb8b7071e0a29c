"""Messages worth labelling: what comes into the inbox and how, what never does, and what trainers do with it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from assistant.staff.access import NotAllowed, Staff
from assistant.store import AuditEntry, Conversation, Customer, Database, InboxItem
from assistant.studio.inbox import (
    NoSuchItem,
    NotForTheInbox,
    accept,
    add_item,
    context_of,
    dismiss,
    open_item,
    open_items,
)
from dialogues.tracker import slot_event
from intents.commands import CommandSyntaxError
from intents.context import Context
from tests.review.talks import happens, reply, said

ASKED = Context("Which order, Mia?", "return_items", "order_id", ("Lamp Alba",))


@pytest.fixture
def talk(database: Database) -> Database:
    with database.session() as session:
        session.add(Customer(id="mia_12", email="mia@example.com", first_name="Mia", last_name="Lindqvist"))
    happens(database, "mia", said("hi"), slot_event("customer_id", "mia_12"), reply("Hello."))
    happens(database, "mia", said("send it back, Mia Lindqvist", "out_of_scope()", 0.4), reply("Sorry?"))
    return database


def add(database: Database, staff: Staff | None, **changes: Any) -> InboxItem:
    given: dict[str, Any] = {
        "text": "send it back, Mia Lindqvist here, mia@example.com",
        "context": ASKED,
        "proposed": 'return_items(); identify(email="mia@example.com")',
        "source": "corrected",
        "conversation_id": "mia",
        "event_seq": 3,
        **changes,
    }
    with database.session() as session:
        return add_item(session, staff, **given)


def waiting(database: Database) -> list[str]:
    with database.reading() as session:
        return [item.text for item in open_items(session)]


def test_a_correction_waits_for_a_trainer_without_anything_personal(talk: Database, kim: Staff) -> None:
    item = add(talk, kim)
    assert item.text == "send it back, [name] here, [e-mail]"
    assert item.proposed == 'return_items(); identify(email="[e-mail]")'
    assert context_of(item) == Context("Which order, [name]?", "return_items", "order_id", ("Lamp Alba",))
    assert waiting(talk) == [item.text]
    with talk.reading() as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["inbox.added"]


def test_nothing_comes_in_from_a_conversation_kept_private(talk: Database, kim: Staff) -> None:
    happens(talk, "mia", slot_event("private", True), said("and keep this to yourself"), reply("I will."))
    with pytest.raises(NotForTheInbox, match="private"):
        add(talk, kim)
    happens(talk, "mia", slot_event("private", False), said("never mind"), reply("Fine."))
    assert add(talk, kim).id


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"text": "/affirm"}, NotForTheInbox),
        ({"text": "  "}, NotForTheInbox),
        ({"conversation_id": "nobody"}, NotForTheInbox),
        ({"proposed": "return_items("}, CommandSyntaxError),
    ],
)
def test_what_teaches_nothing_is_refused(
    talk: Database, kim: Staff, changes: dict[str, Any], problem: type[Exception]
) -> None:
    with pytest.raises(problem):
        add(talk, kim, **changes)
    assert waiting(talk) == []


def test_a_message_is_in_the_inbox_once_and_a_correction_brings_it_back(
    talk: Database, kim: Staff, tess: Staff
) -> None:
    found = add(talk, None, source="uncertain", worth=0.5, proposed="deny()")
    assert add(talk, None, source="novel").source == "uncertain"
    with talk.session() as session:
        dismiss(session, tess, found.id)
    assert add(talk, None, source="novel").state == "dismissed"
    assert waiting(talk) == []
    again = add(talk, kim)
    assert (again.id, again.state, again.source, again.added_by) == (found.id, "open", "corrected", kim.id)


def test_corrections_come_first_then_what_teaches_most(talk: Database, kim: Staff) -> None:
    for seq, worth in ((10, 0.2), (11, 0.9)):
        add(talk, None, source="novel", text=f"worth {worth}", worth=worth, event_seq=seq)
    add(talk, kim, text="corrected", worth=0.1)
    assert waiting(talk) == ["corrected", "worth 0.9", "worth 0.2"]


def test_a_trainer_decides_once_and_an_agent_not_at_all(talk: Database, kim: Staff, tess: Staff) -> None:
    item = add(talk, kim)
    with talk.session() as session:
        with pytest.raises(NotAllowed):
            accept(session, kim, item.id)
        accept(session, tess, item.id)
        with pytest.raises(NoSuchItem, match="already"):
            dismiss(session, tess, item.id)
        assert (item.id, session.get_one(InboxItem, item.id).state) == (item.id, "accepted")
    assert waiting(talk) == []


def test_a_message_of_a_conversation_that_has_become_private_since_is_taught_no_more(
    talk: Database, kim: Staff, tess: Staff
) -> None:
    item = add(talk, kim)
    happens(talk, "mia", slot_event("private", True), said("keep all this to yourself"), reply("I will."))
    with talk.session() as session:
        with pytest.raises(NoSuchItem, match="private"):
            open_item(session, item.id)
        dismiss(session, tess, item.id)
    assert waiting(talk) == []


def test_an_item_goes_with_its_conversation(talk: Database, kim: Staff) -> None:
    add(talk, kim)
    with talk.session() as session:
        session.delete(session.get_one(Conversation, "mia"))
    assert waiting(talk) == []
