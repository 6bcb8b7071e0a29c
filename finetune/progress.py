"""How a training goes on, as JSON lines in a file: for a page that watches, and for the log afterwards.

{"at": 1795900000.1, "step": 12, "steps": 80, "epoch": 1, "loss": 0.31, "tokens_per_s": 440.2, "seconds_left": 210}"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any


class ProgressFile:
    """Appends; each line is out, whole, when `tell` returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")

    def tell(self, **facts: Any) -> None:
        self._file.write(json.dumps({"at": round(time.time(), 1), **facts}) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()
