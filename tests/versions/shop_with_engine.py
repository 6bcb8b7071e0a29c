"""An assistant over an empty shop whose engine is a stand-in that says which version it is of."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.actions.base import open_shop
from assistant.assembly import assemble
from assistant.settings import Settings
from assistant.store import Database
from assistant.turns import Assistant
from intents.engine import Completion, EngineError

SURE = (-0.01, -0.01)


class VersionEngine:
    """Reads everything as `reads`, takes its time, and fails once it has been closed, as the real one does."""

    name = "stand-in"

    def __init__(self, model: str, closed: list[str], reads: str = "greet()", takes_s: float = 0.0) -> None:
        self.model = model
        self.reads = reads
        self.takes_s = takes_s
        self.asked: list[str] = []
        self.hold: threading.Event | None = None  # waited for before each reading
        self.is_closed = threading.Event()
        self.close = weakref.finalize(self, _close, model, closed, self.is_closed)

    def generate(
        self,
        prompts: Sequence[str],
        *,
        grammar: str | None = None,
        max_tokens: int = 64,
        temperature: float = 0.0,
        on_text: Callable[[str], None] | None = None,
    ) -> list[Completion]:
        reads = "understand" in prompts[0]
        self.asked.append("read" if reads else "word")
        if reads and self.hold:
            self.hold.wait(10)
        time.sleep(self.takes_s)
        if self.is_closed.is_set():
            raise EngineError("The engine is closed.")
        return [Completion(self.reads if reads else "Hello.", SURE, True, (3, 7)) for _ in prompts]


def _close(model: str, closed: list[str], mark: threading.Event) -> None:
    closed.append(model)
    mark.set()


def settings_of(folder: Path, database: Database) -> Settings:
    return Settings(database_url=str(database.url), versions=folder / "models", adapter=None, index=False)


def assistant_of(settings: Settings, engine: VersionEngine) -> Assistant:
    return assemble(settings, open_shop(settings), engine)
