"""A candidate: an adapter trained on the content as it is now, usually going on from the live one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assistant.settings import Settings
from assistant.training import train_adapter
from assistant.versions.live import registry_of
from assistant.versions.registry import Version
from finetune.progress import ProgressFile

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
        given["start"] = str(begin)
    if progress:
        given["progress"] = str(progress)
    registry.root.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".training-", dir=registry.root) as folder:
        out = Path(folder) / "adapter"
        train_adapter(settings, out, given, None, None)
        version = registry.add(out, by, note)
    if progress:
        ProgressFile(progress).tell(version=version.name)
    return version


def start_folder(settings: Settings, start: str) -> Path | None:
    """Raises NoSuchVersion."""
    if start == NOTHING:
        return None
    registry = registry_of(settings)
    return (registry.live() if start == LIVE else registry.version(start)).adapter
