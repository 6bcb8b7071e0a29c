"""What to look for among conversations, from the fields of the desk's form or of an export's address."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

from assistant.review.queue import SAVED, Wanted
from assistant.web.desk_html import OUTCOMES


def wanted_of(text: str, where: Any, saved: str, intent: str, outcome: str, since: str, until: str) -> Wanted:
    return Wanted(
        text or "", where, saved if saved in SAVED else "all", intent or None, outcome if outcome in OUTCOMES else None,
        day_of(since), day_of(until),
    )  # fmt: skip


def day_of(text: str | None) -> date | None:
    """A day as the calendar gives it; None for none, and for what is no day."""
    with suppress(ValueError):
        return date.fromisoformat(text[:10]) if text else None
    return None
