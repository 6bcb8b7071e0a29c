"""Hold what a shopper was told against the rows again, and say in words where a fact came from.

    for check in check_event(session, event): print(check.fact, check.verdict)

A receipt (facts.py) names the rule and the rows. The rule is run on the rows as they are now: the same text agrees;
another text is `wrong` while the rows are as they were, and has `moved on` where they have changed since. Reads only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

import assistant.actions  # noqa: F401  its modules hold rules
from assistant.facts import COUNTS, RULES, Receipt, noted, noted_values
from assistant.search.vectors import ProductVectors
from assistant.store import Base
from dialogues.tracker import Event

AGREES, MOVED_ON, GONE, WRONG, NOT_SQL, NO_RECEIPT = (
    "agrees", "moved on", "gone", "wrong", "not from SQL", "no receipt",
)  # fmt: skip
CARDS = "cards"
Key = str | list[str]


class RowGone(LookupError):
    """A row that a receipt names is not there any more."""


@dataclass(frozen=True)
class Check:
    fact: str  # the fact's name, or "card 1"
    shown: Any
    verdict: str
    now: Any = None  # what the rows say now, where it is another thing


def check_event(session: Session, event: Event, vectors: ProductVectors | None = None) -> list[Check]:
    """A verdict on every fact that a bot event's text used, and on its cards. `vectors`: as for the search then."""
    data = event["data"]
    receipts = data.get("receipts") or {}
    used = {name: text for name, text in data["facts"].items() if f"{{{name}}}" in data["wording"]}
    checks = [_check(session, name, text, receipts.get(name), vectors) for name, text in used.items()]
    of_cards = receipts.get(CARDS) or [None] * len(data["cards"])
    for place, (card, receipt) in enumerate(zip(data["cards"], of_cards, strict=True), 1):
        checks.append(_check(session, f"card {place}", card, receipt, vectors))
    return checks


def explain(receipt: Receipt) -> list[str]:
    """For staff, a line for each place: "orders #W1000001: placed_at", or "the shopper's words"."""
    lines = [_line(table, keys, columns) for table, keys, columns in _sources(receipt)]
    return list(dict.fromkeys(lines))


def _check(session: Session, name: str, shown: Any, receipt: Receipt | None, vectors: ProductVectors | None) -> Check:
    if receipt is None:
        return Check(name, shown, NO_RECEIPT)
    if "rule" not in receipt:
        return Check(name, shown, NOT_SQL)
    try:
        told = _told_now(session, receipt, vectors)
    except (RowGone, LookupError, StopIteration):  # a row, or the attribute or place in it that the rule tells of
        return Check(name, shown, GONE)
    if _same(shown, told):
        return Check(name, shown, AGREES)
    return Check(name, shown, WRONG if _as_then(session, receipt) else MOVED_ON, told)


def _same(shown: Any, told: Any) -> bool:
    """A card may hold more than its rule told: why it is recommended."""
    if isinstance(shown, Mapping) and isinstance(told, Mapping):
        return {name: shown.get(name) for name in told} == dict(told)
    return bool(shown == told)


def _told_now(session: Session, receipt: Receipt, vectors: ProductVectors | None = None) -> Any:
    args = [_read(session, one) for one in receipt["args"]]
    if count := COUNTS.get(receipt["rule"]):  # asks the catalogue instead of rows
        return f"{count(session, vectors, *args):,}"
    named = {name: _read(session, one) for name, one in (receipt.get("named") or {}).items()}
    return RULES[receipt["rule"]](*args, **named)


def _read(session: Session, arg: Any) -> Any:
    """An argument of a rule, out of its JSON; see facts.py. Raises RowGone."""
    if isinstance(arg, list):
        return [_read(session, one) for one in arg]
    if not isinstance(arg, Mapping):
        return arg
    if "rows" in arg:
        table, keys = arg["rows"]
        return [_row(session, table, key) for key in keys] if isinstance(keys, list) else _row(session, table, keys)
    if "fact" in arg:
        return _told_now(session, arg["fact"]) if "rule" in arg["fact"] else arg["text"]
    return arg["value"]


def _row(session: Session, table: str, key: str) -> Base:
    mapped = next(one.class_ for one in Base.registry.mappers if one.local_table.name == table)  # type: ignore[attr-defined]
    columns = inspect(mapped).primary_key
    parts = key.split(" ", len(columns) - 1)
    identity = tuple(column.type.python_type(part) for column, part in zip(columns, parts, strict=True))
    row: Base | None = session.get(mapped, identity)
    if row is None:
        raise RowGone(f"There is no row {key} in {table} any more.")
    return row


def _as_then(session: Session, receipt: Receipt) -> bool:
    """Whether all that the receipt's rules read still stands there."""
    inner = [one["fact"] for one in _flat(receipt.get("args") or []) if "fact" in one]
    if not all(_as_then(session, one) for one in inner):
        return False
    if "seen" not in receipt:
        return receipt.get("rule") not in COUNTS  # a count has no rows to compare: the catalogue may have changed
    try:
        rows = {
            (table, key): {column: noted(_row(session, table, key), column) for column in columns}
            for table, keys, columns in receipt["from"]
            for key in keys
        }
    except RowGone:
        return False
    return noted_values(rows) == receipt["seen"]


def _sources(receipt: Receipt) -> Iterator[tuple[str, list[str], list[str]]]:
    yield from receipt["from"]
    for one in _flat(receipt.get("args") or []):
        if "fact" in one:
            yield from _sources(one["fact"])


def _flat(args: Any) -> Iterator[Mapping[str, Any]]:
    """The arguments that are objects, at whatever depth of lists."""
    for one in args:
        if isinstance(one, list):
            yield from _flat(one)
        elif isinstance(one, Mapping):
            yield one


def _line(where: str, keys: list[str], columns: list[str]) -> str:
    place = f"{where} {', '.join(keys)}" if keys else where
    return f"{place}: {', '.join(columns)}" if columns else place
