"""The words of a search and how they are found inside values."""

from __future__ import annotations

import re

import pytest

from assistant.search import patterns
from assistant.search.words import audience, key, phrase


@pytest.mark.parametrize(
    ("said", "words", "head"),
    [
        ("waterproof hiking boots", ("waterproof", "hiking", "boots"), "boots"),
        ("boots for hiking", ("boots", "hiking"), "boots"),
        ("a nice pair of boots please", ("boots",), "boots"),
        ("women's boots", ("women", "boots"), "boots"),
        ("monitor 27", ("monitor", "27"), "monitor"),
        ("for travel", ("travel",), "travel"),
        ("some of the", (), None),
        ('"boots" AND (x* OR NEAR)', ("boots", "x", "near"), "near"),
    ],
)
def test_a_phrase_has_words_that_count_and_a_head(said: str, words: tuple[str, ...], head: str | None) -> None:
    assert (phrase(said).words, phrase(said).head) == (words, head)


def test_words_that_mean_the_same_share_a_key() -> None:
    for same in (["boot", "boots"], ["knife", "knives"], ["hiking", "hike"], ["trainers", "sneaker"], ["grey", "gray"]):
        assert len({key(word) for word in same}) == 1, same
    assert key("boots") != key("shoes")


@pytest.mark.parametrize(
    ("said", "who"),
    [("my wife", "women"), ("womens", "women"), ("him", None), ("a 6 year old", "kids"), ("our puppy", "dogs")],
)
def test_whom_words_mean(said: str, who: str | None) -> None:
    assert audience(said) == who


@pytest.mark.parametrize(
    ("size", "value", "same"),
    [
        ("m", "medium", True),
        ("Extra Large", "xl", True),
        ("x-large", "xl", True),
        ("l", "xl", False),
        ("8", "8.5", False),
        ("8", "18", False),
        ("size 8", "8", True),
        ("8.5", "8.5", True),
        ("1.7 litre", "1.7 l", True),
        ("6 feet", "6 ft", True),
        ("60%", "60%", True),
        ("full size", "full size", True),
    ],
)
def test_a_size_is_read_as_shops_spell_it(size: str, value: str, same: bool) -> None:
    wanted = patterns.named_value("size", patterns.sized(size))
    assert bool(re.search(wanted, f'{{"color": "8 m l", "size": "{value}"}}')) is same


@pytest.mark.parametrize(
    ("value", "no"),
    [
        ("no", True),
        ("none", True),
        ("no, but quick drying", True),
        ("water resistant, not waterproof", True),
        ("yes", False),
        ("nordic membrane", False),
        ("to 8 cm", False),
    ],
)
def test_a_value_that_denies_its_name(value: str, no: bool) -> None:
    assert bool(re.search(patterns.says_no(["waterproof"]), f'{{"waterproof": "{value}"}}')) is no
