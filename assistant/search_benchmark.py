"""Measure search on judged queries over a fresh demo shop, search beside search, and print a table and a line of JSON.

aisle evaluate search --data tests/search/relevance.jsonl
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant.actions.base import reader
from assistant.search.relevance import Judged, Score, System, answer_to, load_judged, score, systems, table
from assistant.search.vectors import ProductVectors
from assistant.settings import Settings
from assistant.shop.builder import build_demo_shop
from assistant.store import Database, refresh_vectors
from assistant.training import commit
from assistant.understanding import open_recogniser
from intents.catalogue import load_catalogue
from intents.context import EMPTY

DAY = date(2026, 11, 3)  # the shop's orders hang on it, and no search does
SEARCHES = ("search_products", "recommend")
READ = "fused with filters, read by the recogniser"


def evaluate_search(settings: Settings, data: Path, out: Path) -> None:
    """The table on stdout, and in `out`/search.json and search.md. Raises BadJudgments, FetchError or EngineError."""
    judged = load_judged(data)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        shop = Database(f"sqlite:///{folder}/shop.db")
        shop.upgrade()
        build_demo_shop(shop, DAY)
        refresh_vectors(shop, reader(settings))
        vectors = ProductVectors(reader(settings))
        compared = systems(vectors) | {READ: answer_to(read_slots(settings, judged), vectors)}
        scores = _scores(shop, judged, compared)
        shop.close()
    out.mkdir(parents=True, exist_ok=True)
    (out / "search.md").write_text(table(scores) + "\n", "utf-8")
    figures: dict[str, Any] = {"bench": "search", "queries": len(judged), "commit": commit()}
    figures |= {"systems": {name: asdict(one) for name, one in scores.items()}}
    figures["seconds"] = round(time.monotonic() - started, 1)
    (out / "search.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(table(scores))
    print(json.dumps(figures))


def read_slots(settings: Settings, judged: Sequence[Judged]) -> dict[str, Mapping[str, Any]]:
    """Query id: the slots of the first search that the recogniser hears in it; none where it hears something else."""
    recogniser = open_recogniser(settings, load_catalogue())
    heard = recogniser.understand_all([(one.query, EMPTY) for one in judged])
    slots: dict[str, Mapping[str, Any]] = {}
    for one, understood in zip(judged, heard, strict=True):
        search = next((command for command in understood.commands if command.intent in SEARCHES), None)
        values: dict[str, Any] = {}
        for name, value in search.slots if search else ():
            values[name] = [*values.get(name, []), value] if name == "feature" else value
        slots[one.id] = values
    return slots


def _scores(shop: Database, judged: Sequence[Judged], compared: Mapping[str, System]) -> dict[str, Score]:
    scores = {}
    with shop.reading() as session:
        for name, system in tqdm(compared.items(), desc="searching", unit=" searches", file=sys.stderr):
            scores[name] = score(judged, [system(session, one) for one in judged])
    return scores
