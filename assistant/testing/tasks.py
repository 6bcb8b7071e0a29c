"""tau2's retail tasks: what a customer wants and knows, and the state of the shop that must come of it."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.testing.tau2_oracle import TOOLS, NotAllowed, play

TASKS_FILE = "tasks_train.json"


class BadTasks(ValueError):
    """The folder does not hold tau2's retail data."""


@dataclass(frozen=True)
class Task:
    """What the customer is told, and, for the report alone, the writes that are expected."""

    id: str
    reason_for_call: str
    known_info: str
    instructions: str
    writes: tuple[Mapping[str, Any], ...]  # {"name": tool, "arguments": {...}}


def read_json(path: Path) -> Any:
    """Raises BadTasks."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadTasks(f"{path} cannot be read as JSON: {error}. Give the folder of tau2's retail data.") from error


def read_tasks(data: Path) -> dict[str, Task]:
    """Every task of the folder, by id. Raises BadTasks."""
    return {task.id: task for task in map(_task, read_json(data / TASKS_FILE))}


def expected_state(db: Mapping[str, Any], task: Task) -> dict[str, Any]:
    """The content of db.json after the task's expected writes, less those that the tool refuses, as tau2 judges."""
    touched = copy.deepcopy(dict(db))
    for write in task.writes:
        with contextlib.suppress(NotAllowed):
            play(touched, write["name"], write["arguments"])
    return touched


def _task(spec: Mapping[str, Any]) -> Task:
    told = spec["user_scenario"]["instructions"]
    actions = (spec.get("evaluation_criteria") or {}).get("actions") or []
    return Task(
        str(spec["id"]),
        told["reason_for_call"] or "",
        told.get("known_info") or "",
        told.get("task_instructions") or "",
        tuple({"name": one["name"], "arguments": one["arguments"]} for one in actions if one["name"] in TOOLS),
    )
