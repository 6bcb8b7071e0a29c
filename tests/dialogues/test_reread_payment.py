"""Where the money is to go is no thing to send back."""

import pytest

from dialogues.reread import reread
from dialogues.tracker import Frame, Tracker, stack_event
from intents.commands import format_commands, parse_commands

READ = [
    (
        "return the tablet and refund to credit card",
        'return_items(item="credit card")',
        'return_items(payment_method="credit card")',
    ),
    (
        "send back the rug, money onto my gift card",
        'return_items(item="my gift card")',
        'return_items(payment_method="my gift card")',
    ),
    ("i want to return the gift card", 'return_items(item="gift card")', 'return_items(item="gift card")'),
    ("take it to the card shop", 'return_items(item="card shop")', 'return_items(item="card shop")'),
]


@pytest.mark.parametrize(("message", "read", "meant"), READ, ids=[one[0] for one in READ])
def test_a_way_to_be_paid_is_told_from_a_thing(message: str, read: str, meant: str) -> None:
    tracker = Tracker("somebody").apply({"event": "user", "text": message, "parse_data": {}})
    assert format_commands(reread(tracker, parse_commands(read))) == meant


PICKED = [
    ("on my card, not the gift card", 'select(item="difference on my card")', 'inform(payment_method="my card")'),
    ("the visa", 'select(item="visa")', 'inform(payment_method="visa")'),
    ("the second one", "select(position=2)", "select(position=2)"),
    ("the blue one", 'select(item="blue one")', 'select(item="blue one")'),
]


@pytest.mark.parametrize(("message", "read", "meant"), PICKED, ids=[one[0] for one in PICKED])
def test_a_way_to_pay_that_was_asked_for_is_no_thing_picked(message: str, read: str, meant: str) -> None:
    asking = Frame("exchange_items", asked="payment_method")
    tracker = Tracker("somebody").apply(stack_event([asking]))
    tracker = tracker.apply({"event": "user", "text": message, "parse_data": {}})
    assert format_commands(reread(tracker, parse_commands(read))) == meant
