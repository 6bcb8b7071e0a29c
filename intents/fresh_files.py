"""A fitted `FreshIndex` in a file, so that a start whose examples have not changed need not read and fit them again.

    save_fresh(path, key, index)
    load_fresh(path, key, base, vectors)       None where nothing was kept under this key, or it cannot be read

The key is the caller's, and says all that the index was made of.
"""

from __future__ import annotations

import json
import logging
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from intents.commands import Command
from intents.context import Context
from intents.example_index import ExampleIndex, Rows
from intents.examples import Example
from intents.fresh_examples import FreshIndex
from intents.vector_files import Vectors, write_whole

log = logging.getLogger(__name__)

ROWS = ("messages", "places", "bots", "bot_of")
FITTED = ("base_votes", "around", "through", "votes")


def save_fresh(path: Path, key: str, index: FreshIndex) -> None:
    """Whole or not at all. Raises OSError."""
    about = {
        "key": key,
        "base": index.base.data_hash,
        "intents": index.intents,
        "gone": sorted(map(int, index.gone)),
        "examples": [_as_list(one) for one in index.examples],
    }
    arrays = {name: getattr(index.rows, name) for name in ROWS} | {name: getattr(index, name) for name in FITTED}
    write_whole(path, lambda file: np.savez(file, about=np.array(json.dumps(about)), **arrays))


def load_fresh(path: Path, key: str, base: ExampleIndex, vectors: Vectors) -> FreshIndex | None:
    """What was saved on top of this `base`; `vectors` are those of its messages."""
    try:
        with np.load(path, allow_pickle=False) as saved:
            about = json.loads(str(saved["about"]))
            if (about["key"], about["base"]) != (key, base.data_hash):
                return None
            rows = Rows(**{name: saved[name] for name in ROWS})
            fitted = {name: saved[name] for name in FITTED}
        examples = tuple(_examples(about["examples"]))
        return FreshIndex(
            base, examples, tuple(about["intents"]), rows, **fitted, gone=frozenset(about["gone"]), vectors=vectors
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        log.warning("The examples as they were opened before cannot be read (%s): they are read anew.", error)
        return None


def _as_list(example: Example) -> list[object]:
    commands = [[command.intent, command.slots] for command in example.commands]
    context = example.context
    return [example.text, commands, context.bot, context.task, context.asked, context.shown, example.source]


def _examples(saved: Iterable[list]) -> Iterable[Example]:
    for text, commands, bot, task, asked, shown, source in saved:
        meant = tuple(Command(intent, tuple(map(tuple, slots))) for intent, slots in commands)
        yield Example(text, meant, Context(bot, task, asked, tuple(shown)), source)
