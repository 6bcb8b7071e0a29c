"""How long a turn takes, by stage, engine beside engine and by the number of shoppers, in one run.

aisle bench --shoppers 1,4,16,64 --engines openvino,transformers,transformers-plain --repeat 1 --out runs/bench

The written conversations of the demo shop, in an order drawn once, are played on a fresh demo shop. The first engine is
the one that serves: it plays for every number of shoppers, and its steps are held against what the memory allows. The
others play for one shopper, the same messages. Each engine has a process of its own, and warms up first. The server
itself is started before them, for its cold start and memory. bench.json, bench.md and bench.png go to `--out`.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from assistant.actions.base import open_shop, reader
from assistant.bench.bandwidth import gib_per_s
from assistant.bench.engine_run import Played, run_engine
from assistant.bench.page import draw, page
from assistant.bench.server_run import run_server
from assistant.benchmarks import hardware
from assistant.fetch import find_base
from assistant.opening_examples import open_index
from assistant.settings import Settings
from assistant.shop.builder import build_demo_shop
from assistant.store import refresh_vectors
from assistant.training import commit
from finetune.merge import merged_model
from intents.catalogue import load_catalogue

log = logging.getLogger(__name__)

TURNS = 60  # of one shopper, each time: enough for a 95th percentile
FEWER_TURNS = 24  # of an engine that is there to compare with; plain float32 takes seconds for one


def bench(settings: Settings, engines: Sequence[str], shoppers: Sequence[int], repeat: int, out: Path | None) -> None:
    """Print the tables and a last JSON line; write the figures and a plot to `out`. Raises EngineError."""
    begun, load = time.perf_counter(), _load()
    with tempfile.TemporaryDirectory() as folder:
        settings = settings.model_copy(update={"database_url": f"sqlite:///{folder}/bench.db", "engine": engines[0]})
        _build_shop(settings)
        _fill_cache(settings)
        bandwidth = gib_per_s(settings.threads)
        log.info("starting the server")
        server = run_server(settings)
        played = [
            _in_a_process(
                settings, engine, shoppers if place == 0 else (1,), repeat, TURNS if place == 0 else FEWER_TURNS
            )
            for place, engine in enumerate(engines)
        ]
    record: dict[str, Any] = {
        "bench": "turns",
        "engines": {one.engine: one.record() for one in played},
        "server": server,
        "memory_gib_per_s": round(bandwidth, 1),
        "device": hardware(settings.threads),
        "load_before": load,
        "seconds": round(time.perf_counter() - begun, 1),
        "commit": commit(),
    }
    print(page(record))
    print(json.dumps(record))
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / "bench.json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")
        (out / "bench.md").write_text(page(record), "utf-8")
        draw(out / "bench.png", record)


def _build_shop(settings: Settings) -> None:
    shop = open_shop(settings)
    shop.database.upgrade()
    build_demo_shop(shop.database, datetime.now(UTC).date())
    if settings.index:
        refresh_vectors(shop.database, reader(settings))
    shop.database.close()


def _fill_cache(settings: Settings) -> None:
    """What is made once, for an adapter and its examples, is there before a start is timed."""
    if settings.engine in ("openvino", "llama.cpp"):
        merged_model(settings.cache, find_base(settings.cache, settings.base), settings.adapter)
    if settings.index:
        open_index(settings, load_catalogue())


def _in_a_process(settings: Settings, engine: str, shoppers: Sequence[int], repeat: int, turns: int) -> Played:
    log.info("%s: %s shoppers", engine, ", ".join(map(str, shoppers)))
    with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
        return fresh.submit(run_engine, settings, engine, shoppers, repeat, turns).result()


def _load() -> float:
    """How many processes wanted a core in the minute before: above 0.5 the figures are somebody else's too."""
    return round(os.getloadavg()[0], 2)
