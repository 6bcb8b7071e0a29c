"""What a search remembers of a catalogue from one query to the next, until products are indexed anew.

known(session).categories  ->  {"hiking boots": frozenset({"hik", "boot"}), …}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.orm import Session

from assistant.search.words import keys
from assistant.store import SearchEntry

Value = TypeVar("Value")
Reading = Callable[[Session], Any]

_remembered: WeakKeyDictionary[Engine | Connection, dict[Reading, tuple[int, Any]]] = WeakKeyDictionary()
_lock = Lock()


@dataclass(frozen=True)
class Known:
    categories: Mapping[str, frozenset[str]]  # with the keys of its words
    audiences: tuple[str, ...]


def known(session: Session) -> Known:
    return remembered(session, _read)


def remembered(session: Session, read: Callable[[Session], Value]) -> Value:
    """What `read` gives; it is called again when the session's database has newer entries than when it was called."""
    newest = session.scalar(select(func.max(SearchEntry.number))) or 0
    with _lock:
        of_database = _remembered.setdefault(session.get_bind(), {})
        if read not in of_database or of_database[read][0] != newest:
            of_database[read] = newest, read(session)
        value: Value = of_database[read][1]
        return value


def _read(session: Session) -> Known:
    categories, audiences = (
        [one for one in session.scalars(select(column).distinct()) if one]
        for column in (SearchEntry.category, SearchEntry.audience)
    )
    return Known({category: keys(category) for category in categories}, tuple(audiences))
