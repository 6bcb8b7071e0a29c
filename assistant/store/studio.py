"""What trainers work on: messages worth labelling, and what was changed in the example files.

An `InboxItem` is a shopper's message, masked, with the commands that somebody proposes for it; it goes with its
conversation. An `ExampleChange` is a stretch of lines of an example file that was changed: what stood there before and
after, so that it can be undone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assistant.store.base import Base, now, one_of
from assistant.store.staff import StaffUser

INBOX_SOURCES = ("corrected", "uncertain", "novel")
INBOX_STATES = ("open", "accepted", "dismissed")


class InboxItem(Base):
    __tablename__ = "inbox_items"
    __table_args__ = (
        CheckConstraint(one_of("source", INBOX_SOURCES), name="source"),
        CheckConstraint(one_of("state", INBOX_STATES), name="state"),
        UniqueConstraint("conversation_id", "event_seq"),
        Index("ix_inbox_items_state_worth", "state", "worth"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]  # what the shopper wrote, masked
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)  # bot, task, asked, shown; masked
    proposed: Mapped[str]  # commands, in the command language
    source: Mapped[str]  # one of INBOX_SOURCES
    worth: Mapped[float] = mapped_column(default=1.0)  # 0..1; what teaches most comes first
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    event_seq: Mapped[int]  # of the shopper's message
    added_by: Mapped[int | None] = mapped_column(ForeignKey("staff_users.id", ondelete="SET NULL"), index=True)
    added_at: Mapped[datetime] = mapped_column(default=now)
    state: Mapped[str] = mapped_column(default="open")  # one of INBOX_STATES
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff_users.id", ondelete="SET NULL"), index=True)
    decided_at: Mapped[datetime | None]


class ExampleChange(Base):
    __tablename__ = "example_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    save: Mapped[str] = mapped_column(index=True)  # the changes that were made together have the same
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_users.id", ondelete="SET NULL"), index=True)
    file: Mapped[str] = mapped_column(index=True)  # its name in the folder of examples
    line: Mapped[int]  # where the lines stand, from 1
    above: Mapped[str]  # the line above them, by which the place is found again
    before: Mapped[str]  # the lines that were replaced, as they stood in the file; "" for an addition
    after: Mapped[str]  # what stands there since; "" for a deletion
    undone_at: Mapped[datetime | None]

    staff: Mapped[StaffUser | None] = relationship()
