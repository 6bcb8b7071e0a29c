"""The database: SQLite by default, PostgreSQL by URL; sessions, migration and a check at start.

    database = Database("sqlite:///shop.db")
    database.upgrade()
    with database.session() as session:
        session.add(product)

A `with database.session()` inside another joins it: the outer one commits once at its end, or rolls everything
back. The open session travels by ContextVar, so code under `asyncio.run` in the same thread joins too.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from assistant.store import migrate
from assistant.store.product_search import reindex

BUSY_TIMEOUT_MS = (
    10_000  # how long a writer waits for another process's on SQLite; a turn holds the lock under a second
)
MOST_MATCHED = 20_000  # results of regular expressions; with their texts they take some 10 MB
MOST_PATTERNS = 500  # compiled, of a few dozen searches
PLANNING = (  # for many small queries over tables that lie in memory or on an SSD, beside a model that wants the cores
    "SET random_page_cost = 1.1; SET max_parallel_workers_per_gather = 0; SET jit = off"
)
MIGRATION_LOCK = 7_310_942  # any fixed number: two servers that start together migrate PostgreSQL one after the other

log = logging.getLogger(__name__)
_open_sessions: ContextVar[tuple[Session, ...]] = ContextVar("open_sessions", default=())


class DatabaseNotReady(RuntimeError):
    """The database is missing, unreachable or of another version. The message says which command helps."""


class Database:
    """One database and its connection pool. Threads may share it; a session belongs to one thread."""

    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        self.engine = _engine(self.url)
        # SQLite has one writer. Threads that it keeps waiting ask again and again until some give up: they queue here.
        is_sqlite = self.engine.dialect.name == "sqlite"
        self._writers: AbstractContextManager[Any] = threading.Lock() if is_sqlite else nullcontext()

    @property
    def safe_url(self) -> str:
        """The URL with its password masked, fit for logs and status pages."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction to read and write in. On SQLite it holds the write lock from its start, so keep it short."""
        joined = self._joined()
        if joined is None:
            with self._transaction(writing=True) as session:
                yield session
        elif not joined.info["writing"]:
            raise RuntimeError(
                "This code writes, but runs inside `database.reading()`; open `database.session()` there."
            )
        else:
            yield joined

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A snapshot to read from, which waits for no writer. Inside a `session()` it sees what that one wrote."""
        joined = self._joined()
        if joined is not None:
            yield joined
            return
        with self._transaction(writing=False) as session:
            yield session

    @contextmanager
    def rehearsal(self) -> Iterator[Session]:
        """A transaction to try changes in: whatever reads inside it sees them, and at its end they are undone."""
        with self._transaction(writing=True, keep=False) as session:
            yield session

    def upgrade(self) -> None:
        """Create the database or bring it to the newest version. Does nothing when it is there already."""
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._connect(writing=True) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})
            self._refuse_unknown(migrate.current_revision(connection))
            if migrate.upgrade(connection):
                log.info("Writing the search index anew; of 100,000 products it takes minutes.")
                with Session(connection) as session:
                    reindex(session)
                    session.flush()

    def check(self) -> None:
        """Raise DatabaseNotReady unless the tables are there and of this version."""
        if self._file is not None and not self._file.exists():
            raise DatabaseNotReady(f"There is no database {self.safe_url} yet. {RUN_UP}")
        with self._connect(writing=False) as connection:
            revision = migrate.current_revision(connection)
        if revision is None:
            raise DatabaseNotReady(f"The database {self.safe_url} has no tables yet. {RUN_UP}")
        self._refuse_unknown(revision)
        if revision != migrate.head_revision():
            needed = migrate.head_revision()
            raise DatabaseNotReady(f"The database {self.safe_url} is at version {revision}, not {needed}. {RUN_UP}")

    def compact(self) -> None:
        """On SQLite, write the file anew, so that nothing deleted is left in its free pages. Writers wait meanwhile.

        PostgreSQL frees it by itself. Raises sqlite3.OperationalError when another writes or reads for too long.
        """
        if self.engine.dialect.name != "sqlite":
            return
        with self._writers:
            connection = self.engine.raw_connection()
            try:
                connection.execute("VACUUM")
                [(is_read, *_)] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                if is_read:  # it says so instead of raising, and the file stays as it was
                    raise sqlite3.OperationalError("somebody reads what the file held before")
            finally:
                connection.close()

    def close(self) -> None:
        self.engine.dispose()

    @property
    def _file(self) -> Path | None:
        on_disk = self.url.get_backend_name() == "sqlite" and self.url.database not in (None, "", ":memory:")
        return Path(str(self.url.database)) if on_disk else None

    def _joined(self) -> Session | None:
        """The session of this database that is open around the caller, if any."""
        session = next((session for session in _open_sessions.get() if session.bind is self.engine), None)
        if session is None or session.info["closed"]:
            return None  # closed: a task that outlived the session it was started in
        if session.info["thread"] != threading.get_ident():
            raise RuntimeError("A database session cannot be joined from another thread; open one there of its own.")
        return session

    @contextmanager
    def _transaction(self, *, writing: bool, keep: bool = True) -> Iterator[Session]:
        info = {"writing": writing, "thread": threading.get_ident(), "closed": False}
        turn = self._writers if writing else nullcontext()
        with turn, Session(self.engine, expire_on_commit=False, info=info) as session:
            session.connection(execution_options={"writing": writing})
            token = _open_sessions.set((*_open_sessions.get(), session))
            try:
                yield session
                if writing and keep:
                    session.commit()
            finally:
                info["closed"] = session.info["closed"] = True
                _open_sessions.reset(token)

    @contextmanager
    def _connect(self, *, writing: bool) -> Iterator[Connection]:
        try:
            connection = self.engine.connect().execution_options(writing=writing)
        except DBAPIError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise DatabaseNotReady(
                f"Cannot open the database {self.safe_url}: {reason}. Check AISLE_DATABASE_URL, and that it is running."
            ) from error
        with connection, connection.begin():
            yield connection

    def _refuse_unknown(self, revision: str | None) -> None:
        if revision is not None and revision not in migrate.known_revisions():
            raise DatabaseNotReady(
                f"The database {self.safe_url} is at version {revision}, which this version of Aisle does not know. "
                "It was made by a newer one: install that, or set AISLE_DATABASE_URL to another database."
            )


RUN_UP = "Run `aisle up`, which creates and migrates it."


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseNotReady(f"AISLE_DATABASE_URL is not a database URL. {URL_EXAMPLES}") from None
    backend = parsed.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        return parsed
    raise DatabaseNotReady(f"AISLE_DATABASE_URL asks for {backend}; Aisle knows SQLite and PostgreSQL. {URL_EXAMPLES}")


URL_EXAMPLES = "Write it like sqlite:///shop.db or postgresql://user:password@host/aisle."


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "begin", _begin_postgresql)
        return engine
    engine = create_engine(url, hide_parameters=True)  # errors are logged, and a shopper's words must not be
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@lru_cache(MOST_MATCHED)
def _matches(pattern: str, text: str | None) -> bool | None:
    """SQLite's REGEXP. Variants share their options and one search tests a text several times, so results are kept."""
    return None if text is None else _compiled(pattern).search(text) is not None


@lru_cache(MOST_PATTERNS)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _prepare_sqlite(connection: Any, record: object) -> None:
    connection.create_function("regexp", 2, _matches, deterministic=True)
    connection.isolation_level = None  # the driver would begin transactions late; `_begin_sqlite` begins them
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once if another wrote in between, however long the
    # busy timeout. Taking the write lock at the start makes it wait its turn instead.
    writing = connection.get_execution_options().get("writing", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _prepare_postgresql(connection: Any, record: object) -> None:
    connection.execute(PLANNING)
    connection.commit()


def _begin_postgresql(connection: Connection) -> None:
    if not connection.get_execution_options().get("writing", True):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
