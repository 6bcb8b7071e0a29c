"""A message in another language is told from an English one, and answered kindly where it was not understood."""

from __future__ import annotations

import pytest

from dialogues.language import is_foreign


@pytest.mark.parametrize(
    "message",
    [
        "busco una tienda de campaña para dos personas",
        "ich suche ein zelt für zwei personen",
        "je cherche une tente pour deux personnes",
        "cerco una tenda",
        "waar is mijn bestelling",
        "szukam namiotu dla dwóch osób",
        "палатка",
        "テントはありますか",
        "hola",
    ],
)
def test_another_language_is_noticed(message: str) -> None:
    assert is_foreign(message)


@pytest.mark.parametrize(
    "message",
    ["", "where is my parcel?", "eau de parfum", "la roche posay", "i", "no", "W4821093", "🙂", "o", "mi band 7"],
)
def test_english_and_names_of_things_are_not_another_language(message: str) -> None:
    assert not is_foreign(message)
