"""Figures of worded replies: facts that nobody gave, how varied the words are, how long.

`untold` looks for facts in the finished text by itself, without the checker that let the wording pass: every number,
date, status and name in it must stand in the facts that were given.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dialogues.wording import opening

NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
SYMBOL = re.compile(r"[$\u20ac\u00a3#%@]")
CALENDAR = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august|september|october"
    r"|november|december|today|tomorrow|yesterday)\b|\bMay \d",
    re.IGNORECASE,
)
STATUS = re.compile(
    r"\b(?:pending|processed|shipped|dispatched|delivered|cancelled|canceled|returned|refunded|exchanged|approved|requested)\b",
    re.IGNORECASE,
)
MEANING = {"left_out": "cancelled"}  # what a fact says by its name: the orders left out are cancelled ones


@dataclass(frozen=True)
class WordFigures:
    """Of the wordings of conversations."""

    n: int
    distinct_2: float  # different pairs of words among all pairs
    different: float  # different wordings among all
    repeated_openings: float  # replies that begin with the same two words as an earlier one of their conversation
    mean_words: float


def untold(text: str, facts: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """Numbers, signs, dates, statuses and the shop's names in a finished reply that none of its facts holds."""
    given = " \n ".join([*facts.values(), *(MEANING[name] for name in facts if name in MEANING)])
    found = []
    for kind in (NUMBER, SYMBOL, CALENDAR, STATUS):
        known = {one.lower() for one in kind.findall(given)}
        found += [one for one in kind.findall(text) if one.lower() not in known]
    found += [name for name in names if _stands_in(name, text) and not _stands_in(name, given)]
    return found


def word_figures(conversations: Sequence[Sequence[str]]) -> WordFigures:
    wordings = [text for texts in conversations for text in texts]
    words = [re.findall(r"\{\w+\}|[\w'\u2019-]+", text.lower()) for text in wordings]
    pairs = Counter(pair for one in words for pair in pairwise(one))
    repeated = sum(len(texts) - len(set(map(opening, texts))) for texts in conversations)
    n = len(wordings)
    return WordFigures(
        n=n,
        distinct_2=len(pairs) / pairs.total() if pairs else 0.0,
        different=len(set(wordings)) / n if n else 0.0,
        repeated_openings=repeated / n if n else 0.0,
        mean_words=sum(map(len, words)) / n if n else 0.0,
    )


def _stands_in(name: str, text: str) -> bool:
    """Names of several words in any case; a single one ("Grace", "Will") as it is written."""
    if " " in name:
        name, text = name.lower(), text.lower()
    return name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
