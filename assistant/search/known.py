"""What a search remembers of a catalogue from one query to the next, until products are indexed anew.

known(session).categories  ->  {"hiking boots": frozenset({"hik", "boot"}), …}
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.orm import Session

from assistant.search.patterns import beginnings
from assistant.search.sql import OPTIONS, Sql, run
from assistant.search.words import keys
from assistant.store import Product, SearchEntry

Value = TypeVar("Value")
Reading = Callable[[Session], Any]

_remembered: WeakKeyDictionary[Engine | Connection, dict[Reading, tuple[int, Any]]] = WeakKeyDictionary()
_lock = Lock()


@dataclass(frozen=True)
class Known:
    categories: Mapping[str, frozenset[str]]  # with the keys of its words
    audiences: tuple[str, ...]
    departments: Mapping[str, frozenset[str]]  # with the keys of its words


def known(session: Session) -> Known:
    return remembered(session, _read)


def may_be_options(session: Session, words: Sequence[str]) -> bool:
    """False where some of the words begins no word of any variant's options: then no pattern of it fits there."""
    said = remembered(session, _option_words)
    return all(any(_begins_one(beginning, said) for beginning in beginnings(word)) for word in words)


def remembered(session: Session, read: Callable[[Session], Value]) -> Value:
    """What `read` gives; it is called again when the session's database has newer entries than when it was called."""
    newest = session.scalar(select(func.max(SearchEntry.number))) or 0
    with _lock:
        of_database = _remembered.setdefault(session.get_bind(), {})
        if read not in of_database or of_database[read][0] != newest:
            of_database[read] = newest, read(session)
        value: Value = of_database[read][1]
        return value


def _begins_one(beginning: str, said: Sequence[str]) -> bool:
    place = bisect_left(said, beginning)
    return place < len(said) and said[place].startswith(beginning)


def _option_words(session: Session) -> Sequence[str]:
    """Sorted; what patterns.py takes for one word."""
    options = run(session, Sql(f"SELECT DISTINCT {OPTIONS} FROM variants v"))
    return sorted({word for (text,) in options for word in re.findall("[a-z0-9.]+", text)})


def _read(session: Session) -> Known:
    categories, audiences, departments = (
        [one for one in session.scalars(select(column).distinct()) if one]
        for column in (SearchEntry.category, SearchEntry.audience, Product.department)
    )
    by_words = [{name: keys(name) for name in names} for names in (categories, departments)]
    return Known(by_words[0], tuple(audiences), by_words[1])
