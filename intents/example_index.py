"""The example index: which intents a message may have, judged by the training examples that are like it.

A second opinion beside the generative model. Every example votes, as kernel ridge regression weighs it, by how alike
the messages are times how alike their contexts are: "yes" to a question and "yes" out of the blue are different things.
The fit is one linear system, so it takes seconds, and what each example would get if it were left out follows from the
same solution (Rasmussen and Williams, Gaussian Processes, 5.4.2): that is what the probabilities are calibrated on.

Where the adapter has an encoder that was taught the intents (head.py), the scores are the mean of both.

`ExampleIndex.fit` makes one, `scores` asks it, `save` and `load` keep it. The embedding is passed in.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from intents.context import Context
from intents.examples import Example
from intents.head import Head, Message, pooled
from intents.vector_files import Embed, Stacked, Vectors, is_of, write_whole

RIDGE = 0.03  # 0.01 to 0.1 gave the same accuracy on examples set apart
LEFT_OUT = 500  # examples that the probabilities are calibrated on; all would double the time
SHARPNESS = np.geomspace(1, 50, 80)  # tried for the softmax over the votes
BLOCK = 64  # rows of likenesses at once, so that what is made on the way stays in the processor's cache


class BadIndex(ValueError):
    """There can be no index of these examples, or a saved one does not fit; the message says how to mend it."""


@dataclass(frozen=True)
class Rows:
    """Messages in their contexts, as numbers."""

    messages: np.ndarray  # float32 (n, d), centred, of length 1
    places: np.ndarray  # int16 (n, 3): the task, the slot asked, whether things are shown; -1 is like no other
    bots: np.ndarray  # float32 (u, d): the replies that stand before them; the first is no reply, all 0
    bot_of: np.ndarray  # int64 (n,): which of them

    def some(self, places: np.ndarray) -> Rows:
        """Only those at `places`."""
        return Rows(self.messages[places], self.places[places], self.bots, self.bot_of[places])


@dataclass(frozen=True)
class ExampleIndex:
    """A fitted index. Safe to use from many threads if `embed` is."""

    intents: tuple[str, ...]  # the catalogue's; the columns of `scores`
    data_hash: str  # `examples_hash` of what it was fitted on
    embed: Embed
    vectors: Vectors  # of every message and reply
    centre: np.ndarray  # float32 (d,), the examples' mean
    names: tuple[str, ...]  # tasks and slots, as `Rows.places` counts them
    examples: tuple[Message, ...]
    votes: np.ndarray  # float32 (examples, intents)
    sharpness: float
    rows: Rows
    head: Head | None = None  # a taught encoder's opinion, which goes into the scores

    @classmethod
    def fit(
        cls,
        examples: Sequence[Example],
        intents: Iterable[str],
        embed: Embed,
        earlier: ExampleIndex | None = None,
        head: Head | None = None,
    ) -> ExampleIndex:
        """Fit an index to examples of all `intents`. What an `earlier` one has embedded is not embedded again.

        The system of n examples takes 4 n² bytes and some n³ / 3 steps. Raises BadIndex.
        """
        intents = tuple(intents)
        targets = _targets(examples, intents)
        messages = tuple((example.text, example.context) for example in examples)
        vectors = embedded(messages, embed, earlier.vectors if earlier else {})
        centre: np.ndarray = np.array([vectors[text] for text, _ in messages]).mean(axis=0, dtype=np.float32)
        names = tuple(sorted({name for _, context in messages for name in (context.task, context.asked) if name}))
        rows = rows_of(messages, vectors, centre, names)
        votes, sharpness = _solve(likeness_of(rows, rows), targets)
        found = examples_hash(examples)
        return cls(intents, found, embed, vectors, centre, names, messages, votes, sharpness, rows, head)

    def scores(self, messages: Sequence[Message]) -> np.ndarray:
        """The probability of each intent, float32 (n, intents). A row sums to 1; several intents share it."""
        if not messages:
            return np.zeros((0, len(self.intents)), np.float32)
        rows = rows_of(messages, embedded(messages, self.embed, self.vectors), self.centre, self.names)
        chances = softmax(self.sharpness * (likeness_of(rows, self.rows) @ self.votes))
        return pooled(chances, self.intents, self.head, self.head.logprobs(messages) if self.head else None)

    def save(self, path: Path) -> None:
        """Write the index to an .npz file, whole or not at all, and its vectors beside it."""
        about = {
            "intents": self.intents, "data_hash": self.data_hash, "names": self.names, "sharpness": self.sharpness,
            "texts": list(self.vectors), "examples": [_as_list(message) for message in self.examples],
        }  # fmt: skip
        vectors = np.array(list(self.vectors.values()))
        write_whole(_vectors_beside(path), lambda file: np.save(file, vectors))
        said = np.array(json.dumps(about))
        write_whole(path, lambda file: np.savez(file, about=said, centre=self.centre, votes=self.votes))

    @classmethod
    def load(cls, path: Path, intents: Iterable[str] | None, embed: Embed, head: Head | None = None) -> ExampleIndex:
        """Read a saved index for a catalogue of `intents`, or of whichever it was fitted for. Raises BadIndex.

        Its vectors stay in their file: of 20,000 examples they would take 61 MB, and few are asked for again."""
        try:
            with np.load(path, allow_pickle=False) as saved:
                about, centre, votes = (saved[name] for name in ("about", "centre", "votes"))
            about = json.loads(str(about))
            mapped = np.asarray(np.load(_vectors_beside(path), mmap_mode="r"))  # plain rows: a memmap's are heavy
            by_text = Stacked(about["texts"], mapped)
            messages = tuple(_as_message(saved) for saved in about["examples"])
            rows = _read_rows(path, messages, about["texts"], centre, tuple(about["names"]))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise BadIndex(f"Cannot read the example index {path} ({error}); fit it again.") from error
        if intents is not None:
            _check_intents(path, tuple(about["intents"]), tuple(intents))
        if not is_of(embed, about["texts"][0], by_text[about["texts"][0]]):
            raise BadIndex(f"The example index {path} was fitted with other embeddings; fit it again.")
        return cls(
            tuple(about["intents"]), about["data_hash"], embed, by_text, centre, tuple(about["names"]), messages, votes,
            about["sharpness"], rows, head,
        )  # fmt: skip


def _vectors_beside(path: Path) -> Path:
    return path.with_suffix(".vectors.npy")


def _read_rows(
    path: Path, messages: Sequence[Message], texts: Sequence[str], centre: np.ndarray, names: tuple[str, ...]
) -> Rows:
    """From vectors that are read once and given back: through the map all its pages would stay."""
    return rows_of(messages, Stacked(texts, np.load(_vectors_beside(path))), centre, names)


def examples_hash(examples: Iterable[Example]) -> str:
    """SHA-256 of all that an index takes from examples, whatever their order: another hash asks for another fit."""
    lines = sorted(json.dumps([*_as_list((one.text, one.context)), _intents_of(one)]) for one in examples)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _intents_of(example: Example) -> list[str]:
    """Each intent once, in the order said."""
    return list(dict.fromkeys(command.intent for command in example.commands))


def _as_list(message: Message) -> list[object]:
    """What of a message counts, as JSON: of the names on screen, only that there are some."""
    text, context = message
    return [text, context.bot, context.task, context.asked, bool(context.shown)]


def _as_message(saved: list) -> Message:
    text, bot, task, asked, shown = saved
    return text, Context(bot, task, asked, ("something",) if shown else ())


def shares_of(examples: Sequence[Example], intents: tuple[str, ...]) -> np.ndarray:
    """Each example's intents, float32 (n, intents); several share its one vote. Raises BadIndex."""
    column = {intent: number for number, intent in enumerate(intents)}
    targets = np.zeros((len(examples), len(intents)), np.float32)
    for row, example in enumerate(examples):
        meant = _intents_of(example)
        unknown = [intent for intent in meant if intent not in column]
        if unknown:
            raise BadIndex(f"{example.source}: {example.text!r} means `{unknown[0]}`, which the catalogue has not.")
        targets[row, [column[intent] for intent in meant]] = 1 / len(meant)
    return targets


def _targets(examples: Sequence[Example], intents: tuple[str, ...]) -> np.ndarray:
    """The same, where every intent has an example. Raises BadIndex."""
    targets = shares_of(examples, intents)
    empty = [intent for number, intent in enumerate(intents) if not targets[:, number].any()]
    if empty:
        raise BadIndex(f"No example means {', '.join(empty)}: write some, or take it out of the catalogue.")
    return targets


def embedded(messages: Iterable[Message], embed: Embed, *known: Vectors) -> Vectors:
    """The vector of every message and reply, float16, so that a saved index gives the very scores of the fitted one."""
    texts = {text: None for message, context in messages for text in (message, context.bot) if text is not None}
    new = [text for text in texts if not any(text in vectors for vectors in known)]
    kept = (dict(zip(new, embed(new).astype(np.float16), strict=True)) if new else {}, *known)
    return {text: next(vectors[text] for vectors in kept if text in vectors) for text in texts}


def rows_of(messages: Sequence[Message], vectors: Vectors, centre: np.ndarray, names: tuple[str, ...]) -> Rows:
    number_of: dict[str | None, int] = {None: 0, **{name: place for place, name in enumerate(names, start=1)}}
    bots = {bot: place for place, bot in enumerate({context.bot: None for _, context in messages if context.bot}, 1)}
    replies = [np.zeros_like(centre), *_centred(_rows(list(bots), vectors), centre)]
    places = [
        (number_of.get(context.task, -1), number_of.get(context.asked, -1), bool(context.shown))
        for _, context in messages
    ]
    return Rows(
        messages=_centred(_rows([text for text, _ in messages], vectors), centre),
        places=np.array(places, np.int16).reshape(-1, 3),
        bots=np.array(replies),
        bot_of=np.array([bots.get(context.bot or "", 0) for _, context in messages], np.int64),
    )


def _rows(texts: Sequence[str], vectors: Vectors) -> np.ndarray:
    return vectors.rows(texts) if isinstance(vectors, Stacked) else np.array([vectors[text] for text in texts])


def _centred(vectors: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Less the mean, which all texts share and which says nothing; of length 1 again. float32 (n, d), in place where it
    was that already."""
    moved = vectors.astype(np.float32, copy=False).reshape(-1, len(centre))
    moved -= centre  # in place, here and below: of 18,000 examples each copy would take 113 MB
    lengths = np.sqrt(np.einsum("nd,nd->n", moved, moved))  # np.linalg.norm would make such a copy, in half a second
    moved /= np.maximum(lengths, 1e-6)[:, None]
    return moved


def likeness_of(some: Rows, others: Rows) -> np.ndarray:
    """How alike messages in their contexts are, float32 (some, others), 1 for the same.

    Half goes by the message alone and half by message and context, which is task, slot asked, screen and reply.
    """
    between: np.ndarray = some.messages @ others.messages.T
    replies = some.bots @ others.bots.T
    replies[0, 0] = 1  # no reply is like no reply
    other_places = np.ascontiguousarray(others.places.T)
    for start in range(0, len(between), BLOCK):
        part = slice(start, start + BLOCK)
        context = replies[some.bot_of[part]].take(others.bot_of, axis=1)
        for place, other in enumerate(other_places):
            context += some.places[part, place, None] == other
        block = between[part]
        block -= 1
        np.exp(block, out=block)
        block *= 0.5 + context / 8
    return between


def _solve(likeness: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, float]:
    """The votes, float32 (n, intents), and how sharp a softmax over them is right. Overwrites `likeness`."""
    count = len(likeness)
    likeness[np.diag_indices(count)] += RIDGE
    left_out = np.unique(np.linspace(0, count - 1, min(LEFT_OUT, count)).astype(int))
    columns = np.zeros((count, len(left_out)), np.float32)
    columns[left_out, np.arange(len(left_out))] = 1
    triangle = cho_factor(likeness.T, lower=True, overwrite_a=True, check_finite=False)  # half a plain solve's work
    solved = cho_solve(triangle, np.concatenate([targets, columns], axis=1), check_finite=False)
    votes, inverse = solved[:, : targets.shape[1]], solved[:, targets.shape[1] :]
    own = inverse[left_out, np.arange(len(left_out))]
    without = targets[left_out] - votes[left_out] / own[:, None]
    return np.ascontiguousarray(votes), _best_sharpness(without, targets[left_out])


def _best_sharpness(votes: np.ndarray, targets: np.ndarray) -> float:
    """The one with the least cross-entropy."""
    losses = [-np.sum(targets * np.log(softmax(sharpness * votes) + 1e-9)) for sharpness in SHARPNESS]
    return float(SHARPNESS[int(np.argmin(losses))])


def softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    result: np.ndarray = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return result


def _check_intents(path: Path, saved: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    if saved == wanted:
        return
    gone, new = sorted(set(saved) - set(wanted)), sorted(set(wanted) - set(saved))
    changed = [f"{', '.join(gone)} gone" if gone else "", f"{', '.join(new)} new" if new else ""]
    what = "; ".join(part for part in changed if part) or "another order"
    raise BadIndex(f"The example index {path} was fitted for another catalogue ({what}); fit it again.")
