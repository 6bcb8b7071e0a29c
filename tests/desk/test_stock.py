"""Stock is taken once, of the right variant, and never below nothing."""

from __future__ import annotations

import pytest
from desk_shop import BLACK, BLUE, GONE, RED, stock

from assistant.desk.stock import move, refuse_gone, variant_text
from assistant.desk.terms import Refused
from assistant.store import Variant


def test_all_moves_of_a_variant_are_one(shop):
    with shop.session() as session:
        red, blue = session.get_one(Variant, RED), session.get_one(Variant, BLUE)
        move(session, [(red, 3), (blue, -2), (red, -1)])  # two in stock: three alone would be too many
        assert (red.stock, blue.stock) == (0, 12)
    assert (stock(shop, RED), stock(shop, BLUE), stock(shop, GONE)) == (0, 12, 0)


def test_what_is_not_there_any_more_is_refused_by_name(shop):
    with pytest.raises(Refused) as refused, shop.session() as session:
        move(session, [(session.get_one(Variant, BLUE), 1), (session.get_one(Variant, RED), 3)])
    assert refused.value.response == "utter_variant_gone"
    assert refused.value.facts == {"item": "Mug (red)"}
    assert (stock(shop, RED), stock(shop, BLUE)) == (2, 10)


def test_what_nobody_counts_can_always_be_had(shop):
    with shop.session() as session:
        black = session.get_one(Variant, BLACK)
        move(session, [(black, 1_000)])
        refuse_gone(black, 1_000)
    assert stock(shop, BLACK) is None


def test_the_last_of_a_variant_can_be_had_and_one_more_cannot(shop):
    with shop.reading() as session:
        red = session.get_one(Variant, RED)
        refuse_gone(red, 2)
        for variant, quantity in ((red, 3), (session.get_one(Variant, GONE), 1)):
            with pytest.raises(Refused) as refused:
                refuse_gone(variant, quantity)
            assert refused.value.facts == {"item": variant_text(variant)}
