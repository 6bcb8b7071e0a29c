"""The words of a shopper's search: which count, which is the thing sought, and how they are found inside a value.

    phrase("waterproof boots for women")  ->  Phrase(words=("waterproof", "boots", "women"), head="boots")

Whatever a shopper types becomes plain words here; quotes, operators and other signs never reach the database.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from assistant.texts import fold, raw_words

VOCABULARY = Path(__file__).with_name("vocabulary.yml")
MOST_WORDS = 10  # of one search; more is a letter, not a search, and each costs a look at the index
MOST_CACHED = 10_000  # words
ENDINGS = (
    *(("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x")),
    *(("ing", ""), ("ed", ""), ("s", "")),
)
TELLS_A_NEED = frozenset("i im my we our us when after gets get keeps is are hurt hurts cant".split())
HEAD_ENDS_AT = {"for", "with", "without", "in", "from", "under", "below", "that", "which", "made", "to", "on"}


@dataclass(frozen=True)
class Phrase:
    words: tuple[str, ...]  # the words that count, in order, at most MOST_WORDS
    head: str | None  # the noun: in "hiking boots for women" the boots
    need: bool = False  # it may be that no thing is named, only what is to be helped: "my knees hurt on stairs"


def phrase(text: str) -> Phrase:
    raw = raw_words(text)
    words = tuple(dict.fromkeys(word for word in raw if fold(word) not in stop_words()))[:MOST_WORDS]
    before: list[str] = []
    need = len(words) > 1 and not TELLS_A_NEED.isdisjoint(raw)
    for word in raw:
        if word in HEAD_ENDS_AT and before:
            break
        need |= word in HEAD_ENDS_AT
        if word in words and not word[0].isdigit():
            before.append(word)
    return Phrase(words, before[-1] if before else next(reversed(words), None), need and bool(words))


def content_words(text: str) -> tuple[str, ...]:
    return phrase(text).words


@lru_cache(maxsize=MOST_CACHED)
def alternatives(word: str) -> tuple[str, ...]:
    """The word and those that mean the same."""
    return tuple(dict.fromkeys((word, *_synonyms().get(word, ()), *_synonyms().get(stem(word), ()))))


@lru_cache(maxsize=MOST_CACHED)
def key(word: str) -> str:
    """What words that mean the same have in common."""
    return stem(min(alternatives(word)))


def keys(text: str) -> frozenset[str]:
    return frozenset(key(word) for word in raw_words(text) if word not in stop_words())


@lru_cache(maxsize=MOST_CACHED)
def stem(word: str) -> str:
    """A word without its English ending; cruder than the index's stemmer, and enough to compare two words."""
    root = word
    for ending, replacement in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            root = word[: -len(ending)] + replacement
            break
    if root != word and len(root) > 3 and root[-1] == root[-2] and root[-1] not in "lsz":
        root = root[:-1]
    return root[:-1] if root.endswith("e") and len(root) > 3 else root


@cache
def stop_words() -> frozenset[str]:
    vocabulary = _vocabulary()
    return frozenset(f"{vocabulary['english']} {vocabulary['chatter']}".split())


def audience(text: str) -> str | None:
    """Whom these words mean, as the catalogue says it: "my wife" is women, "a 6 year old" is kids."""
    for word in reversed(raw_words(text)):
        if word in _audiences():
            return _audiences()[word]
    return "kids" if re.search(r"\b\d+ ?-?(years?|months?|yr)[ -]old\b", text.lower()) else None


def audience_words(who: str) -> list[str]:
    """What shoppers call an audience: "puppies" for dogs."""
    return [word for word, meant in _audiences().items() if meant == who]


@cache
def colors() -> frozenset[str]:
    """Words that name a color."""
    return frozenset(_vocabulary()["colors"].split())


@cache
def materials() -> frozenset[str]:
    """Words that name what a thing is made of."""
    return frozenset(_vocabulary()["materials"].split())


def kinds_of(material: str) -> tuple[str, ...]:
    """The materials that are one of this one: merino of wool."""
    return tuple(_vocabulary()["kinds"].get(material, "").split())


@cache
def _audiences() -> dict[str, str]:
    return {word: who for who, words in _vocabulary()["audiences"].items() for word in words.split()}


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    groups = _vocabulary()["synonyms"]
    return {form: tuple(group) for group in groups for word in group for form in (word, stem(word))}


@cache
def _vocabulary() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(VOCABULARY.read_text("utf-8"))
    return found
