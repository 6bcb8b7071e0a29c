"""`aisle model list|train|report|replay|promote|rollback`. The studio's jobs are these commands."""

from __future__ import annotations

import argparse
import logging
from contextlib import closing

from assistant.settings import Settings
from assistant.staff.audit import record
from assistant.stopping import tidy_when_stopped
from assistant.store import Database
from assistant.versions.models import Models
from assistant.versions.opening import registry_of
from assistant.versions.registry import Version
from assistant.versions.replay import replay
from assistant.versions.report import report_on
from assistant.versions.training import train_candidate


def run(settings: Settings, options: argparse.Namespace) -> None:
    """Do one form of the command. Raises errors that are sentences for people."""
    tidy_when_stopped()
    for name in ("rasa_sdk", "alembic"):  # a line for each action, of each shop that is made to play in
        logging.getLogger(name).setLevel(logging.WARNING)
    forms = {"train": _train, "report": _report, "replay": _replay, "promote": _promote, "rollback": _roll_back}
    if options.form == "list":
        for version in registry_of(settings).versions():
            print(_line(version))
        return
    forms[options.form](settings, options)


def _train(settings: Settings, options: argparse.Namespace) -> None:
    chosen = {name: getattr(options, name) for name in ("epochs", "sample", "learning_rate")}
    version = train_candidate(settings, options.start, chosen, options.by, options.note, options.progress)
    with closing(Database(settings.database_url)) as database, database.session() as session:
        record(session, None, "model.added", version.name, by=options.by)
    print(f"{version.name} is a candidate. Compare it: aisle model report {version.name}")


def _report(settings: Settings, options: argparse.Namespace) -> None:
    print(report_on(settings, options.version, options.test, options.conversations, options.progress))


def _replay(settings: Settings, options: argparse.Namespace) -> None:
    print(replay(settings, options.version, options.days, progress=options.progress))


def _promote(settings: Settings, options: argparse.Namespace) -> None:
    with closing(Database(settings.database_url)) as database:
        print(f"{Models.of(settings, database).promote(None, options.version, options.reason).name} is live.")


def _roll_back(settings: Settings, options: argparse.Namespace) -> None:
    with closing(Database(settings.database_url)) as database:
        print(f"{Models.of(settings, database).roll_back(None, options.reason).name} is live again.")


def _line(version: Version) -> str:
    when = f"{version.created_at:%Y-%m-%d %H:%M}" if version.created_at else "-"
    return f"{version.name}\t{version.state}\t{when}\t{version.created_by or '-'}\t{version.note}"
