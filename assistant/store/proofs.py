"""Proofs: for every change of an order or account, why it was allowed. Staff read them beside the transcript."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from assistant.store.base import Base, now


class Proof(Base):
    __tablename__ = "proofs"
    __table_args__ = (Index("ix_proofs_conversation_id_turn", "conversation_id", "turn"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    turn: Mapped[int]  # in which the change was made
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id"), index=True)
    change: Mapped[dict[str, Any]]  # what was asked for: assistant.desk.changes.Change as JSON
    identified_by: Mapped[str]  # "email", "name and zip" or "signed token"
    state: Mapped[str]  # which was checked: "pending, version 3"
    details: Mapped[str]  # as the shopper was shown them
    yes: Mapped[str]  # in the shopper's words
    made_at: Mapped[datetime] = mapped_column(default=now)
