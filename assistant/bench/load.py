"""What a server does under load: so many shoppers at once over HTTP, for so long, and its memory meanwhile.

aisle bench load --shoppers 1,50,200,1 --seconds 60 --out runs/load
aisle bench load --shoppers 8 --soak-minutes 30 --out runs/soak
aisle bench load --shoppers 50 --url http://127.0.0.1:7860    # a server that runs, whose memory is not seen

Each shopper plays the written conversations one after the other and sends the next message `--pause-s` after an answer.
A message that is refused (409, 429, 503) is sent again with the same id after as long as the server asks for. Without
--url a server of our own is started on a fresh demo shop. load.json and load.md go to `--out`.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

import httpx

from assistant.bench.conversations import Message, load_talk
from assistant.bench.engine_run import spread
from assistant.bench.page import table
from assistant.bench.server_run import memory_mib, own_server
from assistant.benchmarks import hardware
from assistant.settings import Settings
from assistant.training import commit

REFUSED = (409, 429, 503)
LONGEST_TURN_S = 120.0  # for one request; a server that sheds load answers long before
SAMPLES = 60  # of the memory, in a level
WARM = 0.1  # of a level: its memory is not compared
COMPARED = 3  # samples at either end


@dataclass
class Load:
    """What so many shoppers at once met."""

    shoppers: int
    seconds: float
    taken: list[float] = field(default_factory=list)  # seconds of each answer, without the refusals before it
    refused: Counter[str] = field(default_factory=Counter)  # by status
    errors: Counter[str] = field(default_factory=Counter)  # by status, or what the connection died of
    memory: list[int] = field(default_factory=list)  # MiB resident, in order; none where it is not seen

    def record(self) -> dict[str, Any]:
        return {
            "shoppers": self.shoppers,
            "seconds": round(self.seconds, 1),
            "turns": len(self.taken),
            "turns_per_s": round(len(self.taken) / self.seconds, 2),
            "turn_s": spread(self.taken) if self.taken else None,
            "refused": dict(self.refused),
            "errors": dict(self.errors),
            "mib": [self.memory[0], self.memory[-1]] if self.memory else None,
            "growth_percent": growth_percent(self.memory),
        }


def bench_load(
    settings: Settings, shoppers: Sequence[int], seconds: float, pause_s: float, url: str | None, out: Path | None
) -> None:
    """Print the table and a last JSON line. Raises ServerDown."""
    with _server(settings, url) as (address, pid):
        loads = [
            asyncio.run(play(address, many, seconds, pause_s, lambda: memory_mib(pid)["VmRSS"] if pid else None))
            for many in shoppers
        ]
    record = {
        "bench": "load",
        "levels": [load.record() for load in loads],
        "pause_s": pause_s,
        "device": hardware(settings.threads),
        "commit": commit(),
    }
    print(load_page(record))
    print(json.dumps(record))
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / "load.json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")
        (out / "load.md").write_text(load_page(record), "utf-8")


async def play(url: str, shoppers: int, seconds: float, pause_s: float, memory: Callable[[], int | None]) -> Load:
    """Let so many talk at once; who waits for an answer at the end still gets it."""
    talk, load, begun = load_talk(), Load(shoppers, seconds), time.monotonic()
    until = begun + seconds
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=shoppers)
    async with httpx.AsyncClient(base_url=url, timeout=LONGEST_TURN_S, limits=limits) as client:
        watching = asyncio.create_task(_watch(load, memory, until))
        await asyncio.gather(
            *(_shop(client, talk[number % len(talk) :] + talk, until, pause_s, load) for number in range(shoppers))
        )
        await watching
    load.seconds = time.monotonic() - begun
    return load


def growth_percent(memory: Sequence[int]) -> float | None:
    """How much more is resident at the end than after the warm-up; None of too few samples to tell."""
    steady = memory[int(len(memory) * WARM) :]
    if len(steady) < 2 * COMPARED:
        return None
    return round(100 * (mean(steady[-COMPARED:]) / mean(steady[:COMPARED]) - 1), 1)


def load_page(record: dict[str, Any]) -> str:
    """The table as Markdown."""
    rows = [
        [
            str(level["shoppers"]),
            f"{level['seconds']:.0f}",
            str(level["turns"]),
            f"{level['turns_per_s']:.1f}",
            f"{level['turn_s']['median']:.2f} / {level['turn_s']['p95']:.2f}" if level["turn_s"] else "",
            *(str(level["refused"].get(status, 0)) for status in ("503", "429")),
            ", ".join(f"{count} {what}" for what, count in level["errors"].items()) or "0",
            " / ".join(f"{mib:,}" for mib in level["mib"] or ()),
            "" if level["growth_percent"] is None else f"{level['growth_percent']:.1f} %",
        ]
        for level in record["levels"]
    ]
    head = ["shoppers", "s", "turns", "turns/s", "p50 / p95, s", "503", "429", "errors", "MiB before / after", "growth"]
    pause = f"who pause {record['pause_s']:g} s" if record["pause_s"] else "none of whom pauses"
    told = (
        f"{record['device']}, commit {record['commit']}. Shoppers at once over HTTP, {pause} before the next message."
    )
    return f"{told}\n\n{table(head, rows)}\n"


@contextmanager
def _server(settings: Settings, url: str | None) -> Iterator[tuple[str, int | None]]:
    """The server to load, and its process id where it is ours."""
    if url:
        yield url, None
        return
    with tempfile.TemporaryDirectory() as folder:
        own = settings.model_copy(update={"database_url": f"sqlite:///{folder}/load.db"})
        with own_server(own) as started:
            yield started


async def _shop(
    client: httpx.AsyncClient, talk: Sequence[Sequence[Message]], until: float, pause_s: float, load: Load
) -> None:
    """One shopper, conversation after conversation."""
    async for sender, text in _messages(talk):
        if time.monotonic() >= until:
            return
        await _send(client, {"sender": sender, "message": text, "message_id": uuid.uuid4().hex}, until, load)
        await asyncio.sleep(pause_s)


async def _messages(talk: Sequence[Sequence[Message]]) -> AsyncIterator[tuple[str, str]]:
    """Each conversation with a sender of its own, from the top where they end."""
    while True:
        for conversation in talk:
            sender = uuid.uuid4().hex
            for _, text in conversation:
                yield sender, text


async def _send(client: httpx.AsyncClient, body: dict[str, str], until: float, load: Load) -> None:
    """One message, until it is answered, fails, or the time is over."""
    while True:
        begun = time.perf_counter()
        try:
            response = await client.post("/webhooks/rest/webhook", json=body)
        except httpx.TransportError as error:
            load.errors[type(error).__name__] += 1
            return
        if response.status_code == 200:
            load.taken.append(time.perf_counter() - begun)
            return
        if response.status_code not in REFUSED:
            load.errors[str(response.status_code)] += 1
            return
        load.refused[str(response.status_code)] += 1
        if time.monotonic() >= until:
            return
        await asyncio.sleep(float(response.headers["Retry-After"]))


async def _watch(load: Load, memory: Callable[[], int | None], until: float) -> None:
    """Sample the memory until the end, and once more then."""
    every_s = max(0.05, load.seconds / SAMPLES)
    while (found := memory()) is not None:
        load.memory.append(found)
        if (left := until - time.monotonic()) <= 0:
            return
        await asyncio.sleep(min(every_s, left))
