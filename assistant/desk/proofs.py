"""The proof of a change: how the customer was identified, the state checked, the details shown, the words of the yes.

It is stored in the transaction of the change itself, so there is no change without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.desk.terms import Change
from assistant.store import Proof as ProofRow


@dataclass(frozen=True)
class Proof:
    """Why a change was allowed."""

    conversation_id: str
    turn: int  # of the yes
    identified_by: str  # "email", "name and zip" or "signed token"
    state: str  # of the order when it was checked: "pending, version 3"
    details: str  # the assistant's message that the shopper said yes to
    yes: str  # the shopper's words


def keep(session: Session, change: Change, proof: Proof) -> None:
    """Store the proof beside what was changed."""
    session.add(
        ProofRow(
            conversation_id=proof.conversation_id,
            turn=proof.turn,
            customer_id=change.customer_id,
            order_id=change.order_id,
            change=change.to_json(),
            identified_by=proof.identified_by,
            state=proof.state,
            details=proof.details,
            yes=proof.yes,
        )
    )


def proofs_of(session: Session, conversation_id: str) -> Sequence[ProofRow]:
    """Every proof of a conversation, oldest first, for staff to read beside its turns."""
    found = select(ProofRow).where(ProofRow.conversation_id == conversation_id).order_by(ProofRow.id)
    return session.scalars(found).all()
