"""What the recogniser and the reply writer need of a model engine. The engines live in `assistant.engines`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True)
class Completion:
    """What the model wrote after one prompt."""

    text: str  # without special tokens, stripped
    logprobs: tuple[float, ...]  # natural log-probability of each generated token, the end token included
    finished: bool  # False when max_tokens cut the text off; the reader who has enough does not
    ends: tuple[int, ...] = ()  # of each token, how many characters of the text stand once it is written

    def logprob_until(self, mark: str) -> float:
        """Natural log-probability of the text up to and including the first `mark`, of the whole without any."""
        place = self.text.find(mark)
        tokens = next((number for number, end in enumerate(self.ends, 1) if 0 <= place < end), len(self.logprobs))
        return sum(self.logprobs[:tokens])


OnText = Callable[[str], bool | None]  # called with each new piece of text; True: what is written is enough


class EngineError(RuntimeError):
    """The engine could not answer: the model is missing, broken, or its server is away."""


class Engine(Protocol):
    """A language model with the adapter merged in.

    Prompts are complete texts in the model's chat format (intents.prompts builds them), special tokens included.
    """

    name: str  # "openvino", "transformers" or "openai"
    model: str  # what the answers come from, for the record kept with every turn

    def generate(
        self,
        prompts: Sequence[str],
        *,
        grammar: str | None = None,  # EBNF (xgrammar's dialect), start rule `root`; None is free text
        max_tokens: int = 64,
        temperature: float = 0.0,  # 0 is greedy
        on_text: OnText | None = None,  # one prompt only
    ) -> list[Completion]:
        """Complete every prompt. Raises EngineError."""
        ...


@runtime_checkable
class ReadsAhead(Protocol):
    """An engine that can read the beginning of a prompt before the rest of it is known."""

    def read_ahead(self, beginning: str) -> None:
        """Read it once nothing else has been asked for a moment, and keep it for the prompt that begins so. Comes back
        at once; of many beginnings the last few count."""
        ...
