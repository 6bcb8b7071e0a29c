"""A time limit around a model engine, so that one that hangs costs a shopper some seconds and never the reply.

The call runs in a thread of its own. Past the limit the caller gets an EngineError, and what the engine still writes
goes nowhere. A call that has not come back after as long again means that the engine is stuck: until it does, new calls
are refused at once, so that every shopper gets the written replies without waiting.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from intents.engine import Completion, Engine, EngineError, OnText, ReadsAhead

log = logging.getLogger(__name__)


@dataclass
class _Call:
    """One call under way. `over`: the caller has gone on without it."""

    began: float  # time.monotonic()
    done: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: bool = False
    result: list[Completion] | None = None
    error: BaseException | None = None


class TimeLimitedEngine:
    """`intents.engine.Engine` around another, with at most `limit_s` seconds for a call. Safe to call from threads."""

    def __init__(self, engine: Engine, limit_s: float) -> None:
        self.engine = engine
        self.name, self.model = engine.name, engine.model
        self.limit_s = limit_s
        self._lock = threading.Lock()
        self._abandoned: list[_Call] = []

    def generate(
        self,
        prompts: Sequence[str],
        *,
        grammar: str | None = None,
        max_tokens: int = 64,
        temperature: float = 0.0,
        on_text: OnText | None = None,
    ) -> list[Completion]:
        """As the engine does. Raises EngineError too when it takes too long, or is stuck with an earlier call."""
        if self.is_stuck:
            raise EngineError("The engine is stuck with an earlier call. Restart the server if this goes on.")
        call = _Call(time.monotonic())
        asked: dict[str, Any] = {"grammar": grammar, "max_tokens": max_tokens, "temperature": temperature}
        asked["on_text"] = _while_waited_for(call, on_text) if on_text else None
        threading.Thread(target=self._run, args=(call, prompts, asked), name="engine call", daemon=True).start()
        if not call.done.wait(self.limit_s):
            self._abandon(call)
        if call.error is not None:
            raise call.error
        if call.result is None:
            raise EngineError(f"The engine did not answer within {self.limit_s:g} s.")
        return call.result

    def read_ahead(self, beginning: str) -> None:
        """As the engine does, where it can. Nobody waits for it."""
        if isinstance(self.engine, ReadsAhead) and not self.is_stuck:
            self.engine.read_ahead(beginning)

    @property
    def is_stuck(self) -> bool:
        """Whether a call has been out for twice the limit."""
        with self._lock:
            self._abandoned = [call for call in self._abandoned if not call.done.is_set()]
            return any(time.monotonic() - call.began > 2 * self.limit_s for call in self._abandoned)

    def _run(self, call: _Call, prompts: Sequence[str], asked: dict[str, Any]) -> None:
        try:
            call.result = self.engine.generate(prompts, **asked)
        except BaseException as error:  # handed to the caller, who is in another thread
            call.error = error
        finally:
            call.done.set()

    def _abandon(self, call: _Call) -> None:
        with call.lock:  # a piece on its way out goes out whole; after it none does
            call.over = True
        with self._lock:
            self._abandoned.append(call)
        log.error("%s did not answer within %g s", self.name, self.limit_s)


def _while_waited_for(call: _Call, on_text: OnText) -> OnText:
    """`on_text` until the caller has gone on; then an error, at which engines give a call up."""

    def pass_on(piece: str) -> bool | None:
        with call.lock:
            if call.over:
                raise EngineError("Nobody waits for this text any more.")
            return on_text(piece)

    return pass_on
