"""One job, as a process: it runs the command of a job's folder and writes down how that ended.

    python -m assistant.versions.running models/jobs/20261128-221530-041200 5

The number is the file descriptor of the lock that says a job runs; the command is given it too. Told to stop (SIGTERM),
it passes that on, waits until the command has tidied up, and ends it when that takes long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from assistant.versions.files import read_json, write_json
from assistant.versions.jobs import JOB, LOG, OUTCOME

GRACE_S = 20  # to tidy up in; a step of training takes some seconds
NICE = 10  # shoppers who wait come first


def run(folder: Path, lock: int) -> None:
    """Returns when the command has ended, and outcome.json is there."""
    told_at: list[float] = []
    signal.signal(signal.SIGTERM, lambda number, frame: told_at.append(time.monotonic()))
    os.nice(NICE)
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            read_json(folder / JOB)["command"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, pass_fds=[lock],
        )  # fmt: skip
        passed_on = False
        while process.poll() is None:
            if told_at and not passed_on:
                process.terminate()
                passed_on = True
            if told_at and time.monotonic() - told_at[0] > GRACE_S:
                process.kill()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.5)
    write_json(folder / OUTCOME, {"status": process.returncode, "ended_at": datetime.now(UTC).isoformat()})


if __name__ == "__main__":
    run(Path(sys.argv[1]), int(sys.argv[2]))
