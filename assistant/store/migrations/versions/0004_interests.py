"""What shoppers looked at, and whether a customer allows that it is remembered.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from assistant.store.base import one_of

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS = ("view", "click", "cart")  # as they were at this revision


def upgrade() -> None:
    op.add_column("customers", sa.Column("remember_views", sa.Boolean(), nullable=True))
    op.create_table(
        "product_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(one_of("kind", KINDS), name=op.f("ck_product_events_kind")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_events_product_id_products"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_product_events_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_product_events_customer_id_customers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_events")),
    )
    for columns in (["product_id"], ["conversation_id"], ["customer_id", "at"]):
        op.create_index(op.f(f"ix_product_events_{'_'.join(columns)}"), "product_events", columns)


def downgrade() -> None:
    op.drop_table("product_events")
    op.drop_column("customers", "remember_views")
