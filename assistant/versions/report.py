"""The report on a candidate: it and the live version read the same messages and play the same conversations.

Kept in the version's folder as report.json, report.md and report.png (which intent it takes for which). It is made by
`aisle model report`, which the studio runs as a job: two models read hundreds of messages and play a hundred
conversations, so it takes minutes to an hour. One model is in memory at a time.
"""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.engines import open_engine
from assistant.review.regressions import fingerprints
from assistant.settings import Settings
from assistant.testing.command import choose_conversations, corrected_conversations
from assistant.testing.shops import Shops, with_model
from assistant.testing.written import play_written
from assistant.training import VALIDATION, load_any, served
from assistant.understanding import open_recogniser
from assistant.versions.compare import Faults, as_json, compare, markdown
from assistant.versions.files import read_json, write_json, write_whole
from assistant.versions.opening import registry_of, with_version
from assistant.versions.registry import NoSuchVersion, Registry, Version
from finetune.pictures import draw_confusion
from finetune.progress import ProgressFile
from intents.catalogue import load_catalogue
from intents.engine import Engine
from intents.examples import Example
from intents.recogniser import Understanding

REPORT, PAGE, PICTURE = "report.json", "report.md", "report.png"
BATCH = 16  # messages read at once, as finetune.tuning found


@dataclass(frozen=True)
class Measured:
    """What one version made of it all."""

    readings: list[Understanding]
    faults: dict[str, tuple[str, ...]] = field(default_factory=dict)


def report_on(settings: Settings, name: str, test: Path | None, wanted: Sequence[str], progress: Path | None) -> Path:
    """Make the report on a version and give its page. `test` has the labelled messages (the validation ones),
    `wanted` chooses conversations as `aisle test` does; those of shop tau2 are left out.

    Raises NoSuchVersion, EngineError, and what reading the files does.
    """
    registry = registry_of(settings)
    candidate, live = registry.version(name), registry.live()
    if candidate.adapter is None or candidate.name == live.name:
        raise NoSuchVersion(f"{name} is no candidate: a report compares another version with the live one.")
    path = test or VALIDATION
    examples = load_any(path, load_catalogue())
    watch = ProgressFile(progress) if progress else None
    corrected = {} if wanted else fingerprints(settings.regressions)
    of_staff = (
        frozenset(one.name for one in corrected_conversations(settings.regressions)) if corrected else frozenset()
    )
    before, after = (measure(settings, version, examples, wanted, watch) for version in (live, candidate))
    names = (live.name, candidate.name)
    faults: tuple[Faults, Faults] = (before.faults, after.faults)
    found, own = compare(names, path.name, examples, before.readings, after.readings, faults, served(), of_staff)
    draw_confusion(candidate.adapter / PICTURE, own.confusion)
    write_whole(candidate.adapter / PAGE, markdown(found))
    made = {
        "at": datetime.now(UTC).isoformat(),
        "of_its_own": path.name if test else None,  # messages in place of the validation ones
        "only": list(wanted),
        "corrected": corrected,
    }
    write_json(candidate.adapter / REPORT, {**as_json(found), **made})
    if watch:
        watch.tell(version=name, regressions=len(found.regressions))
    return candidate.adapter / PAGE


def measure(
    settings: Settings, version: Version, examples: Sequence[Example], wanted: Sequence[str], watch: ProgressFile | None
) -> Measured:
    """Read every message and play every conversation with one version. Raises EngineError."""
    gc.collect()  # the version before: its shops refer to themselves, and would keep their engine for a while
    chosen = with_version(settings, version)
    engine = open_engine(chosen)
    recogniser = open_recogniser(chosen, load_catalogue(), engine)
    readings: list[Understanding] = []
    for start in range(0, len(examples), BATCH):
        readings += recogniser.understand_all([(one.text, one.context) for one in examples[start : start + BATCH]])
        _tell(watch, version, "messages", len(readings), len(examples))
    return Measured(readings, play(chosen, engine, version, wanted, watch))


def play(
    settings: Settings, engine: Engine, version: Version, wanted: Sequence[str], watch: ProgressFile | None
) -> dict[str, tuple[str, ...]]:
    """The faults of each conversation, by name."""
    chosen = choose_conversations(wanted) + ([] if wanted else corrected_conversations(settings.regressions))
    playable = [one for one in chosen if one.shop != "tau2"]
    faults: dict[str, tuple[str, ...]] = {}
    with tempfile.TemporaryDirectory() as folder:
        shops = Shops(settings, Path(folder), None, with_model(settings, engine))
        for one in playable:
            name = one.name if one.name not in faults else f"{one.name} ({one.where})"
            faults[name] = play_written(one, shops, {}).faults
            _tell(watch, version, "conversations", len(faults), len(playable))
    return faults


def _tell(watch: ProgressFile | None, version: Version, what: str, done: int, of: int) -> None:
    if watch:
        watch.tell(stage=f"{version.name}: {what}", step=done, steps=of)


def read_report(version: Version) -> dict[str, Any] | None:
    """What was found; None where no report was made."""
    found = read_json(version.adapter / REPORT) if version.adapter else None
    return dict(found) if found else None


def obstacles(registry: Registry, version: Version, regressions: Path) -> list[str]:
    """Why a version should not be promoted without a written reason, a sentence each. `regressions` is the folder of
    the conversations that the desk corrected: it must have read them all as they were corrected."""
    if version.state == "retired":
        return []  # it has been live: going back to it needs no proof
    report = read_report(version)
    if report is None:
        return ["there is no report on it yet"]
    live = registry.live_name()
    if report["live"] != live:
        return [f"its report compares it with {report['live']}, and {live} is live now"]
    played: Mapping[str, str] = report.get("corrected") or {}
    newer = [file for file, found in fingerprints(regressions).items() if played.get(file) != found]
    missing = [f"its report lacks {len(newer)} conversations that were corrected at the desk since"] if newer else []
    partly = ["its report played only some of the conversations"] if report.get("only") else []
    if others := report.get("of_its_own"):
        partly.append(f"its report read {others} in place of the validation messages")
    return [*report["regressions"], *missing, *partly]
