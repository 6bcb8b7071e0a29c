"""Whether a message is in another language than English, the only one that the recogniser was taught.

    is_foreign("busco una tienda de campaña para dos personas")  ->  True

A few words of each language stand in languages.yml; another script than the Latin one tells by itself.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

WORDS = Path(__file__).with_name("languages.yml")
PLAINLY = 3  # different words, and one more besides: "mas por favor" may be understood
FEWEST = 2  # words of a language, unless the message has no others


def is_foreign(message: str, plainly: bool = False) -> bool:
    """`plainly`: with more words of another language than a name or a title has, and none of English."""
    letters = [letter for letter in message if letter.isalpha()]
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if letters and 2 * latin < len(letters):
        return True
    said = re.findall(r"[^\W\d_]+", message.lower())
    english, others = _languages()
    most = max(sum(word in words for word in said) for words in others)
    # "la" or "de" may stand in any name: a word that is in both counts for neither
    whole = most == len(said) and any(len(word) > 2 for word in said)  # "hola"
    if plainly:
        different = max(len({*said} & words) for words in others)
        return len(said) > PLAINLY <= different and english.isdisjoint(said)
    return most > sum(word in english for word in said) and (most >= FEWEST or whole)


@cache
def _languages() -> tuple[frozenset[str], tuple[frozenset[str], ...]]:
    """The words of English, and of each other language."""
    found: dict[str, Any] = YAML(typ="safe").load(WORDS.read_text("utf-8"))
    english = frozenset(found["english"].split())
    return english, tuple(frozenset(words.split()) - english for words in found["others"].values())
