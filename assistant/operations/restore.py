"""Read a backup into a database, of either kind: all of it in one transaction, or nothing.

The tables are brought to the version that the backup was made at, filled, and migrated from there; the indexes that
no backup holds are made again. Stop the servers of the database first: what they keep in memory is of the old rows.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Column, Connection, Table, column, func, insert, select, table, text
from sqlalchemy.orm import Session

from assistant.operations.archive import MANIFEST, TYPES, BadArchive, Manifest, TableEntry, row_of
from assistant.review.facts import backfill, index_whole
from assistant.store import Base, ConversationFacts, Database, migrate, reindex

AT_ONCE = 1_000  # rows in one INSERT
UNREADABLE = (KeyError, zipfile.BadZipFile, zlib.error, OSError)  # what reading a damaged file of an archive raises
INDEXES = ("product_search", "conversation_search")  # not tables of a model; emptied by themselves


class NotEmpty(RuntimeError):
    """The database has rows, which a restore would mix with or lose."""


def restore(database: Database, path: Path, replace: bool = False) -> Manifest:
    """Fill the database from the archive. Raises BadArchive, NotEmpty and DatabaseNotReady, having changed no row."""
    with _open(path) as archive:
        manifest = read_manifest(archive, path)
        _verify(archive, manifest, path)
        database.upgrade()
        with database.engine.begin() as connection:
            _make_room(connection, replace)
            migrate.move(connection, manifest.revision)
            for entry in manifest.tables:
                _fill(connection, archive, entry)
            migrate.upgrade(connection)
            _go_on_counting(connection)
            with Session(connection) as session:
                reindex(session)
                _index_conversations(session)
                session.flush()
    backfill(database)
    return manifest


def read_manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    """Raises BadArchive."""
    try:
        manifest = Manifest.model_validate_json(archive.read(MANIFEST))
    except (*UNREADABLE, ValidationError) as error:
        raise BadArchive(f"{path} is no backup of Aisle's that this version can read.") from error
    if manifest.revision not in migrate.known_revisions():
        raise BadArchive(
            f"{path} is at version {manifest.revision}, which this version of Aisle does not know. "
            "It was made by a newer one: install that to restore it."
        )
    unknown = {entry.name for entry in manifest.tables} - set(Base.metadata.tables)
    if unknown:
        raise BadArchive(f"{path} has tables that Aisle does not know: {', '.join(sorted(unknown))}.")
    return manifest


def _open(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError:
        raise BadArchive(f"There is no file {path}.") from None
    except (zipfile.BadZipFile, OSError) as error:
        raise BadArchive(f"{path} is no backup of Aisle's, or only part of one: {error}.") from error


def _verify(archive: zipfile.ZipFile, manifest: Manifest, path: Path) -> None:
    """Raises BadArchive unless every table is there whole."""
    for entry in manifest.tables:
        digest, rows = hashlib.sha256(), 0
        try:
            for line in _lines(archive, entry):
                digest.update(line)
                rows += 1
        except UNREADABLE as error:
            raise BadArchive(f"{path} is damaged: {entry.file} cannot be read.") from error
        if (rows, digest.hexdigest()) != (entry.rows, entry.sha256):
            raise BadArchive(f"{path} is damaged: {entry.file} is not what was backed up.")


def _lines(archive: zipfile.ZipFile, entry: TableEntry) -> Iterator[bytes]:
    with archive.open(entry.file) as file:
        yield from file


def _make_room(connection: Connection, replace: bool) -> None:
    counts = {one.name: _count(connection, one) for one in Base.metadata.sorted_tables}
    rows = sum(counts.values())
    if rows and not replace:
        raise NotEmpty(
            f"The database holds {rows:,} rows already ({counts['orders']:,} orders). "
            "Restore into an empty one, or add --replace to lose them."
        )
    for index in INDEXES:
        connection.execute(text(f"DELETE FROM {index}"))
    for one in reversed(Base.metadata.sorted_tables):
        connection.execute(one.delete())


def _count(connection: Connection, one: Table) -> int:
    return connection.scalar(select(func.count()).select_from(one)) or 0


def _fill(connection: Connection, archive: zipfile.ZipFile, entry: TableEntry) -> None:
    into = table(entry.name, *(column(name, TYPES[kind]()) for name, kind in entry.columns))
    lines = _lines(archive, entry)
    while batch := [row_of(line, entry.columns) for line in islice(lines, AT_ONCE)]:
        connection.execute(insert(into), batch)


def _go_on_counting(connection: Connection) -> None:
    """PostgreSQL's sequences stand before the ids that were filled in; SQLite looks at the ids themselves."""
    if connection.dialect.name != "postgresql":
        return
    for one in Base.metadata.sorted_tables:
        numbered: Column[int] | None = one.autoincrement_column
        if numbered is not None:
            highest = f"(SELECT max({numbered.name}) FROM {one.name})"
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{one.name}', '{numbered.name}'), {highest})")
            )


def _index_conversations(session: Session) -> None:
    """The full-text index of those whose facts were restored; `backfill` makes the others' with their facts."""
    chosen = select(ConversationFacts.conversation_id, ConversationFacts.customer_id)
    for sender, customer_id in session.execute(chosen).all():
        index_whole(session, sender, customer_id)
