"""Shoppers who do not give up: a message without an answer is sent again, with the same id, until there is one."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from tests.faults.played import Line

PATIENCE_S = 300.0  # with one message; on a busy machine a restart alone takes seconds
PAUSE_S = 0.02  # before a message is sent again
TRY_AGAIN = (409, 429, 500, 503)


class GaveUp(AssertionError):
    """A message was not answered, however often it was sent."""


@dataclass
class Log:
    """What the clients know: which messages are under way, which were answered and how. Safe to use from threads."""

    acknowledged: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    under_way: set[Line] = field(default_factory=set)
    refused: dict[int, int] = field(default_factory=dict)  # answers by status, other than 200
    cut_off: int = 0  # requests that ended without an answer
    seconds: list[float] = field(default_factory=list)  # of each request that was answered
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, line: Line, texts: list[str], seconds: float) -> None:
        with self.lock:
            self.acknowledged[line.sender, line.message_id] = texts
            self.under_way.discard(line)
            self.seconds.append(seconds)

    def told(self) -> dict[tuple[str, str], list[str]]:
        with self.lock:
            return dict(self.acknowledged)


def play(port: int, scripts: Sequence[Sequence[Line]], log: Log) -> None:
    """One shopper's conversations, one after the other. Raises GaveUp."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        for line in (line for script in scripts for line in script):
            say(client, line, log)


def say(client: httpx.Client, line: Line, log: Log) -> list[str]:
    """The texts of the answer. Raises GaveUp."""
    with log.lock:
        log.under_way.add(line)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        begun = time.perf_counter()
        answer = _send(client, line, log)
        if answer is not None:
            log.answered(line, answer, time.perf_counter() - begun)
            return answer
        time.sleep(PAUSE_S)
    raise GaveUp(f"{line} was not answered in {PATIENCE_S:.0f} s")


def _send(client: httpx.Client, line: Line, log: Log) -> list[str] | None:
    body = {"sender": line.sender, "message": line.text, "message_id": line.message_id}
    try:
        response = client.post("/webhooks/rest/webhook", json=body)
    except httpx.TransportError:
        with log.lock:
            log.cut_off += 1
        return None
    if response.status_code == 200:
        return [entry["text"] for entry in response.json()]
    assert response.status_code in TRY_AGAIN, f"{line}: {response.status_code} {response.text}"
    with log.lock:
        log.refused[response.status_code] = log.refused.get(response.status_code, 0) + 1
    return None


class Shoppers:
    """So many at once, each with its share of the scripts, in threads of their own."""

    def __init__(self, port: int, scripts: Sequence[Sequence[Line]], many: int, log: Log) -> None:
        self.failures: list[BaseException] = []
        self.threads = [
            threading.Thread(target=self._play, args=(port, scripts[number::many], log)) for number in range(many)
        ]
        for thread in self.threads:
            thread.start()

    @property
    def are_there(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def leave(self) -> None:
        """Wait for the last answer. Raises what went wrong."""
        for thread in self.threads:
            thread.join()
        if self.failures:
            raise self.failures[0]

    def _play(self, port: int, scripts: Sequence[Sequence[Line]], log: Log) -> None:
        try:
            play(port, scripts, log)
        except BaseException as error:  # told by `leave`
            self.failures.append(error)
