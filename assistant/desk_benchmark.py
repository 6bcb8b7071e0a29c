"""How quick the desk is: filters, searches, pages, one transcript and the figures, among made-up conversations.

aisle bench desk --conversations 10000

They are written to a temporary SQLite file, or to the database at --database-url, which must hold no conversations yet.
Each request runs in a transaction of its own, the first round warms up; the bar is one second.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from tqdm import tqdm

from assistant.benchmarks import hardware
from assistant.desk_talk import fill_conversations
from assistant.review.figures import Span, read_figures, unanswered
from assistant.review.queue import PAGE_ROWS, SAVED, Wanted, find, intents_seen
from assistant.review.transcript import read_transcript
from assistant.settings import Settings
from assistant.shop.builder import build_demo_shop
from assistant.staff.access import Staff
from assistant.staff.people import add
from assistant.store import Conversation, ConversationFacts, Database, StaffUser, now
from assistant.training import commit

SEED = 7
MOST_UNANSWERED = 300  # as the page reads
ROUNDS = 5  # after the first, which warms up
NAME = "bench"
SEARCHES = {  # words said hardly ever, often, and in nearly every conversation
    "search: a rare word": Wanted(text="kettle"),
    "search: two words": Wanted(text="return shoes"),
    "search: a word in most": Wanted(text="you"),
    "search: nothing found": Wanted(text="xylophone qwertz"),
    "search: a shopper's name": Wanted(text="lindqvist", where="shopper"),
    "search: an order": Wanted(text="W4821093", where="order"),
    "search: a product's name": Wanted(text="boot", where="product"),
}
Request = Callable[[Session, Staff], Any]


class NotEmpty(ValueError):
    """The database holds conversations already."""


@dataclass(frozen=True)
class Row:
    request: str
    found: int
    median_ms: float
    slowest_ms: float


def bench_desk(settings: Settings, count: int, url: str | None, out: Path | None) -> None:
    """Print a table and a last line of JSON, which `out` gets too. Raises NotEmpty."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(url or f"sqlite:///{folder}/desk.db")
        turns, staff, fill_s = build(database, count)
        rows = [measured(database, staff, name, request) for name, request in requests().items()]
        database.close()
    record: dict[str, Any] = {
        "bench": "desk",
        "database": database.engine.dialect.name,
        "conversations": count,
        "turns": turns,
        "fill_s": round(fill_s, 1),
        "slowest_ms": max(row.slowest_ms for row in rows),
        "rows": [row.__dict__ for row in rows],
        "rounds": ROUNDS,
        "seed": SEED,
        "device": hardware(settings.threads),
        "seconds": round(time.perf_counter() - started, 1),
        "commit": commit(),
    }
    print(table(rows))
    print(json.dumps(record))
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def build(database: Database, count: int) -> tuple[int, Staff, float]:
    """A demo shop, a member of staff and the conversations. Gives the turns, the person and the seconds it took."""
    database.upgrade()
    with database.reading() as session:
        if session.scalar(select(func.count()).select_from(Conversation)):
            raise NotEmpty(f"{database.safe_url} holds conversations already; give --database-url an empty database.")
    build_demo_shop(database, datetime.now(UTC).date())
    with database.session() as session:
        there = session.scalar(select(StaffUser).where(StaffUser.name == NAME))
        user = there or add(session, NAME, "admin", "measured and thrown away")
        staff = Staff(user.id, user.name, user.role)
    started = time.perf_counter()
    with tqdm(total=count, desc="writing conversations", file=sys.stderr) as bar:
        turns = fill_conversations(database, count, SEED, bar.update)
    return turns, staff, time.perf_counter() - started


def requests() -> Mapping[str, Request]:
    """What is asked of the desk, by name."""
    last_month = (now() - timedelta(days=30)).date()
    queues = {f"filter: {title}": Wanted(saved=name) for name, (title, _) in SAVED.items()}
    more = {
        "intent and outcome": Wanted(intent="track_order", outcome="handed_over"),
        "last 30 days, thumbs down": Wanted(saved="thumbs_down", since=last_month),
    }
    asked: dict[str, Request] = {name: _queue(wanted) for name, wanted in {**queues, **more, **SEARCHES}.items()}
    asked["the last page"] = _last_page
    asked |= {f"figures: last {days} days": _figures(days) for days in (7, 30, 90)}
    asked["unanswered messages"] = _unanswered
    asked["the list of intents"] = lambda session, staff: len(intents_seen(session))
    asked["the longest transcript"] = _longest
    return asked


def measured(database: Database, staff: Staff, name: str, request: Request) -> Row:
    taken = []
    for number in range(ROUNDS + 1):
        started = time.perf_counter()
        with database.session() as session:
            found = request(session, staff)
        if number:
            taken.append((time.perf_counter() - started) * 1000)
    return Row(name, found, round(median(taken), 1), round(max(taken), 1))


def table(rows: list[Row]) -> str:
    """Markdown."""
    lines = ["| request | found | median, ms | slowest, ms |", "|---|---|---|---|"]
    lines += [f"| {row.request} | {row.found:,} | {row.median_ms:.1f} | {row.slowest_ms:.1f} |" for row in rows]
    return "\n".join(lines)


def _queue(wanted: Wanted) -> Request:
    return lambda session, staff: find(session, staff, wanted).total


def _figures(days: int) -> Request:
    return lambda session, staff: read_figures(session, staff, Span.last(days)).whole.messages


def _unanswered(session: Session, staff: Staff) -> int:
    return len(unanswered(session, staff, Span.last(90), MOST_UNANSWERED))


def _last_page(session: Session, staff: Staff) -> int:
    total = find(session, staff, Wanted()).total
    return len(find(session, staff, Wanted(), (total - 1) // PAGE_ROWS).rows)


def _longest(session: Session, staff: Staff) -> int:
    longest = select(ConversationFacts.conversation_id).order_by(ConversationFacts.turns.desc()).limit(1)
    return len(read_transcript(session, staff, session.scalars(longest).one()).turns)
