"""A mistyped word is searched as the catalogue's word that it is most like, where nothing holds it as it was typed."""

from __future__ import annotations

import pytest

from assistant.search import ProductQuery, search
from assistant.search.spelling import corrected
from assistant.store import Database


@pytest.mark.parametrize(
    ("typed", "meant"), [("botle", "bottle"), ("hedphones", "headphones"), ("mascarra", "mascara"), ("watter", "water")]
)
def test_a_mistyped_word_is_mended(demo_shop: Database, typed: str, meant: str) -> None:
    with demo_shop.reading() as session:
        assert corrected(session, [typed]) == {typed: meant}


@pytest.mark.parametrize(
    "word", ["bottle", "snowmobile", "12345", "cup", "'; DROP TABLE", "\u0661\u0662\u0663\u0664\u0665"]
)
def test_what_is_spelt_right_or_like_nothing_stays(demo_shop: Database, word: str) -> None:
    with demo_shop.reading() as session:
        assert corrected(session, [word]) == {}


def test_a_search_with_typing_errors_finds_what_the_right_words_find(demo_shop: Database) -> None:
    with demo_shop.reading() as session:
        typed = search(session, ProductQuery(query="watter botle"), 10)
        right = search(session, ProductQuery(query="water bottle"), 10)
    assert [match.product.id for match in typed.products] == [match.product.id for match in right.products]
    assert typed.total > 0
