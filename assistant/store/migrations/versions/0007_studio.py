"""The trainers' inbox, and the history of the example files.

Revision ID: 0007
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0011"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "inbox_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("proposed", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("worth", sa.Double(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("added_at", TIME, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.CheckConstraint("source IN ('corrected', 'uncertain', 'novel')", name=op.f("ck_inbox_items_source")),
        sa.CheckConstraint("state IN ('open', 'accepted', 'dismissed')", name=op.f("ck_inbox_items_state")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_inbox_items_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        _to_staff("inbox_items", "added_by"),
        _to_staff("inbox_items", "decided_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_items")),
        sa.UniqueConstraint("conversation_id", "event_seq", name=op.f("uq_inbox_items_conversation_id_event_seq")),
    )
    op.create_index("ix_inbox_items_state_worth", "inbox_items", ["state", "worth"])
    for column in ("added_by", "decided_by"):
        op.create_index(op.f(f"ix_inbox_items_{column}"), "inbox_items", [column])
    op.create_table(
        "example_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("save", sa.String(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("above", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("undone_at", TIME, nullable=True),
        _to_staff("example_changes", "staff_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_example_changes")),
    )
    for column in ("at", "save", "staff_id", "file"):
        op.create_index(op.f(f"ix_example_changes_{column}"), "example_changes", [column])


def downgrade() -> None:
    op.drop_table("example_changes")
    op.drop_table("inbox_items")


def _to_staff(table: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_staff_users")
    return sa.ForeignKeyConstraint([column], ["staff_users.id"], name=name, ondelete="SET NULL")
