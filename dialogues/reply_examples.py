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

from pydantic import BaseModel, ConfigDict, ValidationError

from dialogues.responses import Response, faults_of, placeholders
from intents.yaml_files import BadYaml, read_plain_yaml

SHIPPED = Path(__file__).with_name("replies")


class BadReplies(ValueError):
    """The reply examples cannot be used; the message lists each problem with its file."""


@dataclass(frozen=True)
class ReplyExample:
    response: str
    facts: tuple[str, ...]  # names of the facts at hand, sorted
    says: str
    reply: str


class _Example(BaseModel):
    model_config = ConfigDict(extra="forbid")
    says: str | int | float | bool  # a message that looks like a number is read as one
    reply: str | int | float | bool


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    response: str
    facts: list[str] | None = None
    examples: list[_Example]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    replies: list[_Block]


def load_reply_examples(responses: Mapping[str, Response], folder: Path = SHIPPED) -> list[ReplyExample]:
    """Every example of the folder, checked against the responses. Raises BadReplies."""
    examples: list[ReplyExample] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.yml")):
        for block in _blocks(path, problems):
            for example in _examples(block):
                faults = _faults(example, responses)
                problems += [f"{path.name}: {example.reply!r}: {fault}" for fault in faults]
                examples.append(example)
    if problems:
        raise BadReplies("\n".join(problems))
    return examples


def _blocks(path: Path, problems: list[str]) -> list[_Block]:
    try:
        return _File.model_validate(read_plain_yaml(path)).replies
    except BadYaml as error:
        problems.append(f"{path.name}:{error.line}: {error}")
    except ValidationError as error:
        problems += [f"{path.name}: {fault}" for fault in faults_of(error)]
    return []


def _examples(block: _Block) -> list[ReplyExample]:
    facts = tuple(sorted(block.facts or ()))
    return [ReplyExample(block.response, facts, str(one.says), str(one.reply)) for one in block.examples]


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
