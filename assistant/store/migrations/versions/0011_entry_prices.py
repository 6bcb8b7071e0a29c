"""The lowest and the highest price of each product, in its search entry.

Revision ID: 0011
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0006"
branch_labels = None
depends_on = None

OF_VARIANTS = "(SELECT {}(v.price_cents) FROM variants v WHERE v.product_id = search_entries.product_id)"


def upgrade() -> None:
    op.add_column("search_entries", sa.Column("lowest_cents", sa.Integer(), nullable=True))
    op.add_column("search_entries", sa.Column("highest_cents", sa.Integer(), nullable=True))
    lowest, highest = OF_VARIANTS.format("min"), OF_VARIANTS.format("max")
    op.execute(f"UPDATE search_entries SET lowest_cents = {lowest}, highest_cents = {highest}")


def downgrade() -> None:
    op.drop_column("search_entries", "highest_cents")
    op.drop_column("search_entries", "lowest_cents")
