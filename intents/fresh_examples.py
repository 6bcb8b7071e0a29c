"""Examples that were saved since the adapter was trained: they count at once, before any training.

The example index (example_index.py) is one linear system over all examples, too large to solve anew at every save. A
`FreshIndex` is its block update: the new examples are fitted to what the index lacks at them, by that part of the
likeness which the examples around them do not explain (the Schur complement, as in Gaussian process updates: Rasmussen
and Williams 2006, A.3; "around" are the nearest, as in local approximations). So a new example changes the reading of
what is like it, and hardly that of what other examples settle. An example that was deleted or relabelled is taken out
of the index in the same way. It takes milliseconds for a few, a second for hundreds.

`steer` says where a message is read as an intent that is new to the index, and so to the model: the recogniser then has
the model read it as that intent and fill its slots. Of an intent that the model knows both decide, as ever: forced, new
examples broke more than they mended (docs/studio.md). A message that a trainer wrote word for word, in the same
context, is read as the trainer says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from intents.commands import Command
from intents.context import Context
from intents.example_index import (
    RIDGE,
    ExampleIndex,
    Message,
    Rows,
    embedded,
    likeness_of,
    rows_of,
    shares_of,
    softmax,
)
from intents.examples import Example
from intents.fusion import Steer
from intents.head import pooled
from intents.vector_files import Vectors

AROUND = 48  # examples of the index that are weighed with each new one
MOST_AROUND = 2000  # with all of them; 4 million numbers
MOST_FRESH = 500  # more want a training, and an index of their own
# with 10 examples of each of 10 new intents, 80 % of their messages pass these two, and 1 of 794 old ones, rightly
FORCED_ABOVE = 0.3  # probability with the new examples
FORCED_BY = 0.15  # how much of it they brought
SAME = 0.75  # likeness to an example of the same words and the same question: marks, screen and reply may differ a bit


@dataclass(frozen=True)
class Near:
    """An example that a message is like; 1 is the same message in the same context."""

    text: str
    context: Context  # as the index keeps it: of the names on screen, that there are some
    likeness: float
    is_fresh: bool  # saved since the training


@dataclass(frozen=True)
class FreshIndex:
    """An example index with what was saved since. Safe to use from many threads if the embedding is."""

    base: ExampleIndex
    examples: tuple[Example, ...]  # saved since
    intents: tuple[str, ...]  # the base's, then new ones
    rows: Rows  # of the new examples
    base_votes: np.ndarray  # float32 (base examples, intents)
    around: np.ndarray  # int (a,): which of the base's examples
    through: np.ndarray  # float32 (a, fresh): how the new examples' likeness goes through those around
    votes: np.ndarray  # float32 (fresh, intents)
    gone: frozenset[int]  # which of the base's examples are no more
    vectors: Vectors  # of the new examples' messages and replies

    @classmethod
    def fit(
        cls,
        base: ExampleIndex,
        examples: Sequence[Example],
        intents: Collection[str] = (),
        gone: Sequence[int] = (),
        known: Vectors = MappingProxyType({}),
    ) -> FreshIndex:
        """`examples` on top of `base`, without its examples number `gone`; `intents` may be more than the base's.
        What is `known` is not embedded again.

        Raises BadIndex for an example of an unknown intent.
        """
        names = (*base.intents, *(name for name in intents if name not in base.intents))
        targets = shares_of(examples, names)
        messages = [(one.text, one.context) for one in examples]
        vectors = embedded(messages, base.embed, known, base.vectors)
        rows = rows_of(messages, vectors, base.centre, base.names)
        base_votes = np.pad(base.votes, ((0, 0), (0, len(names) - len(base.intents))))
        between = likeness_of(rows, base.rows)
        around = _around(np.concatenate([between, likeness_of(base.rows.some(np.array(gone, int)), base.rows)]))
        if gone:
            around = _without(base, base_votes, np.union1d(around, gone), np.array(gone))
        if not examples:
            none = np.zeros((len(around), 0), np.float32)
            return cls(base, (), names, rows, base_votes, around, none, targets, frozenset(gone), {})
        through = cho_solve(_system(base, around), between[:, around].T)
        own = likeness_of(rows, rows) - between[:, around] @ through
        own[np.diag_indices(len(examples))] += RIDGE
        votes = np.linalg.solve(own, targets - between @ base_votes)
        votes = votes.astype(np.float32)
        return cls(base, tuple(examples), names, rows, base_votes, around, through, votes, frozenset(gone), vectors)

    def scores(self, messages: Sequence[Message]) -> np.ndarray:
        """The probability of each intent, float32 (n, intents)."""
        return self._weighed(messages)[0]

    def steer(self, messages: Sequence[Message]) -> tuple[np.ndarray, list[Steer | None]]:
        """The scores, and of each message where the new examples lead it."""
        after, gains, like = self._weighed(messages)
        steers: list[Steer | None] = []
        for place, message in enumerate(messages):
            best = int(after[place].argmax())
            said = self._said_before(message, like[place])
            is_new = self.intents[best] not in self.base.intents
            forced = is_new and after[place, best] >= FORCED_ABOVE and gains[place, best] >= FORCED_BY
            steers.append(Steer(self.intents[best], said) if said or forced else None)
        return after, steers

    def nearest(self, message: Message, most: int) -> list[Near]:
        """The examples that a message in its context is most like, new and old."""
        rows = self._rows([message])
        new, old = likeness_of(rows, self.rows)[0], likeness_of(rows, self.base.rows)[0]
        fresh = [(self.examples[at], new[at]) for at in np.argsort(-new)[:most]]
        found = [Near(one.text, one.context, float(like), True) for one, like in fresh]
        known = [(*self.base.examples[at], old[at]) for at in np.argsort(-old)[:most] if at not in self.gone]
        found += [Near(text, context, float(like), False) for text, context, like in known]
        return sorted(found, key=lambda near: -near.likeness)[:most]

    def _rows(self, messages: Sequence[Message]) -> Rows:
        base = self.base
        return rows_of(messages, embedded(messages, base.embed, base.vectors), base.centre, base.names)

    def _weighed(self, messages: Sequence[Message]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The probabilities, what of them the new examples brought, (n, intents) each, and the likenesses to them.

        Where one that the head was not taught leads, the head is not asked."""
        if not messages:
            none = np.zeros((0, len(self.intents)), np.float32)
            return none, none, np.zeros((0, len(self.examples)), np.float32)
        rows = self._rows(messages)
        to_base = likeness_of(rows, self.base.rows)
        before = to_base @ self.base_votes
        like = likeness_of(rows, self.rows)
        after = before + (like - to_base[:, self.around] @ self.through) @ self.votes
        chances = softmax(self.base.sharpness * after)
        gains = chances - softmax(self.base.sharpness * before)
        head = self.base.head
        if head is None:
            return chances, gains, like
        joined = pooled(chances, self.intents, head, head.logprobs(messages))
        if not self.examples:
            return joined, gains, like
        led = np.take_along_axis(gains, chances.argmax(axis=1)[:, None], axis=1) >= FORCED_BY
        led &= self._untaught[like.argmax(axis=1), None]
        return np.where(led, chances, joined), gains, like

    @cached_property
    def _untaught(self) -> np.ndarray:
        """Which of the new examples the head was not taught, bool (fresh,)."""
        head = self.base.head
        return np.array([head is None or not head.knows(one) for one in self.examples], bool)

    def _said_before(self, message: Message, like: np.ndarray) -> tuple[Command, ...] | None:
        """The commands of a new example of the same words to the same question; of several, the likest one's."""
        words = _words(message[0])
        same = [at for at in np.flatnonzero(like >= SAME) if self._is_same(self.examples[at], words, message[1])]
        return self.examples[max(same, key=lambda at: like[at])].commands if same else None

    def _is_same(self, example: Example, words: str, context: Context) -> bool:
        asked = (example.context.task, example.context.asked) == (context.task, context.asked)
        return asked and _words(example.text) == words


def _words(text: str) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in text.casefold()).split())


def _around(between: np.ndarray) -> np.ndarray:
    """Which examples are among the nearest of any row."""
    if not len(between):
        return np.zeros(0, int)
    each = max(1, min(AROUND, MOST_AROUND // len(between), between.shape[1] - 1))
    return np.unique(np.argpartition(-between, each, axis=1)[:, :each])


def _system(base: ExampleIndex, places: np.ndarray) -> tuple[np.ndarray, bool]:
    """The part of the index's own system that these examples make, factored."""
    some = base.rows.some(places)
    matrix = likeness_of(some, some)
    matrix[np.diag_indices(len(places))] += RIDGE
    return cho_factor(matrix, lower=True, check_finite=False)


def _without(base: ExampleIndex, votes: np.ndarray, around: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """Take examples out of the votes, in place, and give those around without them.

    The votes of the others change by what those gone had passed through them: the inverse of the smaller system.
    """
    at = np.searchsorted(around, gone)
    unit = np.zeros((len(around), len(gone)), np.float32)
    unit[at, np.arange(len(gone))] = 1
    inverse = cho_solve(_system(base, around), unit)
    votes[around] -= inverse @ np.linalg.solve(inverse[at], votes[gone])
    votes[gone] = 0
    return np.setdiff1d(around, gone)
