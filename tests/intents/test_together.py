"""Commands of one message are put right by one another."""

import pytest

from intents.commands import format_commands, parse_commands
from intents.mending import mend

TOGETHER = [
    (
        "track W1234567 and what did it cost",
        'track_order(order_id="W1234567"); order_details(attribute="cost")',
        'track_order(order_id="W1234567"); order_details(attribute="cost", order_id="W1234567")',
    ),
    (
        "W1234567. and send me the invoice",
        'inform(order_id="W1234567"); get_invoice()',
        'inform(order_id="W1234567"); get_invoice(order_id="W1234567")',
    ),
    (
        "cancel W1234567, and where is my refund",
        'cancel_order(order_id="W1234567"); refund_status()',
        'cancel_order(order_id="W1234567"); refund_status(order_id="W1234567")',
    ),
    ("cancel W1234567 and send the vase back", 'cancel_order(order_id="W1234567"); return_items(item="vase")', None),
    ("return the lamp and cancel W1234567", 'return_items(item="lamp"); cancel_order(order_id="W1234567")', None),
    ("W1234567, and track my other order", 'inform(order_id="W1234567"); track_order()', None),
    (
        "track W1234567 and W7654321 and bill me",
        'track_order(order_id="W1234567"); track_order(order_id="W7654321"); get_invoice()',
        None,
    ),
    ("W1234567. how do returns work", 'inform(order_id="W1234567"); ask_policy(topic="returns")', None),
    ("W1234567. its me, ada@example.com", 'track_order(order_id="W1234567"); identify(email="ada@example.com")', None),
    (
        "too small. money to my visa",
        'inform(reason="too small"); inform(payment_method="my visa")',
        'inform(reason="too small", payment_method="my visa")',
    ),
    (
        "Ada Birk. ada@example.com",
        'identify(name="Ada Birk"); identify(email="ada@example.com")',
        'identify(name="Ada Birk", email="ada@example.com")',
    ),
    (
        "got black cups, not white. pls exchange W1234567 to white",
        'exchange_items(item="cups", order_id="W1234567"); exchange_items(order_id="W1234567", color="white")',
        'exchange_items(item="cups", order_id="W1234567", color="white")',
    ),
    (
        "earbuds, only what u have in stock now",
        'search_products(query="earbuds"); check_stock()',
        'search_products(query="earbuds", in_stock="yes")',
    ),
    ("earbuds, and is the lamp in", 'search_products(query="earbuds"); check_stock(item="lamp")', None),
    (
        "my address is 4 Larch Ave, & W5612090 i pay w paypal",
        'update_address(address="4 Larch Ave, & W5612090"); change_payment_method(payment_method="paypal")',
        'update_address(address="4 Larch Ave"); change_payment_method(payment_method="paypal", order_id="W5612090")',
    ),
    ("is this one in stock? some rugs too", 'check_stock(); search_products(query="rugs")', None),
    ("rugs, and is this one still in", 'search_products(query="rugs"); check_stock()', None),
    (
        "ida@example.com, new address for my order: 10245 Elm Street",
        'identify(email="ida@example.com"); change_shipping_address(address="10245 Elm Street")',
        None,
    ),
    ("W1234567 came, thanks. now cancel my latest order", "thank(); cancel_order()", None),
    ("55555, order number is 55555", 'identify(zip="55555"); track_order()', None),
    ("W5612090: cancel it, track it", "cancel_order(); track_order()", None),
    ("return W1234567. and W7654321", 'return_items(order_id="W1234567"); return_items(order_id="W7654321")', None),
    (
        "where is the money of W1234567. where",
        'refund_status(order_id="W1234567"); refund_status(order_id="W1234567")',
        'refund_status(order_id="W1234567")',
    ),
    ("the red one. the blue one", 'inform(item="red one"); inform(item="blue one")', None),
    ("a mug. and a plate", 'search_products(query="mug"); search_products(query="plate")', None),
]


@pytest.mark.parametrize(("message", "read", "meant"), TOGETHER, ids=[one[0] for one in TOGETHER])
def test_what_was_said_once_holds_for_what_follows(catalogue, message, read, meant):
    assert format_commands(mend(parse_commands(read), message, catalogue)) == (meant or read)
