"""Play tau2's tasks by a simulated customer, unattended, and say where each went wrong."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assistant.importers.tau2_export import export_tau2
from assistant.testing.causes import Cause, cause_of
from assistant.testing.customer import Customer
from assistant.testing.facts import read_facts
from assistant.testing.meant import ReadsAsMeant
from assistant.testing.phrases import Utterance
from assistant.testing.shops import Shops, close
from assistant.testing.states import Difference, differences
from assistant.testing.talk import Exchange, Talk
from assistant.testing.tasks import Task, expected_state
from assistant.turns import Assistant

log = logging.getLogger(__name__)

MOST_TURNS = 30


@dataclass(frozen=True)
class Line:
    """One exchange, and what the customer meant by its message."""

    utterance: Utterance
    exchange: Exchange


@dataclass(frozen=True)
class Attempt:
    """What became of a task."""

    task: Task
    lines: tuple[Line, ...]
    differences: tuple[Difference, ...]
    cause: Cause | None  # None where the expected state was reached
    seconds: float

    @property
    def reached(self) -> bool:
        return not self.differences

    def to_json(self) -> dict[str, Any]:
        return {
            "task": self.task.id,
            "reached": self.reached,
            "turns": len(self.lines),
            "seconds": round(self.seconds, 2),
            "cause": self.cause.to_json() if self.cause else None,
            "differences": [str(one) for one in self.differences],
            "exchanges": [
                {**line.exchange.to_json(), "meant": "; ".join(map(str, line.utterance.meant))} for line in self.lines
            ],
        }


def attempt(task: Task, shops: Shops) -> Attempt:
    """Play one task on a fresh shop. A turn that breaks ends the conversation, and is the cause."""
    started = time.perf_counter()
    assistant = shops.fresh("tau2")
    lines, broken = _converse(task, assistant)
    untouched, state = shops.tau2, export_tau2(assistant.database)
    found = differences(expected_state(untouched, task), state)
    close(assistant)
    cause = cause_of(task, lines, found, untouched, broken) if found else None
    return Attempt(task, lines, tuple(found), cause, time.perf_counter() - started)


def _converse(task: Task, assistant: Assistant) -> tuple[tuple[Line, ...], str | None]:
    customer = Customer(read_facts(task.reason_for_call, task.known_info, task.instructions))
    talk, lines = Talk(assistant), list[Line]()
    said = customer.begins()
    while said and len(lines) < MOST_TURNS:
        if isinstance(assistant.recogniser, ReadsAsMeant):
            assistant.recogniser.means = said.meant
        try:
            exchange = talk.says(said.words)
        except Exception as error:  # one task of many: the others are still played
            log.exception("task %s: the turn %r broke", task.id, said.words)
            return tuple(lines), f"{said.words!r} broke the turn: {type(error).__name__}: {error}"
        lines.append(Line(said, exchange))
        said = customer.answers(exchange)
    failed = [failure for line in lines for failure in line.exchange.failures]
    return tuple(lines), failed[0] if failed else None


def attempt_all(tasks: Sequence[Task], shops: Shops) -> list[Attempt]:
    """Play these tasks one after the other, telling how each ended as it ends."""
    attempts = []
    for task in tasks:
        done = attempt(task, shops)
        attempts.append(done)
        how = "reached" if done.cause is None else f"{done.cause.category}: {done.cause.detail}"
        log.info("task %s: %d turns, %s", task.id, len(done.lines), how)
    return attempts
