"""What happens under a conversation that is played: its events and its SQL, as a page for people to read.

with Statements(engine) as statements: …          # what is sent to the database meanwhile
page(name, exchanges)                               # Markdown: words, commands, events, SQL, answer, turn by turn
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event

from assistant.actions.account import masked
from dialogues.tracker import Event

if TYPE_CHECKING:
    from assistant.testing.talk import Exchange

EMAIL = re.compile(r"[^\s@,;<>\"']+@[^\s@,;<>\"']+\.\w+")
COLUMNS = re.compile(r"^SELECT (?:DISTINCT )?.+? FROM ", re.DOTALL)
VALUES = re.compile(r"^(INSERT INTO \w+) \(.+?\) VALUES .+", re.DOTALL)
MOST_PARAMETERS = 10
LONGEST_VALUE = 60  # characters of a parameter
LONGEST_EVENT = 900
TOLD = ("slot", "action", "change", "summary", "timing")  # kinds of event; the others are on the page already


@dataclass(frozen=True)
class Statement:
    """One statement with its parameters, e-mails masked and long values cut."""

    sql: str
    parameters: tuple[str, ...]

    def __str__(self) -> str:
        more = len(self.parameters) - MOST_PARAMETERS
        shown = [*self.parameters[:MOST_PARAMETERS], *([f"{more} more"] if more > 0 else [])]
        return f"{self.sql}  -- {', '.join(shown)}" if shown else self.sql


class Statements(list[Statement]):
    """Gathers the statements of one engine, without those that only begin and end a transaction."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine

    def __enter__(self) -> Statements:
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *exception: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._note)

    def _note(self, connection: Any, cursor: Any, sql: str, parameters: Any, context: Any, many: bool) -> None:
        if sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            values = [value for row in _rows(parameters) for value in row]
            self.append(Statement(_short(sql), tuple(map(_shown, values))))


def _rows(parameters: Any) -> Iterator[Sequence[Any]]:
    """The values of each row: of one given by name or by place, or of many of these."""
    if isinstance(parameters, Mapping):
        yield list(parameters.values())
    elif parameters and all(isinstance(row, Mapping | tuple | list) for row in parameters):
        for row in parameters:
            yield from _rows(row)
    else:
        yield parameters or ()


def page(name: str, exchanges: Sequence[Exchange]) -> str:
    """The conversation as Markdown."""
    parts = [f"# {name}", "", "Each turn: the message, what it was read as, its events, its SQL and the answer.", ""]
    for number, one in enumerate(exchanges, 1):
        parts += [f"## {number}. {one.user}", "", f"Read as `{one.understood}`", ""]
        parts += ["```", *_events(one.events), "```", ""]
        parts += ["```sql", *_counted(one.statements), "```", ""]
        parts += [f"> {line}" for line in one.shown.splitlines()]
        parts += [""]
    return "\n".join(parts)


def _events(events: Sequence[Event]) -> Iterator[str]:
    for one in events:
        if one["event"] == "stack":
            yield f"{'stack':10} {' > '.join(map(_frame, one['frames'])) or 'empty'}"
        elif one["event"] in TOLD:
            rest = {name: value for name, value in one.items() if name not in ("event", "timestamp", "scope")}
            yield f"{one['event']:10} {_shown(json.dumps(rest, ensure_ascii=False, default=str), LONGEST_EVENT)}"


def _frame(frame: Mapping[str, Any]) -> str:
    asked = f" asks {frame['asked']}" if frame["asked"] else ""
    return f"{frame['flow']} at step {frame['at'] + 1}{asked}"


def _counted(statements: Sequence[Statement]) -> Iterator[str]:
    """Writes in full; what is read several times once, with how often."""
    seen = Counter(map(str, statements))
    for text in dict.fromkeys(map(str, statements)):
        yield f"{text}  -- {seen[text]} times" if seen[text] > 1 else text


def _short(sql: str) -> str:
    """On one line, the columns left out: they are those of the table."""
    flat = " ".join(sql.split())
    return VALUES.sub(r"\1 …", COLUMNS.sub("SELECT … FROM ", flat))


def _shown(value: object, longest: int = LONGEST_VALUE) -> str:
    text = EMAIL.sub(lambda found: masked(found.group()), " ".join(str(value).split()))
    return text if len(text) <= longest else f"{text[:longest]}…"
