"""Commands of one message put right by one another.

An order's number that was said once is said for what follows too, as the intent catalogue has it, and what answers a
question, narrows a search or says who somebody is comes as one command.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from intents.catalogue import Catalogue
from intents.commands import Command

ORDER = "order_id"
ONE_COMMAND = ("inform", "identify", "refine_search")  # told in parts, still one command
OF_ITEMS = ("exchange_items", "change_order_items", "return_items", "report_problem")
SOMETHING_ELSE = frozenset("this that it these those one ones them also too".split())
OTHER = frozenset("other another last latest newest previous separate separately different".split())
OF_ANOTHER = re.compile(
    r"\b(?:order|parcel|package|one) (?:that )?(?:i|we) (?:made|placed|bought|got|ordered)\b|\bnew order\b",
    re.IGNORECASE,
)
MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    "|dec(?:ember)?"
)
THEN = re.compile(rf"\b(?:in|from) (?:{MONTHS})\b", re.IGNORECASE)  # what was bought then is of another order


def put_together(commands: Sequence[Command], text: str, catalogue: Catalogue) -> tuple[Command, ...]:
    """The commands, each whole: `text` is the shopper's message."""
    joined: list[Command] = []
    for command in dict.fromkeys(commands):
        if joined and _add_up(joined[-1], command):
            known = [one for one in command.slots if one not in joined[-1].slots]
            command = replace(command, slots=(*joined.pop().slots, *known))
        joined.append(command)
    return _with_order_before(_asked_in_stock(joined, text), text, catalogue)


def names_another(text: str) -> bool:
    """Whether the message speaks of a second order, by a word for it or by when it was."""
    return bool(OTHER & set(re.findall(r"\w+", text.casefold())) or THEN.search(text))


def _asked_in_stock(commands: list[Command], text: str) -> list[Command]:
    """A search and, after it, a question about stock that names nothing are one: "only what is in stock now"."""
    if [one.intent for one in commands] != ["search_products", "check_stock"] or commands[1].slots:
        return commands
    if SOMETHING_ELSE & set(text.casefold().split()) or "in_stock" in dict(commands[0].slots):
        return commands
    return [replace(commands[0], slots=(*commands[0].slots, ("in_stock", "yes")))]


def _add_up(one: Command, other: Command) -> bool:
    """Whether they are parts of one command: no slot stands in both, nor a thing of its own in the second."""
    if one.intent != other.intent:
        return False
    if one.intent in ONE_COMMAND:
        return not _names(one) & _names(other)
    both = {name for name, value in other.slots if (name, value) not in one.slots} & _names(one)
    return one.intent in OF_ITEMS and not both and "item" not in _names(other) and bool(_names(other) - {ORDER})


def _with_order_before(commands: Sequence[Command], text: str, catalogue: Catalogue) -> tuple[Command, ...]:
    """The commands with the one order's number that a command before them has, unless they are about another."""
    orders = {str(value) for command in commands for name, value in command.slots if name == ORDER}
    order = next(iter(orders), "")
    if len(orders) != 1 or OF_ANOTHER.search(text) or names_another(text):
        return tuple(commands)
    found: list[Command] = []
    before: Command | None = None
    for command in commands:
        if ORDER in _names(command):
            before = command
        elif before and _takes(command, catalogue) and not _of_another(command, before):
            command = replace(command, slots=(*command.slots, (ORDER, order)))
        found.append(command)
    return tuple(found)


def _takes(command: Command, catalogue: Catalogue) -> bool:
    return command.intent not in ONE_COMMAND and ORDER in catalogue.intents[command.intent].slots


def _of_another(command: Command, before: Command) -> bool:
    """Whether it names a thing after an order that is cancelled: that is seldom of this order."""
    return before.intent == "cancel_order" and "item" in _names(command)


def _names(command: Command) -> set[str]:
    return {name for name, _ in command.slots}
