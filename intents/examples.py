"""Read training examples: Rasa NLU YAML with entity annotations, extended by a context and by several commands.

Three forms stand under `nlu:` (docs/examples.md shows each): plain Rasa blocks (`intent` + `examples: |`), the same
with a `context` that all its examples share, and `messages` whose `commands` are written in the command language.
`load_examples` reads files or folders and reports every problem at once, each with file, line and how to mend it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.scalarstring import LiteralScalarString

from intents.catalogue import Catalogue, Intent, value_problems
from intents.commands import Command, CommandSyntaxError, SlotValue, parse_commands
from intents.context import CONFIRM, EMPTY, Context
from intents.grammar import MOST_COMMANDS, MOST_SLOTS
from intents.yaml_files import BadYaml, read_yaml

ANNOTATION = re.compile(r"\[(?P<text>[^\[\]]+)\](?:\((?P<slot>[a-z_]+)\)|(?P<json>\{[^{}]*\}))")
BLOCK_KEYS = {"intent", "context", "examples"}
MESSAGE_KEYS = {"text", "context", "commands"}
CONTEXT_KEYS = {"bot", "task", "asked", "shown"}


@dataclass(frozen=True)
class Example:
    """One shopper message with what it means. `source` is `file:line`, for messages to trainers."""

    text: str
    commands: tuple[Command, ...]
    context: Context = EMPTY
    source: str = ""
    tags: tuple[str, ...] = ()  # how it was typed ("typo", "angry"), where an evaluation set says so


@dataclass(frozen=True)
class Problem:
    source: str
    message: str

    def __str__(self) -> str:
        return f"{self.source}: {self.message}"


class BadExamples(ValueError):
    """The example files have problems; `problems` lists them all."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        shown = "\n".join(str(problem) for problem in problems[:20])
        more = f"\n… and {len(problems) - 20} more" if len(problems) > 20 else ""
        super().__init__(f"{len(problems)} problem(s) in the examples:\n{shown}{more}")


def load_examples(paths: Iterable[Path], catalogue: Catalogue) -> list[Example]:
    """Every example of the files (folders give their *.yml that hold `nlu:`). Raises BadExamples."""
    problems: list[Problem] = []
    examples: list[Example] = []
    for path in _files(paths):
        examples += _File(path, catalogue, problems).read()
    problems += conflicts(examples)
    if problems:
        raise BadExamples(problems)
    return examples


def conflicts(examples: Iterable[Example]) -> list[Problem]:
    """Examples that repeat another, or give the same message in the same context another meaning."""
    first: dict[tuple[str, Context], Example] = {}
    found = []
    for example in examples:
        key = (" ".join(example.text.split()), example.context)
        earlier = first.setdefault(key, example)
        if earlier is example:
            continue
        if earlier.commands == example.commands:
            found.append(Problem(example.source, f"{example.text!r} repeats {earlier.source}; delete one of them"))
        else:
            found.append(Problem(example.source, f"{example.text!r} contradicts {earlier.source}; keep the right one"))
    return found


def read_annotated(line: str, intent: Intent) -> tuple[str, Command]:
    """`under [100 bucks]{"entity": "max_price", "value": 100}` to the plain text and its command. Raises ValueError."""
    text, slots, end = "", [], 0
    for mark in ANNOTATION.finditer(line):
        text += line[end : mark.start()] + mark["text"]
        slots.append(_annotated_slot(mark, intent))
        end = mark.end()
    rest = text + line[end:]
    if "[" in rest or "](" in rest or "]{" in rest:
        raise ValueError(f"an annotation does not close in {line!r}; write [text](slot)")
    return rest.strip(), Command(intent.name, tuple(slots))


def _annotated_slot(mark: re.Match[str], intent: Intent) -> tuple[str, SlotValue]:
    try:
        spec = json.loads(mark["json"]) if mark["json"] else {"entity": mark["slot"]}
    except json.JSONDecodeError as error:
        raise ValueError(f'{mark["json"]} is not JSON ({error.msg}); write {{"entity": …, "value": …}}') from error
    name = str(spec.get("entity"))
    value: SlotValue = spec.get("value", mark["text"])
    slot = intent.slots.get(name)
    if slot and slot.kind == "number" and isinstance(value, str):
        value = _number(value, name)
    return name, value


def _number(text: str, slot: str) -> int | float:
    try:
        return float(text) if "." in text else int(text)
    except ValueError as error:
        raise ValueError(f'slot `{slot}` holds a number: add "value" to the annotation of {text!r}') from error


def _files(paths: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise BadExamples([Problem(str(path), "no such file or folder of examples")])
        files += sorted(path.glob("*.yml")) if path.is_dir() else [path]
    return files


class _File:
    """One example file: walks its blocks and collects examples and problems."""

    def __init__(self, path: Path, catalogue: Catalogue, problems: list[Problem]) -> None:
        self.path = path
        self.catalogue = catalogue
        self.problems = problems
        self.examples: list[Example] = []
        self.slots = {slot for intent in catalogue.intents.values() for slot in intent.slots}

    def read(self) -> list[Example]:
        try:
            data = read_yaml(self.path)
        except BadYaml as error:
            self.problem(error.line - 1, str(error))
            return []
        blocks = data.get("nlu", CommentedSeq()) if isinstance(data, dict) else None
        if not isinstance(blocks, CommentedSeq):
            self.problem(0, "has no list under `nlu:`")
            return []
        for number, block in enumerate(blocks):
            self.block(block, blocks.lc.item(number)[0])
        return self.examples

    def block(self, block: Any, line: int) -> None:
        if isinstance(block, dict) and isinstance(block.get("messages"), list):
            self.check_keys(block, {"messages"}, line)
            for number, message in enumerate(block["messages"]):
                self.message(message, block["messages"].lc.item(number)[0])
        elif isinstance(block, dict) and _is_literal(block.get("examples")) and "intent" in block:
            self.check_keys(block, BLOCK_KEYS, line)
            self.annotated(block, line)
        else:
            self.problem(line, "a block needs `intent:` with `examples: |`, or `messages:`")

    def annotated(self, block: Any, line: int) -> None:
        intent = self.catalogue.intents.get(str(block["intent"]))
        if intent is None:
            known = ", ".join(self.catalogue.intents)
            self.problem(line, f"unknown intent `{block['intent']}`; the catalogue has {known}")
            return
        context = self.context(block.get("context"), line)
        first = block.lc.value("examples")[0] + 1
        for offset, written in enumerate(block["examples"].split("\n")):
            if not written.strip():
                continue
            if not f"{written} ".startswith("- "):
                self.problem(first + offset, f"each example starts with `- `: {written!r}")
                continue
            try:
                text, command = read_annotated(written[2:], intent)
            except ValueError as error:
                self.problem(first + offset, str(error))
                continue
            self.add(text, (command,), context, first + offset)

    def message(self, message: Any, line: int) -> None:
        if not isinstance(message, dict) or not isinstance(message.get("text"), str) or "commands" not in message:
            self.problem(line, "a message needs `text:` and `commands:`")
            return
        self.check_keys(message, MESSAGE_KEYS, line)
        try:
            commands = parse_commands(str(message["commands"]))
        except CommandSyntaxError as error:
            self.problem(line, str(error))
            return
        self.add(message["text"].strip(), commands, self.context(message.get("context"), line), line)

    def context(self, spec: Any, line: int) -> Context:
        if spec is None:
            return Context()
        if not isinstance(spec, dict) or set(spec) - CONTEXT_KEYS:
            self.problem(line, f"a context takes {', '.join(sorted(CONTEXT_KEYS))}, not {spec!r}")
            return Context()
        task = spec.get("task")
        if task is not None and task not in self.catalogue.intents:
            self.problem(line, f"the context's task `{task}` is no intent of the catalogue")
        asked = spec.get("asked")
        if asked is not None and asked != CONFIRM and asked not in self.slots:
            self.problem(line, f"the context's asked `{asked}` is no slot of the catalogue, nor `{CONFIRM}`")
        shown = spec.get("shown") or []
        if not isinstance(shown, list):
            self.problem(line, "the context's `shown` is a list of names")
            shown = []
        texts = {key: str(spec[key]) for key in ("bot", "task", "asked") if spec.get(key) is not None}
        return Context(shown=tuple(str(name) for name in shown), **texts)

    def add(self, text: str, commands: tuple[Command, ...], context: Context, line: int) -> None:
        faults = [fault for command in commands for fault in self.catalogue.problems(command)]
        faults += [fault for command in commands for fault in invented(command, text, self.catalogue)]
        if len(commands) > MOST_COMMANDS or any(len(command.slots) > MOST_SLOTS for command in commands):
            faults.append(
                f"a message has at most {MOST_COMMANDS} commands of {MOST_SLOTS} slots: no more is understood"
            )
        for fault in faults:
            self.problem(line, f"{text!r}: {fault}")
        if not text:
            self.problem(line, "the example is empty")
        if text and not faults:
            self.examples.append(Example(text, commands, context, f"{self.path}:{line + 1}"))

    def check_keys(self, spec: Mapping[str, Any], known: set[str], line: int) -> None:
        """A key that is misspelt would be left out in silence, a context most of all."""
        for key in set(spec) - known:
            self.problem(line, f"takes {', '.join(sorted(known))}, not `{key}`")

    def problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(f"{self.path}:{line + 1}", message))


def _is_literal(value: object) -> bool:
    """Text after `|`: only there does every line of the file stand for one of the text."""
    return isinstance(value, LiteralScalarString)


def invented(command: Command, text: str, catalogue: Catalogue) -> list[str]:
    """Text slots whose value does not stand in the message: a value is the shopper's words, never a guess."""
    slots = catalogue.intents[command.intent].slots if command.intent in catalogue.intents else {}
    said = " ".join(text.split()).casefold()
    return [
        f"slot `{name}` is in the shopper's words, and {value!r} does not stand in the message"
        for name, value in command.slots
        if name in slots
        and slots[name].kind == "text"
        and not value_problems(slots[name], value)
        and " ".join(str(value).split()).casefold() not in said
    ]
