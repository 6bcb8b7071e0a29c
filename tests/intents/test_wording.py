"""What a slot's words leave out of the phrase they were copied from is taken in, and nothing that is said elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.commands import parse_commands
from intents.said import said_as
from intents.wording import whole_wording

WHOLE = [
    ("SHOW ME 55 INCH TVS", 'search_products(query="TVS", size="55")', {"query": "TVS", "size": "55 INCH"}),
    ("loafers size nine and a half", 'search_products(query="loafers", size="nine")', {"size": "nine and a half"}),
    ("loafers size 9 in suede", 'search_products(query="loafers", size="9")', {"size": "9"}),
    ("a 2 man tent", 'search_products(query="man tent", size="2")', {"query": "man tent", "size": "2"}),
    ("show us your kettles mate", 'search_products(query="kettles mate")', {"query": "kettles"}),
    ("one 40 watt bulb", 'search_products(query="one 40 watt bulb")', {"query": "40 watt bulb"}),
    ("an 18mm leather strap", 'search_products(query="strap", size="18mm")', {"query": "leather strap"}),
    ("a red wool hat", 'search_products(query="hat", color="red", material="wool")', {"query": "hat"}),
    ("dad wants slippers", 'search_products(query="slippers", recipient="dad")', {"query": "slippers"}),
    ("blue for the study lamp", 'search_products(query="lamp", color="blue")', {"query": "lamp"}),
    ("an f/1.8 lens", 'search_products(query="lens")', {"query": "f/1.8 lens"}),
    ("hi, 144hz monitors", 'search_products(query="monitors")', {"query": "144hz monitors"}),
    ("12 oz gloves", 'search_products(query="gloves", size="12 oz")', {"query": "gloves"}),
    ("5x tennis balls", 'add_to_cart(quantity=5, item="tennis balls")', {"item": "tennis balls"}),
    ("minus 20, gimme gloves", 'search_products(query="gloves")', {"query": "gloves"}),
    ("for my 3 year old a kite", 'search_products(query="kite", recipient="my 3 year old")', {"query": "kite"}),
    ("under $30 lamps", 'search_products(query="lamps", max_price=30)', {"query": "lamps"}),
    ("in der Straße AN 18MM Leather Strap", 'search_products(query="Strap", size="18MM")', {"query": "Leather Strap"}),
    ("teh calder", 'product_details(item="teh calder")', {"item": "calder"}),
    ("sweep the chimney please", 'give_feedback(comment="sweep please")', {"comment": "sweep please"}),
]
EMPTY = [("lamp with a dimmer", "size", "with"), ("any colour", "color", "any"), ("plus sizes", "size", "plus")]
SLOTS = st.lists(st.tuples(st.sampled_from(["query", "item", "size", "color", "comment"]), st.text(max_size=12)))


@pytest.mark.parametrize(("message", "read", "whole"), WHOLE, ids=[one[0] for one in WHOLE])
def test_a_slot_has_the_whole_of_its_words(message, read, whole):
    (command,) = parse_commands(read)
    found = dict(whole_wording(command.slots, message))
    assert {**dict(command.slots), **whole} == found


@pytest.mark.parametrize(("message", "slot", "value"), EMPTY, ids=[one[0] for one in EMPTY])
def test_what_says_nothing_is_no_slot(message, slot, value):
    assert whole_wording(((slot, value),), message) == (() if value == "with" else ((slot, value),))


@given(SLOTS, st.text(max_size=60))
def test_any_slots_of_any_message_keep_their_names(slots, message):
    names = [name for name, _ in slots]
    found = [name for name, _ in whole_wording(slots, message)]
    assert found == names or (len(found) < len(names) and set(found) <= set(names))


@given(st.from_regex(r"[a-z]{2,5} \d{1,3}(mm|cm)? [a-z]{2,8} [a-z]{2,8}", fullmatch=True))
def test_what_is_taken_in_stands_in_the_message(message):
    words = message.split()
    found = whole_wording((("size", words[1]), ("query", words[-1])), message)
    assert all(said_as(str(value), message) == value for _, value in found)
