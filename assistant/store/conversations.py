"""Conversations: an append-only list of events each, and what staff noted on their turns.

An event's number `seq` is its place in the conversation, from 0. Two turns that both append number 7 cannot both
commit, and a client's message id is kept once per conversation, so that the same message is never answered twice.
The database itself refuses to change an event.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assistant.store.base import Base, now, one_of
from assistant.store.staff import StaffUser

ANNOTATION_KINDS = ("note", "label")


class Conversation(Base):
    __tablename__ = "conversations"
    __table_args__ = (CheckConstraint("event_count >= 0", name="event_count"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now, index=True)
    event_count: Mapped[int] = mapped_column(default=0)

    events: Mapped[list[Event]] = relationship(
        back_populates="conversation", order_by="Event.seq", cascade="all, delete-orphan", passive_deletes=True
    )
    annotations: Mapped[list[Annotation]] = relationship(
        back_populates="conversation", order_by="Annotation.id", cascade="all, delete-orphan", passive_deletes=True
    )


class Event(Base):
    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("conversation_id", "message_id"),)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    turn: Mapped[int]
    type: Mapped[str]
    message_id: Mapped[str | None]  # the client's, on the event of the shopper's message
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)

    conversation: Mapped[Conversation] = relationship(back_populates="events")


class Annotation(Base):
    __tablename__ = "annotations"
    __table_args__ = (
        CheckConstraint(one_of("kind", ANNOTATION_KINDS), name="kind"),
        Index("ix_annotations_conversation_id_turn", "conversation_id", "turn"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    turn: Mapped[int]
    kind: Mapped[str]  # "note": words for colleagues; "label": what the turn should have been understood as
    text: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)

    conversation: Mapped[Conversation] = relationship(back_populates="annotations")
    author: Mapped[StaffUser | None] = relationship()
