"""The written replies: which facts each response must and may state, and its written variations.

`load_responses` reads responses.yml (Rasa's `responses:` shape plus a `facts:` section). A written variation is the
fall-back whenever the model's own wording fails the check, and it fits when all its placeholders are among the facts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from intents.yaml_files import BadYaml, read_plain_yaml

SHIPPED = Path(__file__).with_name("responses.yml")
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class BadResponses(ValueError):
    """The responses file cannot be used; the message names the response and how to mend it."""


@dataclass(frozen=True)
class Response:
    """One thing the assistant can say."""

    name: str
    required: frozenset[str]
    optional: frozenset[str]
    variations: tuple[str, ...]

    @property
    def facts(self) -> frozenset[str]:
        return self.required | self.optional

    def best_variations(self, available: Collection[str]) -> list[str]:
        """The written variations that fit the facts at hand, those that tell most of them first in line.

        Raises KeyError naming the facts that are missing when none fits.
        """
        fitting = [text for text in self.variations if placeholders(text) <= set(available)]
        if not fitting:
            raise KeyError(f"{self.name} needs the facts {sorted(self.required)}; got {sorted(available)}")
        most = max(len(placeholders(text)) for text in fitting)
        return [text for text in fitting if len(placeholders(text)) == most]


def placeholders(text: str) -> set[str]:
    """The names between braces in a reply."""
    return set(PLACEHOLDER.findall(text))


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Put the facts into a reply. Every placeholder must have its fact."""
    return PLACEHOLDER.sub(lambda mark: facts[mark[1]], text)


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Variation(BaseModel):
    """Of what else Rasa's form may hold nothing is used."""

    model_config = ConfigDict(strict=True)
    text: str


class _Facts(_Shape):
    required: list[str] | None = None
    optional: list[str] | None = None


class _File(_Shape):
    """What a responses file holds."""

    version: str | None = None
    responses: dict[str, list[_Variation]]
    facts: dict[str, _Facts | None] | None = None


def load_responses(path: Path = SHIPPED) -> dict[str, Response]:
    """Read and check a responses file. Raises BadResponses with every problem found."""
    try:
        file = _File.model_validate(read_plain_yaml(path))
    except BadYaml as error:
        raise BadResponses(f"{path}:{error.line}: {error}") from error
    except ValidationError as error:
        raise BadResponses(f"{path}:\n" + "\n".join(faults_of(error))) from error
    facts = file.facts or {}
    loaded = {name: _response(name, texts, facts.get(name) or _Facts()) for name, texts in file.responses.items()}
    problems = [problem for response in loaded.values() for problem in _problems(response)]
    problems += [f"`facts:` names {name}, which has no written variations" for name in facts if name not in loaded]
    if problems:
        raise BadResponses(f"{path}:\n" + "\n".join(problems))
    return loaded


def faults_of(error: ValidationError) -> list[str]:
    """What is wrong with the shape of a file, a line each: "responses.utter_greet.0.text: Field required"."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [f"{'.'.join(map(str, one['loc'])) or 'the whole'}: {one['msg']}" for one in found]


def _response(name: str, texts: Sequence[_Variation], facts: _Facts) -> Response:
    variations = tuple(one.text for one in texts)
    return Response(name, frozenset(facts.required or ()), frozenset(facts.optional or ()), variations)


def _problems(response: Response) -> list[str]:
    found = []
    for text in response.variations:
        unknown = placeholders(text) - response.facts
        if unknown:
            found.append(f"{response.name}: {text!r} uses {sorted(unknown)}, which its facts do not list")
        if response.required - placeholders(text):
            found.append(f"{response.name}: {text!r} leaves out {sorted(response.required - placeholders(text))}")
    if not any(placeholders(text) <= response.required for text in response.variations):
        found.append(f"{response.name}: no variation gets by with the required facts alone")
    return found
