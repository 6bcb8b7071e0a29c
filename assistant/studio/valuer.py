"""Work the examples' values out beside the server, and keep them until the examples change."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.studio.library import Entry
from assistant.studio.valuation import Valued, meanings_of, value_examples
from intents.example_index import ExampleIndex, embedded, examples_hash, likeness_of, rows_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Worth:
    value: float  # KNN-Shapley; below 0 the example misleads
    suspect: float  # 0..1, how suspect its label is


class Valuer:
    """Safe to use from many threads; one at a time works. What was found is kept in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._working = threading.Lock()
        self.done = 0.0  # share of the work under way, 0..1
        self.problem = ""

    @property
    def is_working(self) -> bool:
        return self._working.locked()

    def values(self, entries: Sequence[Entry]) -> Mapping[str, Worth] | None:
        """The worth of each example by its version, or None where these have not been valued yet."""
        path = self._path(entries)
        if not path.is_file():
            return None
        with np.load(path, allow_pickle=False) as saved:
            worths = map(Worth, map(float, saved["values"]), map(float, saved["suspects"]))
            return dict(zip(map(str, saved["versions"]), worths, strict=True))

    def start(self, entries: Sequence[Entry], base: ExampleIndex) -> None:
        """Begin, unless it is under way already."""
        if self._working.acquire(blocking=False):
            self.done, self.problem = 0.0, ""
            threading.Thread(target=self._work, args=(entries, base), daemon=True).start()

    def _work(self, entries: Sequence[Entry], base: ExampleIndex) -> None:
        try:
            found = value_entries(entries, base, self._hear)
            path = self._path(entries)
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{path.name}.{os.getpid()}.part")
            with part.open("wb") as file:
                versions = np.array([one.version for one in entries])
                np.savez(file, versions=versions, values=found.values, suspects=found.suspects)
            part.replace(path)
        except Exception as error:  # a thread has nobody above it: the page tells
            log.exception("The values of the examples could not be worked out.")
            self.problem = f"It could not be worked out ({type(error).__name__}); the server's log says why."
        finally:
            self._working.release()

    def _hear(self, share: float) -> None:
        self.done = share

    def _path(self, entries: Sequence[Entry]) -> Path:
        return self.folder / f"{examples_hash(one.example for one in entries)[:24]}.npz"


def value_entries(
    entries: Sequence[Entry], base: ExampleIndex, told: Callable[[float], object] = lambda share: None
) -> Valued:
    """The worth of each example among all, by the likeness that the example index goes by."""
    examples = [one.example for one in entries]
    messages = [(one.text, one.context) for one in examples]
    rows = rows_of(messages, embedded(messages, base.embed, base.vectors), base.centre, base.names)
    places = np.arange(len(examples))
    intents = sorted({command.intent for one in examples for command in one.commands})
    return value_examples(
        lambda part: likeness_of(rows.some(places[part]), rows),
        meanings_of(examples, intents),
        told=lambda done: told(done / len(examples)),
    )
