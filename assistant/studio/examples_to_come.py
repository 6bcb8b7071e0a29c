"""The example index of a server that starts for the first time: it is fitted beside, while shoppers are answered.

Fitting 24,000 examples takes two cores some minutes. Until they are over the encoder that was taught with the adapter
gives the second opinion alone: hardly a worse one (docs/log.md), but it knows nothing that was saved since.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.studio.library import Library
from assistant.studio.live_examples import LiveExamples
from intents.fusion import Index
from intents.head import Head, Message

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EncoderAlone:
    """An index without examples (`intents.fusion.Index`). Safe to use from many threads, as its head is."""

    head: Head
    catalogue: Collection[str]  # intents that may be read; the head may have been taught others

    @property
    def intents(self) -> Sequence[str]:
        return [intent for intent in self.head.intents if intent in self.catalogue]

    def scores(self, messages: Sequence[Message]) -> np.ndarray:
        """The probability of each intent, float32 (n, intents)."""
        if not messages:
            return np.zeros((0, len(self.intents)), np.float32)
        known = [place for place, intent in enumerate(self.head.intents) if intent in self.catalogue]
        found: np.ndarray = np.exp(self.head.logprobs(messages)[:, known])
        return found


class ExamplesToCome:
    """Call it for the index as it is now: the encoder alone, and the live examples from when they are there.

    `fit` puts the index into the cache, in another process, and raises where it cannot; `opens` then opens it.
    """

    def __init__(
        self, library: Library, early: EncoderAlone, fit: Callable[[], None], opens: Callable[[], LiveExamples | None]
    ) -> None:
        self.library = library
        self.live: LiveExamples | None = None
        self._early = early
        self._fit = fit
        self._opens = opens

    def __call__(self) -> Index:
        return self.live() if self.live else self._early

    def start(self) -> ExamplesToCome:
        threading.Thread(target=self._come, name="examples", daemon=True).start()
        return self

    def _come(self) -> None:
        started = time.monotonic()
        log.info("The example index is fitted beside, once for these examples; the encoder reads alone for minutes.")
        try:
            self._fit()
            self.live = self._opens()
        except Exception:  # a thread has nobody above it, and the encoder goes on reading
            log.exception("The example index could not be fitted; the encoder reads alone until the next start.")
            return
        if self.live:
            log.info("The example index is there after %.0f s.", time.monotonic() - started)
