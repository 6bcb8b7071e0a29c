"""Read the end-to-end conversations: what a shopper types, what must be understood, and how the shop must stand after.

    conversations:
    - conversation: cancels a fresh order            # a sentence, and its name
      shop: demo                                     # or tau2: tau2's retail database
      task: "12"                                     # of tau2 only: the task whose expected state must be reached
      turns:
      - user: where is my order W4821093
        commands: track_order(order_id="W4821093")   # each of the rest may be left out: what must be understood,
        intents: [track_order]                       # or its intents alone
        says: [utter_ask_identity]                   # the responses of the answer, all of them, in order
        shows: e-mail                                # a text, or a list of texts, that must stand in the answer
      expect:
        orders: {"#W4821093": {status: shipped}}     # any part of an order in the form of tau2's db.json
        users: {mia: {payment_methods: {...}}}       # and of a customer
        writes: 1                                    # how many changes were made, each with its proof

After Rasa's end-to-end tests. Validation names file and line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from intents.catalogue import Catalogue
from intents.commands import Command, CommandSyntaxError, parse_commands
from intents.yaml_files import BadYaml, read_yaml

SHIPPED = Path(__file__).with_name("conversations")
SHOPS = ("demo", "tau2")
CONVERSATION_KEYS = {"conversation", "shop", "task", "turns", "expect"}
TURN_KEYS = {"user", "commands", "intents", "says", "shows"}
EXPECT_KEYS = {"orders", "users", "writes"}


class BadConversations(ValueError):
    """The conversation files have problems; the message lists them all, each with file and line."""


@dataclass(frozen=True)
class Turn:
    """One message of the shopper, and what it must lead to; None and () say nothing about it."""

    user: str
    commands: tuple[Command, ...] | None = None
    intents: tuple[str, ...] | None = None
    says: tuple[str, ...] | None = None
    shows: tuple[str, ...] = ()
    where: str = ""  # file:line, for messages


@dataclass(frozen=True)
class Expectation:
    """The shop after the conversation: parts of rows by id, and the number of changes."""

    orders: Mapping[str, Any] = field(default_factory=dict)
    users: Mapping[str, Any] = field(default_factory=dict)
    writes: int | None = None
    where: str = ""


@dataclass(frozen=True)
class Conversation:
    name: str
    turns: tuple[Turn, ...]
    shop: str = "demo"  # one of SHOPS
    task: str | None = None
    expect: Expectation = field(default_factory=Expectation)
    where: str = ""


def load_conversations(
    catalogue: Catalogue, responses: Collection[str], paths: Iterable[Path] = (SHIPPED,)
) -> list[Conversation]:
    """Every conversation of these files and folders, in order. Raises BadConversations."""
    reader = _Reader(catalogue, responses)
    for path in _files(paths):
        reader.read(path)
    if reader.problems:
        raise BadConversations("\n".join(reader.problems))
    return reader.conversations


def _files(paths: Iterable[Path]) -> list[Path]:
    return [file for path in paths for file in (sorted(path.glob("*.yml")) if path.is_dir() else [path])]


def _line_of(listed: Any, place: int) -> int:
    line: int = listed.lc.item(place)[0]
    return line + 1


class _Reader:
    """Gathers conversations and problems over all files."""

    def __init__(self, catalogue: Catalogue, responses: Collection[str]) -> None:
        self.catalogue = catalogue
        self.responses = responses
        self.problems: list[str] = []
        self.conversations: list[Conversation] = []
        self.places: dict[str, str] = {}

    def read(self, path: Path) -> None:
        try:
            data = read_yaml(path)
        except BadYaml as error:
            self.problems.append(f"{path}:{error.line}: {error}")
            return
        listed = data.get("conversations") if isinstance(data, dict) else None
        if not isinstance(listed, list):
            self.problems.append(f"{path}:1: has no `conversations:` list")
            return
        for place, spec in enumerate(listed):
            self.conversation(spec, f"{path}:{_line_of(listed, place)}")

    def conversation(self, spec: Any, where: str) -> None:
        name, turns = (spec.get("conversation"), spec.get("turns")) if isinstance(spec, dict) else (None, None)
        if not (isinstance(name, str) and name.strip()):
            return self.problem(where, "a conversation begins with `conversation:` and its name, a sentence")
        if name in self.places:
            self.problem(where, f"`{name}` is told at {self.places[name]} already; give it another name")
        self.places[name] = where
        self.check_keys(spec, CONVERSATION_KEYS, where, f"`{name}`")
        shop, task = spec.get("shop", "demo"), spec.get("task")
        if shop not in SHOPS:
            self.problem(where, f"`{name}`: `shop` is one of {', '.join(SHOPS)}, not {shop!r}")
        if task is not None and (not isinstance(task, str) or shop != "tau2"):
            self.problem(where, f"`{name}`: `task` is the id of a task in quotes, in a conversation of shop tau2")
        if not isinstance(turns, list) or not turns:
            return self.problem(where, f"`{name}` needs a list of `turns:`")
        path = where.rsplit(":", 1)[0]
        read = [self.turn(turn, f"{path}:{_line_of(turns, place)}") for place, turn in enumerate(turns)]
        expect = self.expectation(spec, where)
        self.conversations.append(Conversation(name, tuple(filter(None, read)), shop, task, expect, where))

    def turn(self, spec: Any, where: str) -> Turn | None:
        if not isinstance(spec, dict) or not isinstance(spec.get("user"), str):
            self.problem(where, f"a turn has `user:` and the words typed (in quotes, if a number): {spec!r}")
            return None
        self.check_keys(spec, TURN_KEYS, where, "a turn")
        intents, says = self.names(spec, "intents", where), self.names(spec, "says", where)
        self.check_known(intents or (), self.catalogue.intents, "intent", where)
        self.check_known(says or (), self.responses, "response", where)
        shows = spec.get("shows", [])
        shows = [shows] if isinstance(shows, str) else shows
        if not isinstance(shows, list) or not all(isinstance(text, str) and text for text in shows):
            self.problem(where, f"`shows` is a text or a list of texts, not {shows!r}")
            shows = []
        commands = self.commands(spec["commands"], where) if "commands" in spec else None
        return Turn(spec["user"], commands, intents, says, tuple(shows), where)

    def commands(self, text: Any, where: str) -> tuple[Command, ...] | None:
        try:
            commands = parse_commands(str(text))
        except CommandSyntaxError as error:
            self.problem(where, str(error))
            return None
        for command in commands:
            for problem in self.catalogue.problems(command):
                self.problem(where, problem)
        return commands

    def expectation(self, conversation: Mapping[str, Any], where: str) -> Expectation:
        spec = conversation.get("expect")
        if spec is None:
            return Expectation(where=where)
        where = f"{where.rsplit(':', 1)[0]}:{conversation.lc.key('expect')[0] + 1}"  # type: ignore[attr-defined]
        orders, users = (spec.get("orders", {}), spec.get("users", {})) if isinstance(spec, dict) else (None, None)
        if not isinstance(orders, dict) or not isinstance(users, dict):
            self.problem(where, "`expect` has `orders` and `users` by id, and `writes`")
            return Expectation(where=where)
        self.check_keys(spec, EXPECT_KEYS, where, "`expect`")
        writes = spec.get("writes")
        if writes is not None and (not isinstance(writes, int) or isinstance(writes, bool) or writes < 0):
            self.problem(where, f"`writes` is the number of changes, not {writes!r}")
        return Expectation(orders, users, writes, where)

    def names(self, spec: Mapping[str, Any], key: str, where: str) -> tuple[str, ...] | None:
        if key not in spec:
            return None
        if not isinstance(spec[key], list) or not all(isinstance(name, str) for name in spec[key]):
            self.problem(where, f"`{key}` is a list of names, not {spec[key]!r}")
            return None
        return tuple(spec[key])

    def check_known(self, names: Iterable[str], known: Collection[str], kind: str, where: str) -> None:
        for name in names:
            if name not in known:
                self.problem(where, f"no {kind} `{name}`")

    def check_keys(self, spec: Mapping[str, Any], known: set[str], where: str, what: str) -> None:
        if unknown := sorted(map(str, set(spec) - known)):
            self.problem(where, f"{what} takes {', '.join(sorted(known))}, not {', '.join(unknown)}")

    def problem(self, where: str, message: str) -> None:
        self.problems.append(f"{where}: {message}")
