"""Servers that start in a fraction of a second: this process loads everything once, and forks one at each request.

    python -m tests.faults.mother sqlite:////path/to/an/untouched/shop.db

A line of JSON (light_server.Options) on its stdin starts a server; the line that comes back is the server's process id.
`Mother` is the other end of the pipe.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
START_S = 120.0


class NotStarted(RuntimeError):
    """The server ended while starting; its log says why."""


class Mother:
    """Starts real server processes. Close it at the end; servers that still run end with it."""

    def __init__(self, template_url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.mother", template_url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        self.started: list[int] = []

    def start(self, options: Any) -> int:
        """The process id of a server that answers, or that has killed itself already, as asked. Raises NotStarted."""
        pid = self.begin(options)
        deadline = time.monotonic() + START_S
        while not answers(options.port):
            if not is_alive(pid) and options.dies_at:
                return pid
            if not is_alive(pid) or time.monotonic() > deadline:
                raise NotStarted(Path(options.log).read_text("utf-8")[-3000:])
            time.sleep(0.01)
        return pid

    def begin(self, options: Any) -> int:
        """The process id of a server that starts."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(asdict(options)) + "\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())
        self.started.append(pid)
        return pid

    def close(self) -> None:
        for pid in filter(is_alive, self.started):
            os.kill(pid, signal.SIGKILL)
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()


def kill(pid: int) -> None:
    """SIGKILL, and wait until the process is gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    while is_alive(pid):
        time.sleep(0.001)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_requests(start: Callable[[dict[str, Any]], None]) -> None:
    """Fork a server for each line of stdin; who has ended needs nobody to ask for its status."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            be_a_server(start, json.loads(line))
        print(pid, flush=True)


def be_a_server(start: Callable[[dict[str, Any]], None], options: dict[str, Any]) -> None:
    """The life of a forked process: never comes back."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(options["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for to, descriptor in enumerate((nothing, log, log)):
        os.dup2(descriptor, to)
    try:
        start(options)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main() -> None:
    from tests.faults.light_server import Options, serve, warm

    like = warm(sys.argv[1])
    gc.freeze()
    wait_for_requests(lambda options: serve(Options(**options), like))


if __name__ == "__main__":
    main()
