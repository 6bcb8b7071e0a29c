"""What the desk reads instead of whole conversations: facts and mentions of each, and a full-text index.

`ConversationFacts` has one row per conversation, written in the transaction that appends its events (assistant/review);
`assigned_to`, `resolved_at`, `taken_by` and `flagged` are the staff's. `ConversationMention` says what a conversation
is about: intents, products, orders, the customer, labels. The index `conversation_search` holds what was said, one row
a turn, without personal data; the migration makes it by hand, FTS5 on SQLite and a `tsvector` on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, TextualSelect, bindparam, column, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from assistant.store.base import Base, now, one_of
from assistant.texts import fold

OUTCOMES = ("answered", "done", "task_open", "handed_over")
MENTION_KINDS = ("intent", "product", "order", "customer", "label")

INSERT_SQLITE = text(
    "INSERT INTO conversation_search (conversation_id, turn, said) VALUES (:conversation_id, :turn, :said)"
)
INSERT_POSTGRESQL = text(
    "INSERT INTO conversation_search (conversation_id, turn, said) "
    "VALUES (:conversation_id, :turn, to_tsvector('english', :said))"
)
MATCH_SQLITE = "SELECT conversation_id FROM conversation_search WHERE conversation_search MATCH :{0}"
MATCH_POSTGRESQL = (  # a word that it does not index, "the", was said by everybody
    "SELECT conversation_id FROM conversation_search WHERE said @@ plainto_tsquery('english', :{0}) "
    "OR numnode(plainto_tsquery('english', :{0})) = 0"
)


class ConversationFacts(Base):
    __tablename__ = "conversation_facts"
    __table_args__ = (
        CheckConstraint(one_of("outcome", OUTCOMES), name="outcome"),
        Index("ix_conversation_facts_last_at", "last_at", "conversation_id"),
    )

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(default=now, index=True)
    last_at: Mapped[datetime] = mapped_column(default=now)
    turns: Mapped[int] = mapped_column(default=0)  # messages of the shopper
    lowest_confidence: Mapped[float | None]
    not_understood: Mapped[int] = mapped_column(default=0)  # turns that asked back, or to say it again
    thumbs_up: Mapped[int] = mapped_column(default=0)
    thumbs_down: Mapped[int] = mapped_column(default=0)
    changes: Mapped[int] = mapped_column(default=0)  # of orders, carts and the like
    handed_over: Mapped[bool] = mapped_column(default=False)  # ever
    open_task: Mapped[str | None]  # the flow that waits for the shopper
    outcome: Mapped[str] = mapped_column(default="answered")  # one of OUTCOMES
    customer_id: Mapped[str | None] = mapped_column(index=True)
    preview: Mapped[str] = mapped_column(default="")  # the shopper's last words, masked
    flagged: Mapped[bool] = mapped_column(default=False)
    resolved_at: Mapped[datetime | None]
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey("staff_users.id", ondelete="SET NULL"), index=True)
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff_users.id", ondelete="SET NULL"), index=True)


class ConversationMention(Base):
    __tablename__ = "conversation_mentions"
    __table_args__ = (CheckConstraint(one_of("kind", MENTION_KINDS), name="kind"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class TurnFacts(Base):
    """A message of the shopper and what became of it; the desk's figures are counted from these."""

    __tablename__ = "turn_facts"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    intent: Mapped[str | None]  # the first that was read
    seconds: Mapped[float | None]  # until the answer was whole
    fell_back: Mapped[bool] = mapped_column(default=False)  # asked back, asked to say it again, or offered a person
    thumb: Mapped[str | None]  # "up" or "down", on the reply
    unanswered: Mapped[str | None]  # the words, masked, where they were out of scope or not understood


def index_turns(session: Session, sender: str, turns: Sequence[tuple[int, str]]) -> None:
    """Add what was said, turn by turn, to the full-text index."""
    insert = INSERT_POSTGRESQL if _on_postgresql(session) else INSERT_SQLITE
    rows = [{"conversation_id": sender, "turn": turn, "said": fold(said)} for turn, said in turns]
    if rows:
        session.execute(insert, rows)


def unindex(session: Session, sender: str) -> None:
    """Take what was said in a conversation out of the full-text index, which SQLite reads through for it."""
    session.execute(text("DELETE FROM conversation_search WHERE conversation_id = :sender"), {"sender": sender})


def matching(session: Session, word: str, name: str) -> TextualSelect:
    """The ids of the conversations in which a word was said; `name` is the parameter's, one of its own in a query."""
    if _on_postgresql(session):
        chosen = text(MATCH_POSTGRESQL.format(name)).bindparams(bindparam(name, fold(word)))
    else:
        quoted = '"' + fold(word).replace('"', '""') + '"'  # FTS5 reads no operator in it
        chosen = text(MATCH_SQLITE.format(name)).bindparams(bindparam(name, quoted))
    return chosen.columns(column("conversation_id", String))


def _on_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
