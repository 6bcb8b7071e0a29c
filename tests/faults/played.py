"""What the shoppers of the fault tests say: the written conversations, and an engine that reads them as labelled.

Nothing of the model is under test here; all else is: the manager, the actions, SQL, the channel and the process.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from dialogues.conversations import Conversation, load_conversations
from dialogues.responses import load_responses
from intents.catalogue import load_catalogue
from intents.commands import Command
from intents.engine import Completion
from intents.prompts import END, clip, plain

SURE = (math.log(0.98),)


@dataclass(frozen=True)
class Line:
    """One message as it is sent; sent again it has the same id."""

    sender: str
    message_id: str
    text: str


@cache
def conversations() -> tuple[Conversation, ...]:
    """Those of the demo shop whose every message is labelled."""
    found = load_conversations(load_catalogue(), load_responses())
    return tuple(one for one in found if one.shop == "demo" and all(turn.commands for turn in one.turns))


def changes_something(conversation: Conversation) -> bool:
    """Whether it changes an order or fills a cart."""
    commands = [command for turn in conversation.turns for command in turn.commands or ()]
    return bool(conversation.expect.writes) or any(command.intent == "add_to_cart" for command in commands)


def lines_of(conversation: Conversation, sender: str, draw: random.Random) -> list[Line]:
    """The shopper's messages; half of those that ask for one thing are pressed buttons, drawn."""
    texts = [
        payload(turn.commands[0]) if len(turn.commands or ()) == 1 and draw.random() < 0.5 else turn.user
        for turn in conversation.turns
        if turn.commands
    ]
    return [Line(sender, f"{sender}-{number}", text) for number, text in enumerate(texts)]


def payload(command: Command) -> str:
    """What a button sends: /intent{"slot": "value"}."""
    slots = {name: command.all(name) for name, _ in command.slots}
    values = {name: several if len(several) > 1 else several[0] for name, several in slots.items()}
    return f"/{command.intent}{json.dumps(values) if values else ''}"


class LabelEngine:
    """Reads a message as its label says, and writes no reply, so that the written ones stand in.

    Each call takes up to `slowest_s`, drawn, so that a kill finds turns at every stage."""

    name, model = "labels", "labels"

    def __init__(self, slowest_s: float, seed: int) -> None:
        self.slowest_s = slowest_s
        self.draw = random.Random(seed)
        self.labels = {
            clip(plain(turn.user)): "; ".join(map(str, turn.commands or ()))
            for conversation in conversations()
            for turn in conversation.turns
        }

    def generate(self, prompts: Sequence[str], **asked: Any) -> list[Completion]:
        time.sleep(self.draw.random() * self.slowest_s)
        return [self._completion(prompt) for prompt in prompts]

    def _completion(self, prompt: str) -> Completion:
        said = prompt.rpartition("says: ")[2].partition(END)[0]
        text = self.labels.get(said, "out_of_scope()") if "system\nunderstand" in prompt else ""
        return Completion(text, SURE, True, (len(text),))
