"""What the server counts and times, for Prometheus at `GET /metrics`: turns, stages, how replies came about, errors.

Labels are names of this program's own (a stage, a response, a kind of fault), never anything of a shopper's. Each
process counts its own turns since it started.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from prometheus_client import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest

from assistant.locks import ConversationBusy
from dialogues.messages import BotMessage

__all__ = ["CONTENT_TYPE", "Metrics"]

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.9, 1.2, 2, 4, 8)  # a turn's bars, 0.6 and 1.2, are among them
FELL_BACK = ("refused", "engine", "nothing_new")


class Metrics:
    """Counters of one process. Safe to use from many threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.turns = self._counter(
            "turns",
            "Messages: answered, repeated (the same message id), busy, shed (not taken on) or failed",
            "outcome",
        )
        self.turn_seconds = Histogram(
            "aisle_turn_seconds", "A whole turn that was answered", buckets=SECONDS, registry=self.registry
        )
        self.stages = Histogram(
            "aisle_stage_seconds", "A stage of a turn", ["stage"], buckets=SECONDS, registry=self.registry
        )
        self.wordings = self._counter(
            "replies", "Replies by how their wording came about (dialogues.replies.HOW)", "how"
        )
        self.fallbacks = self._counter(
            "reply_fallbacks", "Written replies that stood in for the model's", "response", "reason"
        )
        self.refusals = self._counter(
            "reply_refusals", "The model's tries that the checker refused", "response", "kind"
        )
        self.errors = self._counter("errors", "What went wrong inside a turn that was answered all the same", "where")

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(f"aisle_{name}", help_text, labels, registry=self.registry)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Times a turn; counts one that is not answered."""
        started = time.perf_counter()
        try:
            yield
        except Exception as error:
            self.turns.labels("busy" if isinstance(error, ConversationBusy) else "failed").inc()
            raise
        self.turn_seconds.observe(time.perf_counter() - started)

    def answered(self, seconds: Mapping[str, float], messages: Sequence[BotMessage]) -> None:
        self.turns.labels("answered").inc()
        for stage, taken in seconds.items():
            self.stages.labels(stage).observe(taken)
        for message in messages:
            self.wordings.labels(message.how).inc()
            if message.how in FELL_BACK:
                self.fallbacks.labels(message.response, message.how).inc()
            for kind in message.refused:
                self.refusals.labels(message.response, kind).inc()

    def repeated(self) -> None:
        self.turns.labels("repeated").inc()

    def shed(self) -> None:
        self.turns.labels("shed").inc()

    def error(self, where: str) -> None:
        self.errors.labels(where).inc()

    def exposition(self) -> bytes:
        """All figures in Prometheus' text form."""
        return generate_latest(self.registry)
