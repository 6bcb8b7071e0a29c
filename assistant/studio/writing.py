"""How an example is written into a file: a line of `examples: |`, or an item of `messages:`."""

from __future__ import annotations

import json
from dataclasses import dataclass

from assistant.studio.library import Entry
from assistant.texts import clean
from intents.catalogue import Catalogue
from intents.commands import Command, CommandSyntaxError, format_commands, parse_commands
from intents.context import EMPTY, Context
from intents.examples import read_annotated

STUDIO_FILE = "studio.yml"
NEW_FILE = (
    'version: "3.1"',
    "nlu:",
    "# Written in the studio: examples for which no other file has a block of their intent and context.",
    "- messages:",
)
LONGEST = 500  # characters of an example; the longest of 19,730 has 480


class BadDraft(ValueError):
    """What was typed is no example; the message says what is wrong with it."""


@dataclass(frozen=True)
class Draft:
    """An example as a trainer writes it. `annotated` is the message with its slots marked, where one line says it."""

    text: str
    commands: tuple[Command, ...]
    context: Context = EMPTY
    annotated: str | None = None

    def belongs_to(self, entry: Entry) -> bool:
        """Whether it may stand beside this one in its `examples: |`."""
        same = entry.is_annotated and entry.example.context == self.context and self.annotated is not None
        return same and entry.example.commands[0].intent == self.commands[0].intent


def read_draft(catalogue: Catalogue, message: str, intent: str, commands: str, context: Context) -> Draft:
    """A draft from what stands in the form: an annotated message of one intent, or a plain one with its commands.

    Raises BadDraft.
    """
    message = clean(message)
    if not message or len(message) > LONGEST:
        raise BadDraft(f"An example has 1 to {LONGEST} characters.")
    if commands.strip():
        try:
            return Draft(message, parse_commands(commands), context)
        except CommandSyntaxError as error:
            raise BadDraft(str(error)) from None
    if intent not in catalogue.intents:
        raise BadDraft("Choose an intent of the catalogue, or write the commands.")
    try:
        text, command = read_annotated(message, catalogue.intents[intent])
    except ValueError as error:
        raise BadDraft(str(error)) from None
    return Draft(text, (command,), context, message)


def annotated_line(draft: Draft, beside: Entry) -> str:
    """A line of `examples: |`, indented as the one beside it."""
    indent = beside.raw[: len(beside.raw) - len(beside.raw.lstrip())]
    return f"{indent}- {draft.annotated}"


def message_lines(draft: Draft, instead_of: Entry | None = None) -> tuple[str, ...]:
    """An item of `messages:`, its keys in the order of the form's description."""
    indent = instead_of.raw[: len(instead_of.raw) - len(instead_of.raw.lstrip())] if instead_of else "  "
    lines = [f"- text: {quoted(draft.text)}"]
    if not draft.context.is_empty:
        lines.append(f"  context: {{{context_yaml(draft.context)}}}")
    commands = format_commands(draft.commands).replace("'", "''")
    lines.append(f"  commands: '{commands}'")
    return tuple(indent + line for line in lines)


def context_yaml(context: Context) -> str:
    parts = [f"bot: {quoted(context.bot)}"] if context.bot else []
    parts += [f"{name}: {value}" for name, value in (("task", context.task), ("asked", context.asked)) if value]
    parts += [f"shown: [{', '.join(map(quoted, context.shown))}]"] if context.shown else []
    return ", ".join(parts)


def quoted(text: str) -> str:
    """In double quotes, in which YAML reads JSON's escapes."""
    return json.dumps(text, ensure_ascii=False)
