"""The training set, made from what people edit: intent examples and reply examples, as (prompt, completion) pairs.

One adapter learns both tasks. The development split is by a hash of the message, so that one message in two contexts
never stands on both sides and a new example moves no other.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dialogues.prompts import reply_prompt
from dialogues.reply_examples import ReplyExample
from finetune.variation import vary
from intents.catalogue import Catalogue
from intents.commands import format_commands
from intents.examples import Example
from intents.prompts import understand_prompt

DEV_SHARE = 0.06


@dataclass(frozen=True)
class Pair:
    """What the model reads and what it must write after it."""

    prompt: str
    completion: str
    key: str  # what the split goes by: the shopper's message, or the reply
    task: str = "understand"  # or "reply"
    example: Example | None = None  # where the pair is made of one, which can be varied


def make_pairs(examples: Iterable[Example], replies: Iterable[ReplyExample]) -> list[Pair]:
    """Every example of both tasks as a pair."""
    understood = [example_pair(one) for one in examples]
    replied = [Pair(reply_prompt(one.response, one.facts, one.says), one.reply, one.reply, "reply") for one in replies]
    return understood + replied


def example_pair(one: Example) -> Pair:
    return Pair(
        understand_prompt(one.text, one.context), format_commands(one.commands), one.text, "understand", example=one
    )


def varied(catalogue: Catalogue) -> Callable[[Pair, random.Random], Pair]:
    """What makes another pair of the same meaning from one; replies stay as they are."""

    def other(pair: Pair, chance: random.Random) -> Pair:
        return example_pair(vary(pair.example, chance, catalogue)) if pair.example else pair

    return other


def split(pairs: Sequence[Pair], dev_share: float = DEV_SHARE) -> tuple[list[Pair], list[Pair]]:
    """Training and development pairs."""
    train = [pair for pair in pairs if _bucket(pair.key) >= dev_share]
    dev = [pair for pair in pairs if _bucket(pair.key) < dev_share]
    return train, dev


def data_hash(pairs: Iterable[Pair]) -> str:
    """SHA-256 of the training data, whatever its order: the manifest names what an adapter was taught."""
    lines = sorted(json.dumps([pair.prompt, pair.completion]) for pair in pairs)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _bucket(key: str) -> float:
    """A number in 0..1 that depends on the message alone."""
    return int(hashlib.sha256(" ".join(key.lower().split()).encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
