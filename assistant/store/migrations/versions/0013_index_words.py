"""The full-text index of products holds words as we cut them, so that both databases find the same.

No table changes: `Database.upgrade` writes the index anew, from models that only the newest version fits. Going back
leaves its words as they are; an earlier version finds all but numbers with a point.

Revision ID: 0013
Revises: 0012
"""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
