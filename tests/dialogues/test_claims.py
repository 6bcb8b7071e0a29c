"""What a reply claims, word by word: counted things, denials, moods, and what bends a fact."""

from __future__ import annotations

import pytest

from dialogues.claims import claims_of, load_fact_words

WORDS = load_fact_words()


def moods(word: str, text: str) -> list[str]:
    return [mood for claimed, mood in claims_of(text, WORDS) if claimed == word]


@pytest.mark.parametrize("text", ["I found one for you.", "Any day one comes.", "There is one day after it."])
def test_one_counts(text):
    assert moods("one", text) == ["stated"]


@pytest.mark.parametrize("text", ["Take that one.", "Ask one of our team.", "We go one by one.", "I show each one."])
def test_one_as_a_pronoun_counts_nothing(text):
    assert moods("one", text) == []


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("there are cheaper ones", "stated"),
        ("there are no cheaper ones", "denied"),
        ("there is no rush for cheaper ones", "stated"),
        ("in a rush no cheaper ones are left", "denied"),
        ("would you like cheaper ones", "open"),
        ("it tends to cheaper shelves", "open"),
        ("cheaper is what it comes to", "stated"),
        ("are there cheaper ones?", "open"),
    ],
)
def test_a_claim_has_the_mood_of_its_clause(text, mood):
    assert moods("cheaper", text) == [mood]


@pytest.mark.parametrize("word", sorted(word for word in WORDS.bending if word.isalpha())[::7])
def test_a_word_that_bends_a_fact_may_stand_a_word_before_it(word):
    assert (word, "{total}") in set(claims_of(f"{word} exactly {{total}}", WORDS))
