"""Schema versions: Alembic without its ini file, on a connection that the caller opened.

The migrations are in `migrations/versions/`, one file each, shipped with the package.
"""

from __future__ import annotations

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

# The full-text indexes are made by hand in the migrations, since no model describes them. On SQLite each brings tables
# of its own, all with its name before theirs.
HAND_MADE_PREFIXES = ("product_search", "conversation_search")
INDEX_WORDS = "0013"  # cut the index's words otherwise: an upgrade from before it writes that index anew
HAND_MADE_INDEX = "ix_product_vectors_vector"  # pgvector's; SQLite has none


def upgrade(connection: Connection) -> bool:
    """True where the database was there already, and its full-text index holds words as an earlier version cut them."""
    before = current_revision(connection)
    command.upgrade(config(connection), "head")
    return before is not None and revisions().index(before) < revisions().index(INDEX_WORDS)


def move(connection: Connection, revision: str) -> None:
    """Forward or back to a revision that is known."""
    at, order = current_revision(connection), revisions()
    forward = at is None or order.index(revision) >= order.index(at)
    (command.upgrade if forward else command.downgrade)(config(connection), revision)


def current_revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@cache
def head_revision() -> str | None:
    return _scripts().get_current_head()


def known_revisions() -> frozenset[str]:
    return frozenset(revisions())


@cache
def revisions() -> tuple[str, ...]:
    """Oldest first."""
    return tuple(script.revision for script in _scripts().walk_revisions())[::-1]


def config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "assistant.store:migrations")
    config.attributes["connection"] = connection
    return config


def described_by_models(name: str | None, type_: str, parents: object) -> bool:
    """Alembic's `include_name`: what to compare between the models and a database."""
    if type_ == "index":
        return name != HAND_MADE_INDEX
    return not (type_ == "table" and name is not None and name.startswith(HAND_MADE_PREFIXES))


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(config())
