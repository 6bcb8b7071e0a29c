"""A folder to write feeds into and import them from, and what stands in the report and in the store afterwards."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from assistant.importers.feed_import import FeedResult, Form, import_feed
from assistant.store import Database, Product, Variant


class FeedFolder:
    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.database = database
        self.report = folder / "feed.report.csv"

    def imports(self, form: Form, content: str | bytes, columns: str | None = None, **options: Any) -> FeedResult:
        """Import a feed of this content; the report is `self.report`."""
        feed = self.folder / "feed"
        feed.write_bytes(content.encode() if isinstance(content, str) else content)
        if columns is not None:
            options["columns"] = self.folder / "columns.yml"
            options["columns"].write_text(columns, "utf-8")
        return import_feed(self.database, feed, form, **options)

    def problems(self) -> list[tuple[str, str, str, str, str]]:
        """Row, field, value, what is wrong and what was done."""
        if not self.report.exists():
            return []
        with self.report.open(encoding="utf-8-sig", newline="") as file:
            return [tuple(row) for row in csv.reader(file)][1:]

    def product(self, id: str) -> Product:
        with self.database.reading() as session:
            wanted = select(Product).where(Product.id == id).options(selectinload(Product.variants))
            return session.scalars(wanted).one()

    def prices(self) -> dict[str, int]:
        """The cents of every variant that can be bought."""
        with self.database.reading() as session:
            return {variant.id: variant.price_cents for variant in session.scalars(select(Variant)) if variant.in_stock}
