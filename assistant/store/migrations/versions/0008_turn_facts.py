"""What the desk's figures read: a row for each message of a shopper.

Those of conversations that are there already are filled in by `assistant.review.turn_facts.backfill_turns`, which the
server calls at its start.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "turn_facts",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("intent", sa.String(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("fell_back", sa.Boolean(), nullable=False),
        sa.Column("thumb", sa.String(), nullable=True),
        sa.Column("unanswered", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_turn_facts_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", "turn", name=op.f("pk_turn_facts")),
    )
    op.create_index(op.f("ix_turn_facts_at"), "turn_facts", ["at"])
    op.create_index(op.f("ix_conversation_facts_started_at"), "conversation_facts", ["started_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_conversation_facts_started_at"), "conversation_facts")
    op.drop_table("turn_facts")
