"""The server of the fault tests: the one of `aisle up` but for the model, and with the levers of a fault.

`warm` makes what takes seconds once, in the process that servers are forked from (mother.py); `serve` is the life of
one of them.
"""

from __future__ import annotations

import datetime as datetime_module
import logging
import os
import signal
import time
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from rasa_sdk.executor import ActionExecutor
from sqlalchemy import event

from assistant.actions import register
from assistant.actions.base import open_shop
from assistant.assembly import assemble, load_voice
from assistant.engines.time_limit import TimeLimitedEngine
from assistant.logs import set_up_logging
from assistant.server import check_port, prepare
from assistant.settings import Settings
from assistant.store import base, database
from assistant.turns import Assistant
from assistant.web.app import create_app
from assistant.web.stopping import run_until_stopped
from tests.faults.played import LabelEngine


@dataclass(frozen=True)
class Options:
    """What a test asks of a server. The files are levers: they are read while it runs."""

    url: str
    port: int
    log: str
    seed: int = 0
    slowest_s: float = 0.02  # of a call of the model
    dies_at: int | None = None  # step of the database's work at which it kills itself
    busy_timeout_ms: int = database.BUSY_TIMEOUT_MS
    read_only: str | None = None  # while this file exists, the database takes no write
    clock: str | None = None  # seconds that the clock is ahead, in this file


def settings_of(options: Options) -> Settings:
    return Settings(database_url=options.url, port=options.port, index=False, adapter=None, engine="openai")


def warm(url: str) -> Assistant:
    """An assistant over an untouched shop, for its parts that know nothing of a database."""
    settings = settings_of(Options(url, 0, ""))
    shop = open_shop(settings)
    assistant = assemble(settings, shop, LabelEngine(0, 0))
    shop.database.close()
    return assistant


def serve(options: Options, like: Assistant) -> None:
    """Serve until stopped or killed."""
    set_up_logging("text")
    logging.getLogger().info("begins: %s", options)
    settings = settings_of(options)
    database.BUSY_TIMEOUT_MS = options.busy_timeout_ms
    if options.clock:
        turn_clock(Path(options.clock))
    check_port(settings.host, settings.port)
    prepare(settings)
    shop, executor = open_shop(settings), ActionExecutor()
    if options.read_only:
        turn_read_only(shop.database, Path(options.read_only))
    if options.dies_at:
        turn_mortal(shop.database, options.dies_at)
    register(executor, shop)
    engine = LabelEngine(options.slowest_s, options.seed)
    limited = TimeLimitedEngine(engine, settings.reply_limit_s)
    like.recogniser.engine = limited
    assistant = Assistant(
        shop.database, like.recogniser, like.interpreter, like.manager, replace(like.writer, engine=limited), executor,
        like.greeting(), like.max_message_chars,
    )  # fmt: skip
    app = create_app(assistant, lambda product: None, settings, load_voice().shop)
    run_until_stopped(app, app.state.places, settings.host, settings.port)


def turn_mortal(opened: database.Database, last: int) -> None:
    """The process kills itself at a step of the database's work: at the begin of a transaction that writes, at a
    statement that does, or right before a commit; `last` counts them."""
    steps = count(1)

    def step() -> None:
        if next(steps) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    @event.listens_for(opened.engine, "begin")
    def begin(connection: Any) -> None:
        if connection.get_execution_options().get("writing"):
            step()

    @event.listens_for(opened.engine, "before_cursor_execute")
    def execute(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            step()

    @event.listens_for(opened.engine, "commit")
    def commit(connection: Any) -> None:
        if connection.get_execution_options().get("writing"):
            step()


def turn_read_only(opened: database.Database, lever: Path) -> None:
    """Each transaction looks whether it may write, as on a disk that is remounted read-only."""

    def look(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA query_only = {int(lever.exists())}")

    event.listen(opened.engine, "begin", look, insert=True)


def turn_clock(lever: Path) -> None:
    """Make the clock of this process go wrong by the seconds in the file; time.monotonic goes on, as it does."""
    true_time = time.time

    def ahead_s() -> float:
        return float(lever.read_text() or 0)

    class Jumping(datetime):
        @classmethod
        def now(cls, tz: datetime_module.tzinfo | None = None) -> datetime:
            return datetime.fromtimestamp(true_time() + ahead_s(), tz)

    time.time = lambda: true_time() + ahead_s()
    base.datetime = Jumping  # type: ignore[misc]
