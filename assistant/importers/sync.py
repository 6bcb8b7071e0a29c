"""Bring tables to the state of a file: create what is missing, change what differs, leave alone what is the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from assistant.store import Base

Row = dict[str, Any]  # column values, by attribute name


@dataclass(frozen=True)
class Tally:
    """What became of one table's rows."""

    created: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    @property
    def writes(self) -> int:
        return self.created + self.changed + self.removed


@dataclass(frozen=True)
class ImportReport:
    tables: Mapping[str, Tally]  # by table name, in the order of import

    @property
    def total(self) -> Tally:
        tallies = self.tables.values()
        return Tally(
            created=sum(tally.created for tally in tallies),
            changed=sum(tally.changed for tally in tallies),
            removed=sum(tally.removed for tally in tallies),
            unchanged=sum(tally.unchanged for tally in tallies),
        )

    def __str__(self) -> str:
        rows = [*self.tables.items(), ("total", self.total)]
        lines = [f"{'':16} created  changed  removed  unchanged"]
        for name, tally in rows:
            lines.append(f"{name:16} {tally.created:7}  {tally.changed:7}  {tally.removed:7}  {tally.unchanged:9}")
        return "\n".join(lines)


def sync(session: Session, model: type[Base], key: tuple[str, ...], wanted: Iterable[Row]) -> Tally:
    """Create the wanted rows that are missing and change those that differ, told apart by the attributes in `key`."""
    present = {tuple(getattr(row, name) for name in key): row for row in session.scalars(select(model))}
    created = changed = unchanged = 0
    for values in wanted:
        row = present.get(tuple(values[name] for name in key))
        if row is None:
            session.add(model(**values))
            created += 1
        elif change_row(row, values):
            changed += 1
        else:
            unchanged += 1
    session.flush()
    return Tally(created, changed, 0, unchanged)


def sync_parts(session: Session, model: type[Any], order_ids: Collection[str], wanted: list[Row]) -> Tally:
    """`sync` for the parts of the orders in a file, which have no ids of their own: surplus parts are removed."""
    keys = {(values["order_id"], values["position"]) for values in wanted}
    removed = 0
    for row in session.scalars(select(model)):
        if row.order_id in order_ids and (row.order_id, row.position) not in keys:
            session.delete(row)
            removed += 1
    session.flush()
    tally = sync(session, model, ("order_id", "position"), wanted)
    return Tally(tally.created, tally.changed, removed, tally.unchanged)


def change_row(row: Base, values: Row) -> bool:
    """Give `row` the values it lacks. Returns whether there were any."""
    different = [name for name, value in values.items() if not _same(getattr(row, name), value)]
    for name in different:
        setattr(row, name, values[name])
        flag_modified(row, name)  # or a dict whose keys only changed places would not be written
    return bool(different)


def _same(one: Any, other: Any) -> bool:
    return one == other and (not isinstance(one, dict) or list(one) == list(other))
