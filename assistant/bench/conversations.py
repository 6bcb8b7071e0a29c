"""What the shoppers of a benchmark say: the written conversations of the demo shop, in an order drawn once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import cycle, islice

from dialogues.conversations import load_conversations
from dialogues.responses import load_responses
from intents.catalogue import load_catalogue

SEED = 7

Message = tuple[str, str]  # the conversation's name, and what is said


def load_talk() -> list[list[Message]]:
    """Every written conversation that plays in the demo shop. Raises BadConversations."""
    talk = [
        [(conversation.name, turn.user) for turn in conversation.turns]
        for conversation in load_conversations(load_catalogue(), load_responses())
        if conversation.shop == "demo"
    ]
    random.Random(SEED).shuffle(talk)
    return talk


def messages_of(talk: Sequence[Sequence[Message]], shopper: int, shoppers: int, turns: int) -> list[Message]:
    """What one of several shoppers says: every so many-th conversation from the start, from the top where they end."""
    own = [talk[(shopper + shoppers * place) % len(talk)] for place in range(turns)]
    return list(islice((message for one in cycle(own) for message in one), turns))
