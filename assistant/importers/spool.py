"""The lines of a feed in a temporary SQLite file, so that rows of one product need not stand together.

It also knows which ids have been seen, however long the feed is: a second row with one id is reported and skipped.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from assistant.importers.feeds import FeedLine, FeedVariant
from assistant.importers.report import LEFT_OUT, ROW_SKIPPED, Report

TABLES = """
CREATE TABLE products (id TEXT PRIMARY KEY, place INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE variants (id TEXT PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE skus (sku TEXT PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE lines (place INTEGER, row INTEGER, line TEXT NOT NULL, PRIMARY KEY (place, row)) WITHOUT ROWID;
"""


class Spool:
    """Holds the lines of one feed for as long as its `with` lasts."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._folder = TemporaryDirectory(prefix="aisle-import-")
        self._rows = sqlite3.connect(Path(self._folder.name) / "feed.db", isolation_level=None)
        self._rows.execute("PRAGMA journal_mode = OFF")
        self._rows.execute("PRAGMA synchronous = OFF")
        self._rows.executescript(TABLES)
        self._rows.execute("BEGIN")
        self._products = 0

    def add(self, line: FeedLine) -> None:
        variant = line.variant
        if variant is not None:
            if (earlier := self._seen("variants", "id", variant.id, line.row)) is not None:
                self._report.add(line.row, "id", variant.id, f"stands in row {earlier} already", ROW_SKIPPED)
                return
            line = line.model_copy(update={"variant": self._with_own_sku(variant, line.row)})
        self._rows.execute(
            "INSERT INTO lines VALUES (?, ?, ?)", (self._place(line.product_id), line.row, line.model_dump_json())
        )

    def products(self) -> Iterator[list[FeedLine]]:
        """The lines of each product, in the order in which the products first appear."""
        found = self._rows.execute("SELECT place, line FROM lines ORDER BY place, row")
        for _, lines in groupby(found, key=itemgetter(0)):
            yield [FeedLine.model_validate_json(line) for _, line in lines]

    def has_product(self, id: str) -> bool:
        return self._rows.execute("SELECT 1 FROM products WHERE id = ?", (id,)).fetchone() is not None

    def has_variant(self, id: str) -> bool:
        return self._rows.execute("SELECT 1 FROM variants WHERE id = ?", (id,)).fetchone() is not None

    def row_of(self, variant_id: str) -> int:
        return int(self._rows.execute("SELECT row FROM variants WHERE id = ?", (variant_id,)).fetchone()[0])

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.close()
        self._folder.cleanup()

    def _seen(self, table: str, column: str, key: str, row: int) -> int | None:
        """The row that has this key already; it is this row's from now on if there is none."""
        found = self._rows.execute(f"SELECT row FROM {table} WHERE {column} = ?", (key,)).fetchone()
        if found is not None:
            return int(found[0])
        self._rows.execute(f"INSERT INTO {table} VALUES (?, ?)", (key, row))
        return None

    def _with_own_sku(self, variant: FeedVariant, row: int) -> FeedVariant:
        if variant.sku is None or (earlier := self._seen("skus", "sku", variant.sku, row)) is None:
            return variant
        self._report.add(row, "sku", variant.sku, f"stands in row {earlier} already", LEFT_OUT)
        return variant.model_copy(update={"sku": None})

    def _place(self, product_id: str) -> int:
        found = self._rows.execute("SELECT place FROM products WHERE id = ?", (product_id,)).fetchone()
        if found is not None:
            return int(found[0])
        self._products += 1
        self._rows.execute("INSERT INTO products VALUES (?, ?)", (product_id, self._products))
        return self._products
