"""The written replies: which facts each response must and may state, and its written variations.

`load_responses` reads responses.yml (Rasa's `responses:` shape plus a `facts:` section). A written variation is the
fall-back whenever the model's own wording fails the check, and it fits when all its placeholders are among the facts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

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


def load_responses(path: Path = SHIPPED) -> dict[str, Response]:
    """Read and check a responses file. Raises BadResponses with every problem found."""
    data = YAML(typ="safe").load(path.read_text("utf-8"))
    facts: Mapping[str, Any] = data.get("facts") or {}
    loaded = {name: _response(name, texts, facts.get(name) or {}) for name, texts in data["responses"].items()}
    problems = [problem for response in loaded.values() for problem in _problems(response)]
    problems += [f"`facts:` names {name}, which has no written variations" for name in facts if name not in loaded]
    if problems:
        raise BadResponses(f"{path}:\n" + "\n".join(problems))
    return loaded


def _response(name: str, texts: list[dict[str, str]], facts: Mapping[str, list[str]]) -> Response:
    variations = tuple(text["text"] for text in texts)
    return Response(name, frozenset(facts.get("required") or ()), frozenset(facts.get("optional") or ()), variations)


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
