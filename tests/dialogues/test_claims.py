"""What a reply claims, word by word: counted things, denials, moods, and what bends a fact."""

from __future__ import annotations

import pytest

from dialogues.claims import claims_of, learn_licences, load_fact_words

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
        ("it'd be cheaper", "open"),
        ("it isn\u2019t cheaper", "denied"),
        ("there is no cheaper rush", "denied"),
        ("cheaper is what it comes to", "stated"),
        ("are there cheaper ones?", "open"),
    ],
)
def test_a_claim_has_the_mood_of_its_clause(text, mood):
    assert moods("cheaper", text) == [mood]


@pytest.mark.parametrize("word", sorted(word for word in WORDS.bending if word.isalpha())[::7])
def test_a_word_that_bends_a_fact_may_stand_a_word_before_it(word):
    assert (word, "{total}") in set(claims_of(f"{word} exactly {{total}}", WORDS))


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("your order came", ("your order", "stated")),
        ("is your order here?", ("your order", "open")),
        ("there is no order", ("order", "denied")),
        ("there is no reason in your order", ("your order", "denied")),
    ],
)
def test_what_a_shopper_has_or_lacks_is_claimed(text, claim):
    assert claim in set(claims_of(text, WORDS))


@pytest.mark.parametrize("text", ["an order came", "the order", "any order of yours"])
def test_a_thing_that_is_nobodys_and_not_denied_claims_nothing(text):
    assert [claim for claim in claims_of(text, WORDS) if "order" in claim[0]] == []


def test_words_before_and_behind_a_fact_reach_so_far():
    assert ("total =", "{total}") in set(claims_of("total is now {total}", WORDS))  # the first word of its clause
    assert ("total =", "{total}") not in set(claims_of("total is as of {total}", WORDS))
    assert ("{total}", "more") in set(claims_of("{total} or more", WORDS))
    assert ("{total}", "more") not in set(claims_of("{total} as it is more", WORDS))


def test_a_claim_without_a_licence_is_missing_whatever_facts_are_there():
    licences = learn_licences({"fine": ["It costs {total} more."], "odd": ["{mark} it is."]}, WORDS)
    assert licences.missing("fine", "It costs {total} more.", WORDS) == []
    assert licences.missing("fine", "It was {total} plus.", WORDS) == [("was", "{total}"), ("{total}", "plus")]
    assert licences.missing("nobody", "It costs {total} more.", WORDS) == list(
        dict.fromkeys(claims_of("It costs {total} more.", WORDS))
    )
