"""The words of a question about a product: which say what is asked, and how well an attribute answers them.

    fit("weight", "480 g per boot", asked_words(["how", "heavy"]), frozenset())  ->  5.0

What shoppers call things and how listings name them stands in question_words.yml, which a shop edits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from assistant.search.words import key, stop_words
from assistant.texts import raw_words

WORDS = Path(__file__).with_name("question_words.yml")


@dataclass(frozen=True)
class _Words:
    asked_as: Mapping[str, tuple[str, ...]]
    same_as: Mapping[str, str]
    asking: frozenset[str]
    weak: frozenset[str]
    measures: frozenset[str]
    class_words: frozenset[str]


@cache
def _words() -> _Words:
    written = YAML(typ="safe").load(WORDS.read_text("utf-8"))
    groups = {name: frozenset(written[name].split()) for name in ("asking", "weak", "measures", "class_words")}
    return _Words({word: tuple(names) for word, names in written["asked_as"].items()}, written["same_as"], **groups)


def is_weak(words: Iterable[str]) -> bool:
    """Whether none of these roots says what is asked."""
    return not frozenset(words) - roots(_words().weak)


def asked_words(words: Sequence[str]) -> list[str]:
    """The words of a question that say what is asked; those that say little count only where there are no others."""
    if "old" in words:  # an age is asked for, whichever it is
        words = [word for word in words if not word.isdigit() and word not in ("year", "years", "month", "months")]
    content = [word for word in dict.fromkeys(words) if word not in stop_words() | _words().asking]
    strong = [word for word in content if word not in _words().weak]
    return strong or content


def fit(name: str, value: str, asked: Sequence[str], listed_words: frozenset[str]) -> float:
    """How well an attribute answers: 0 unless name and value account for each word, or the question says its name.

    What an attribute does not account for is not its answer: "how heavy is the handle" is told neither the wood of the
    handle nor the weight of it all. What no attribute has may stand beside a measure: "how high does it fly".
    """
    of_name = roots(raw_words(name))
    by_name = [word for word in asked if root(word) in of_name or name in _meant(word)]
    left = [word for word in asked if word not in by_name and root(word) not in roots(raw_words(value))]
    named = (of_name.difference(map(root, _words().class_words)) or of_name) <= roots(asked)
    of_all = any(word in _words().measures for word in by_name) and not listed_words.intersection(map(root, left))
    if (left and not (named and by_name) and not of_all) or any(word in _words().measures for word in left):
        return 0
    return 1 + 4 * len(by_name) - 2 * len(left) + len(of_name & roots(asked)) / len(of_name)


def root(word: str) -> str:
    """What a word has in common with others of its family: insulated, insulation; washing, washable."""
    found = key(_words().same_as.get(word, word))
    for ending in ("ation", "ancy", "able", "ant", "ion", "at", "y"):
        if found.endswith(ending) and len(found) - len(ending) >= 4:
            return found[: -len(ending)]
    return found


def roots(words: Iterable[str]) -> frozenset[str]:
    """Of the words that say something; of all where none does."""
    some = list(words)
    return frozenset(root(word) for word in some if word not in stop_words()) or frozenset(map(root, some))


def _meant(word: str) -> tuple[str, ...]:
    """The attributes that a word may mean by other names."""
    asked_as = _words().asked_as
    return asked_as.get(word) or asked_as.get(key(word)) or ()
