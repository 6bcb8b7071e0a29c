"""The order desk: changes to orders, checked on the rows, applied once, with the proof of why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from assistant.conversations import begin
from assistant.desk import carts, changes, problems
from assistant.desk.proofs import Proof
from assistant.desk.terms import Change, Refused

__all__ = ["Refused", "apply_event"]


def apply_event(session: Session, event: Mapping[str, Any], conversation_id: str, turn: int) -> None:
    """Make the change that an action returned as an event, in the transaction of its turn. Raises Refused."""
    begin(session, conversation_id)
    change = event["change"]
    proof = Proof(conversation_id, turn, event["identified_by"], event["state"], event["details"], event["yes"])
    OF_OTHERS.get(change["kind"], _apply_to_order)(session, change, proof)


def _apply_to_order(session: Session, change: Mapping[str, Any], proof: Proof) -> None:
    changes.apply(session, Change.from_json(change), proof)


OF_OTHERS: Mapping[str, Callable[[Session, Mapping[str, Any], Proof], None]] = {
    problems.KIND: problems.apply,
    **dict.fromkeys(carts.KINDS, carts.apply),
}
