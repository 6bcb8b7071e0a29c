"""A third opinion on a message: an encoder that was taught the intents, with a linear head over its vectors.

The example index weighs examples by vectors that know nothing of a shop's intents. An encoder taught to tell them apart
errs elsewhere, so both together read better than either (docs/benchmarks.md). `Head.logprobs` asks it, `pooled` joins
both as equals. The encoder reads the context beside the message as one text, `as_text`, in training and in serving.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from intents.context import Context
from intents.examples import Example
from intents.vector_files import Embed

Message = tuple[str, Context]

SHARE = 0.5  # of the head's logarithm in the pool; 0.3 and 0.7 were no better on BANKING77's validation messages
LEAST_CHANCE = 1e-9  # the index's probabilities are kept above this before their logarithm is taken
ENCODER = "encoder"  # its folder beside an adapter
HEAD_FILE = "head.safetensors"  # in an encoder's folder: `weights`, `bias` and `taught`
RECORD_FILE = "head.json"  # `intents`, and how they were taught
APART = " [SEP] "  # the encoder's own mark between two texts


@dataclass(frozen=True)
class Head:
    """A linear head over a taught encoder. Safe to use from many threads if `embed` is."""

    intents: tuple[str, ...]  # the rows of `weights`
    weights: np.ndarray  # float32 (intents, d)
    bias: np.ndarray  # float32 (intents,)
    embed: Embed  # the taught encoder
    taught: frozenset[int] = frozenset()  # the `example_key` of each example that it was taught

    def knows(self, example: Example) -> bool:
        """Whether it was taught this example."""
        return example_key(example) in self.taught

    def logprobs(self, messages: Sequence[Message]) -> np.ndarray:
        """Natural log-probability of each intent, float32 (n, intents)."""
        values = self.embed([as_text(message) for message in messages]) @ self.weights.T + self.bias
        values -= values.max(axis=1, keepdims=True)
        found: np.ndarray = values - np.log(np.exp(values).sum(axis=1, keepdims=True))
        return found


def example_key(example: Example) -> int:
    """64 bits of what the encoder reads of an example and what it is taught to say."""
    said = [as_text((example.text, example.context)), [command.intent for command in example.commands]]
    return int.from_bytes(hashlib.sha256(json.dumps(said).encode()).digest()[:8], "big")


def as_text(message: Message) -> str:
    """The message, then what of its context there is: of a text too long to be read whole, the end is left out."""
    text, context = message
    asked = " ".join(name.replace("_", " ") for name in (context.task, context.asked) if name)
    shown = "shown" if context.shown else ""
    return APART.join(part for part in (text, " ".join(filter(None, (asked, shown))), context.bot) if part)


def pooled(chances: np.ndarray, intents: Sequence[str], head: Head | None, logprobs: np.ndarray | None) -> np.ndarray:
    """The index's probabilities and what the head said of the same messages in one, float32 (n, intents): the geometric
    mean of both, as in log-linear pooling (Genest and Zidek 1986), over the intents that the head was taught. Of others
    the index decides alone: they keep their probabilities."""
    if head is None or logprobs is None or not len(chances):
        return chances
    column = {intent: place for place, intent in enumerate(head.intents)}
    known = [place for place, intent in enumerate(intents) if intent in column]
    index = np.log(np.maximum(chances[:, known], LEAST_CHANCE))
    both = (1 - SHARE) * index + SHARE * logprobs[:, [column[intents[place]] for place in known]]
    powers = np.exp(both - both.max(axis=1, keepdims=True))
    found = chances.astype(np.float32)
    found[:, known] = powers / powers.sum(axis=1, keepdims=True) * chances[:, known].sum(axis=1, keepdims=True)
    return found
