"""A mistyped word as the catalogue's word that it is most like: "botle" as "bottle".

    corrected(session, ("watter", "botle"))  ->  {"watter": "water", "botle": "bottle"}

Only a word that no product's text holds is mended, and only by a word of a name, a brand, a category or a tag. How
alike two words are is Damerau and Levenshtein's distance over the longer one's length, counted by rapidfuzz.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.search import text
from assistant.search.known import remembered
from assistant.store import Product
from assistant.texts import raw_words

SHORTEST = 5  # letters; of shorter words too many are one letter apart
ALIKE = 0.75  # of 1: two wrong letters of eight


def corrected(session: Session, words: Sequence[str]) -> dict[str, str]:
    """The words that nothing in the catalogue holds, with what each is mended to; those like nothing are left out."""
    found = {}
    for word in words:
        if len(word) < SHORTEST or not word.isalpha() or text.is_held(session, [word]):
            continue
        # The first letter is hardly ever the wrong one.
        alike = remembered(session, _words).get(word[0], ())
        best = process.extractOne(word, alike, scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=ALIKE)
        if best:
            found[word] = str(best[0])
    return found


def _words(session: Session) -> dict[str, tuple[str, ...]]:
    """The catalogue's, by their first letter."""
    rows = session.execute(select(Product.name, Product.brand, Product.category, Product.tags))
    texts = {text for row in rows for text in (row.name, row.brand, row.category, *row.tags) if text}
    said = sorted({word for text in texts for word in raw_words(text) if len(word) >= SHORTEST - 1})
    return {letter: tuple(words) for letter, words in groupby(said, key=lambda word: word[0])}
