"""Facts that know where they come from: a text for a reply, or a card, with its receipt.

A function under `@told` makes a text or a card of rows; called with rows, it gives a Fact or a Card whose receipt says

    {"rule": "price_range",                          the function, in RULES
     "args": [{"rows": ["variants", ["17", "18"]]}],     what it was called with
     "from": [["variants", ["17", "18"], ["currency", "price_cents"]]],    table, keys, columns: all that it read
     "seen": "5f0c2a91"}                             a digest of what stood there

so that receipts.py can read the rows again and hold the rule's text against what was shown. A receipt of a fact that
is not from SQL has `from` alone. What is read is noted as it is read (`_Noting`), so a receipt cannot forget a column.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, wraps
from types import MethodType
from typing import Any, ParamSpec, TypeVar, cast

from sqlalchemy import inspect
from sqlalchemy.ext.hybrid import hybrid_property

from assistant.store.base import Base
from dialogues.messages import source

Receipt = dict[str, Any]
P = ParamSpec("P")
R = TypeVar("R")
RULES: dict[str, Callable[..., Any]] = {}
COUNTS: dict[str, Callable[..., int]] = {}
SHOPPER = "the shopper's words"


class Fact(str):
    """Ready-to-read text with its receipt. Cutting or joining it gives plain text, which has none."""

    receipt: Receipt

    def __new__(cls, text: str, receipt: Receipt) -> Fact:
        fact = super().__new__(cls, text)
        fact.receipt = receipt
        return fact


class Card(dict[str, Any]):
    """A card for the screen with its receipt."""

    receipt: Receipt

    def __init__(self, card: Mapping[str, Any], receipt: Receipt) -> None:
        super().__init__(card)
        self.receipt = receipt


def told(rule: Callable[P, R]) -> Callable[P, R]:
    """Give what a function makes of rows its receipt. Arguments: rows, facts, JSON values and lists of them."""
    RULES[rule.__name__] = rule

    @wraps(rule)
    def with_receipt(*args: P.args, **kwargs: P.kwargs) -> R:
        given = (*args, *kwargs.values())
        if not _has_source(given):
            return rule(*args, **kwargs)  # inside another rule, or of plain values
        read: dict[tuple[str, str], dict[str, Any]] = {}
        result = rule(*(_noting(one, read) for one in args), **{n: _noting(one, read) for n, one in kwargs.items()})
        receipt = {"rule": rule.__name__, "args": [_written(one) for one in args], **_read(read)}
        if kwargs:
            receipt["named"] = {name: _written(one) for name, one in kwargs.items()}
        if isinstance(result, str) and result:
            return cast(R, Fact(str(result), receipt))
        return cast(R, Card(result, receipt)) if isinstance(result, dict) and result else result

    return with_receipt


def recounted(rule: Callable[P, int]) -> Callable[P, int]:
    """Of a function that counts products in the catalogue; takes the session, the vectors or None, and JSON values."""
    COUNTS[rule.__name__] = rule
    return rule


def count_of(rule: Callable[..., int], total: int, *args: Any) -> str:
    """A count as text, with what its rule needs to search again. It names no rows: any product may come to count."""
    written = [_written(one) for one in args]
    return Fact(f"{total:,}", {"rule": rule.__name__, "args": written, "from": [["products", [], ["count"]]]})


def as_said(text: str) -> str:
    """The shopper's own words, said back."""
    return from_elsewhere(text, SHOPPER)


def from_elsewhere(text: str, where: str, *keys: str) -> str:
    """A fact from a file, a setting or the conversation: nothing of it is in SQL."""
    return Fact(text, source(where, *keys))


def to_be_written(text: str, rule: str, table: str, key: str, *more: str) -> str:
    """What a rule will tell of a row that this turn's change writes; `more`: its other arguments."""
    return Fact(text, {"rule": rule, "args": [{"rows": [table, key]}, *more], "from": [[table, [key], list(more)]]})


def receipts_of(facts: Mapping[str, Any], cards: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """By fact its receipt, of those that have one; under "cards" one for each card, None where it has none."""
    receipts: dict[str, Any] = {name: fact.receipt for name, fact in facts.items() if isinstance(fact, Fact)}
    of_cards = [card.receipt if isinstance(card, Card) else None for card in cards]
    return receipts | ({"cards": of_cards} if any(of_cards) else {})


def digest(values: Iterable[Any]) -> str:
    """Short, and enough to see that something has changed; the values themselves may be personal."""
    written = json.dumps([str(value) for value in values])
    return hashlib.blake2b(written.encode(), digest_size=4).hexdigest()


def table_of(row: Base) -> str:
    return str(row.__tablename__)


def key_of(row: Base) -> str:
    """The row's primary key; the parts of one with several are joined by a space."""
    return " ".join(str(part) for part in inspect(row).identity or ())


def noted(row: Base, name: str) -> Any:
    """What a row holds under a name: a column's value, the keys of the rows that belong to it."""
    value = getattr(row, name)
    if isinstance(value, list) and name in _mapped(type(row))[1]:
        return [key_of(one) for one in value]
    return key_of(value) if isinstance(value, Base) else value


def noted_values(read: Mapping[tuple[str, str], Mapping[str, Any]]) -> str:
    """The digest of all that was read, whatever the order."""
    return digest(value for place in sorted(read) for _, value in sorted(read[place].items()))


def _read(read: Mapping[tuple[str, str], Mapping[str, Any]]) -> Receipt:
    """Rows of a table of which the same columns were read stand together."""
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (table, key), columns in read.items():
        groups.setdefault((table, tuple(sorted(columns))), []).append(key)
    sources = [[table, keys, list(columns)] for (table, columns), keys in groups.items()]
    return {"from": sources, "seen": noted_values(read)} if sources else {"from": []}


def _has_source(args: Sequence[Any]) -> bool:
    return any(
        isinstance(one, Fact)
        or (isinstance(one, Base) and bool(inspect(one).identity))
        or (isinstance(one, list | tuple) and _has_source(one))
        for one in args
    )


def _written(arg: Any) -> Any:
    """An argument as JSON: a row by its key, a fact by its receipt."""
    if isinstance(arg, Base):
        return {"rows": [table_of(arg), key_of(arg)]}
    if isinstance(arg, Fact):
        return {"fact": arg.receipt, "text": str(arg)}
    if isinstance(arg, list | tuple):
        tables = {table_of(one) for one in arg if isinstance(one, Base)}
        if len(tables) == 1 and all(isinstance(one, Base) for one in arg):
            return {"rows": [tables.pop(), [key_of(one) for one in arg]]}
        return [_written(one) for one in arg]
    return {"value": dict(arg)} if isinstance(arg, Mapping) else arg


def _noting(arg: Any, read: dict[tuple[str, str], dict[str, Any]]) -> Any:
    if isinstance(arg, Base):
        return _Noting(arg, read)
    if isinstance(arg, list | tuple):
        return [_noting(one, read) for one in arg]
    return str(arg) if isinstance(arg, Fact) else arg


class _Noting:
    """A row that notes which of its columns are read, and of the rows that are reached from it."""

    def __init__(self, row: Base, read: dict[tuple[str, str], dict[str, Any]]) -> None:
        self._row = row
        self._notes = read

    def __getattr__(self, name: str) -> Any:
        columns, related = _mapped(type(self._row))
        if name in columns or name in related:
            value = getattr(self._row, name)
            of_row = self._notes.setdefault((table_of(self._row), key_of(self._row)), {})
            of_row[name] = noted(self._row, name)
            return value if name in columns else _noting(value, self._notes)
        return _of_class(type(self._row), name, self)

    def __eq__(self, other: object) -> bool:
        return self._row is (other._row if isinstance(other, _Noting) else other)

    def __hash__(self) -> int:
        return hash(id(self._row))


@cache
def _mapped(table: type[Base]) -> tuple[frozenset[str], frozenset[str]]:
    """The names of a table's columns, and of its relationships."""
    mapper = inspect(table)
    return frozenset(mapper.column_attrs.keys()), frozenset(mapper.relationships.keys())


def _of_class(table: type[Base], name: str, self: _Noting) -> Any:
    """A property or method of the row, run so that what it reads is noted too."""
    found: Any = inspect(table).all_orm_descriptors.get(name) or getattr(table, name)
    if isinstance(found, hybrid_property | property) and found.fget:
        return found.fget(self)
    return MethodType(found, self)
