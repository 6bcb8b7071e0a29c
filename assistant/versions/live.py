"""The server's model follows the pointer: a promotion or a roll-back, here or in another process, needs no restart.

The new engine is opened beside the old one and turns that begin take it; the old one is closed when the last turn that
holds it has ended (its own finalizer does that), so both lie in memory for some seconds. What cannot be opened is not
taken, whatever is wrong with it: the old one goes on serving, and `problem` says why.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

from assistant.engines import open_engine
from assistant.engines.time_limit import TimeLimitedEngine
from assistant.settings import Settings
from assistant.turns import Assistant
from assistant.understanding import open_recogniser
from assistant.versions.opening import Open, with_version
from assistant.versions.registry import Registry, Version

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0  # a look is one stat()


class LiveModel:
    """Keeps an assistant at the live version. `settings` are the server's own, with the shipped adapter."""

    def __init__(
        self, settings: Settings, registry: Registry, assistant: Assistant, serving: str, opens: Open = open_engine
    ) -> None:
        self.settings = settings
        self.registry = registry
        self.assistant = assistant
        self.serving = serving
        self.problem: str | None = None
        self._opens = opens
        self._seen: int | None = None  # what went live while the engine was being opened is seen at the first look
        self._one_at_a_time = threading.Lock()
        self._stopped = threading.Event()

    def start(self) -> LiveModel:
        threading.Thread(target=self._look, name="live model", daemon=True).start()
        return self

    def stop(self) -> None:
        self._stopped.set()

    def follow(self) -> None:
        """Serve what is live now. Returns when it is served, or when `problem` says why it is not."""
        with self._one_at_a_time:
            stamp, name = self.registry.stamp(), self.registry.live_name()
            self._seen = stamp
            if name == self.serving:
                self.problem = None
                return
            try:
                self._change(self.registry.live())
            except Exception as error:  # a thread has nobody above it, and what serves is whole
                self.problem = f"{name} cannot be opened, so {self.serving} goes on serving: {error}"
                log.exception("%s", self.problem)

    def _change(self, live: Version) -> None:
        settings = with_version(self.settings, live)
        engine = self._opens(settings)
        limited = TimeLimitedEngine(engine, settings.understand_limit_s)
        recogniser = open_recogniser(settings, self.assistant.recogniser.catalogue, limited)
        self.assistant.change_model(
            recogniser,
            replace(self.assistant.interpreter, thresholds=recogniser.tuning.thresholds),
            replace(self.assistant.writer, engine=TimeLimitedEngine(engine, settings.reply_limit_s)),
        )
        log.info("%s serves now, in place of %s", engine.model, self.serving)
        self.serving, self.problem = live.name, None

    def _look(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_S):
            try:
                if self.registry.stamp() != self._seen:
                    self.follow()
            except Exception:  # the folder is away, or the pointer cannot be read: it may be there at the next look
                log.exception("Which version is live cannot be read; %s goes on serving.", self.serving)
