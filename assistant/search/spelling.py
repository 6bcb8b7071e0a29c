"""A mistyped word as the catalogue's word that it is most like: "botle" as "bottle".

    corrected(session, ("watter", "botle"))  ->  {"watter": "water", "botle": "bottle"}

Only a word that no product's text holds is mended, and only by a word of a name, a brand, a category or a tag. How
alike two words are is Damerau and Levenshtein's distance over the longer one's length, counted by rapidfuzz.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.orm import Session

from assistant.search import text
from assistant.search.words import raw_words
from assistant.store import Product

SHORTEST = 5  # letters; of shorter words too many are one letter apart
ALIKE = 0.75  # of 1: two wrong letters of eight


@dataclass(frozen=True)
class _Words:
    products: int  # how many there were
    words: tuple[str, ...]


_known: WeakKeyDictionary[Engine | Connection, _Words] = WeakKeyDictionary()
_lock = Lock()


def corrected(session: Session, words: Sequence[str]) -> dict[str, str]:
    """The words that nothing in the catalogue holds, with what each is mended to; those like nothing are left out."""
    dialect = session.get_bind().dialect.name
    found = {}
    for word in words:
        if len(word) < SHORTEST or not word.isalpha() or _held(session, word, dialect):
            continue
        best = process.extractOne(
            word, _words(session), scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=ALIKE
        )
        if best and best[0][0] == word[0]:  # the first letter is hardly ever the wrong one
            found[word] = str(best[0])
    return found


def _held(session: Session, word: str, dialect: str) -> bool:
    return session.scalar(select(Product.id).where(text.holds([word], dialect)).limit(1)) is not None


def _words(session: Session) -> tuple[str, ...]:
    """The catalogue's, read again when products have come or gone."""
    bind = session.get_bind()
    count = session.scalar(select(func.count()).select_from(Product)) or 0
    with _lock:
        if bind not in _known or _known[bind].products != count:
            rows = session.execute(select(Product.name, Product.brand, Product.category, Product.tags)).all()
            texts = (" ".join([row.name, row.brand or "", row.category or "", *row.tags]) for row in rows)
            said = {word for line in texts for word in raw_words(line) if len(word) >= SHORTEST - 1}
            _known[bind] = _Words(count, tuple(sorted(said)))
        return _known[bind].words
