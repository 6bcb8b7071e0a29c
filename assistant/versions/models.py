"""What people do with versions: each with its right, and its entry in the audit log. For the studio and `aisle model`.

Promoting wants a report on the version that shows nothing worse than the live one, or a written reason.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.settings import Settings
from assistant.staff.access import Staff
from assistant.staff.audit import record
from assistant.store import Database
from assistant.versions.jobs import Job, Jobs
from assistant.versions.opening import registry_of
from assistant.versions.registry import NotPromotable, Registry, Version
from assistant.versions.report import obstacles
from finetune.settings import BadSetting

COMMAND_LINE = "the command line"
LONGEST_NOTE = 300  # characters
FIELDS = {"epochs": int, "sample": int, "learning_rate": float}  # that the page asks for
MOST = {"epochs": 20, "sample": 100_000, "learning_rate": 0.01}


class NeedsReason(NotPromotable):
    """Something speaks against a promotion; a written reason would allow it."""

    def __init__(self, name: str, against: list[str]) -> None:
        self.against = against
        super().__init__(f"{name} is promoted only with a written reason: {'; '.join(against)}.")


@dataclass(frozen=True)
class Models:
    settings: Settings
    database: Database
    registry: Registry
    jobs: Jobs

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Models:
        return cls(settings, database, registry_of(settings), Jobs(settings.versions / "jobs"))

    def train(self, staff: Staff | None, start: str, chosen: Mapping[str, Any], note: str) -> Job:
        """Begin a training on the content as it is now. Raises NotAllowed, BadSetting, NoSuchVersion, JobUnderWay."""
        if start not in ("live", "none"):
            self.registry.version(start)
        options = [f"--{name.replace('_', '-')}={value}" for name, value in checked(chosen).items()]
        said = note.strip()[:LONGEST_NOTE]
        return self._begin(staff, "train", said or "a candidate", [f"--start={start}", f"--note={said}", *options])

    def report(self, staff: Staff | None, name: str) -> Job:
        """Begin to compare a version with the live one. Raises NotAllowed, NoSuchVersion and JobUnderWay."""
        return self._begin(staff, "report", self.registry.version(name).name, [name])

    def replay(self, staff: Staff | None, name: str) -> Job:
        """Begin to read last month's conversations with a version. Raises as `report`."""
        return self._begin(staff, "replay", self.registry.version(name).name, [name])

    def cancel(self, staff: Staff | None, job: str) -> None:
        """Raises NotAllowed and NoSuchJob."""
        _need(staff)
        with self.database.session() as session:
            record(session, staff, "model.job_cancelled", job)
            self.jobs.cancel(job, _name(staff))

    def against(self, name: str) -> list[str]:
        """What speaks against promoting a version, a sentence each. Raises NoSuchVersion."""
        return obstacles(self.registry, self.registry.version(name), self.settings.regressions)

    def promote(self, staff: Staff | None, name: str, reason: str = "") -> Version:
        """Make a version live. Raises NotAllowed, NoSuchVersion, NotPromotable and NeedsReason."""
        _need(staff)
        self._servable()
        before = self.registry.live_name()
        against, reason = self.against(name), reason.strip()[:LONGEST_NOTE]
        if against and not reason:
            raise NeedsReason(name, against)
        with self.database.session() as session:
            record(session, staff, "model.promoted", name, reason=reason, against=against, before=before)
            return self.registry.promote(name, _name(staff), reason, over=before)

    def roll_back(self, staff: Staff | None, reason: str = "", to: str | None = None) -> Version:
        """Make live what was before: the version `to`, where the person was shown one. Raises NotAllowed and
        NotPromotable."""
        _need(staff)
        self._servable()
        before, reason = self.registry.before(), reason.strip()[:LONGEST_NOTE]
        to = to or (before.name if before else None)
        with self.database.session() as session:
            subject = to or "nothing"
            record(session, staff, "model.rolled_back", subject, reason=reason, before=self.registry.live_name())
            return self.registry.roll_back(_name(staff), reason, to)

    def _servable(self) -> None:
        if self.settings.engine == "openai":
            raise NotPromotable(
                "The engine openai answers with what its own server has loaded: change the model there."
            )

    def _begin(self, staff: Staff | None, kind: str, subject: str, options: list[str]) -> Job:
        _need(staff)
        by = _name(staff)

        def command(progress: Path) -> list[str]:
            return [sys.executable, "-m", "assistant", "model", kind, *options, f"--by={by}", f"--progress={progress}"]

        with self.database.session() as session:  # first: nothing begins that cannot be written down
            job = self.jobs.start(kind, subject, by, command)
            record(session, staff, f"model.{kind}_started", subject, job=job.name)
        return job


def checked(chosen: Mapping[str, Any]) -> dict[str, int | float]:
    """The settings of a training, each a positive number in its bounds; those that are empty left out.

    Raises BadSetting."""
    found: dict[str, int | float] = {}
    for name, value in chosen.items():
        if value is None or value == "":
            continue
        try:
            number = FIELDS[name](value)
        except (KeyError, ValueError, TypeError, OverflowError) as error:
            raise BadSetting(f"{name} is {str(value)[:40]!r}; it must be a number.") from error
        if not 0 < number <= MOST[name]:
            raise BadSetting(f"{name} is {number:g}; it must be more than 0 and at most {MOST[name]:g}.")
        found[name] = number
    return found


def _need(staff: Staff | None) -> None:
    if staff:
        staff.need("studio")


def _name(staff: Staff | None) -> str:
    return staff.name if staff else COMMAND_LINE
