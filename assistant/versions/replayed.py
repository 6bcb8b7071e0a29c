"""What a replay found, kept beside its version: replay.json, and replay.md for people.

Every text in it is masked, and all the same it goes with its conversation: `forget_erased` takes out what is no longer
in the database, once a conversation has expired or its shopper was erased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from assistant.store import Conversation, Database
from assistant.versions.files import read_json, write_json, write_whole
from assistant.versions.pages import line
from assistant.versions.registry import Registry, Version

REPLAY, PAGE = "replay.json", "replay.md"


@dataclass(frozen=True)
class Changed:
    """A turn that would go otherwise. Every text is masked."""

    conversation: str
    turn: int
    said: str
    after: str  # the assistant's last words before it
    was: str  # commands
    now: str
    was_sure: float
    now_sure: float
    did: tuple[str, ...]  # actions and responses that the recorded reading leads to
    would: tuple[str, ...]


def keep(adapter: Path, record: Mapping[str, Any], found: Sequence[Changed]) -> Path:
    """Write both files into a version's folder, and give the page. `record`: version, live, days, messages, at."""
    write_json(adapter / REPLAY, {**record, "changes": [asdict(one) for one in found]})
    write_whole(adapter / PAGE, markdown(record, found))
    return adapter / PAGE


def read_replay(version: Version) -> dict[str, Any] | None:
    """What was found; None where no replay was made."""
    found = read_json(version.adapter / REPLAY) if version.adapter else None
    return dict(found) if found else None


def forget_erased(registry: Registry, database: Database) -> int:
    """Take the turns of conversations that are no longer in the database out of every replay. Returns how many."""
    forgotten = 0
    for version in registry.versions():
        record = read_replay(version)
        if record is None or version.adapter is None:
            continue
        found = [Changed(**one) for one in record.pop("changes")]
        named = {one.conversation for one in found}
        with database.reading() as session:
            there = set(session.scalars(select(Conversation.id).where(Conversation.id.in_(named))))
        if named - there:
            left = [one for one in found if one.conversation in there]
            keep(version.adapter, record, left)
            forgotten += len(found) - len(left)
    return forgotten


def markdown(record: Mapping[str, Any], found: Sequence[Changed]) -> str:
    head = (
        f"# {record['version']} on {record['messages']} real messages of the last {record['days']} days\n\n"
        f"{len(found)} turns would go otherwise than they did."
    )
    return "\n\n".join([head, *map(_changed_markdown, found)]) + "\n"


def _changed_markdown(one: Changed) -> str:
    after = f"- after: {line(one.after)}\n" if one.after else ""
    return (
        f"## {line(one.conversation)}, turn {one.turn}: {line(one.said)}\n\n{after}"
        f"- was: `{line(one.was)}` ({one.was_sure:.2f}), which now leads to {', '.join(one.did) or 'nothing'}\n"
        f"- would be: `{line(one.now)}` ({one.now_sure:.2f}), which leads to {', '.join(one.would) or 'nothing'}"
    )
