"""How long a turn takes, by stage, engine beside engine in one run.

The same conversation on a fresh demo shop is played with each engine: `openvino`, which serves, and plain
`transformers` in float32, the baseline. The first round warms up and is not counted.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from tqdm import tqdm

from assistant.actions.base import open_shop
from assistant.assembly import assemble
from assistant.benchmarks import hardware
from assistant.conversations import read_events
from assistant.engines import open_engine
from assistant.settings import Settings
from assistant.shop.builder import build_demo_shop
from assistant.training import commit
from assistant.turns import Assistant

ENGINES = ("openvino", "transformers")
STAGES = ("understand", "act", "reply", "turn")
CONVERSATION = (
    "hi there",
    "im after waterproof hiking boots for women, under 120 if poss",
    "anything cheaper?",
    "is the first one vegan?",
    "how long does delivery take",
    "thanks. also wheres my order #W4073917",
    "actually what are you",
    "never mind",
    "do you have a quiet blender for smoothies",
    "whats the capital of peru",
    "can i talk to a real person please",
    "bye then",
)


def bench(settings: Settings, repeat: int, out: Path | None) -> None:
    """Print a table and a last JSON line; write the figures to `out` too."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        settings = settings.model_copy(update={"database_url": f"sqlite:///{folder}/bench.db"})
        seconds, starts = {}, {}
        for engine in ENGINES:
            started = time.perf_counter()
            assistant = prepare(settings.model_copy(update={"engine": engine}))
            starts[engine] = round(time.perf_counter() - started, 2)
            seconds[engine] = play(assistant, repeat, engine)
            if engine == "openvino":  # the first: what transformers takes later would count as well
                memory_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    record: dict[str, Any] = {
        "bench": "turns",
        "n": repeat * len(CONVERSATION),
        "engines": {engine: summary(stages) for engine, stages in seconds.items()},
        "start_s": starts,
        "openvino_peak_mib": memory_mib,
        "device": hardware(settings.threads),
        "seconds": round(time.perf_counter() - begun, 1),
        "commit": commit(),
    }
    print(table(record["engines"]))
    print(json.dumps(record))
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def prepare(settings: Settings) -> Assistant:
    """The assistant on the demo shop with one engine, built anew where it is not there yet."""
    shop = open_shop(settings)
    shop.database.upgrade()
    build_demo_shop(shop.database, datetime.now(UTC).date())
    return assemble(settings, shop, open_engine(settings))


def play(assistant: Assistant, repeat: int, engine: str) -> dict[str, list[float]]:
    """Seconds of every counted turn, by stage."""
    seconds: dict[str, list[float]] = {stage: [] for stage in STAGES}
    rounds = [(number, text) for number in range(repeat + 1) for text in CONVERSATION]
    for number, text in tqdm(rounds, desc=engine, unit="turn", file=sys.stderr):
        sender = f"bench-{engine}-{number}"
        started = time.perf_counter()
        assistant.handle(sender, text)
        taken = {"turn": time.perf_counter() - started, **stages_of_last_turn(assistant, sender)}
        if number:
            for stage in STAGES:
                seconds[stage].append(taken.get(stage, 0.0))
    return seconds


def stages_of_last_turn(assistant: Assistant, sender: str) -> dict[str, float]:
    with assistant.database.reading() as session:
        return dict(read_events(session, sender)[-1]["seconds"])


def summary(seconds: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of each stage, in seconds."""
    return {
        stage: {"median": round(median(taken), 3), "p95": round(quantiles(taken, n=20)[-1], 3)}
        for stage, taken in seconds.items()
    }


def table(engines: Mapping[str, Any]) -> str:
    lines = [f"{'seconds':12} " + " ".join(f"{stage:>18}" for stage in STAGES), f"{'':12} " + "      median    p95" * 4]
    for engine, stages in engines.items():
        cells = " ".join(f"{stages[stage]['median']:>11.3f}{stages[stage]['p95']:>7.3f}" for stage in STAGES)
        lines.append(f"{engine:12} {cells}")
    return "\n".join(lines)
