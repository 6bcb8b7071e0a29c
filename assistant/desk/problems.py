"""A problem that a shopper tells of, written down for colleagues: a note on the turn of the conversation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from assistant.desk.proofs import Proof
from assistant.store import Annotation

KIND = "report_problem"


def apply(session: Session, change: Mapping[str, Any], proof: Proof) -> None:
    """Note what is wrong with which order, in the shopper's own words."""
    about = f" ({', '.join(change['items'])})" if change["items"] else ""
    text = f'{change["problem"]}: order {change["order_id"]}{about}. The shopper wrote: "{proof.yes}"'
    session.add(
        Annotation(conversation_id=proof.conversation_id, turn=proof.turn, kind="note", text=text, author_id=None)
    )
    session.flush()
