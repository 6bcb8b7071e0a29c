"""PostgreSQL is restarted in the middle of conversations, at once and without a checkpoint, as after a power cut."""

from __future__ import annotations

import time
from pathlib import Path

from tests.faults.mother import kill
from tests.faults.postgresql import new_database, postgresql_in, restart
from tests.faults.rounds import Place, differences, opened, plan, problems, stock_of
from tests.faults.shoppers import Log, Shoppers

RESTARTS = 2
LOOK_S = 0.001  # how often it is looked whether it is time for the next


def test_a_restarted_database_loses_nothing_that_was_answered(place: Place, tmp_path: Path) -> None:
    played = plan(place, seed=23, many=4)
    with postgresql_in(tmp_path) as server:
        log, options = Log(), place.options(new_database(server, "faults"))
        pid = place.mother.start(options)  # it builds the demo shop
        with opened(options.url) as database:
            untouched = stock_of(database)
        shoppers = Shoppers(options.port, played.scripts, 2, log)
        lines = sum(len(script) for script in played.scripts)
        for number in range(1, RESTARTS + 1):
            while len(log.told()) < number * lines / (RESTARTS + 1):
                assert shoppers.are_there, "the restart comes while they talk"
                time.sleep(LOOK_S)
            restart(server)
        shoppers.leave()
        kill(pid)
        assert set(log.refused) == {503} and not log.cut_off, "the server itself stays, and says that it cannot now"
        assert problems(options.url, log.told(), place.orders) == []
        assert differences(options.url, played, untouched) == []
