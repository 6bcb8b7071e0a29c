"""One engine's part of a benchmark: the assistant with it, played with by so many shoppers at once.

`run_engine` runs in a process of its own, so that its memory is the engine's."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from assistant.actions.base import open_shop
from assistant.assembly import assemble
from assistant.bench.conversations import Message, load_talk, messages_of
from assistant.bench.plain import PLAIN, write_whole_replies
from assistant.bench.steps import Steps, measure_steps, shared_tokens
from assistant.conversations import read_events
from assistant.engines import open_engine
from assistant.engines.openvino import OpenVinoEngine
from assistant.settings import Settings
from assistant.turns import Assistant
from intents.engine import Completion, Engine, OnText, ReadsAhead

STAGES = ("understand", "act", "first_words", "reply", "turn")
FEWEST_TURNS = 3  # of each of many shoppers
WARM_UP = 6  # turns
TYPING_S = 1.0  # the least that anybody reads and types; an engine that reads ahead does so meanwhile
FAILED = "the engine failed"  # in the name of what read a message


class CountingEngine:
    """An engine that keeps what it was asked and how much it wrote."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.name, self.model = engine, engine.name, engine.model
        self.prompts: list[str] = []
        self.tokens = 0
        self._lock = threading.Lock()

    def generate(
        self,
        prompts: Sequence[str],
        *,
        grammar: str | None = None,
        max_tokens: int = 64,
        temperature: float = 0.0,
        on_text: OnText | None = None,
    ) -> list[Completion]:
        """See `intents.engine.Engine`."""
        written = self.engine.generate(
            prompts, grammar=grammar, max_tokens=max_tokens, temperature=temperature, on_text=on_text
        )
        with self._lock:
            self.prompts += prompts
            self.tokens += sum(len(one.logprobs) for one in written)
        return written

    def read_ahead(self, beginning: str) -> None:
        """As the engine does, where it can."""
        if isinstance(self.engine, ReadsAhead):
            self.engine.read_ahead(beginning)


@dataclass(frozen=True)
class Level:
    """So many shoppers at once."""

    shoppers: int
    pause_s: float  # before each message
    seconds: float  # of the whole
    cpu_seconds: float  # of this process
    tokens: int  # that the model wrote
    stages: Mapping[str, Sequence[float]]  # seconds of each turn, by stage
    failures: Sequence[str]  # what went wrong, by message

    def record(self) -> dict[str, Any]:
        turns = len(self.stages["turn"])
        return {
            "shoppers": self.shoppers,
            "pause_s": self.pause_s,
            "turns": turns,
            "turns_s": [round(one, 3) for one in self.stages["turn"]],
            "turns_per_s": round(turns / self.seconds, 2),
            "cpu_s_per_turn": round(self.cpu_seconds / max(1, turns), 3),
            "tokens_per_s": round(self.tokens / self.seconds, 1),
            "tokens_per_turn": round(self.tokens / max(1, turns), 1),
            "stages_s": {stage: spread(taken) for stage, taken in self.stages.items() if taken},
            "failures": list(self.failures),
        }


@dataclass(frozen=True)
class Played:
    """All that one engine did."""

    engine: str
    model: str
    opened_s: float
    levels: Sequence[Level]
    typing: Level | None  # one shopper who pauses, of an engine that reads ahead
    peak_mib: int
    steps: Steps | None  # of the serving engine

    def record(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "opened_s": round(self.opened_s, 1),
            "peak_mib": self.peak_mib,
            "levels": [level.record() for level in self.levels],
            "typing": self.typing.record() if self.typing else None,
            "steps": self.steps.record() if self.steps else None,
        }


def run_engine(settings: Settings, name: str, shoppers: Sequence[int], repeat: int, turns: int) -> Played:
    """Play with the engine of this name, which is one of the settings' or PLAIN. Raises EngineError."""
    settings = settings.model_copy(update={"engine": "transformers" if name == PLAIN else name})
    started = time.perf_counter()
    own = open_engine(settings)
    engine = CountingEngine(own)
    assistant = assemble(settings, open_shop(settings), engine)
    if name == PLAIN:
        write_whole_replies(assistant)
    opened = time.perf_counter() - started
    talk = load_talk()
    play(assistant, engine, talk[::-1], 1, WARM_UP, f"{name}-warm-up")
    levels = []
    for many in shoppers:
        each = max(FEWEST_TURNS, turns // many) * repeat
        levels.append(play(assistant, engine, talk, many, each, f"{name}-{many}"))
    typing = steps = None
    if isinstance(own, ReadsAhead):
        typing = play(assistant, engine, talk, 1, turns * repeat, f"{name}-typing", TYPING_S)
    if isinstance(own, OpenVinoEngine):
        steps = measure_steps(own, shared_tokens([own.token_ids(prompt) for prompt in engine.prompts]), engine.prompts)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Played(name, own.model, opened, levels, typing, peak, steps)


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    many = seconds if len(seconds) > 1 else [*seconds, *seconds]
    return {"median": round(median(many), 3), "p95": round(quantiles(many, n=20, method="inclusive")[-1], 3)}


def play(
    assistant: Assistant,
    engine: CountingEngine,
    talk: Sequence[Sequence[Message]],
    shoppers: int,
    each: int,
    name: str,
    pause_s: float = 0.0,
) -> Level:
    """Let so many shoppers talk at once, `each` turns each, with a pause before each message, which is not counted."""
    failures: list[str] = []
    before, started, cpu = engine.tokens, time.perf_counter(), time.process_time()

    def shop(shopper: int) -> list[tuple[str, float]]:
        taken = []
        for title, text in messages_of(talk, shopper, shoppers, each):
            sender = f"{name}-{shopper}-{title}"
            time.sleep(pause_s)
            begun = time.perf_counter()
            try:
                assistant.handle(sender, text, on_piece=lambda piece: None)
            except Exception as error:  # a turn that failed is a figure here
                failures.append(f"{text!r}: {error!r}")
            taken.append((sender, time.perf_counter() - begun))
        return taken

    with ThreadPoolExecutor(shoppers) as pool:
        turns = [turn for taken in pool.map(shop, range(shoppers)) for turn in taken]
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    stages: dict[str, list[float]] = {stage: [] for stage in STAGES}
    stages["turn"] = [one for _, one in turns]
    for sender in dict.fromkeys(sender for sender, _ in turns):
        failures += _stages_of(assistant, sender, stages)
    return Level(shoppers, pause_s, seconds, cpu, engine.tokens - before, stages, failures)


def _stages_of(assistant: Assistant, sender: str, stages: Mapping[str, list[float]]) -> list[str]:
    """Add the stages of a conversation's turns; gives the messages that the engine failed to read."""
    with assistant.database.reading() as session:
        events = read_events(session, sender)
    for event in events:
        if event["event"] == "timing":
            for stage, taken in event["seconds"].items():
                stages[stage].append(taken)
    users = [event for event in events if event["event"] == "user"]
    return [f"{one['text']!r}: {FAILED}" for one in users if FAILED in str(one["parse_data"].get("model"))]
