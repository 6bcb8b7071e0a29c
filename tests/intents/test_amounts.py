"""Prices as the message says them, whatever numbers the model made of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.amounts import mend_prices, prices_meant, prices_said, without_measures

READ = [
    ("max_price", 1.5, "laptop under 1.5 lakh", {"max_price": 150_000}),
    ("max_price", 12, "car below 12 lakhs", {"max_price": 1_200_000}),
    ("max_price", 100, "a guitar, no more than a hundred n twenty", {"max_price": 120}),
    ("max_price", 20, "kettles, a hundred n twenty tops", {"max_price": 120}),
    ("max_price", 2.5, "bike, two and a half thousand max", {"max_price": 2500}),
    ("max_price", 1500, "kurti size 40 under Rs.1500", {"max_price": 1500}),
    ("max_price", 1.5, "sofa under 1.500 euro", {"max_price": 1500}),
    ("min_price", 60, "a red toaster, 60ish", {"min_price": 48, "max_price": 72}),
    ("max_price", 30, "30 ish tops", {"max_price": 30}),
    ("max_price", 60, "60ish or less", {"max_price": 60}),
    ("min_price", 60, "60ish and up", {"min_price": 60}),
    ("max_price", 40, "for a 30ish guy, under 40 quid", {"max_price": 40}),
    ("max_price", 200, "a rug 150ish wide under 200", {"max_price": 200}),
    ("max_price", 300, "a chair under 300.. no lets say 250", {"max_price": 250}),
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
    ("min_price", 10, "something for the vent, cheap as chips, say under a tenner", {"max_price": 10}),
    ("max_price", 100, "saucepan sets over $100", {"min_price": 100}),
    ("min_price", 60, "can you strip out anything over 60", {"max_price": 60}),
    ("max_price", 80, "i don't want to see any below 80, they fall apart", {"min_price": 80}),
    ("max_price", 40, "an eid present under 40", {"max_price": 40}),
    ("min_price", 35, "a helmet that isnt over $35", {"max_price": 35}),
    ("min_price", 12, "pens that aren't going over 12", {"max_price": 12}),
    ("max_price", 10, "kits that aren't messy below a tenner", {"max_price": 10}),
    ("max_price", 30, "about 30 tops", {"max_price": 30}),
    ("max_price", 35, "up to about 35", {"max_price": 35}),
    ("max_price", 300, "between one and three hundred dollars", {"min_price": 100, "max_price": 300}),
    ("max_price", 5000, "from two to five grand", {"min_price": 2000, "max_price": 5000}),
    ("max_price", 150, "between one fifty and two twenty-five", {"min_price": 150, "max_price": 225}),
    ("min_price", 150, "nothin over 150 bucks", {"max_price": 150}),
    ("max_price", 100, "between 5 and 100", {"min_price": 5, "max_price": 100}),
    ("max_price", 500, "half a grand max", {"max_price": 500}),
    ("max_price", 1000, "16gb ram and a backlit keyboard under a grand", {"max_price": 1000}),
]
BOTH = [
    ("a mount for a 75 inch tv, $80 or thereabouts", (64, 96), {"min_price": 64, "max_price": 96}),
    ("a dozen glasses, unbreakable, 18 dollars tops", (18, 18), {"max_price": 18}),
    ("case for a phone 15, ten bucks tops", (10, 15), {"max_price": 10}),
    ("a grey duvet, 180 quid ish", (144, 216), {"min_price": 144, "max_price": 216}),
    ("pans, budget is 300 to 400 usd", (300, 400), {"min_price": 300, "max_price": 400}),
    ("over 20 and under 50", (20, 50), {"min_price": 20, "max_price": 50}),
]
SAID = [
    ("a floor lamp, 70 quid at a push", {"max_price": (70, "70 quid at a push")}),
    ("boxers, 25 pounds limit", {"max_price": (25, "25 pounds limit")}),
    ("nothing below £80", {"min_price": (80, "below £80")}),
    ("sandals under size 6", {}),
    ("a tent under 3 kg, at least 4 stars", {}),
    ("mouthguards for under 11s", {}),
    ("uno dos, the card game, under forty quid", {"max_price": (40, "under 40 quid")}),
]


@pytest.mark.parametrize(("slot", "written", "message", "prices"), READ, ids=[one[2] for one in READ])
def test_prices_are_those_of_the_message(slot, written, message, prices):
    assert dict(mend_prices([(slot, written)], message)) == prices


@pytest.mark.parametrize(("message", "written", "prices"), BOTH, ids=[one[0] for one in BOTH])
def test_of_two_prices_each_stands_where_the_message_has_it(message, written, prices):
    slots = [("query", "things"), ("min_price", written[0]), ("max_price", written[1])]
    assert dict(mend_prices(slots, message)) == {"query": "things", **prices}


@pytest.mark.parametrize(("message", "prices"), SAID, ids=[one[0] for one in SAID])
def test_money_with_its_side_is_found_and_no_other_measure(message, prices):
    assert prices_said(message) == prices


MEASURED = [
    ("600 thread count sheets", {"query": "600 thread count sheets", "min_price": 480, "max_price": 720}, False),
    ("a 12 inch pan", {"query": "pan", "size": "12 inch", "max_price": 12}, False),
    ("a 12 inch pan under 40", {"query": "pan", "size": "12 inch", "max_price": 40}, True),
    ("i asked TWICE. 180 X 200", {"size": "180 X 200", "max_price": 200}, False),
    ("a pan under 40", {"query": "pan", "max_price": 40}, True),
    ("something cheap, max a tenner", {"max_price": 10}, True),
]


@pytest.mark.parametrize(("message", "read", "kept"), MEASURED, ids=[one[0] for one in MEASURED])
def test_a_measure_is_no_price(message, read, kept):
    names = dict(without_measures(tuple(read.items()), message)).keys()
    assert names == (read.keys() if kept else read.keys() - {"min_price", "max_price"})


@given(st.text(max_size=80))
def test_other_slots_are_never_touched(message):
    slots = (("query", "lamp"), ("quantity", 3), ("min_rating", 4))
    assert mend_prices(slots, message) == slots


@given(st.text(max_size=60), st.floats(0.01, 1e6))
def test_any_message_leaves_prices_that_are_numbers(message, price):
    mended = dict(mend_prices([("max_price", price)], message))
    assert set(mended) <= {"min_price", "max_price"}
    assert all(isinstance(value, int | float) and value > 0 for value in mended.values())


@pytest.mark.parametrize(
    ("text", "prices", "left"),
    [
        ("boots under 50", {"max_price": 50}, "boots"),
        ("boots under fifty bucks", {"max_price": 50}, "boots"),
        ("Boots over $1,200", {"min_price": 1200}, "Boots"),
        ("lamp between 20 and 40", {"min_price": 20, "max_price": 40}, "lamp"),
        ("lamp around 50 dollars", {"min_price": 40, "max_price": 60}, "lamp"),
        ("a tent under a grand for two", {"max_price": 1000}, "a tent for 2"),
        ("tv between 40 and 50 inches", {}, "tv between 40 and 50 inches"),
        ("laptop under 15 inches", {}, "laptop under 15 inches"),
        ("one piece swimsuit", {}, "one piece swimsuit"),
        ("one piece swimsuit under 60", {"max_price": 60}, "one piece swimsuit"),
        ("under 50", {"max_price": 50}, ""),
        ("", {}, ""),
    ],
)
def test_a_search_box_says_a_price_with_or_without_its_unit(text: str, prices: dict[str, float], left: str) -> None:
    assert prices_meant(text) == (prices, left)
