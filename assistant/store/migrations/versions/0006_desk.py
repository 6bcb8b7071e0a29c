"""Staff sessions and failed sign-ins; what the desk reads of conversations: facts, mentions and a full-text index.

Facts of conversations that are there already are filled in by `assistant.review.facts.backfill`, which the server calls
at its start: they are read from events, which is not a migration's business.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
TABLES = ("staff_sessions", "sign_in_attempts", "conversation_facts", "conversation_mentions")


def upgrade() -> None:
    _create_staff()
    _create_facts()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE conversation_search ("
            "conversation_id VARCHAR NOT NULL REFERENCES conversations (id) ON DELETE CASCADE, turn INTEGER NOT NULL, "
            "said TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_conversation_search_conversation_id ON conversation_search (conversation_id)")
        op.execute("CREATE INDEX ix_conversation_search_said ON conversation_search USING gin (said)")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE conversation_search USING fts5("
            "conversation_id UNINDEXED, turn UNINDEXED, said, tokenize = 'porter unicode61 remove_diacritics 2')"
        )
        op.execute(
            "CREATE TRIGGER conversation_leaves_the_search AFTER DELETE ON conversations "
            "BEGIN DELETE FROM conversation_search WHERE conversation_id = OLD.id; END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER conversation_leaves_the_search")
    op.execute("DROP TABLE conversation_search")
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_staff() -> None:
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _to_staff("staff_sessions", "staff_id", "CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_sessions")),
    )
    op.create_index(op.f("ix_staff_sessions_staff_id"), "staff_sessions", ["staff_id"])
    op.create_index(op.f("ix_staff_sessions_expires_at"), "staff_sessions", ["expires_at"])
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index("ix_sign_in_attempts_name_at", "sign_in_attempts", ["name", "at"])
    op.create_index("ix_sign_in_attempts_address_at", "sign_in_attempts", ["address", "at"])


def _create_facts() -> None:
    op.create_table(
        "conversation_facts",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("lowest_confidence", sa.Double(), nullable=True),
        sa.Column("not_understood", sa.Integer(), nullable=False),
        sa.Column("thumbs_up", sa.Integer(), nullable=False),
        sa.Column("thumbs_down", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("handed_over", sa.Boolean(), nullable=False),
        sa.Column("open_task", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("preview", sa.String(), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("resolved_at", TIME, nullable=True),
        sa.Column("assigned_to", sa.Integer(), nullable=True),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('answered', 'done', 'task_open', 'handed_over')", name=op.f("ck_conversation_facts_outcome")
        ),
        _to_conversation("conversation_facts"),
        _to_staff("conversation_facts", "assigned_to", "SET NULL"),
        _to_staff("conversation_facts", "taken_by", "SET NULL"),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_conversation_facts")),
    )
    op.create_index("ix_conversation_facts_last_at", "conversation_facts", ["last_at", "conversation_id"])
    for column in ("customer_id", "assigned_to", "taken_by"):
        op.create_index(op.f(f"ix_conversation_facts_{column}"), "conversation_facts", [column])
    op.create_table(
        "conversation_mentions",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('intent', 'product', 'order', 'customer', 'label')", name=op.f("ck_conversation_mentions_kind")
        ),
        _to_conversation("conversation_mentions"),
        sa.PrimaryKeyConstraint("kind", "value", "conversation_id", name=op.f("pk_conversation_mentions")),
    )
    op.create_index(op.f("ix_conversation_mentions_conversation_id"), "conversation_mentions", ["conversation_id"])


def _to_staff(table: str, column: str, on_delete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_staff_users")
    return sa.ForeignKeyConstraint([column], ["staff_users.id"], name=name, ondelete=on_delete)


def _to_conversation(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_conversation_id_conversations")
    return sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=name, ondelete="CASCADE")
