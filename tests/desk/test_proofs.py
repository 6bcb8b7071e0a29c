"""Every change keeps why it was allowed, in its own transaction; nothing that was refused leaves a proof."""

from __future__ import annotations

from typing import Any

import pytest
from desk_shop import OFFICE, PROOF, change, do, everything
from sqlalchemy import func, select

from assistant.desk import apply_event
from assistant.desk.changes import Change, Refused, apply
from assistant.desk.proofs import proofs_of
from assistant.store import Annotation, Conversation, Database, Proof

EVENT: dict[str, Any] = {
    "event": "change",
    "change": change("cancel", reason="no longer needed", version=0).to_json(),
    "identified_by": "name and zip",
    "state": "pending, version 0",
    "details": "Cancel order #W1 for $125.00?",
    "yes": "yeah, go ahead",
}


def count(shop: Database) -> int:
    with shop.reading() as session:
        return session.scalar(select(func.count()).select_from(Proof)) or 0


def test_staff_read_why_a_change_was_allowed(shop: Database) -> None:
    with shop.session() as session:
        apply_event(session, EVENT, "talk", 5)
    do(shop, change("default_address", None, address=OFFICE))
    with shop.reading() as session:
        first, second = proofs_of(session, "talk")
        assert proofs_of(session, "another") == []
    assert (first.turn, first.customer_id, first.order_id, first.identified_by) == (5, "mia", "#W1", "name and zip")
    assert (first.state, first.details, first.yes) == (EVENT["state"], EVENT["details"], EVENT["yes"])
    assert Change.from_json(first.change).reason == "no longer needed"
    assert (second.turn, second.order_id, second.yes) == (PROOF.turn, None, PROOF.yes)
    assert second.made_at >= first.made_at


def test_a_refused_change_leaves_no_proof(shop: Database) -> None:
    with pytest.raises(Refused):
        do(shop, change("cancel", "#W3", reason="no longer needed"))
    assert count(shop) == 0


def test_a_change_and_its_proof_are_undone_together(shop: Database) -> None:
    before = everything(shop)
    with pytest.raises(ZeroDivisionError), shop.session() as session:
        apply(session, change("cancel", reason="no longer needed"), PROOF)
        raise ZeroDivisionError
    assert (everything(shop), count(shop)) == (before, 0)


def test_a_rehearsal_shows_the_change_and_undoes_it(shop: Database) -> None:
    before = everything(shop)
    with shop.rehearsal() as session:
        apply_event(session, EVENT, "talk", 5)
        with shop.reading():
            assert everything(shop)["orders"]["#W1"][0] == "cancelled"
    assert (everything(shop), count(shop)) == (before, 0)


def test_proofs_go_with_their_conversation(shop: Database) -> None:
    do(shop, change("cancel", reason="no longer needed"))
    with shop.session() as session:
        session.delete(session.get_one(Conversation, "talk"))
    assert count(shop) == 0


def test_a_problem_that_is_reported_becomes_a_note_on_the_turn(shop: Database) -> None:
    problem = {"kind": "report_problem", "customer_id": "mia", "order_id": "#W2", "problem": "damaged", "items": []}
    with shop.session() as session:
        apply_event(session, {**EVENT, "change": problem}, "talk", 5)
    with shop.reading() as session:
        assert "damaged" in session.scalars(select(Annotation)).one().text
