"""Read the examples that teach the model to word replies: (shopper's words, facts at hand) to text with placeholders.

The form of replies/*.yml:

    replies:
    - response: utter_order_status
      facts: [order_id, status, eta]
      examples:
      - says: where's my parcel
        reply: "{order_id} is {status}, due {eta}."
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from dialogues.responses import Response, placeholders

SHIPPED = Path(__file__).with_name("replies")


class BadReplies(ValueError):
    """The reply examples cannot be used; the message lists each problem with its file."""


@dataclass(frozen=True)
class ReplyExample:
    response: str
    facts: tuple[str, ...]  # names of the facts at hand, sorted
    says: str
    reply: str


def load_reply_examples(responses: Mapping[str, Response], folder: Path = SHIPPED) -> list[ReplyExample]:
    """Every example of the folder, checked against the responses. Raises BadReplies."""
    examples, problems = [], []
    for path in sorted(folder.glob("*.yml")):
        for block in YAML(typ="safe").load(path.read_text("utf-8"))["replies"]:
            for example in _examples(block):
                faults = _faults(example, responses)
                problems += [f"{path.name}: {example.reply!r}: {fault}" for fault in faults]
                examples.append(example)
    if problems:
        raise BadReplies("\n".join(problems))
    return examples


def _examples(block: Mapping[str, Any]) -> list[ReplyExample]:
    facts = tuple(sorted(block.get("facts") or ()))
    return [
        ReplyExample(block["response"], facts, str(example["says"]), str(example["reply"]))
        for example in block["examples"]
    ]


def _faults(example: ReplyExample, responses: Mapping[str, Response]) -> list[str]:
    response = responses.get(example.response)
    if response is None:
        return [f"unknown response {example.response}; add it to responses.yml"]
    used, faults = placeholders(example.reply), []
    if used - set(example.facts):
        faults.append(f"uses {sorted(used - set(example.facts))}, which its facts do not list")
    if response.required - used:
        faults.append(f"leaves out the required {sorted(response.required - used)}")
    if set(example.facts) - response.facts:
        faults.append(f"lists {sorted(set(example.facts) - response.facts)}, which the response does not have")
    return faults
