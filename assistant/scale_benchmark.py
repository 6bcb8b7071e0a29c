"""How search grows with the catalogue: time, memory and disk at each size, beside bm25s and SQL LIKE in the same run.

aisle bench search --sizes 1000,10000,100000

Each size is a made-up catalogue in a temporary SQLite file, or in the database at --database-url, which is kept: a
later run finds it there. The measuring is done in a process of its own, so that building does not count as memory. In
each round every query of scale_queries.yml is searched as if its words were new; the first round warms up.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import func, select
from tqdm import tqdm

from assistant.actions.base import reader
from assistant.benchmarks import hardware
from assistant.scale_systems import OTHERS, Query, System, load_queries, open_aisle, resident_mib
from assistant.settings import Settings
from assistant.shop.generator import fill
from assistant.store import Database, Product, refresh_vectors
from assistant.training import commit

SEED = 7
ROUNDS = 3  # after the first, which warms up


class OtherCatalogue(ValueError):
    """The database holds something else than the made-up catalogue of this size."""


@dataclass(frozen=True)
class Row:
    """What one search took at one size."""

    products: int
    search: str
    median_ms: float
    p95_ms: float
    by_kind_ms: Mapping[str, float]  # medians
    slowest: str  # query, and its median
    index_s: float | None  # to build what it searches in, the products being there; None where it was there already
    disk_mib: float | None  # of what it searches in; None where that is the shop's own tables
    memory_mib: tuple[int, int]  # resident before it was opened and after the queries


def bench_search(settings: Settings, sizes: Sequence[int], url: str | None, out: Path | None) -> None:
    """Print a table and a last line of JSON, which `out` gets too. Raises OtherCatalogue."""
    started = time.perf_counter()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            at = settings.model_copy(update={"database_url": url or f"sqlite:///{folder}/{size}.db"})
            seconds = build(at, size)
            with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
                rows += fresh.submit(measure, at, size, seconds).result()
    record: dict[str, Any] = {
        "bench": "search",
        "database": "postgresql" if url and url.startswith("postgres") else "sqlite",
        "queries": len(load_queries()),
        "rounds": ROUNDS,
        "seed": SEED,
        "rows": [asdict(row) for row in rows],
        "device": hardware(settings.threads),
        "seconds": round(time.perf_counter() - started, 1),
        "commit": commit(),
    }
    print(table(rows))
    print(json.dumps(record))
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def build(settings: Settings, size: int) -> float | None:
    """The catalogue and its vectors, where they are not there yet. Gives the seconds that the vectors took."""
    with _opened(settings) as database:
        database.upgrade()
        with database.reading() as session:
            there = session.scalar(select(func.count()).select_from(Product)) or 0
            last = session.get(Product, f"g{size - 1:08}")
        if there and (there != size or last is None):
            raise OtherCatalogue(
                f"{database.safe_url} holds {there} products that are not the made-up catalogue of {size}. Give "
                "--database-url an empty database, and one size of --sizes."
            )
        if not there:
            with tqdm(total=size, desc=f"writing {size:,} products", unit=" products", file=sys.stderr) as bar:
                fill(database, size, SEED, bar.update)
        started = time.perf_counter()
        with tqdm(total=size, desc="reading what they are about", unit=" products", file=sys.stderr) as bar:
            read = refresh_vectors(database, reader(settings), bar.update)
        return time.perf_counter() - started if read == size else None


def measure(settings: Settings, size: int, seconds: float | None) -> list[Row]:
    """A row for each search."""
    queries = load_queries()
    reader(settings)(["so that the model is loaded"])
    gc.collect()
    gc.freeze()  # as the server does, server.py
    with _opened(settings) as database, database.reading() as session:
        aisle = _measured(size, "Aisle", queries, lambda: open_aisle(settings, session, seconds))
        others = [_measured(size, name, queries, partial(open_, session)) for name, open_ in OTHERS.items()]
    return [aisle, *others]


def table(rows: Sequence[Row]) -> str:
    """Markdown."""
    lines = [
        "| products | search | median, ms | p95, ms | index built, s | on disk, MiB | memory before and after, MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        took, disk = ("" if value is None else f"{value:,.1f}" for value in (row.index_s, row.disk_mib))
        memory = f"{row.memory_mib[0]:,} to {row.memory_mib[1]:,}"
        lines.append(
            f"| {row.products:,} | {row.search} | {row.median_ms:.1f} | {row.p95_ms:.1f} | {took} | {disk} | {memory} |"
        )
    return "\n".join(lines)


def _measured(size: int, name: str, queries: Sequence[Query], open_: Callable[[], System]) -> Row:
    before = resident_mib()
    system = open_()
    taken: dict[Query, list[float]] = {query: [] for query in queries}
    for number in tqdm(range(ROUNDS + 1), desc=f"{name} in {size:,}", unit=" rounds", file=sys.stderr):
        system.forget()
        for query in queries:
            started = time.perf_counter()
            system.ask(query)
            if number:
                taken[query].append((time.perf_counter() - started) * 1000)
    all_ms = [one for times in taken.values() for one in times]
    slowest = max(queries, key=lambda query: median(taken[query]))
    return Row(
        products=size,
        search=name,
        median_ms=round(median(all_ms), 1),
        p95_ms=round(quantiles(all_ms, n=20)[-1], 1),
        by_kind_ms={
            kind: round(median(one for query in queries if query.kind == kind for one in taken[query]), 1)
            for kind in dict.fromkeys(query.kind for query in queries)
        },
        slowest=f"{slowest.words}: {median(taken[slowest]):.1f} ms",
        index_s=None if system.index_s is None else round(system.index_s, 1),
        disk_mib=None if system.disk_mib is None else round(system.disk_mib, 1),
        memory_mib=(before, resident_mib()),
    )


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.close()
