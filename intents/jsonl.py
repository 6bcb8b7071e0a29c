"""Messages with their commands as JSON Lines: the form of evaluation sets and of the HTTP interface.

One object a line: {"id", "text", "context"?: {"bot", "task", "asked", "shown"}, "commands": [{"intent", "slots"}],
"tags"?}; a slot given several times is a list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from intents.catalogue import Catalogue
from intents.commands import Command
from intents.context import Context
from intents.examples import BadExamples, Example, Problem


def load_jsonl(path: Path, catalogue: Catalogue) -> list[Example]:
    """Every message of the file. Raises BadExamples, each problem with its line."""
    examples, problems = [], []
    for number, line in enumerate(_text(path).split("\n"), 1):
        source = f"{path}:{number}"
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            example = _example(data, source)
            faults = [fault for command in example.commands for fault in catalogue.problems(command)]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problems.append(Problem(source, f"not a message object with text and commands: {error!r}"))
            continue
        problems += [Problem(source, fault) for fault in faults]
        examples.append(example)
    if problems:
        raise BadExamples(problems)
    return examples


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadExamples([Problem(str(path), f"cannot be read: {error}")]) from error


def _example(data: Mapping[str, Any], source: str) -> Example:
    text, commands = data["text"], commands_of(data["commands"])
    if not isinstance(text, str) or not text.strip() or not commands:
        raise ValueError("a message has some text and at least one command")
    return Example(text, commands, context_of(data.get("context") or {}), source, _tags(data.get("tags") or []))


def _tags(data: Any) -> tuple[str, ...]:
    if not isinstance(data, list) or not all(isinstance(tag, str) and tag for tag in data):
        raise TypeError(f"tags are a list of words, not {data!r}")
    return tuple(dict.fromkeys(data))


def context_of(data: Mapping[str, Any]) -> Context:
    """A context from its JSON object. Raises TypeError for an unknown key or a value of the wrong type."""
    unknown = set(data) - {"bot", "task", "asked", "shown"}
    if unknown:
        raise TypeError(f"a context has bot, task, asked and shown, not {sorted(unknown)}")
    shown = data.get("shown") or []
    bot, task, asked = (data.get(key) for key in ("bot", "task", "asked"))
    if not isinstance(shown, list) or not all(
        isinstance(one, str) for one in (*shown, bot or "", task or "", asked or "")
    ):
        raise TypeError(f"a context's bot, task and asked are texts, and shown is a list of them: {dict(data)!r}")
    return Context(bot, task, asked, tuple(shown))


def commands_of(data: list[Mapping[str, Any]]) -> tuple[Command, ...]:
    """Commands from [{"intent", "slots": {name: value or list of values}}]."""
    return tuple(
        Command(
            one["intent"],
            tuple(
                (name, value)
                for name, given in (one.get("slots") or {}).items()
                for value in (given if isinstance(given, list) else [given])
            ),
        )
        for one in data
    )


def commands_json(commands: tuple[Command, ...]) -> list[dict[str, Any]]:
    """The inverse of `commands_of`, but that the values of a slot given several times come together."""
    written = []
    for command in commands:
        slots: dict[str, Any] = {}
        for name, value in command.slots:
            several = command.all(name)
            slots[name] = list(several) if len(several) > 1 else value
        written.append({"intent": command.intent, "slots": slots})
    return written
