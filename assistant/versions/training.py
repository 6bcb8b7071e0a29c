"""A candidate: an adapter trained on the content as it is now, usually going on from the live one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filelock import FileLock, Timeout

from assistant.settings import Settings
from assistant.training import train_adapter
from assistant.versions.opening import registry_of
from assistant.versions.registry import Version
from finetune.progress import ProgressFile
from finetune.settings import SHORT

UNDER_WAY, HELD = ".training-", "held.lock"
LIVE, NOTHING = "live", "none"  # to start from, beside a version's name


def train_candidate(
    settings: Settings, start: str, chosen: Mapping[str, Any], by: str, note: str, progress: Path | None
) -> Version:
    """Train, choose how the adapter is used, and keep it as a candidate. What is cut leaves nothing behind.

    `start` is a version's name, "live", or "none" for an adapter from scratch; `chosen` are training settings.
    Raises what `train_adapter` does, and NoSuchVersion.
    """
    registry = registry_of(settings)
    given = {name: value for name, value in chosen.items() if value is not None}
    if begin := start_folder(settings, start):
        given = {"learning_rate": SHORT["learning_rate"], **given, "start": str(begin)}
    if progress:
        given["progress"] = str(progress)
    registry.root.mkdir(parents=True, exist_ok=True)
    _remove_killed(registry.root)
    with TemporaryDirectory(prefix=UNDER_WAY, dir=registry.root) as folder, FileLock(Path(folder) / HELD):
        out = Path(folder) / "adapter"
        train_adapter(settings, out, given, None, None)
        version = registry.add(out, by, note)
    if progress:
        ProgressFile(progress).tell(version=version.name)
    return version


def _remove_killed(root: Path) -> None:
    """The folders of trainings that were killed: nobody holds their locks any more."""
    for held in root.glob(f"{UNDER_WAY}*/{HELD}"):
        with suppress(Timeout), FileLock(held, timeout=0):
            shutil.rmtree(held.parent, ignore_errors=True)


def start_folder(settings: Settings, start: str) -> Path | None:
    """Raises NoSuchVersion."""
    if start == NOTHING:
        return None
    registry = registry_of(settings)
    return (registry.live() if start == LIVE else registry.version(start)).adapter
