"""Tables and files of what was played."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median
from typing import Any

from assistant.testing.causes import CATEGORIES
from assistant.testing.simulated import Attempt
from assistant.testing.talk import transcript
from assistant.testing.watch import page
from assistant.testing.written import Played


def written_figures(played: Sequence[Played]) -> dict[str, Any]:
    return {
        "conversations": len(played),
        "passed": sum(not one.faults for one in played),
        "turns": sum(len(one.exchanges) for one in played),
        "seconds": round(sum(one.seconds for one in played), 1),
    }


def written_table(played: Sequence[Played]) -> str:
    """One line for each conversation, and every fault under it."""
    lines = []
    for one in played:
        mark = "differs" if one.faults else "as told"
        lines.append(f"{mark}  {len(one.exchanges):3} turns  {one.seconds:5.1f} s  {one.conversation.name}")
        lines += [f"    {fault}" for fault in one.faults]
    return "\n".join(lines)


def task_figures(attempts: Sequence[Attempt]) -> dict[str, Any]:
    turns = [len(one.lines) for one in attempts]
    causes = Counter(one.cause.category for one in attempts if one.cause)
    reached = sum(one.reached for one in attempts)
    return {
        "tasks": len(attempts),
        "reached": reached,
        "share": round(reached / len(attempts), 4) if attempts else None,
        "turns_median": median(turns) if turns else None,
        "turns_mean": round(mean(turns), 2) if turns else None,
        "causes": {category: causes[category] for category in CATEGORIES if causes[category]},
        "seconds": round(sum(one.seconds for one in attempts), 1),
    }


def task_table(attempts: Sequence[Attempt]) -> str:
    """Markdown: a row for each task."""
    rows = ["| task | reached | turns | cause | write | detail |", "|---|---|---|---|---|---|"]
    for one in attempts:
        cause = one.cause
        cells = (cause.category, cause.write or "", cause.detail) if cause else ("", "", "")
        reached = "yes" if one.reached else "no"
        rows.append(f"| {one.task.id} | {reached} | {len(one.lines)} | {' | '.join(map(_cell, cells))} |")
    return "\n".join(rows)


def write_conversations(played: Sequence[Played], out: Path) -> None:
    """conversations.json and conversations.md."""
    content = {**written_figures(played), "results": [one.to_json() for one in played]}
    told = [f"## {one.conversation.name}\n\n```\n{transcript(one.exchanges)}\n```" for one in played]
    _write(out, "conversations", content, [f"```\n{written_table(played)}\n```", *told])


def write_pages(played: Sequence[Played], out: Path) -> None:
    """A page for each conversation with its events and its SQL, named after it."""
    out.mkdir(parents=True, exist_ok=True)
    for one in played:
        name = one.conversation.name
        (out / f"{re.sub('[^a-z0-9]+', '_', name.lower())}.md").write_text(page(name, one.exchanges) + "\n", "utf-8")


def write_tasks(attempts: Sequence[Attempt], out: Path) -> None:
    """tasks.json and tasks.md: figures, a row for each task, every failure with its transcript."""
    figures = task_figures(attempts)
    content = {**figures, "results": [one.to_json() for one in attempts]}
    head = f"{figures['reached']} of {figures['tasks']} tasks end in the expected state."
    failed = [_failure(one) for one in attempts if one.cause]
    _write(out, "tasks", content, [head, task_table(attempts), *failed])


def _failure(attempt: Attempt) -> str:
    assert attempt.cause
    lines = "\n".join(f"- {one}" for one in attempt.differences[:8])
    told = transcript([line.exchange for line in attempt.lines])
    return (
        f"## Task {attempt.task.id}: {attempt.cause.category}\n\n{attempt.task.reason_for_call}\n\n"
        f"{attempt.cause.detail}\n\n{lines}\n\n```\n{told}\n```"
    )


def _write(out: Path, name: str, content: dict[str, Any], paragraphs: Sequence[str]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{name}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")
    (out / f"{name}.md").write_text("\n\n".join(paragraphs) + "\n", "utf-8")


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
