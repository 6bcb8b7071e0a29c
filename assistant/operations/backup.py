"""Write a backup while the shop goes on: every table as it stood at one moment.

The rows are read in one snapshot, a read transaction of SQLite's WAL or REPEATABLE READ on PostgreSQL, so no turn is
in it by half and no writer waits for it. The file holds personal data: only its owner may read it.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

from sqlalchemy import Connection, Table, select

from assistant.operations.archive import MANIFEST, Manifest, TableEntry, archived_tables, columns_of, line_of
from assistant.store import Database, migrate, now

AT_ONCE = 1_000  # rows in memory


def back_up(database: Database, path: Path) -> Manifest:
    """Write the archive; a file of that name is replaced once the new one is whole. Raises DatabaseNotReady."""
    database.check()
    partial = path.with_name(f"{path.name}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            manifest = _write(database, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _write(database: Database, archive: zipfile.ZipFile) -> Manifest:
    with archive, _snapshot(database) as connection, connection.begin():
        manifest = Manifest(
            made_at=now(),
            made_from=connection.dialect.name,
            revision=migrate.current_revision(connection) or "",
            tables=tuple(_write_table(connection, archive, table) for table in archived_tables()),
        )
        archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
    return manifest


def _snapshot(database: Database) -> Connection:
    """A connection whose transaction sees one moment only. SQLite's reads do so by themselves."""
    isolation = {"isolation_level": "REPEATABLE READ"} if database.engine.dialect.name == "postgresql" else {}
    return database.engine.connect().execution_options(writing=False, **isolation)


def _write_table(connection: Connection, archive: zipfile.ZipFile, table: Table) -> TableEntry:
    columns = columns_of(table)
    kinds = [kind for _, kind in columns]
    digest, rows = hashlib.sha256(), 0
    chosen = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=AT_ONCE)
    with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as file:
        for row in connection.execute(chosen):
            line = line_of(row, kinds)
            digest.update(line)
            file.write(line)
            rows += 1
    return TableEntry(name=table.name, columns=columns, rows=rows, sha256=digest.hexdigest())
