"""What the model copied badly is put right by the message, and what people labelled stays as it is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.commands import Command, format_commands, parse_commands
from intents.mending import mend, whole_address

RIGHT = Path(__file__).with_name("right_readings.txt")  # "message ||| commands"
MENDED = [
    ("Hanna Vik here, 55414", 'inform(name="Hanna", zip="55414")', 'inform(name="Hanna Vik", zip="55414")'),
    (
        "hey Kofi Asante, 30030",
        'inform(name="hey Kofi Asante", zip="30030")',
        'inform(name="Kofi Asante", zip="30030")',
    ),
    ("i am Li Na and my zip is 94110", 'inform(name="Li Na", zip="94110")', 'inform(name="Li Na", zip="94110")'),
    ("ida@example.com it is", 'inform(email="ida", name="ida@example.com")', 'inform(email="ida@example.com")'),
    ("ida at example dot com", 'inform(email="ida at example dot com")', 'inform(email="ida at example dot com")'),
    ("any ideas? im ida@example.com.", "identify()", 'identify(email="ida@example.com")'),
    ("what did 71120 come to", 'order_details(order_id="71120")', None),
    ("pleese cansel 60338 i orderd twice", 'cancel_order(order_id="60338")', None),
    ("ideas? im ida@example.com", 'identify(name="ida@example.com")', 'identify(email="ida@example.com")'),
    ("im Ida Berg, not ida@example.com", 'identify(name="Ida Berg")', 'identify(name="Ida Berg")'),
    (
        "the bird bath in AB-70933, where",
        'track_order(item="bird bath")',
        'track_order(item="bird bath", order_id="AB-70933")',
    ),
    (
        "600 thread count sheets",
        'search_products(query="sheets", min_price=480, max_price=720)',
        'search_products(query="600 thread count sheets")',
    ),
    ("an f/1.8 lens pls", 'search_products(size="f/1.8")', 'search_products(size="f/1.8", query="lens")'),
    (
        "a 50mm lens",
        'search_products(size="50mm", feature="lens")',
        'search_products(size="50mm", query="lens")',
    ),
    ("dog bed 4 a big labrador", 'search_products(query="dog bed", size="4")', 'search_products(query="dog bed")'),
    ("boots size 4 for a girl", 'search_products(query="boots", size="4")', 'search_products(query="boots", size="4")'),
    (
        "the blanket hums, swap for other one",
        'exchange_items(item="blanket", feature="other one")',
        'exchange_items(item="blanket")',
    ),
    ("the same card is ok", 'inform(payment_method="the same card is ok")', 'inform(payment_method="the same card")'),
    (
        "LOOKING FOR A PROTECTOR QUEEN SIZE WATERPROOF",
        'search_products(query="PROTECTOR", feature="WATERPROOF")',
        'search_products(query="PROTECTOR", feature="WATERPROOF", size="QUEEN")',
    ),
    ("sheets, not king size", 'search_products(query="sheets")', 'search_products(query="sheets")'),
    ("jeans in a single size", 'search_products(query="jeans")', 'search_products(query="jeans")'),
    ("size 4 my lad says", 'search_products(query="boots", size="4")', 'search_products(query="boots", size="4")'),
    ("have it in a 4 my size", 'check_stock(size="4")', 'check_stock(size="4")'),
    ("anything by LEGO for nine", 'search_products(query="LEGO")', 'search_products(brand="LEGO")'),
    (
        "take one of the paint rollers out",
        'remove_from_cart(item="paint rollers")',
        'remove_from_cart(item="paint rollers", quantity=1)',
    ),
    (
        "size 8 of the boots in",
        'add_to_cart(item="boots", size="8")',
        'add_to_cart(item="boots", size="8")',
    ),
    ("£20 of the gift card", 'add_to_cart(item="gift card")', 'add_to_cart(item="gift card")'),
    (
        "one of the mugs and two of the cups",
        'add_to_cart(item="mugs", item="cups")',
        'add_to_cart(item="mugs", item="cups")',
    ),
    ("put two of them in", 'add_to_cart(item="them")', 'add_to_cart(item="them")'),
    ("anything in blue then", 'search_products(color="blue")', 'search_products(color="blue")'),
    (
        "tint the goggles on KD-70112 please",
        'change_order_items(item="goggles", feature="tint the goggles on KD-70112")',
        'change_order_items(item="goggles", feature="tint the goggles", order_id="KD-70112")',
    ),
    ("too tight, order's 7740935", 'exchange_items(size="7740935")', 'exchange_items(order_id="7740935")'),
    (
        "the fan hums. Iris Vance 60614.",
        'exchange_items(item="fan", material="Iris Vance", order_id="60614")',
        'exchange_items(item="fan"); identify(name="Iris Vance", zip="60614")',
    ),
    (
        "heyy iris vance 60614!! the fan hums",
        'exchange_items(item="fan", order_id="60614")',
        'identify(name="iris vance", zip="60614"); exchange_items(item="fan")',
    ),
    ("IRIS VANCE 60614", 'inform(order_id="VANCE 60614")', 'inform(name="IRIS VANCE", zip="60614")'),
    ("Iris Vance, 60614", 'inform(name="Irisance", zip="60614")', 'inform(name="Iris Vance", zip="60614")'),
    ("cancel order 60614", 'cancel_order(order_id="60614")', 'cancel_order(order_id="60614")'),
    ("send order 60614 on", 'track_order(order_id="60614")', 'track_order(order_id="60614")'),
    ("not W1190357, W6024418", 'inform(item="it")', 'inform(item="it")'),
    ("like order W6649870", 'inform(address="like order W6649870")', 'inform(address="like order W6649870")'),
    (
        "a floor lamp, sage green, 70 quid at a push",
        'search_products(query="floor lamp", size="70 quid at a push")',
        'search_products(query="floor lamp", max_price=70, color="sage green")',
    ),
    ("boots at least $90, and socks", 'search_products(query="boots"); search_products(query="socks")', None),
]
ADDRESSES = [
    ("214, 3 B, 28028 Madrid", "Calle de Goya 214, 3 B, 28028 Madrid", "Calle de Goya 214, 3 B, 28028 Madrid"),
    ("Blk 5 Ave 1 #08-117", "it is Blk 5 Ave 1 #08-117 Singapore 560305", "Blk 5 Ave 1 #08-117 Singapore 560305"),
    ("9 Elm Ct, Dayton", "leave it at 9, 9 Elm Ct, Dayton OH 45402 instead", "9 Elm Ct, Dayton OH 45402"),
    ("Back Lane, Hawes DL8 3QL", "to Back Lane, Hawes DL8 3QL. I moved.", "Back Lane, Hawes DL8 3QL"),
    ("2200 Fulton St, Chicago", "AB-90417, 2200 Fulton St, Chicago, IL 60612", "2200 Fulton St, Chicago, IL 60612"),
    ("3 Kiln Lane, Stoke", "to 3 Kiln Lane, Stoke ST4 1AA, W6203398", "3 Kiln Lane, Stoke ST4 1AA"),
    ("my parents' house", "to my parents' house In Leeds", "my parents' house"),
]


@pytest.mark.parametrize(("message", "written", "meant"), MENDED, ids=[one[0] for one in MENDED])
def test_the_message_puts_right_what_the_model_wrote(catalogue, message, written, meant):
    found = mend(parse_commands(written), message, catalogue)
    assert format_commands(found) == (meant or written)


@pytest.mark.parametrize(("written", "message", "whole"), ADDRESSES, ids=[one[1] for one in ADDRESSES])
def test_an_address_is_taken_whole(written, message, whole):
    assert whole_address(written, message) == whole


def test_what_people_labelled_is_left_alone(catalogue, shipped_examples):
    changed = [one.text for one in shipped_examples if not _same(mend(one.commands, one.text, catalogue), one.commands)]
    assert len(changed) <= len(shipped_examples) / 1000, changed


def test_right_readings_of_everyday_messages_stay(catalogue):
    """Each message was written to be spoilt by one of the rules; a line break stands as \\n."""
    lines = RIGHT.read_text("utf-8").splitlines()
    said = [(text.replace("\\n", "\n"), parse_commands(read)) for text, read in (one.split(" ||| ") for one in lines)]
    assert len(said) > 500
    spoilt = [(text, format_commands(mend(read, text, catalogue))) for text, read in said]
    assert [one for one, (_, read) in zip(spoilt, said, strict=True) if not _same(parse_commands(one[1]), read)] == []


def _same(one, other):
    return [_loosely(command) for command in one] == [_loosely(command) for command in other]


def _loosely(command: Command):
    return command.intent, sorted((name, str(value).rstrip(".")) for name, value in command.slots)


@given(st.text(max_size=80), st.text(max_size=30))
def test_any_message_can_be_mended_by(catalogue, message, value):
    command = Command("inform", (("address", value), ("name", value), ("email", value)))
    assert {name for name, _ in mend([command], message, catalogue)[0].slots} <= set(catalogue.intents["inform"].slots)
