"""The example index that the running server asks, kept up to the example files.

At the start it is the index of what the adapter was taught, from the cache or fitted once. What was saved since lies on
top of it as a `FreshIndex`, made anew whenever a file changes: at once after a save of this server, within seconds
after one of another process or of an editor. Nobody waits for it but the trainer who saves.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path

from assistant.studio.library import Library, Stamp
from finetune.taught import example_hash
from intents.context import Context
from intents.example_index import BadIndex, ExampleIndex
from intents.examples import Example
from intents.fresh_examples import MOST_FRESH, FreshIndex
from intents.vector_files import Vectors, read_vectors, write_vectors

log = logging.getLogger(__name__)

LOOKS_EVERY_S = 2.0  # at the files' dates: 60 of them take a third of a millisecond
Keep = Callable[[Stamp, FreshIndex], None]
Key = tuple[object, ...]  # what of an example's place in the index tells it from others


class LiveExamples:
    """Call it for the index as it is now. Safe to use from many threads.

    `taught` are the hashes of what the adapter was taught; None counts all that is there now as taught. The vectors of
    what lies on top are kept at `kept` for the next start. Where `opened` gives an index on top of `base` as the files
    with that stamp make it, they need not be read until they change; `keep` is given each index for that.
    """

    def __init__(
        self,
        library: Library,
        base: ExampleIndex,
        taught: Collection[int] | None,
        kept: Path | None = None,
        opened: tuple[Stamp, FreshIndex] | None = None,
        keep: Keep | None = None,
    ) -> None:
        self.library = library
        self.base = base
        self._kept = kept
        self._keep_index = keep
        self._vectors = read_vectors(kept, base.embed) if kept and not opened else {}
        self._known = _places(base)
        self._taught = taught if taught is not None else {example_hash(one) for one in library.examples()}
        self._refreshing = threading.Lock()
        self._looked = 0.0
        self._stamp: Stamp | None = None
        if opened:
            self._stamp, self._index = opened
            self._vectors = self._index.vectors
        else:
            self._index = self._weighed_anew() or FreshIndex.fit(base, (), library.catalogue.intents)

    def __call__(self) -> FreshIndex:
        self._look()
        return self._index

    @property
    def fresh(self) -> tuple[Example, ...]:
        """What lies on top of the index: saved since the training, or of an intent that is hardly known yet."""
        return self._index.examples

    def is_fresh(self, example: Example) -> bool:
        """Whether the adapter was not taught it yet."""
        return example_hash(example) not in self._taught

    def _lies_on_top(self, example: Example) -> bool:
        """Whether the index was not fitted to it: it is fresh, or of an intent that the adapter hardly knows yet."""
        return self.is_fresh(example) or _key(example.text, example.context) not in self._known

    def refresh(self) -> None:
        """Read the files as they are now, and weigh what is new."""
        with self._refreshing:
            self._index = self._weighed_anew() or self._index

    def _weighed_anew(self) -> FreshIndex | None:
        """Of the files as they are now; None, and a line in the log, where they cannot be read."""
        self._stamp = self.library.stamp()
        examples = self.library.examples()
        if self.library.problems():
            log.warning("Examples as they were are in use: %s", self.library.problems()[0])
            return None
        new = [one for one in examples if self._lies_on_top(one)]
        if len(new) > MOST_FRESH:
            log.warning("%d examples lie on top of the index; the last %d count. Train again.", len(new), MOST_FRESH)
        there = {_key(one.text, one.context) for one in examples}
        replaced = {_key(one.text, one.context) for one in new}
        gone = [at for key, places in self._known.items() if key not in there or key in replaced for at in places]
        try:
            names = self.library.catalogue.intents
            index = FreshIndex.fit(self.base, new[-MOST_FRESH:], names, gone, self._vectors)
        except BadIndex as error:
            log.warning("Examples as they were are in use: %s", error)
            return None
        self._keep(index.vectors)
        if self._keep_index:
            self._keep_index(self._stamp, index)
        return index

    def _keep(self, vectors: Vectors) -> None:
        """Those in use, and no others: a text that was taken out of the examples stays nowhere."""
        changed = vectors.keys() != self._vectors.keys()
        self._vectors = vectors
        if self._kept and changed:
            try:
                write_vectors(self._kept, vectors)
            except OSError as error:
                log.warning("What was embedded cannot be kept for the next start: %s", error)

    def _look(self) -> None:
        """See now and then whether a file has changed, and read it beside what goes on."""
        moment = time.monotonic()
        if moment - self._looked < LOOKS_EVERY_S:
            return
        self._looked = moment
        if self.library.stamp() != self._stamp and not self._refreshing.locked():
            threading.Thread(target=self.refresh, daemon=True).start()


def _places(base: ExampleIndex) -> dict[Key, list[int]]:
    found: dict[Key, list[int]] = {}
    for at, (text, context) in enumerate(base.examples):
        found.setdefault(_key(text, context), []).append(at)
    return found


def _key(text: str, context: Context) -> Key:
    """As the index keeps it: of the names on screen, only that there are some."""
    return (text, context.bot, context.task, context.asked, bool(context.shown))
