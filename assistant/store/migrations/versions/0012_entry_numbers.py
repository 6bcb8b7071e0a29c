"""PostgreSQL's full-text index names its rows by the entries' numbers, as SQLite's does, and has no list of rows that
are still to be put into it: each search reads that list, and the planner, who counts it, reads the whole table instead.

Revision ID: 0012
Revises: 0008
"""

from alembic import op

revision = "0012"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEX = "ix_product_search_document"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE product_search ADD COLUMN number integer")
    op.execute("UPDATE product_search s SET number = e.number FROM search_entries e WHERE e.product_id = s.product_id")
    op.execute("DELETE FROM product_search WHERE number IS NULL")  # a product without an entry is not searched
    op.execute("ALTER TABLE product_search ALTER COLUMN number SET NOT NULL")
    op.execute("ALTER TABLE product_search ADD CONSTRAINT product_search_number_key UNIQUE (number)")
    op.execute(f"ALTER INDEX {INDEX} SET (fastupdate = off)")
    op.execute(f"SELECT gin_clean_pending_list('{INDEX}')")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(f"ALTER INDEX {INDEX} RESET (fastupdate)")
    op.execute("ALTER TABLE product_search DROP COLUMN number")
