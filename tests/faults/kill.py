"""Kill a server at random moments while shoppers talk to it, and look what is left.

    python -m tests.faults.kill --times 200 --seed 7
    python -m tests.faults.kill --times 200 --postgresql

Conversations that search, fill carts, buy and change orders are played over HTTP by several shoppers at once against a
real server process. At a moment drawn anew each time it is killed (SIGKILL), every second time just as it writes; what
it left is checked before anything else opens it; it is started again, and the shoppers send what was not answered once
more with the same id. When a round is over each conversation must have come to what it comes to in peace.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from sqlalchemy import func, make_url, select

from assistant.store import Event
from tests.faults import mother
from tests.faults.invariants import is_kept
from tests.faults.light_server import Options
from tests.faults.played import Line
from tests.faults.postgresql import postgresql_in
from tests.faults.rounds import Place, Round, differences, opened, place_in, plan, problems, stock_of
from tests.faults.shoppers import Log, Shoppers

SHOPPERS = 4  # at once
SCRIPTS = 12  # conversations of a round
FIRST_WINDOW_S = 0.25  # a kill comes at the latest so long after a message is under way; later, two turns' time
Written = Callable[[], int]
WRITE_S = 0.008  # a kill that waits for a write comes at the latest so long after its first byte


@dataclass
class Tally:
    """What was tried, and what was found."""

    kills: int = 0
    rounds: int = 0
    answers: int = 0
    kept: int = 0  # messages under way at a kill whose turn was kept; their answer came by sending them again
    not_kept: int = 0  # those of which nothing was kept
    cut_off: int = 0  # requests that ended without an answer
    refused: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    restart_s: list[float] = field(default_factory=list)


def play_round(place: Place, played: Round, seed: int, most: int, tally: Tally) -> None:
    """Play a round to its end, with at most so many kills."""
    draw, log = random.Random(seed), Log()
    options = place.options(place.fresh_shop(), seed=seed)
    with opened(options.url) as database:
        untouched = stock_of(database)
    pid = place.mother.start(options)
    shoppers = Shoppers(options.port, played.scripts, SHOPPERS, log)
    kills = 0
    with watching(options.url) as written:
        while shoppers.are_there and kills < most:
            if not log.under_way:
                time.sleep(0.001)
                continue
            _wait_for_the_moment(draw, log, written if kills % 2 else None)
            pid = _kill_once(place, options, pid, log, tally)
            kills += 1
    shoppers.leave()
    mother.kill(pid)
    tally.rounds += 1
    tally.answers += len(log.acknowledged)
    tally.cut_off += log.cut_off
    tally.refused.update(log.refused)
    tally.broken += problems(options.url, log.told(), place.orders)
    tally.broken += differences(options.url, played, untouched)


def _wait_for_the_moment(draw: random.Random, log: Log, written: Written | None) -> None:
    """Some time that a turn takes; with `written` then the next write, and a little more."""
    with log.lock:
        window_s = 2 * median(log.seconds) if log.seconds else FIRST_WINDOW_S
    time.sleep(draw.random() * window_s)
    if written is None:
        return
    before, deadline = written(), time.monotonic() + 4 * window_s
    while written() == before and time.monotonic() < deadline:
        time.sleep(0.0002)
    time.sleep(draw.random() * WRITE_S)


@contextmanager
def watching(url: str) -> Iterator[Written]:
    """What is another whenever something is written: SQLite's write-ahead log as it grows, or PostgreSQL's count of
    events, which grows at a commit."""
    if make_url(url).get_backend_name() == "sqlite":
        journal = Path(f"{make_url(url).database}-wal")
        yield lambda: journal.stat().st_mtime_ns if journal.exists() else 0
        return
    with opened(url) as database, database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as reader:
        yield lambda: reader.scalar(select(func.count()).select_from(Event)) or 0


def _kill_once(place: Place, options: Options, pid: int, log: Log, tally: Tally) -> int:
    """Kill the server, look at what it left, start it again: the new process."""
    mother.kill(pid)
    told = log.told()
    with log.lock:
        under_way = tuple(log.under_way)
    tally.kills += 1
    tally.broken += problems(options.url, told, place.orders)
    _tell_fates(options.url, under_way, tally)
    begun = time.perf_counter()
    pid = place.mother.start(options)
    tally.restart_s.append(round(time.perf_counter() - begun, 2))
    return pid


def _tell_fates(url: str, under_way: tuple[Line, ...], tally: Tally) -> None:
    with opened(url) as database, database.reading() as session:
        for line in under_way:
            if is_kept(session, line.sender, line.message_id):
                tally.kept += 1
            else:
                tally.not_kept += 1


def kill_often(place: Place, times: int, seed: int, scripts: int = SCRIPTS) -> Tally:
    """Rounds until the server was killed so many times, or something is broken."""
    tally = Tally()
    while tally.kills < times and not tally.broken:
        number = seed + tally.rounds
        play_round(place, plan(place, number, scripts), number, times - tally.kills, tally)
        print(f"round {tally.rounds}: {tally.kills} kills, {tally.answers} answers", file=sys.stderr)
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200, metavar="N", help="kills (200)")
    parser.add_argument("--seed", type=int, default=7, metavar="N", help="(7)")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own, in place of SQLite")
    options = parser.parse_args()
    begun = time.perf_counter()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(postgresql_in(folder)) if options.postgresql else None
        place = stack.enter_context(place_in(folder, server))
        tally = kill_often(place, options.times, options.seed)
    record = {"faults": "kill", "seed": options.seed, **asdict(tally), "seconds": round(time.perf_counter() - begun, 1)}
    record["restart_s"] = median(tally.restart_s)
    for line in tally.broken:
        print(line)
    print(json.dumps(record))
    sys.exit(bool(tally.broken))


if __name__ == "__main__":
    main()
