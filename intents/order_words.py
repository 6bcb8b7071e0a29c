"""What a message says of orders where a small model hears the opposite: those still on their way, and days of a month.

list_orders(status="delivered")   "which ones are still on the way?"  ->  list_orders(status="shipped")
order_details(order_id="28")      "what did I order on the 28th?"     ->  order_details()
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from intents.commands import Command

UNDER_WAY = re.compile(r"\bon (?:the|its|their) way\b|\bin transit\b|\bout for delivery\b", re.IGNORECASE)
TO_COME = re.compile(
    r"(?:\barriv(?:e|es|ing)|\bstill (?:coming|to come|waiting|due)|"
    r"(?:\bnot|n't|nt|\bnever) (?:yet |even )?(?:here|arrived|come|got))\b",
    re.IGNORECASE,
)
CAME = re.compile(r"(?<!not )(?<!n't )(?<!yet )\b(?:arrived|delivered|came|received)\b", re.IGNORECASE)


def with_order_words(commands: Sequence[Command], text: str) -> list[Command]:
    """The commands with an order's status and number as the message has them."""
    return [_with_number(_with_status(one, text), text) for one in commands]


def _with_status(command: Command, text: str) -> Command:
    if command.intent != "list_orders" or command.get("status") != "delivered" or CAME.search(text):
        return command
    others = tuple((name, value) for name, value in command.slots if name != "status")
    if UNDER_WAY.search(text):
        return replace(command, slots=(*others, ("status", "shipped")))
    return replace(command, slots=others) if TO_COME.search(text) else command


def _with_number(command: Command, text: str) -> Command:
    number = str(command.get("order_id") or "")
    if len(number) > 2 or not re.search(rf"\b{re.escape(number)}(?:st|nd|rd|th)\b", text) or not number:
        return command
    return replace(command, slots=tuple((name, value) for name, value in command.slots if name != "order_id"))
