"""What search by meaning needs: a vector of each product.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from assistant.store.migrate import HAND_MADE_INDEX
from assistant.store.product_vectors import DIMENSIONS, Embedding

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        _enable_pgvector()
    op.create_table(
        "product_vectors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("vector", Embedding(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_vectors_product_id_products"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_vectors")),
        sa.UniqueConstraint("product_id", name=op.f("uq_product_vectors_product_id")),
        sqlite_autoincrement=True,
    )
    if postgresql:
        op.execute(f"CREATE INDEX {HAND_MADE_INDEX} ON product_vectors USING hnsw (vector vector_cosine_ops)")


def downgrade() -> None:
    op.drop_table("product_vectors")


def _enable_pgvector() -> None:
    there = "SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'"
    if not op.get_bind().scalar(sa.text(there)):
        raise RuntimeError(
            f"This PostgreSQL has no pgvector, in which Aisle keeps what each product is about ({DIMENSIONS} numbers). "
            "Install it on the database server (Debian: postgresql-NN-pgvector), then start again."
        )
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
