"""Work in the background, one piece at a time: it outlives the server that began it, and can be told to stop.

    models/jobs/20261128-221530-041200/
      job.json         what is done, by whom, since when          progress.jsonl    a JSON object a line, as it goes on
      log.txt          what the command says                      outcome.json      its exit status, once it has ended

A job is a command in a process of its own (running.py), which holds `running.lock` as long as it lives: so another
server, or this one after a restart, sees whether it still runs, whatever its process number means by then.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from assistant.versions.files import read_json, write_json

JobState = Literal["running", "done", "failed", "cancelled", "lost"]
JOB, OUTCOME, CANCELLED, PROGRESS, LOG, PID = (
    "job.json", "outcome.json", "cancelled.json", "progress.jsonl", "log.txt", "pid"
)  # fmt: skip
NAME = re.compile(r"\d{8}-\d{6}-\d{6}")  # when it began: in order of name they are in order of time
LONGEST_LOG = 20_000  # characters of its end that are shown


class JobUnderWay(RuntimeError):
    """Another job runs; there is one at a time."""


class NoSuchJob(LookupError):
    """There is no job of this name, or it has ended."""


@dataclass(frozen=True)
class Job:
    name: str
    kind: str  # "train", "report" or "replay"
    subject: str  # the version that it is about; of a training, what it is made for
    by: str
    started_at: datetime
    state: JobState
    ended_at: datetime | None
    progress: tuple[dict[str, Any], ...]  # what finetune.progress wrote, the oldest first

    def latest(self, key: str) -> Any:
        """The last value of this name that was told, or None."""
        return next((one[key] for one in reversed(self.progress) if key in one), None)


class Jobs:
    def __init__(self, root: Path) -> None:
        self.root = root

    def start(self, kind: str, subject: str, by: str, command: Callable[[Path], Sequence[str]]) -> Job:
        """Begin a job; `command` is given its progress file. Raises JobUnderWay."""
        self.root.mkdir(parents=True, exist_ok=True)
        with self._guard(), (self.root / "running.lock").open("a") as lock:
            if not _takes(lock.fileno()):
                raise JobUnderWay(f"{self._told()} Wait for it, or stop it first.")
            started = datetime.now(UTC)
            folder = self.root / f"{started:%Y%m%d-%H%M%S-%f}"
            folder.mkdir()
            about = {"kind": kind, "subject": subject, "by": by, "started_at": started.isoformat()}
            write_json(folder / JOB, {**about, "command": list(command(folder / PROGRESS))})
            process = subprocess.Popen(
                [sys.executable, "-m", "assistant.versions.running", str(folder), str(lock.fileno())],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=[lock.fileno()],  # the lock is the process's from here on
                start_new_session=True,  # so that stopping the server does not stop it
            )  # fmt: skip
            (folder / PID).write_text(str(process.pid), "utf-8")
        threading.Thread(target=process.wait, name="job", daemon=True).start()  # or it stays as a zombie
        return self.job(folder.name)

    def job(self, name: str) -> Job:
        """Raises NoSuchJob."""
        if not NAME.fullmatch(name) or not (about := read_json(self.root / name / JOB)):
            raise NoSuchJob(f"There is no job {name[:40]!r}.")
        outcome = read_json(self.root / name / OUTCOME)
        ended = datetime.fromisoformat(outcome["ended_at"]) if outcome else None
        started = datetime.fromisoformat(about["started_at"])
        progress = tuple(_lines(self.root / name / PROGRESS))
        return Job(
            name, about["kind"], about["subject"], about["by"], started, self._state(name, outcome), ended, progress
        )

    def latest(self) -> Job | None:
        names = self._names()
        return self.job(names[-1]) if names else None

    def running(self) -> Job | None:
        found = self.latest()
        return found if found and found.state == "running" else None

    def log(self, name: str) -> str:
        """The end of what it has said. Raises NoSuchJob."""
        self.job(name)
        with suppress(FileNotFoundError):
            return (self.root / name / LOG).read_text("utf-8", errors="replace")[-LONGEST_LOG:]
        return ""

    def cancel(self, name: str, by: str) -> None:
        """Tell it to stop. It ends within seconds, and what it was making is thrown away. Raises NoSuchJob."""
        with self._guard():
            if self._state(name, read_json(self.root / name / OUTCOME), guarded=True) != "running":
                raise NoSuchJob("This job has ended already.")
            write_json(self.root / name / CANCELLED, {"by": by})
            with suppress(ProcessLookupError):  # it ended at this moment
                os.killpg(int((self.root / name / PID).read_text("utf-8")), signal.SIGTERM)

    def _state(self, name: str, outcome: dict[str, Any] | None, *, guarded: bool = False) -> JobState:
        cancelled = (self.root / name / CANCELLED).is_file()
        if outcome:
            return "done" if outcome["status"] == 0 else "cancelled" if cancelled else "failed"
        if name == self._names()[-1] and self._is_held(guarded):
            return "running"
        if outcome := read_json(self.root / name / OUTCOME):  # it ended just now
            return self._state(name, outcome, guarded=guarded)
        return "cancelled" if cancelled else "lost"

    def _is_held(self, guarded: bool) -> bool:
        """Whether a job lives. Looking takes the lock for a moment, so nobody may start one meanwhile."""
        if guarded:
            with (self.root / "running.lock").open("a") as lock:
                return not _takes(lock.fileno())
        with self._guard():
            return self._is_held(guarded=True)

    def _told(self) -> str:
        job = next(iter(self._names()[-1:]), None)
        about = read_json(self.root / job / JOB) if job else None
        return f"A job runs already: {about['kind']} {about['subject']}, by {about['by']}." if about else "A job runs."

    def _names(self) -> list[str]:
        found = self.root.iterdir() if self.root.is_dir() else ()
        return sorted(path.name for path in found if NAME.fullmatch(path.name) and (path / JOB).is_file())

    @contextmanager
    def _guard(self) -> Iterator[None]:
        with FileLock(self.root / ".guard", timeout=10):
            yield


def _takes(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines; one that is being written is left for the next time."""
    with suppress(FileNotFoundError):
        for line in path.read_text("utf-8").splitlines(keepends=True):
            if line.endswith("\n"):
                yield json.loads(line)
