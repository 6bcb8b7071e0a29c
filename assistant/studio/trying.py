"""Try a message: what one model reads in it, how sure it is, and which intents came next."""

from __future__ import annotations

from dataclasses import dataclass

from intents.context import Context
from intents.recogniser import Recogniser, Understanding

RUNNERS_UP = 4


@dataclass(frozen=True)
class Trial:
    understanding: Understanding
    runners_up: tuple[tuple[str, float], ...] = ()  # intents by the example index's probability, without those read


def try_message(recogniser: Recogniser, text: str, context: Context) -> Trial:
    """Raises EngineError."""
    doubt = recogniser.weigh([(text, context)])[0]
    understanding = recogniser.decide(doubt)
    read = {command.intent for command in understanding.commands}
    ranked = sorted((doubt.opinion or {}).items(), key=lambda one: -one[1])
    others = [(name, chance) for name, chance in ranked if name not in read]
    return Trial(understanding, tuple(others[:RUNNERS_UP]))
