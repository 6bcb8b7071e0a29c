"""What search needs of a large catalogue: a small numbered entry for each product, and an index that covers variants.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = "product_id, name, category, audience, rating, rating_count"
OF_PRODUCT = "p.id, p.name, p.category, p.audience, p.rating, p.rating_count FROM products p"


def upgrade() -> None:
    op.create_table(
        "search_entries",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("audience", sa.String(), nullable=True),
        sa.Column("rating", sa.Double(), nullable=True),
        sa.Column("rating_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_search_entries_product_id_products"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_search_entries")),
        sa.UniqueConstraint("product_id", name=op.f("uq_search_entries_product_id")),
        sqlite_autoincrement=True,
    )
    joined = f"{OF_PRODUCT} JOIN product_search s ON s.product_id = p.id"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"INSERT INTO search_entries ({COLUMNS}) SELECT {joined}")
    else:  # the entry's number is the row of the index
        op.execute(f"INSERT INTO search_entries (number, {COLUMNS}) SELECT s.rowid, {joined}")
    op.create_index(op.f("ix_search_entries_category"), "search_entries", ["category"])
    op.create_index("ix_variants_buyable", "variants", ["product_id", "available", "stock", "price_cents"])
    op.drop_index(op.f("ix_variants_product_id"), "variants")


def downgrade() -> None:
    op.create_index(op.f("ix_variants_product_id"), "variants", ["product_id"])
    op.drop_index("ix_variants_buyable", "variants")
    op.drop_table("search_entries")
