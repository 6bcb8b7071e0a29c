"""The form of a backup: a ZIP of one JSON-lines file per table and a manifest, the same from SQLite and PostgreSQL.

A line is a row, an array in the order of the manifest's columns. Each column has a kind, so that a backup can be read
without the models of the version that made it. What can be made again from the rows, the full-text indexes and the
search entries, is left out.
"""

from __future__ import annotations

import base64
import json
from datetime import date, datetime
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import JSON, Boolean, Date, Float, Integer, LargeBinary, String, Table
from sqlalchemy.types import TypeEngine

from assistant.store import Base, SearchEntry, UtcDateTime
from assistant.store.product_vectors import Embedding

MANIFEST = "manifest.json"
MADE_AGAIN = (SearchEntry.__tablename__,)
Kind = Literal["text", "integer", "number", "truth", "json", "time", "date", "vector", "bytes"]
TYPES: dict[Kind, type[TypeEngine[Any]]] = {  # the first that a column's type is decides its kind
    "vector": Embedding,
    "time": UtcDateTime,
    "json": JSON,
    "date": Date,
    "truth": Boolean,
    "integer": Integer,
    "number": Float,
    "bytes": LargeBinary,
    "text": String,
}
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class BadArchive(ValueError):
    """A file that is no backup, or one that is damaged or from another version. The message says which."""


class TableEntry(BaseModel):
    """A table in the manifest: its columns with their kinds, how many rows, and the SHA-256 of its file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: Name
    columns: tuple[tuple[Name, Kind], ...]
    rows: int = Field(ge=0)
    sha256: str

    @property
    def file(self) -> str:
        return f"{self.name}.jsonl"


class Manifest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    format: Literal[1] = 1
    made_at: datetime
    made_from: str  # "sqlite" or "postgresql"
    revision: str  # of the schema
    tables: tuple[TableEntry, ...]  # parents before children

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)


def archived_tables() -> list[Table]:
    """Every table whose rows are kept, parents before children."""
    return [table for table in Base.metadata.sorted_tables if table.name not in MADE_AGAIN]


def columns_of(table: Table) -> tuple[tuple[str, Kind], ...]:
    return tuple((column.name, kind_of(column.type)) for column in table.columns)


def kind_of(type_: TypeEngine[Any]) -> Kind:
    """Raises TypeError for a type that has no form in an archive yet."""
    for kind, known in TYPES.items():
        if isinstance(type_, known):
            return kind
    raise TypeError(f"A column of type {type_!r} has no form in a backup; give it one in assistant/operations/archive.")


def line_of(row: Any, kinds: list[Kind]) -> bytes:
    values = [None if value is None else _written(value, kind) for value, kind in zip(row, kinds, strict=True)]
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"


def row_of(line: bytes, columns: tuple[tuple[str, Kind], ...]) -> dict[str, Any]:
    """The row by column."""
    values = zip(columns, json.loads(line), strict=True)
    return {name: None if value is None else _read(value, kind) for (name, kind), value in values}


def _written(value: Any, kind: Kind) -> Any:
    if kind in ("time", "date"):
        return value.isoformat()
    if kind == "vector":
        return base64.b64encode(np.asarray(value, "<f4").tobytes()).decode()
    return base64.b64encode(value).decode() if kind == "bytes" else value


def _read(value: Any, kind: Kind) -> Any:
    if kind == "time":
        return datetime.fromisoformat(value)
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "vector":
        return np.frombuffer(base64.b64decode(value), "<f4")
    return base64.b64decode(value) if kind == "bytes" else value
