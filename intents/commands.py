"""The command language: what the recogniser writes and everything after it reads.

`search_products(query="wireless headphones", max_price=100); ask_policy(topic="returns")`

Strings stand in double quotes with `\\"` and `\\\\` escaped, numbers below 10^15 are bare, commands are joined by `; `.
`parse_commands` and `format_commands` are inverses of each other. Which intents and slots exist is the
catalogue's business (catalogue.py), not the language's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

SlotValue = str | int | float
NAME = re.compile(r"[a-z][a-z0-9_]*")
STRING = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]+)?(?![\w.])")
LARGEST = 10**15  # numbers are smaller, so that cents fit into SQL's 64 bits


class CommandSyntaxError(ValueError):
    """The text is not in the command language; the message shows where reading stopped."""


@dataclass(frozen=True)
class Command:
    """One thing the shopper wants: an intent and the slots given in this message, in the order said."""

    intent: str
    slots: tuple[tuple[str, SlotValue], ...] = ()

    def get(self, slot: str) -> SlotValue | None:
        """The first value of a slot, or None when the shopper did not give it."""
        return next((value for name, value in self.slots if name == slot), None)

    def all(self, slot: str) -> tuple[SlotValue, ...]:
        """Every value of a slot that may be repeated (item, feature)."""
        return tuple(value for name, value in self.slots if name == slot)

    def __str__(self) -> str:
        inside = ", ".join(f"{name}={format_value(value)}" for name, value in self.slots)
        return f"{self.intent}({inside})"


def format_commands(commands: Iterable[Command]) -> str:
    """Print commands as the recogniser writes them."""
    return "; ".join(str(command) for command in commands)


def format_value(value: SlotValue) -> str:
    """A quoted string, or a bare number without a trailing `.0`."""
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return format(Decimal(repr(value)), "f")  # str(1e-7) would have an exponent, which the language has not


def parse_commands(text: str) -> tuple[Command, ...]:
    """Read one or more commands. Raises CommandSyntaxError with the place where reading stopped."""
    reader = _Reader(text.strip())
    commands = [reader.command()]
    while reader.take(";"):
        commands.append(reader.command())
    reader.expect_end()
    return tuple(commands)


class _Reader:
    """A cursor over one line of the command language."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def command(self) -> Command:
        intent = self.match(NAME, "an intent name").group()
        self.expect("(")
        slots: list[tuple[str, SlotValue]] = []
        if not self.take(")"):
            slots.append(self.slot())
            while self.take(","):
                slots.append(self.slot())
            self.expect(")")
        return Command(intent, tuple(slots))

    def slot(self) -> tuple[str, SlotValue]:
        name = self.match(NAME, "a slot name").group()
        self.expect("=")
        return name, self.value()

    def value(self) -> SlotValue:
        self.skip_space()
        if self.text.startswith('"', self.at):
            quoted = self.match(STRING, "a string that closes").group(1)
            return re.sub(r"\\(.)", r"\1", quoted)
        number = self.match(NUMBER, "a quoted string or a number").group()
        return float(number) if "." in number else int(number)

    def match(self, pattern: re.Pattern[str], wanted: str) -> re.Match[str]:
        self.skip_space()
        found = pattern.match(self.text, self.at)
        if found is None:
            raise self.error(wanted)
        self.at = found.end()
        return found

    def take(self, mark: str) -> bool:
        self.skip_space()
        if not self.text.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True

    def expect(self, mark: str) -> None:
        if not self.take(mark):
            raise self.error(f"`{mark}`")

    def expect_end(self) -> None:
        self.skip_space()
        if self.at != len(self.text):
            raise self.error("`;` or the end")

    def skip_space(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
            self.at += 1

    def error(self, wanted: str) -> CommandSyntaxError:
        rest = self.text[self.at : self.at + 30]
        where = f"at character {self.at + 1} of {self.text[:120]!r}"
        return CommandSyntaxError(f"Expected {wanted} {where}, found {rest!r}.")
