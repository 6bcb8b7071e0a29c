"""Whether this process can serve: what is wrong with it, if anything, check by check."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy.exc import SQLAlchemyError

from assistant.engines.time_limit import TimeLimitedEngine
from assistant.store import DatabaseNotReady
from assistant.turns import Assistant

Check = Callable[[], str | None]  # what is wrong, in a sentence; None where nothing is


def checks_of(assistant: Assistant) -> dict[str, Check]:
    """The database with its version, and the model engine."""
    return {"database": lambda: database_trouble(assistant), "engine": lambda: engine_trouble(assistant)}


def troubles(checks: Mapping[str, Check]) -> dict[str, str]:
    """What is wrong, by check."""
    return {name: said for name, check in checks.items() if (said := check()) is not None}


def database_trouble(assistant: Assistant) -> str | None:
    try:
        assistant.database.check()
    except DatabaseNotReady as error:
        return str(error)
    except SQLAlchemyError as error:
        return f"The database does not answer: {type(error).__name__}."
    return None


def engine_trouble(assistant: Assistant) -> str | None:
    for engine in (assistant.recogniser.engine, assistant.writer.engine):
        if isinstance(engine, TimeLimitedEngine) and engine.is_stuck:
            return f"The engine {engine.name} is stuck with an earlier call. Restart the server if this goes on."
    return None
