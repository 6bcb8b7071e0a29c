"""Measure whether search keeps to what is asked, on requests drawn from a fresh shop, and print tables and a JSON line.

aisle evaluate filters --seed 7 --n 300
aisle evaluate filters --data db.json    on tau2's shop instead of the demo shop
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant.actions.base import reader
from assistant.importers.tau2 import import_tau2
from assistant.search.faithfulness import (
    Faithfulness,
    Searched,
    faithfulness,
    searched_by,
    searched_by_words,
    table,
)
from assistant.search.filter_requests import draw_requests
from assistant.search.listings import read_listings
from assistant.search.vectors import ProductVectors
from assistant.settings import Settings
from assistant.shop.builder import build_demo_shop
from assistant.store import Database, refresh_vectors
from assistant.training import commit

DAY = date(2026, 11, 3)  # the shop's orders hang on it, and no search does
WORDS, TEXT, FUSED = "words alone (BM25, first 50)", "filters, text alone", "fused with filters"


def evaluate_filters(settings: Settings, out: Path, n: int, seed: int, tau2: Path | None = None) -> None:
    """The tables on stdout, in `out`/filters.md with every fault, and filters.json. Raises FetchError."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        shop = Database(f"sqlite:///{folder}/shop.db")
        shop.upgrade()
        if tau2:
            import_tau2(shop, tau2)
        else:
            build_demo_shop(shop, DAY)
        refresh_vectors(shop, reader(settings))
        fused = searched_by(ProductVectors(reader(settings)))
        found = _measured(shop, {WORDS: searched_by_words, TEXT: searched_by(None), FUSED: fused}, n, seed)
        shop.close()
    figures: dict[str, Any] = {"bench": "filters", "shop": "tau2" if tau2 else "demo", "n": n, "seed": seed}
    figures |= {"commit": commit(), "systems": {name: _figures(one) for name, one in found.items()}}
    figures["seconds"] = round(time.monotonic() - started, 1)
    out.mkdir(parents=True, exist_ok=True)
    faults = "\n".join(f"- {fault}" for name in (TEXT, FUSED) for fault in found[name].faults) or "No fault."
    (out / "filters.md").write_text(f"{table(found, FUSED)}\n\n{faults}\n", "utf-8")
    (out / "filters.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(f"{table(found, FUSED)}\n\n{faults}\n")
    print(json.dumps(figures))


def _measured(shop: Database, systems: dict[str, Searched], n: int, seed: int) -> dict[str, Faithfulness]:
    with shop.reading() as session:
        listings = read_listings(session)
        requests = draw_requests(listings, n, seed)
        found = {}
        for name, searched in systems.items():
            bar = tqdm(requests, desc=name, unit=" requests", file=sys.stderr)
            found[name] = faithfulness(listings, [(request, searched(session, request)) for request in bar])
        return found


def _figures(one: Faithfulness) -> dict[str, Any]:
    tallies = {"all": one.whole, **one.kinds}
    shares = {name: {"satisfied": tally.satisfied, "recall": tally.recall} for name, tally in tallies.items()}
    counts = {"breaches": len(one.breaches), "misses": len(one.misses)}
    return {**asdict(one.whole), **counts, "in_order": one.in_order, "named": one.named, "shares": shares}
