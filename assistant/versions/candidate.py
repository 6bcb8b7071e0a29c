"""The newest candidate as a recogniser, to try beside the live one: opened when asked for, let go when nobody asks."""

from __future__ import annotations

import threading
from collections.abc import Callable

from assistant.engines import open_engine
from assistant.engines.time_limit import TimeLimitedEngine
from assistant.settings import Settings
from assistant.understanding import open_recogniser
from assistant.versions.opening import registry_of, with_version
from assistant.versions.registry import Version
from intents.catalogue import Catalogue
from intents.engine import Engine
from intents.recogniser import Recogniser

IDLE_S = 300.0  # then its memory, some 300 MB, is given back


class CandidateModel:
    """Call it for the recogniser of the newest candidate, or None where there is none. Raises EngineError."""

    def __init__(
        self, settings: Settings, catalogue: Catalogue, opens: Callable[[Settings], Engine] = open_engine
    ) -> None:
        self.settings = settings
        self.catalogue = catalogue
        self._opens = opens
        self._lock = threading.Lock()
        self._name = ""
        self._recogniser: Recogniser | None = None
        self._idle: threading.Timer | None = None

    def __call__(self) -> Recogniser | None:
        with self._lock:
            newest = self.newest()
            if newest is None or self.settings.engine == "openai":  # a model server of its own has what it has
                self._recogniser, self._name = None, ""
                return None
            if newest.name != self._name:
                self._recogniser, self._name = self._open(newest), newest.name
            self._wait_for_nobody()
            return self._recogniser

    def newest(self) -> Version | None:
        return next((one for one in registry_of(self.settings).versions() if one.state == "candidate"), None)

    def _open(self, version: Version) -> Recogniser:
        settings = with_version(self.settings, version)
        engine = TimeLimitedEngine(self._opens(settings), settings.understand_limit_s)
        return open_recogniser(settings, self.catalogue, engine)

    def _wait_for_nobody(self) -> None:
        if self._idle:
            self._idle.cancel()
        self._idle = threading.Timer(IDLE_S, self._let_go)
        self._idle.daemon = True
        self._idle.start()

    def _let_go(self) -> None:
        with self._lock:
            self._recogniser, self._name = None, ""
