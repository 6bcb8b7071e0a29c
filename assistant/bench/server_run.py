"""The server as `aisle up` starts it: how long until it answers, and how much memory it has after some turns."""

from __future__ import annotations

import json
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from urllib.error import URLError

from assistant.bench.conversations import load_talk, messages_of
from assistant.server import serve
from assistant.settings import Settings

START_S = 300.0  # a server that is not up by then will not come
TURNS = 12
STOP_S = 15.0


class ServerDown(RuntimeError):
    """The server did not come up."""


def run_server(settings: Settings) -> dict[str, Any]:
    """Seconds to the first answer of /health, and MiB resident then, after some turns and at the most."""
    started = time.perf_counter()
    with own_server(settings) as (url, pid):
        start_s = time.perf_counter() - started
        resting = memory_mib(pid)["VmRSS"]
        for title, text in messages_of(load_talk(), 0, 1, TURNS):
            _post(f"{url}/webhooks/rest/webhook", {"sender": f"server-{title}", "message": text})
        after = memory_mib(pid)
    return {"start_s": round(start_s, 1), "mib": resting, "after_mib": after["VmRSS"], "peak_mib": after["VmHWM"]}


@contextmanager
def own_server(settings: Settings) -> Iterator[tuple[str, int | None]]:
    """A server of our own that answers: its address and process id. Raises ServerDown."""
    with socket.socket() as probe:
        probe.bind((settings.host, 0))
        settings = settings.model_copy(update={"port": probe.getsockname()[1]})
    process = get_context("spawn").Process(target=serve, args=(settings,))  # a fresh interpreter, as from the shell
    process.start()
    try:
        url = f"http://{settings.host}:{settings.port}"
        _wait(process, url)
        yield url, process.pid
    finally:
        process.terminate()
        process.join(STOP_S)
        process.kill()


def memory_mib(pid: int | None) -> dict[str, int]:
    """Resident memory of a process now (VmRSS) and at the most (VmHWM); 0 where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text("utf-8").splitlines() if status.is_file() else []
    told = dict(line.split(":", 1) for line in lines)
    return {name: int(told[name].split()[0]) // 1024 if name in told else 0 for name in ("VmRSS", "VmHWM")}


def _wait(process: BaseProcess, url: str) -> None:
    deadline = time.monotonic() + START_S
    while process.is_alive() and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/health", timeout=5).close()
            return
        except (URLError, TimeoutError):
            time.sleep(0.05)
    raise ServerDown(f"The server at {url} did not come up in {START_S:.0f} s; `aisle up` says why.")


def _post(url: str, body: dict[str, str]) -> None:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=60).close()
