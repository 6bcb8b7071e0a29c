"""Name the cause of a failed task: one category, and the detail that shows it.

Looked at in this order: a turn that crashed, a customer who was not recognised, a first message read otherwise than it
was meant, and then the first expected write that is missing or different.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from assistant.testing.screen import NOT_UNDERSTOOD, REFUSAL
from assistant.testing.states import Difference
from assistant.testing.tasks import Task
from intents.commands import parse_commands

if TYPE_CHECKING:
    from assistant.testing.simulated import Line

CATEGORIES = (
    "crashed", "identity", "understanding", "never asked", "refused", "not done", "item", "variant", "payment",
    "address", "reason", "unwanted change", "other",
)  # fmt: skip
INTENTS = {  # how each write may be asked for
    "cancel_pending_order": ("cancel_order",),
    "modify_pending_order_items": ("change_order_items", "exchange_items"),
    "modify_pending_order_address": ("change_shipping_address", "update_address"),
    "modify_pending_order_payment": ("change_payment_method",),
    "return_delivered_order_items": ("return_items",),
    "exchange_delivered_order_items": ("exchange_items", "change_order_items"),
    "modify_user_address": ("update_address", "change_shipping_address"),
}
FIELDS = (  # part of a difference's path: the category, the first that stands in it
    ("exchange_new_items", "variant"),
    ("exchange_price_difference", "variant"),
    ("exchange_items", "item"),
    ("return_items", "item"),
    ("items", "variant"),
    ("exchange_payment_method_id", "payment"),
    ("return_payment_method_id", "payment"),
    ("payment_method_id", "payment"),
    ("address", "address"),
    ("cancel_reason", "reason"),
    ("amount", "variant"),
    ("balance", "payment"),
    ("payment_history", "payment"),
)


@dataclass(frozen=True)
class Cause:
    category: str  # one of CATEGORIES
    detail: str
    write: str | None = None  # the first expected write that is missing or wrong
    responses: tuple[str, ...] = ()  # the last ones

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def cause_of(
    task: Task, lines: Sequence[Line], found: Sequence[Difference], untouched: Mapping[str, Any], broken: str | None
) -> Cause:
    """Why the state `found` to differ was not reached."""
    write = _first_wrong(task, found)
    named = f"{write['name']} {_subject(write)}" if write else None
    last = tuple(response for line in lines[-2:] for response in line.exchange.responses)
    category, detail = _category(write, lines, found, untouched, broken)
    return Cause(category, detail, named, last)


def _category(
    write: Mapping[str, Any] | None,
    lines: Sequence[Line],
    found: Sequence[Difference],
    untouched: Mapping[str, Any],
    broken: str | None,
) -> tuple[str, str]:
    if broken:
        return "crashed", broken
    if write and not any(line.exchange.identified for line in lines):
        return "identity", "the customer was never recognised"
    if misread := _misread(lines, INTENTS[write["name"]] if write else ()):
        return "understanding", misread
    if write is None:
        return "unwanted change", str(found[0])
    missing = _is_missing(write, found)
    asked = {command.intent for line in lines for command in line.utterance.meant}
    if missing and not asked & set(INTENTS[write["name"]]):
        return "never asked", "the customer's rules found no such request in the task"
    if missing:
        return ("refused" if _refusals(lines) else "not done"), _refusals(lines) or _last_words(lines)
    mine = [one for one in found if one.path[1] == _subject(write)]
    kind = next((kind for field, kind in FIELDS for one in mine if field in one.path), "other")
    return kind, str(mine[0])


def _misread(lines: Sequence[Line], wanted: Sequence[str]) -> str | None:
    """The first message with a request that was read as another intent or not understood."""
    for line in lines:
        if not line.utterance.meant:
            continue
        meant = {command.intent for command in line.utterance.meant}
        understood = line.exchange.understood
        read = {command.intent for command in parse_commands(understood)} if understood else set()
        lost = any(response in NOT_UNDERSTOOD for response in line.exchange.responses)
        if (meant & set(wanted) or not wanted) and (lost or not meant & read):
            return f"{line.utterance.words!r} was read as {understood or 'nothing'}"
    return None


def _first_wrong(task: Task, found: Sequence[Difference]) -> Mapping[str, Any] | None:
    """The first expected write whose order or customer differs; None where only others do."""
    touched = {one.path[1] for one in found if len(one.path) > 1}
    return next((write for write in task.writes if _subject(write) in touched), None)


def _subject(write: Mapping[str, Any]) -> str:
    """The order or customer that a write changes."""
    arguments = write["arguments"]
    return str(arguments.get("order_id") or arguments.get("user_id"))


def _is_missing(write: Mapping[str, Any], found: Sequence[Difference]) -> bool:
    """Whether nothing at all was done about it, as far as the order's status or the address tells."""
    mine = [one for one in found if one.path[1] == _subject(write)]
    if "address" in write["name"]:
        return any("address" in one.path for one in mine)
    return any(one.path[-1] == "status" and one.got in ("pending", "delivered") for one in mine)


def _refusals(lines: Sequence[Line]) -> str:
    return next(
        (
            f"{response} to {line.utterance.words!r}"
            for line in lines
            for response in line.exchange.responses
            if REFUSAL.match(response)
        ),
        "",
    )


def _last_words(lines: Sequence[Line]) -> str:
    line = lines[-1]
    return f"{', '.join(line.exchange.responses)} to {line.utterance.words!r}, the last message"
