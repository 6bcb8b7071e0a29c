"""What a shopper means by a few words, of what is on screen."""

from __future__ import annotations

import pytest

from assistant.references import Referent, refer

SHOWN = (
    Referent("a", "Tarnbeck Ridgeline Mid", "hiking boots women slate plum", 10900, 4.6),
    Referent("b", "Tarnbeck Becka Low-Cuff", "hiking boots women moss rust", 8900, 4.3),
    Referent("c", "Fenwater Heron Mid", "hiking boots women teal sand", 11900, 4.9),
)


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("first one", "a"),
        ("the 2nd", "b"),
        ("number three", "c"),
        ("number 2 pls", "b"),
        ("option 1", "a"),
        ("#3", "c"),
        ("two", "b"),
        ("last one", "c"),
        ("the second to last one", "b"),
        ("second last", "b"),
        ("top one", "a"),
        ("fourth one", ""),
        ("the cheapest", "b"),
        ("most expensive one", "c"),
        ("best rated one", "c"),
        ("cheapest tarnbeck", "b"),
        ("second tarnbeck one", "b"),
        ("the ridgeline", "a"),
        ("Tarnbeck Ridgeline Mid", "a"),
        ("becka boots", "b"),
        ("the heron", "c"),
        ("tarnbeck ones", "ab"),
        ("mid", "ac"),
        ("the plum one", "a"),
        ("the kettle", ""),
        ("it", "abc"),
        ("those", "abc"),
        ("", "abc"),
    ],
)
def test_words_mean_one_several_or_none_of_what_is_shown(words: str, ids: str) -> None:
    assert "".join(referent.id for referent in refer(words, None, SHOWN)) == ids


@pytest.mark.parametrize("words", ["it", "that one", "this", "", None])
def test_it_is_the_last_one_talked_about(words: str | None) -> None:
    assert [referent.id for referent in refer(words, None, SHOWN, last_id="b")] == ["b"]


@pytest.mark.parametrize(("position", "ids"), [(1, ["a"]), (-1, ["c"]), (3.0, ["c"]), (4, []), (0, []), (-4, [])])
def test_a_position_counts_from_either_end(position: float, ids: list[str]) -> None:
    assert [referent.id for referent in refer(None, position, SHOWN)] == ids


def test_nothing_shown_means_nothing() -> None:
    assert refer("it", None, ()) == refer("first", None, ()) == refer(None, -1, ()) == ()
