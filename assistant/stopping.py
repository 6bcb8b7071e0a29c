"""What a command does when it is told to end: it tidies up on the way out, so that nothing it began lives on."""

from __future__ import annotations

import signal
import sys

TERMINATED = 143  # 128 + SIGTERM, as shells say it


def tidy_when_stopped() -> None:
    """From now on SIGTERM leaves this process as an exit does, through every `finally`. For the main thread only."""
    signal.signal(signal.SIGTERM, _stop)


def _stop(number: int, frame: object) -> None:
    """A second signal does not disturb the tidying."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(TERMINATED)
