"""A conversation in the terminal: `aisle chat`. Cards are plain lines, buttons have numbers, Ctrl-D leaves."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.locks import ConversationBusy
from assistant.pieces import Piece
from assistant.turns import Assistant
from dialogues.messages import BotMessage, Button

PROMPT = "you> "
STARS = 5


def run_terminal(assistant: Assistant, sender: str) -> None:
    """Talk until the shopper presses Ctrl-D (or Ctrl-C). A turn that breaks ends the program, with its exception."""
    greeting = assistant.greeting()
    print(message_text(greeting))
    buttons: Sequence[Button] = greeting.buttons
    while True:
        try:
            said = input(PROMPT)
        except (EOFError, KeyboardInterrupt):
            print()
            return
        try:
            messages = assistant.handle(sender, chosen(said, buttons), uuid.uuid4().hex, Printer().show)
        except ConversationBusy:
            print("(Still answering an earlier message of this conversation. Try again in a moment.)")
            continue
        buttons = messages[-1].buttons if messages else ()


class Printer:
    """Prints the pieces of a turn as they come: words at once, a message's cards and buttons when it is complete."""

    def __init__(self) -> None:
        self.begun = False

    def show(self, piece: Piece) -> None:
        if piece.message is None:
            sys.stdout.write(printable(piece.text))
            self.begun = True
        elif self.begun:
            sys.stdout.write("".join(f"\n{line}" for line in extras(piece.message)) + "\n")
            self.begun = False
        else:
            sys.stdout.write(message_text(piece.message) + "\n")
        sys.stdout.flush()


def chosen(said: str, buttons: Sequence[Button]) -> str:
    """The payload of the button whose number was typed, or what was typed."""
    number = said.strip()
    if number.isdecimal() and 1 <= int(number) <= len(buttons):
        return buttons[int(number) - 1].payload
    return said


def message_text(message: BotMessage) -> str:
    return "\n".join([printable(message.text), *extras(message)])


def extras(message: BotMessage) -> list[str]:
    """A message's cards and numbered buttons, a line each."""
    lines = [line for card in message.cards for line in card_lines(card)]
    return [*lines, *(f"  [{number}] {printable(b.title)}" for number, b in enumerate(message.buttons, start=1))]


def card_lines(card: Mapping[str, Any]) -> list[str]:
    lines = {"order": order_lines, "table": table_lines}.get(str(card.get("kind")), product_lines)(card)
    return [f"  {printable(line)}" for line in lines]


def table_lines(card: Mapping[str, Any]) -> list[str]:
    """The title, then a line for each row: `price   $109.00 | $89.00`."""
    columns = [f"    {' | '.join(card['columns'])}"] if card["columns"] else []
    return [
        f"* {card['title']}",
        *columns,
        *(f"    {row['name']}   {' | '.join(row['values'])}" for row in card["rows"]),
    ]


def product_lines(card: Mapping[str, Any]) -> list[str]:
    """`* Tarnbeck Ridgeline Mid   $109.00   4.6/5 (312)   in stock`, why it is recommended, its variants or options."""
    rating = f"{card['rating']}/{STARS} ({card.get('ratings') or 0})" if card.get("rating") is not None else ""
    stock = "in stock" if card.get("in_stock") else "out of stock"
    head = "   ".join(part for part in (f"* {card['name']}", str(card["price"]), rating, stock) if part)
    above = [head, f"    {card['why']}"] if card.get("why") else [head]
    if card.get("variants"):
        return [*above, *(variant_line(variant) for variant in card["variants"])]
    return [*above, *(f"    {option}: {', '.join(values)}" for option, values in (card.get("options") or {}).items())]


def variant_line(variant: Mapping[str, Any]) -> str:
    sold_out = "" if variant.get("in_stock") else "   sold out"
    return f"    {variant.get('options')}   {variant.get('price')}{sold_out}"


def order_lines(card: Mapping[str, Any]) -> list[str]:
    """The order's number, status and dates, then its items, then the total."""
    dates = [("placed", card.get("placed")), ("expected", card.get("eta"))]
    said = "".join(f", {label} {when}" for label, when in dates if when)
    items = [
        f"    {item.get('quantity') or 1} x {item['name']}"
        + (f" ({item['options']})" if item.get("options") else "")
        + f"   {item.get('price') or ''}"
        for item in card.get("items") or ()
    ]
    head = f"* Order {card['id']}: {card.get('status')}{said}"
    return [head, *items, f"    Total {card.get('total')}"]


def printable(text: str) -> str:
    """The text without control characters: a catalogue cannot move the cursor or colour the screen."""
    kept = (char if char == "\n" or char.isprintable() else " " if char.isspace() else "" for char in text)
    return "".join(kept)
