"""Words as the truth about the filters compares them (filter_truth.py): of one number, of one meaning, without endings.

Nothing here is shared with the search but the shop's vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from assistant.search.words import VOCABULARY

DENIALS = set("no not none never without isn aren doesn don nor".split())
ENDS_FROM = 4  # letters: a shorter word has no ending


def all_in(wanted: Sequence[str], said: Sequence[str]) -> bool:
    return set(wanted) <= set(said)


def run_of(wanted: Sequence[str], said: Sequence[str]) -> bool:
    return any(list(said[start : start + len(wanted)]) == list(wanted) for start in range(len(said)))


@cache
def plain_words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z0-9]+", text.lower()))


@cache
def alike_words(text: str) -> tuple[str, ...]:
    """In singular, and one word for all that mean the same."""
    return tuple(_synonyms().get(word, _singular(_synonyms().get(_singular(word), word))) for word in plain_words(text))


def _singular(word: str) -> str:
    if len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "shes", "ches", "xes")) else word.removesuffix("s")


@cache
def stems(text: str) -> tuple[str, ...]:
    """Whatever their grammatical ending: what folds is folding."""
    return tuple(re.sub("(ing|ed|e)$", "", word) if len(word) > ENDS_FROM else word for word in alike_words(text))


@cache
def telling_stems(text: str) -> tuple[str, ...]:
    """The words less those that tell nothing, by the shop's vocabulary; but down is what a jacket is filled with."""
    silent = {*vocabulary()["english"].split(), *vocabulary()["chatter"].split()} - {"down", *DENIALS}
    return stems(" ".join(word for word in plain_words(text) if word not in silent))


@cache
def _synonyms() -> dict[str, str]:
    return {form: group[0] for group in vocabulary()["synonyms"] for word in group for form in _both(word)}


def _both(word: str) -> Iterator[str]:
    yield word
    yield _singular(word)


@cache
def vocabulary() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(VOCABULARY.read_text("utf-8"))
    return found
