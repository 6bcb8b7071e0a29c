"""Prices as the message says them, whatever numbers the model made of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.amounts import mend_prices

READ = [
    ("max_price", 20, "need a desk lamp between 20 and 45", {"min_price": 20, "max_price": 45}),
    ("max_price", 45, "from £20 to £45 please", {"min_price": 20, "max_price": 45}),
    ("max_price", 400, "size eight and a half under a hundred bucks", {"max_price": 100}),
    ("max_price", 200, "a watch for my dad, about 200 quid", {"min_price": 160, "max_price": 240}),
    ("min_price", 70, "roughly eighty", {"min_price": 64, "max_price": 96}),
    ("max_price", 1500, "under fifteen hundred", {"max_price": 1500}),
    ("max_price", 15, "nothing over 1.5k", {"max_price": 1500}),
    ("max_price", 250, "max two fifty", {"max_price": 250}),
    ("max_price", 200, "a couple hundred tops", {"max_price": 200}),
    ("max_price", 50, "no more than 50, for about 8 people", {"max_price": 50}),
    ("max_price", 30, "order #W1234567, something cheap", {"max_price": 30}),
    ("max_price", 1299.99, "$1,299.99 max", {"max_price": 1299.99}),
]


@pytest.mark.parametrize(("slot", "written", "message", "prices"), READ, ids=[one[2] for one in READ])
def test_prices_are_those_of_the_message(slot, written, message, prices):
    assert dict(mend_prices([(slot, written)], message)) == prices


@given(st.text(max_size=80))
def test_other_slots_are_never_touched(message):
    slots = (("query", "lamp"), ("quantity", 3), ("min_rating", 4))
    assert mend_prices(slots, message) == slots


@given(st.text(max_size=60), st.floats(0.01, 1e6))
def test_any_message_leaves_prices_that_are_numbers(message, price):
    mended = dict(mend_prices([("max_price", price)], message))
    assert set(mended) <= {"min_price", "max_price"}
    assert all(isinstance(value, int | float) and value > 0 for value in mended.values())
