"""Alembic runs this file for every command; `assistant.store.migrate` hands it the open connection."""

from alembic import context

from assistant.store import Base
from assistant.store.migrate import described_by_models

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_name=described_by_models,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
