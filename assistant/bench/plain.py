"""The plain way to use a language model, to hold ours against: it writes each reply to its end.

Ours writes a wording's beginning until it is told from all others (dialogues/wording.py). Plain generation chooses
among the same wordings under the same kind of grammar, so the shopper reads the same and only the cost differs.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace

from assistant.turns import Assistant
from dialogues.wording import Choice, Wordings

PLAIN = "transformers-plain"  # float32 without any of our means: no cache of prefixes, whole replies


def write_whole_replies(assistant: Assistant) -> None:
    """From now on."""
    assistant.writer = replace(assistant.writer, wordings=_WholeWordings(assistant.writer.wordings.by_response))


@dataclass(frozen=True)
class _WholeChoice(Choice):
    @property
    def grammar(self) -> str:
        return "root ::= " + " | ".join(json.dumps(text, ensure_ascii=False) for text in self.texts)

    def is_clear(self, written: str) -> bool:
        return False


@dataclass(frozen=True)
class _WholeWordings(Wordings):
    def choice(
        self, response: str, facts: Collection[str], said: Collection[str], shopper: str | None = None
    ) -> Choice | None:
        choice = super().choice(response, facts, said, shopper)
        return choice and _WholeChoice(choice.texts)
