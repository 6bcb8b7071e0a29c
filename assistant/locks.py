"""One turn at a time in each conversation, within this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

WAIT_S = 20.0  # for the turn before; half a second is usual


class ConversationBusy(RuntimeError):
    """The message before this one is still being answered; send it again in a moment."""


@dataclass
class _Lock:
    held: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0


class Locks:
    """A lock for each conversation that is being answered, made and forgotten as needed."""

    def __init__(self) -> None:
        self._locks: dict[str, _Lock] = {}
        self._guard = threading.Lock()

    @contextmanager
    def of(self, sender: str) -> Iterator[None]:
        """Hold the conversation. Raises ConversationBusy after 20 s of waiting."""
        with self._guard:
            lock = self._locks.setdefault(sender, _Lock())
            lock.users += 1
        try:
            if not lock.held.acquire(timeout=WAIT_S):
                raise ConversationBusy(
                    "Your last message is still being answered. Please send this one again in a moment."
                )
            try:
                yield
            finally:
                lock.held.release()
        finally:
            with self._guard:
                lock.users -= 1
                if lock.users == 0:
                    del self._locks[sender]
