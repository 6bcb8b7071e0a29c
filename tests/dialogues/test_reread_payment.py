"""Where the money is to go is no thing to send back."""

import pytest

from dialogues.reread import reread
from dialogues.tracker import Tracker
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
