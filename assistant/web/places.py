"""How many turns a process takes on at once, and how many of them one conversation or one address may have.

A server that takes on more than it can answer answers nobody. `Places.take` gives a turn its place, or says at once
that it is too busy (503) or that this client has too many under way (429). A place is held until the turn has ended,
also when its reader has gone. Addresses of this machine are not counted: a proxy that does not pass on where a request
came from would make all shoppers one.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

RETRY_AFTER_S = 2  # a few turns end in that time


class NoPlace(RuntimeError):
    """The turn is not taken on; nothing of it has happened."""

    status_code = 503
    retry_after_s = RETRY_AFTER_S


class TooBusy(NoPlace):
    """The process has as many turns as it can bear."""


class Stopping(NoPlace):
    """The process ends, and finishes only what it has begun."""

    retry_after_s = 10  # another is up by then


class TooManyOfOne(NoPlace):
    """This conversation or this address has too many turns under way."""

    status_code = 429


@dataclass(frozen=True)
class Limits:
    """Turns at once, under way or waiting."""

    all: int
    of_conversation: int
    of_address: int | None  # None: as many as there are


class Places:
    """Safe to use from many threads."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._taken: Counter[str] = Counter()
        self._count = 0
        self._stopping = False
        self._changed = threading.Condition()

    @property
    def is_stopping(self) -> bool:
        return self._stopping

    @property
    def count(self) -> int:
        """Turns that hold a place now."""
        return self._count

    def take(self, conversation: str | None, address: str | None) -> Callable[[], None]:
        """A place; call what comes back once, when the turn has ended. Raises NoPlace."""
        most = {f"conversation {conversation}": self.limits.of_conversation} if conversation is not None else {}
        if self.limits.of_address is not None and is_elsewhere(address):
            most[f"address {address}"] = self.limits.of_address
        holders = list(most)
        with self._changed:
            self._refuse(most)
            self._count += 1
            self._taken.update(holders)

        def leave() -> None:
            with self._changed:
                self._count -= 1
                self._taken.subtract(holders)
                for holder in holders:
                    if not self._taken[holder]:
                        del self._taken[holder]
                self._changed.notify_all()

        return leave

    def stop(self) -> None:
        """Take on nothing more."""
        with self._changed:
            self._stopping = True

    def wait_until_empty(self, timeout_s: float) -> bool:
        """Whether all turns ended within the time."""
        until = time.monotonic() + timeout_s
        with self._changed:
            while self._count and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            return self._count == 0

    def _refuse(self, most: Mapping[str, int]) -> None:
        if self._stopping:
            raise Stopping("This server is being stopped. Send the message again in a moment: another one answers.")
        for holder, number in most.items():
            if self._taken[holder] >= number:
                kind = holder.partition(" ")[0]
                raise TooManyOfOne(f"{number} messages of this {kind} are being answered. Wait for one of the answers.")
        if self._count >= self.limits.all:
            raise TooBusy("Too many shoppers write at this moment. Send the message again in a few seconds.")


def is_elsewhere(address: str | None) -> bool:
    """Whether it is the address of another machine."""
    try:
        return address is not None and not ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
