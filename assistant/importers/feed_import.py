"""Import a shop's product feed: read it once, row by row, then write its products, batch by batch.

    result = import_feed(database, Path("products.csv"), "shopify", report=Path("report.csv"), currency="USD")
    print(result)

A run that is cut may be run again: whole batches are there or not, and a second run changes only what differs.
A feed that lists all that the shop sells (`full`) takes what it does not list off sale (missing.py), after all else.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tqdm import tqdm

from assistant.importers.decoding import BrokenFeed
from assistant.importers.feeds import Feed, FeedLine, FeedProduct, gather
from assistant.importers.fields import Reading
from assistant.importers.generic_csv import open_csv, read_column_map
from assistant.importers.google import open_google
from assistant.importers.missing import Missing, take_off_sale
from assistant.importers.prices import CURRENCIES
from assistant.importers.report import Report
from assistant.importers.shopify import open_shopify
from assistant.importers.spool import Spool
from assistant.importers.upsert import Counts, Upsert
from assistant.store import Database, now

PRODUCTS_AT_ONCE = 200  # in one transaction: on SQLite it keeps other writers waiting, well under a second
VARIANTS_AT_ONCE = 2_000

Form = Literal["shopify", "google", "csv"]


class UnknownCurrency(ValueError):
    """The currency is no ISO 4217 code. The message shows how one is written."""


@dataclass(frozen=True)
class FeedResult:
    counts: Counts
    rows: int
    problems: int
    report: Path
    missing: Missing | None = None  # of a full feed

    def __str__(self) -> str:
        counts = self.counts
        written = f"{_counted(counts.new, 'product')} new, {counts.changed:,} changed, {counts.unchanged:,} unchanged"
        gone = f" ({counts.gone:,} more gone, unavailable now)" if counts.gone else ""
        said = f"{written}, with {_counted(counts.variants, 'variant')}{gone}, from {_counted(self.rows, 'row')}"
        said += f"; {self.missing}" if self.missing else ""
        if not self.problems:
            return f"{said}; no problems."
        return f"{said}; {_counted(self.problems, 'problem')}, listed in {self.report}."


def import_feed(
    database: Database, path: Path, form: Form, report: Path | None = None, currency: str = "USD",
    columns: Path | None = None, full: bool = False,
) -> FeedResult:  # fmt: skip
    """Import the feed at `path`; `full`: what it does not list is not sold any more.

    Raises BrokenFeed, UnknownCurrency, BrokenColumnMap or ReportInTheWay. Then nothing has been written: a feed is read
    to its end first."""
    if currency.upper() not in CURRENCIES:
        raise UnknownCurrency(f'"{currency}" is not a currency known here; write its ISO code, like USD or EUR.')
    with Report(report or path.with_name(f"{path.name}.report.csv")) as problems, Spool(problems) as spool:
        reading = Reading(problems, currency.upper(), now())
        feed = _open(path, form, reading, columns)
        rows, untold = _read(feed.lines, spool)
        if not rows:
            raise BrokenFeed(f"{path} has no products: nothing that can be read stands in it.")
        upsert = Upsert(feed, spool, problems)
        for batch in _batches(_products(spool, problems, rows)):
            with database.session() as session:
                upsert.write(session, batch)
        missing = take_off_sale(database, spool, untold) if full else None
        return FeedResult(upsert.counts, rows, problems.problems, problems.path, missing)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _open(path: Path, form: Form, reading: Reading, columns: Path | None) -> Feed:
    if form == "shopify":
        return open_shopify(path, reading)
    if form == "google":
        return open_google(path, reading)
    return open_csv(path, reading, read_column_map(columns) if columns else None)


def _read(lines: Iterable[FeedLine | None], spool: Spool) -> tuple[int, int]:
    """Every line into the spool. Returns how many rows there were, and how many do not say of which product."""
    count = untold = 0
    for line in tqdm(lines, desc="reading", unit=" rows", file=sys.stderr):
        count += 1
        if line is None:
            untold += 1
        else:
            spool.add(line)
    return count, untold


def _products(spool: Spool, report: Report, rows: int) -> Iterator[FeedProduct]:
    with tqdm(total=rows, desc="writing", unit=" rows", file=sys.stderr) as bar:
        for lines in spool.products():
            product = gather(lines, report)
            if product is not None:
                yield product
            bar.update(len(lines))


def _batches(products: Iterable[FeedProduct]) -> Iterator[list[FeedProduct]]:
    batch: list[FeedProduct] = []
    variants = 0
    for product in products:
        batch.append(product)
        variants += len(product.variants)
        if len(batch) >= PRODUCTS_AT_ONCE or variants >= VARIANTS_AT_ONCE:
            yield batch
            batch, variants = [], 0
    if batch:
        yield batch
