"""Play a written conversation on a fresh shop and say everything that is not as it was written down."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistant.importers.tau2_export import export_some, export_tau2
from assistant.testing.meant import ReadsAsMeant
from assistant.testing.shops import Shops, close
from assistant.testing.states import differences
from assistant.testing.talk import Exchange, Talk, count_writes
from assistant.testing.tasks import Task, expected_state
from assistant.turns import Assistant
from dialogues.conversations import Conversation, Turn
from intents.commands import Command, format_commands, parse_commands

MOST_DIFFERENCES = 8  # of the final state that are told one by one


class NoSuchTask(ValueError):
    """A conversation names a task that the data does not hold."""


@dataclass(frozen=True)
class Played:
    """What became of a conversation; `faults` are lines that begin with file and line."""

    conversation: Conversation
    faults: tuple[str, ...]
    exchanges: tuple[Exchange, ...]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return {
            "conversation": self.conversation.name,
            "where": self.conversation.where,
            "task": self.conversation.task,
            "passed": not self.faults,
            "faults": list(self.faults),
            "turns": len(self.exchanges),
            "seconds": round(self.seconds, 2),
            "exchanges": [one.to_json() for one in self.exchanges],
        }


def play_written(conversation: Conversation, shops: Shops, tasks: dict[str, Task]) -> Played:
    """Play it to the end, whatever differs on the way. Raises NoSuchTask."""
    if conversation.task is not None and conversation.task not in tasks:
        raise NoSuchTask(f"{conversation.where}: there is no task {conversation.task!r}")
    started = time.perf_counter()
    assistant = shops.fresh(conversation.shop)
    talk = Talk(assistant)
    faults = []
    for turn in conversation.turns:
        if isinstance(assistant.recogniser, ReadsAsMeant):
            assistant.recogniser.means = turn.commands or ()
        faults += [f"{turn.where}: {fault}" for fault in turn_faults(turn, talk.says(turn.user))]
    where = conversation.expect.where or conversation.where
    faults += [f"{where}: {fault}" for fault in _state_faults(conversation, assistant, shops, tasks)]
    close(assistant)
    return Played(conversation, tuple(faults), tuple(talk.exchanges), time.perf_counter() - started)


def turn_faults(turn: Turn, exchange: Exchange) -> Iterator[str]:
    """What differs in one turn."""
    yield from exchange.failures
    understood = parse_commands(exchange.understood) if exchange.understood else ()
    if turn.commands is not None and _meaning(understood) != _meaning(turn.commands):
        yield f"{turn.user!r} was read as {exchange.understood}, not {format_commands(turn.commands)}"
    intents = tuple(command.intent for command in understood)
    if turn.intents is not None and intents != turn.intents:
        yield f"{turn.user!r} was read as {', '.join(intents)}, not {', '.join(turn.intents)}"
    if turn.says is not None and exchange.responses != turn.says:
        yield f"the answer was {', '.join(exchange.responses) or 'nothing'}, not {', '.join(turn.says) or 'nothing'}"
    for text in turn.shows:
        if text.casefold() not in exchange.shown.casefold():
            yield f"{text!r} does not stand in the answer: {exchange.shown!r}"


def _meaning(commands: tuple[Command, ...]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Commands without what does not matter: the order of slots, capitals, the sign before an order's number."""
    return [
        (one.intent, sorted((name, str(value).casefold().removeprefix("#")) for name, value in one.slots))
        for one in commands
    ]


def _state_faults(
    conversation: Conversation, assistant: Assistant, shops: Shops, tasks: dict[str, Task]
) -> Iterator[str]:
    expect = conversation.expect
    writes = count_writes(assistant)
    if expect.writes is not None and writes != expect.writes:
        yield f"{writes} changes were made, not {expect.writes}"
    if not (expect.orders or expect.users or conversation.task):
        return
    state = export_some(assistant.database, expect.users, expect.orders)
    found = differences({"orders": expect.orders, "users": expect.users}, state, in_part=True)
    if conversation.task:
        found += differences(expected_state(shops.tau2, tasks[conversation.task]), export_tau2(assistant.database))
    yield from map(str, found[:MOST_DIFFERENCES])
    if len(found) > MOST_DIFFERENCES:
        yield f"and {len(found) - MOST_DIFFERENCES} more values differ"
