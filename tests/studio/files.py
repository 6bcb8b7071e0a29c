"""A small folder of example files, as trainers write them: comments, quotes, both forms."""

from __future__ import annotations

from pathlib import Path

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
