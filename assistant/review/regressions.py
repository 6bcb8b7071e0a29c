"""Corrected conversations as end-to-end tests: a file each, in the form of dialogues/conversations/*.yml.

`aisle test` plays them after those that are shipped. Every message stands there without personal data; what must be
understood is said of the corrected turns alone, since nobody has looked at the others.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

NAMED_BY = 12  # hex digits of the conversation's hash, in the file's name


class CannotWrite(OSError):
    """The file could not be written; the message says where and what helps."""


def file_of(folder: Path, sender: str) -> Path:
    """Its name says nothing of the conversation's id, which a client chose."""
    return folder / f"corrected-{digest(sender)}.yml"


def fingerprints(folder: Path) -> dict[str, str]:
    """A hash of each corrected conversation's file, by the file's name."""
    return {path.name: digest(path.read_text("utf-8")) for path in sorted(folder.glob("*.yml"))}


def write_conversation(folder: Path, sender: str, said: Sequence[str], corrected: Mapping[int, str]) -> Path:
    """Write what the shopper said, turn by turn, with the commands of the corrected turns (by their place, from 0).

    Ends with the last corrected turn. Whole or not at all. Raises CannotWrite.
    """
    turns: list[dict[str, Any]] = [{"user": text} for text in said[: max(corrected) + 1]]
    for place, commands in corrected.items():
        turns[place]["commands"] = commands
    content = {"conversations": [{"conversation": f"corrected at the desk, {digest(sender)}", "turns": turns}]}
    path = file_of(folder, sender)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=folder, prefix=".corrected-", suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            yaml = YAML()
            yaml.width = 4096  # a message on one line
            yaml.dump(content, file)
        os.chmod(partial, 0o644)  # as any file of a repository; mkstemp's is the owner's alone
        os.replace(partial, path)
    except OSError as error:
        raise CannotWrite(
            f"The regression test cannot be written to {path}: {error.strerror}. Set AISLE_REGRESSIONS to a folder "
            "that the server may write to."
        ) from error
    return path


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:NAMED_BY]
