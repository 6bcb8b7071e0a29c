"""A small folder of example files, as trainers write them: comments, quotes, both forms. And an embedding."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

GREET = """\
version: "3.1"
nlu:
# how people begin
- intent: greet
  examples: |
    - hello there
    - good morning

- intent: track_order   # the most frequent question
  examples: |
    - where is [W2378156](order_id)
    - has my parcel left yet
- intent: track_order
  context: {bot: "Which order?", task: track_order, asked: order_id}
  examples: |
    - the latest one please
    - the one from monday
"""
RETURNS = """\
version: "3.1"
nlu:
- messages:
  # in the middle of a task
  - text: 'send it back, it''s "broken"'
    context: {bot: "Anything else?"}   # asked at the end
    commands: return_items(item="it")

  - text: i want to return the lamp
    commands: 'return_items(item="lamp")'
"""


def write_examples(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "greet.yml").write_text(GREET, "utf-8")
    (folder / "returns.yml").write_text(RETURNS, "utf-8")
    return folder


def by_words(texts: Sequence[str]) -> np.ndarray:
    """A small real embedding: words, hashed."""
    vectors = np.full((len(texts), 256), 1e-3, np.float32)
    for row, text in enumerate(texts):
        for word in text.lower().split():
            vectors[row, zlib.crc32(word.encode()) % 256] += 1
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
