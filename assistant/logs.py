"""Log lines for people or, as JSON, for machines; each names its conversation and turn, and none holds personal data.

    with about(conversation="web-1"):
        log.info("answered")     ->  INFO assistant.turns: answered [conversation=web-1]

The conversation travels by ContextVar, so whatever is logged under a turn says so. Every line is masked as it is
written, tracebacks too: an exception may quote what a shopper typed.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from assistant.masking import mask
from assistant.settings import LogForm

_subject: ContextVar[dict[str, Any]] = ContextVar("log_subject", default={})  # noqa: B039 - replaced, never changed


@contextmanager
def about(**subject: Any) -> Iterator[None]:
    """What is logged inside is about this: `conversation` and `turn`. Added to what it is about already."""
    token = _subject.set({**_subject.get(), **subject})
    try:
        yield
    finally:
        _subject.reset(token)


def set_up_logging(form: LogForm, level: int = logging.INFO) -> None:
    """All loggers to stderr in this form, in place of what was set up before."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Alembic tells of each look at the version, and readiness looks every few seconds: its steps alone are news.
    logging.getLogger("alembic.runtime.migration").addFilter(lambda record: record.getMessage().startswith("Running"))


class TextLines(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        first, newline, rest = super().format(record).partition("\n")
        told = " ".join(f"{name}={value}" for name, value in _subject.get().items())
        return mask(f"{first} [{told}]{newline}{rest}" if told else first + newline + rest)


class JsonLines(logging.Formatter):
    """An object a line: at, level, logger, message, where there are any conversation and turn, error (a traceback)."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": mask(record.getMessage()),
            **{name: mask(value) if isinstance(value, str) else value for name, value in _subject.get().items()},
        }
        if record.exc_info:
            line["error"] = mask(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
