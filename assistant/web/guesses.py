"""How often somebody at one address said to be a customer and was not.

A conversation allows a few wrong claims, and a new conversation costs nothing; so they are counted by address too.
Beyond MOST of them in an hour nobody at that address is let in by a claim: a person takes over. A signed token still
counts. Kept in memory: each worker counts its own, and a restart forgets. Addresses of this machine are not counted,
as in places.py.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable

from assistant.web.places import is_elsewhere
from dialogues.messages import BotMessage

MOST = 10  # a family or an office shares an address; a person mistypes once or twice
HOUR_S = 3600
WRONG = {"utter_identity_unknown", "utter_identity_locked"}


class Guesses:
    """Safe to use from many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._wrong: defaultdict[str, deque[float]] = defaultdict(deque)  # when, by address

    def too_many(self, address: str | None) -> bool:
        with self._lock:
            self._forget()
            return address is not None and len(self._wrong.get(address, ())) >= MOST

    def note(self, address: str | None, answer: Iterable[BotMessage]) -> None:
        """Count a turn whose answer says that the claim was wrong."""
        if address is None or not is_elsewhere(address) or not any(one.response in WRONG for one in answer):
            return
        with self._lock:
            self._wrong[address].append(self.clock())

    def _forget(self) -> None:
        """What is over an hour old, so that no address stays here for long."""
        oldest = self.clock() - HOUR_S
        for address, times in list(self._wrong.items()):
            while times and times[0] <= oldest:
                times.popleft()
            if not times:
                del self._wrong[address]
