"""Understanding without a model: each message means what whoever wrote it says it means.

What still goes wrong then is the dialogue's and the actions' fault, not the recogniser's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.actions.base import Shop
from assistant.assembly import assemble
from assistant.settings import Settings
from assistant.turns import Assistant
from dialogues.wording import Wordings
from intents.commands import Command
from intents.context import Context
from intents.engine import Completion, EngineError, OnText
from intents.recogniser import Recogniser, Understanding


class NoModel:
    """An engine that is never asked."""

    name = "none"
    model = "as meant"

    def generate(
        self,
        prompts: Sequence[str],
        *,
        grammar: str | None = None,
        max_tokens: int = 64,
        temperature: float = 0.0,
        on_text: OnText | None = None,
    ) -> list[Completion]:
        raise EngineError("There is no model here.")


class ReadsAsMeant(Recogniser):
    """`means` is set before each message; sure of itself."""

    means: tuple[Command, ...] = ()

    def understand(self, text: str, context: Context) -> Understanding:
        fitting = tuple(command for command in self.means if self.catalogue.is_valid(command))
        return Understanding(text, fitting or (Command("out_of_scope"),), 1.0, "as meant")


def as_meant(settings: Settings) -> Callable[[Shop], Assistant]:
    """Assistants that read as meant and speak in written words."""

    def assemble_over(shop: Shop) -> Assistant:
        engine = NoModel()
        assistant = assemble(settings.model_copy(update={"index": False}), shop, engine)
        assistant.recogniser = ReadsAsMeant(engine, assistant.recogniser.catalogue)
        assistant.writer = replace(assistant.writer, wordings=Wordings({}))
        return assistant

    return assemble_over
