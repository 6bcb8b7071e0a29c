"""Kill a server at random moments while shoppers talk to it, and look what is left.

    python -m tests.faults.kill --times 200 --seed 7
    python -m tests.faults.kill --times 200 --postgresql

Conversations that search, fill carts, buy and change orders are played over HTTP by several shoppers at once against a
real server process. It is killed (SIGKILL) at a moment drawn anew each time, every second time at a drawn step of its
writing to the database; what it left is checked before anything else opens it; it is started again, and the shoppers
send what was not answered once more with the same id. When a round is over each conversation must have come to what it
comes to in peace.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median

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
STEPS = 40  # of the database's work, of which one is drawn; a turn that changes an order has some 20
LONGEST_S = 20.0  # at most for these


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
    kills, by_itself = 0, False
    while shoppers.are_there and kills < most:
        if not log.under_way:
            time.sleep(0.001)
            continue
        window_s = 2 * median(log.seconds) if log.seconds else FIRST_WINDOW_S
        _wait_for_the_end(pid, shoppers, LONGEST_S if by_itself else draw.random() * window_s)
        if not shoppers.are_there:
            break
        mother.kill(pid)
        kills, by_itself = kills + 1, not by_itself
        dies_at = draw.randint(1, STEPS) if by_itself and kills < most else None
        pid = _look_and_restart(place, replace(options, dies_at=dies_at), log, tally)
    shoppers.leave()
    mother.kill(pid)
    tally.rounds += 1
    tally.answers += len(log.acknowledged)
    tally.cut_off += log.cut_off
    tally.refused.update(log.refused)
    tally.broken += problems(options.url, log.told(), place.orders)
    tally.broken += differences(options.url, played, untouched)


def _wait_for_the_end(pid: int, shoppers: Shoppers, within_s: float) -> None:
    """Until the time is over, the server has killed itself, or nobody is there any more."""
    until = time.monotonic() + within_s
    while time.monotonic() < until and mother.is_alive(pid) and shoppers.are_there:
        time.sleep(0.001)


def _look_and_restart(place: Place, options: Options, log: Log, tally: Tally) -> int:
    """Look at what the dead server left, and start it again: the new process."""
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
