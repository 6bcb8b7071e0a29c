"""What a shopper typed, made safe: nothing that a database or a page could choke on, and every real word kept."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.texts import clean


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  hello\t there\r\n", "hello there"),
        ("naïve Straße 5 — 日本語 🙂", "naïve Straße 5 — 日本語 🙂"),
        ("👩‍👩‍👧 gift", "👩‍👩‍👧 gift"),
        ("a\x00b\x07c but mostly text", "a b c but mostly text"),
        ("half \ud83d an emoji", "half an emoji"),
        ("\ud83d\ude42 whole", "🙂 whole"),
        ("", ""),
        (" \n\t ", ""),
        ("\x00\x01\x02\x03PNG", ""),
        ("\ufffd\ufffd\ufffdok", ""),
        ("\u200b\u2060\ufeff", ""),
        ("\u0301", ""),
    ],
)
def test_a_message_becomes_one_line_of_text(typed, kept):
    assert clean(typed) == kept


@given(st.text(st.characters(exclude_categories=[])))
def test_any_message_can_be_stored_and_shown(typed):
    kept = clean(typed)
    kept.encode("utf-8")
    assert not {unicodedata.category(char) for char in kept} & {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert kept == clean(kept) == kept.strip()
    assert "  " not in kept


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1))
def test_no_word_is_lost(typed):
    assert clean(typed) == typed
