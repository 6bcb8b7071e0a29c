"""How long conversations are kept: `sweep` erases what is older than the setting says; `Housekeeper` does so daily."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from sqlalchemy import select

from assistant.operations.erasing import remove_conversations, scrub
from assistant.staff.audit import record
from assistant.store import Conversation, Database, now
from assistant.versions.registry import Registry
from assistant.versions.replayed import forget_erased

log = logging.getLogger(__name__)
DAY_S = 24 * 3600.0
AT_ONCE = 20  # conversations in a transaction: SQLite's text index is read through for each, and shoppers' turns wait


def sweep(database: Database, days: int) -> int:
    """Erase the conversations in which nothing was said for `days`. Returns how many; may be cut and run again."""
    before = now() - timedelta(days=days)
    old = select(Conversation.id).where(Conversation.updated_at < before).order_by(Conversation.updated_at)
    chosen = old.limit(AT_ONCE).with_for_update()  # one in which a turn is just being written is waited for, and stays
    erased = 0
    while True:
        with database.session() as session:
            ids = session.scalars(chosen).all()
            remove_conversations(session, ids)
            if ids:
                record(session, None, "conversations.expired", f"{days} days", count=len(ids))
        erased += len(ids)
        if not ids:
            break
    if erased:
        scrub(database)
    return erased


class Housekeeper:
    """A thread that sweeps at its start and then every day, until it is closed.

    What it erased leaves the replays of the versions in `registry` too."""

    def __init__(self, database: Database, days: int, registry: Registry) -> None:
        self.database, self.days, self.registry = database, days, registry
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while True:
            try:
                if erased := sweep(self.database, self.days):
                    log.info("erased %d conversations in which nothing was said for %d days", erased, self.days)
                forget_erased(self.registry, self.database)
            except Exception:  # a database that is away comes back; the server goes on meanwhile
                log.exception("The sweep of old conversations failed; it is tried again in a day.")
            if self._over.wait(DAY_S):
                return
