"""A second look at a message whose first reading left its wish unread: what to read then, and what comes of both.

Read as who somebody is, a message may ask for something beside it; read as a yes to "shall I go ahead?", it may ask a
question. The rest of the one, and the other out of its context, are read once more by the same model. Few messages are.
"""

from __future__ import annotations

from collections.abc import Sequence

from intents.beside_identity import EMAIL, wish_beside
from intents.clear_yes import asks_something, is_clear_yes, says_yes
from intents.commands import Command
from intents.context import Context

HANDOFF = "human_handoff"
SURE = 0.5  # confidence from which a second reading counts
TALK = frozenset(  # what is no wish of its own
    "identify affirm deny select inform stop repeat greet goodbye thank chitchat out_of_scope complain "
    "ask_capabilities".split()
)


def second_look(text: str, context: Context, commands: Sequence[Command]) -> tuple[str, Context] | None:
    """What of the message to read again, and in which context; None where the first reading is enough."""
    if wish := wish_beside(commands, text):
        return wish, Context(shown=context.shown)
    if context.asked != "confirm" or {one.intent for one in commands} != {"affirm"}:
        return None
    offered = context.task == HANDOFF and not says_yes(text)  # "bit dear these", when a person was offered
    asks = asks_something(text) and not is_clear_yes(text)
    return (text, Context(shown=context.shown)) if offered or asks else None


def joined(
    text: str, context: Context, commands: Sequence[Command], again: Sequence[Command], confidence: float
) -> tuple[Command, ...] | None:
    """The commands of both readings, in the order said; None where the first stands alone."""
    if confidence < SURE or not again or any(one.intent in TALK or one.intent == context.task for one in again):
        return None
    if commands[0].intent == "affirm":
        return tuple(again)
    address = EMAIL.search(text)
    is_first = address is not None and address.start() > len(text) / 3
    return (*again, *commands) if is_first else (*commands, *again)
