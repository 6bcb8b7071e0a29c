"""Which versions of the model there are, and which one is live.

    models/
      live.json        the pointer: who was live, in order, the last one is; and the history of every change
      v001/            an adapter as training wrote it, with its manifest, and version.json: by whom, when, what for;
                       report.* and replay.* stand beside them once they were made

A version never changes and is never removed. It is `live` while the pointer names it, `retired` when it once was, else
a `candidate`. Below all of them lies the adapter of the settings, called "shipped". Several processes may use one
folder: who writes holds the lock, files are replaced whole, and who reads needs neither.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from filelock import FileLock

from assistant.versions.files import read_json, write_json
from finetune.card import read_manifest

State = Literal["candidate", "live", "retired"]
SHIPPED = "shipped"
NUMBERED = re.compile(r"v\d{3,}")
NEEDED = ("adapter_config.json", "adapter_model.safetensors", "manifest.json")
ABOUT = "version.json"
POINTER = "live.json"


class NoSuchVersion(LookupError):
    """There is no version of this name."""


class NotPromotable(ValueError):
    """The version cannot be made live, or there is nothing to roll back to; the message says why."""


class NoAdapter(ValueError):
    """The folder holds no adapter that could become a version."""


@dataclass(frozen=True)
class Version:
    name: str  # "v003", or "shipped"
    state: State
    adapter: Path | None  # its folder; None for the bare base model
    created_at: datetime | None  # None of what is shipped
    created_by: str
    note: str  # what it was made for

    @property
    def manifest(self) -> dict[str, Any]:
        """What training wrote down; nothing for a bare base model."""
        found = self.adapter and (self.adapter / "manifest.json").is_file()
        return read_manifest(self.adapter) if self.adapter and found else {}


@dataclass(frozen=True)
class Change:
    """A line of the pointer's history."""

    kind: Literal["promoted", "rolled back"]
    version: str  # that was live afterwards
    before: str
    by: str
    at: datetime
    reason: str


class Registry:
    """`root` is the folder of the versions, made when something is written; `shipped` the adapter below them all."""

    def __init__(self, root: Path, shipped: Path | None) -> None:
        self.root = root
        self.shipped = shipped

    def versions(self) -> list[Version]:
        """All of them, the newest first, the shipped one last."""
        names = sorted(self._names(), key=lambda name: int(name[1:]), reverse=True)
        line, past = self._line(), {change.version for change in self.history()}
        return [self._version(name, line[-1], past) for name in (*names, SHIPPED)]

    def version(self, name: str) -> Version:
        """Raises NoSuchVersion."""
        found = next((one for one in self.versions() if one.name == name), None)
        if found is None:
            raise NoSuchVersion(f"There is no version {name[:40]!r}; `aisle model list` shows all.")
        return found

    def live(self) -> Version:
        """Raises NoSuchVersion where the pointer names a version whose folder somebody took away."""
        return self.version(self.live_name())

    def live_name(self) -> str:
        """What the pointer says, whether or not it is there."""
        return self._line()[-1]

    def before(self) -> Version | None:
        """What a roll-back would make live."""
        line = self._line()
        return next((one for one in self.versions() if len(line) > 1 and one.name == line[-2]), None)

    def history(self) -> list[Change]:
        """Every change of what is live, the oldest first."""
        told = self._pointer()["history"]
        return [Change(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in told]

    def add(self, adapter: Path, by: str, note: str = "") -> Version:
        """Keep a copy of a trained adapter as a new candidate. Raises NoAdapter."""
        if missing := [name for name in NEEDED if not (adapter / name).is_file()]:
            raise NoAdapter(f"{adapter} is no trained adapter: it lacks {', '.join(missing)}.")
        self.root.mkdir(parents=True, exist_ok=True)
        part = self.root / f".{uuid4().hex}.part"
        try:
            shutil.copytree(adapter, part)
            about = {"created_at": datetime.now(UTC).isoformat(), "created_by": by, "note": note}
            write_json(part / ABOUT, about)
            with self._lock():
                name = f"v{1 + max((int(one[1:]) for one in self._names()), default=0):03}"
                part.rename(self.root / name)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return self.version(name)

    def promote(self, name: str, by: str, reason: str = "", over: str | None = None) -> Version:
        """Make a version live. Raises NoSuchVersion, and NotPromotable when it is live already, or when another is live
        than it was compared with, `over`."""
        with self._lock():
            line = self._line()
            self.version(name)
            if line[-1] == name:
                raise NotPromotable(f"{name} is live already.")
            if over not in (None, line[-1]):
                raise NotPromotable(f"{line[-1]} has gone live meanwhile, in place of {over}. Look again.")
            self._point([*line, name], "promoted", by, reason)
        return self.live()

    def roll_back(self, by: str, reason: str = "", to: str | None = None) -> Version:
        """Make live again what was before the last promotion. Raises NotPromotable when nothing was, or when that is no
        longer the version `to`: of two people who roll back at once, the second would go a step too far."""
        with self._lock():
            line = self._line()
            if len(line) < 2:
                raise NotPromotable("There is nothing to roll back to: no version has been promoted.")
            if self.before() is None:
                raise NotPromotable(f"{line[-2]} was live before, and is no longer in {self.root}: promote another.")
            if to not in (None, line[-2]):
                raise NotPromotable(f"{line[-1]} has gone live meanwhile, and {line[-2]} was before it. Look again.")
            self._point(line[:-1], "rolled back", by, reason)
        return self.live()

    def stamp(self) -> int:
        """A number that changes when the pointer does."""
        try:
            return (self.root / POINTER).stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _point(self, line: list[str], kind: str, by: str, reason: str) -> None:
        pointer = self._pointer()
        change = {"kind": kind, "version": line[-1], "before": self._line()[-1], "by": by, "reason": reason}
        history = [*pointer["history"], {**change, "at": datetime.now(UTC).isoformat()}]
        write_json(self.root / POINTER, {"line": line, "history": history})

    def _pointer(self) -> Mapping[str, Any]:
        return read_json(self.root / POINTER) or {"line": [SHIPPED], "history": []}

    def _line(self) -> list[str]:
        return list(self._pointer()["line"])

    def _names(self) -> list[str]:
        found = self.root.iterdir() if self.root.is_dir() else ()
        return [path.name for path in found if NUMBERED.fullmatch(path.name) and (path / ABOUT).is_file()]

    def _version(self, name: str, live: str, past: set[str]) -> Version:
        state: State = "live" if name == live else "retired" if name in past or name == SHIPPED else "candidate"
        if name == SHIPPED:
            return Version(name, state, self.shipped, None, "", "the adapter of the settings")
        about = read_json(self.root / name / ABOUT)
        created = datetime.fromisoformat(about["created_at"])
        return Version(name, state, self.root / name, created, about["created_by"], about["note"])

    def _lock(self) -> FileLock:
        self.root.mkdir(parents=True, exist_ok=True)
        return FileLock(self.root / ".lock", timeout=10)
