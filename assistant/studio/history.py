"""The history of the example files: who changed what, latest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.store import ExampleChange

MOST_SAVES = 40  # on the page


@dataclass(frozen=True)
class Save:
    """What was changed together."""

    number: str
    at: datetime
    who: str
    changes: tuple[ExampleChange, ...]

    @property
    def is_undone(self) -> bool:
        return self.changes[0].undone_at is not None


def latest_saves(session: Session, most: int = MOST_SAVES) -> list[Save]:
    chosen = select(ExampleChange).order_by(ExampleChange.id.desc()).limit(3 * most)  # a save has one or two changes
    saves = []
    for number, group in groupby(session.scalars(chosen), key=lambda change: change.save):
        changes = tuple(reversed(list(group)))
        who = changes[0].staff.name if changes[0].staff else "somebody who left"
        saves.append(Save(number, changes[0].at, who, changes))
    return saves[:most]
