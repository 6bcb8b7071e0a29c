"""One conversation being played: what was typed, how it was read, what was answered."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import inspect, text

from assistant.conversations import read_events
from assistant.terminal import message_text
from assistant.testing.watch import Statement, Statements
from assistant.turns import Assistant
from dialogues.messages import BotMessage
from dialogues.tracker import Event


@dataclass(frozen=True)
class Exchange:
    """A message and its answer."""

    user: str
    understood: str  # commands
    messages: tuple[BotMessage, ...]
    asked: str | None  # the slot that the assistant asks for now
    task: str | None  # and for which task
    identified: bool
    failures: tuple[str, ...] = ()  # what went wrong inside, as logged
    events: tuple[Event, ...] = ()  # of this turn
    statements: tuple[Statement, ...] = ()  # sent to the database meanwhile

    @property
    def responses(self) -> tuple[str, ...]:
        return tuple(message.response for message in self.messages)

    @property
    def shown(self) -> str:
        """The whole answer as the terminal shows it."""
        return "\n".join(message_text(message) for message in self.messages)

    def to_json(self) -> dict[str, Any]:
        return {
            "user": self.user,
            "understood": self.understood,
            "responses": list(self.responses),
            "answer": [message.text for message in self.messages],
            "asked": self.asked,
            "failures": list(self.failures),
        }


@dataclass
class Talk:
    """A new conversation with an assistant."""

    assistant: Assistant
    sender: str = field(default_factory=lambda: uuid.uuid4().hex)
    exchanges: list[Exchange] = field(default_factory=list)

    def says(self, words: str) -> Exchange:
        """Type something and read the answer."""
        before = len(self._events())
        with _Failures() as failures, Statements(self.assistant.database.engine) as statements:
            messages = self.assistant.handle(self.sender, words)
        tracker = self.assistant.tracker(self.sender)
        open_task = next((frame.flow for frame in reversed(tracker.stack) if not frame.called), None)
        self.exchanges.append(
            Exchange(
                words,
                tracker.latest.get("parse_data", {}).get("commands", ""),
                tuple(messages),
                tracker.top.asked if tracker.top else None,
                open_task,
                bool(tracker.slots.get("customer_id")),
                tuple(failures.lines),
                tuple(self._events()[before:]),
                tuple(statements),
            )
        )
        return self.exchanges[-1]

    def _events(self) -> Sequence[Event]:
        with self.assistant.database.reading() as session:
            return read_events(session, self.sender)


def count_writes(assistant: Assistant) -> int:
    """How many changes this shop has seen since it was fresh: one proof each."""
    with assistant.database.engine.connect() as connection:
        if not inspect(connection).has_table("proofs"):
            return 0
        return int(connection.execute(text("SELECT count(*) FROM proofs")).scalar_one())


def transcript(exchanges: Sequence[Exchange]) -> str:
    """A conversation for people to read."""
    return "\n".join(
        f"> {one.user}\n    [{one.understood}]\n" + "\n".join(f"  {line}" for line in one.shown.splitlines())
        for one in exchanges
    )


class _Failures(logging.Handler):
    """Gathers what the assistant logs as an error while it answers: an action that failed, a turn without end."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.lines.append(record.getMessage() + (f": {type(error).__name__}: {error}" if error else ""))

    def __enter__(self) -> _Failures:
        logging.getLogger("assistant").addHandler(self)
        return self

    def __exit__(self, *exception: object) -> None:
        logging.getLogger("assistant").removeHandler(self)
