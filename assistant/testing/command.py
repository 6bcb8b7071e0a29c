"""`aisle test`: written conversations, or tau2's tasks by the simulated customer, with the model or without."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

from assistant.engines import open_engine
from assistant.settings import Settings
from assistant.testing.meant import as_meant
from assistant.testing.reports import (
    task_figures,
    task_table,
    write_conversations,
    write_pages,
    write_tasks,
    written_figures,
    written_table,
)
from assistant.testing.shops import NoTau2Data, Shops, with_model
from assistant.testing.simulated import attempt_all
from assistant.testing.tasks import Task, read_tasks
from assistant.testing.written import play_written
from dialogues.conversations import SHIPPED, Conversation, load_conversations
from dialogues.responses import load_responses
from intents.catalogue import load_catalogue

log = logging.getLogger(__name__)


class NothingToPlay(ValueError):
    """No conversation or task has that name."""


class ConversationsDiffer(RuntimeError):
    """At least one conversation did not go as it was written."""


def play_conversations(
    settings: Settings,
    wanted: Sequence[str],
    data: Path | None,
    out: Path | None,
    *,
    as_they_mean: bool,
    watch: Path | None = None,
) -> None:
    """Play the conversations in these files or of these names, all shipped ones if none is given; print a table.

    `as_they_mean`: without the model, each message understood by the commands that stand beside it.
    `watch`: a folder for a page of each conversation with its events and SQL.
    Those of shop tau2 are left out, with a line, where no `data` is given. Raises ConversationsDiffer.
    """
    chosen = choose_conversations(wanted)
    if not wanted and not as_they_mean:  # only the corrected turns say what they mean
        chosen += corrected_conversations(settings.regressions)
    playable = [one for one in chosen if data or one.shop != "tau2"]
    if len(playable) < len(chosen):
        log.warning("%d conversations of shop tau2 are left out: they need --data", len(chosen) - len(playable))
    tasks = read_tasks(data) if data else {}
    _only_our_log()
    with tempfile.TemporaryDirectory() as folder:
        mind = as_meant(settings) if as_they_mean else with_model(settings, open_engine(settings))
        shops = Shops(settings, Path(folder), data, mind)
        played = [play_written(one, shops, tasks) for one in playable]
    print(written_table(played))
    if out:
        write_conversations(played, out)
    if watch:
        write_pages(played, watch)
    figures = written_figures(played)
    print(json.dumps({"test": "conversations", **figures}))
    if figures["passed"] < len(played):
        raise ConversationsDiffer(f"{len(played) - figures['passed']} of {len(played)} conversations differ.")


def play_tasks(
    settings: Settings, wanted: Sequence[str], data: Path | None, out: Path | None, *, as_they_mean: bool
) -> None:
    """Play the tasks with these ids, all if none is given, by the simulated customer; print a table.

    `as_they_mean`: without the model, each message understood as the customer means it. Raises NoTau2Data.
    """
    if data is None:
        raise NoTau2Data()
    chosen = choose_tasks(wanted, data)
    _only_our_log()
    with tempfile.TemporaryDirectory() as folder:
        mind = as_meant(settings) if as_they_mean else with_model(settings, open_engine(settings))
        attempts = attempt_all(chosen, Shops(settings, Path(folder), data, mind))
    print(task_table(attempts))
    if out:
        write_tasks(attempts, out)
    print(json.dumps({"test": "tasks", "as_meant": as_they_mean, **task_figures(attempts)}))


def choose_conversations(wanted: Sequence[str]) -> list[Conversation]:
    """By file, folder or name. Raises BadConversations and NothingToPlay."""
    paths = [Path(one) for one in wanted if Path(one).exists()]
    names = {one for one in wanted if not Path(one).exists()}
    known = (load_catalogue(), load_responses())
    told = load_conversations(*known, paths) if paths else []
    shipped = load_conversations(*known, [SHIPPED]) if names or not wanted else []
    if unknown := names - {one.name for one in shipped}:
        raise NothingToPlay(f"No file and no conversation in {SHIPPED} is called {', '.join(sorted(unknown))}.")
    return told + [one for one in shipped if not names or one.name in names]


def corrected_conversations(folder: Path) -> list[Conversation]:
    """Those that staff corrected at the desk, if there are any. Raises BadConversations."""
    return load_conversations(load_catalogue(), load_responses(), [folder]) if folder.is_dir() else []


def choose_tasks(wanted: Sequence[str], data: Path) -> list[Task]:
    """By id. Raises BadTasks and NothingToPlay."""
    tasks = read_tasks(data)
    if unknown := [one for one in wanted if one not in tasks]:
        raise NothingToPlay(f"No task has the id {', '.join(unknown)}.")
    return [tasks[one] for one in wanted] if wanted else list(tasks.values())


def _only_our_log() -> None:
    """How each conversation ended, without a line for each action that is registered."""
    for name in ("rasa_sdk", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
