"""The HTML of a conversation: bubbles, cards, tables, quick replies, thumbs.

Start at `thread_html`. Every word that comes from a shopper, the model or the database passes through `html.escape`,
and a picture is shown only from this server, so nothing in a catalogue can run a script or call another host.
A clickable thing is a button with the message it sends in `data-payload` and what the shopper sees of it in
`data-title`; chat.js does the rest. Directions of writing are found by the browser (`dir="auto"`), bubble by bubble.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from assistant.web.buttons import button_html, title_of
from assistant.web.order_cards import order_html
from assistant.web.product_cards import buying_button, product_html
from dialogues.messages import BotMessage, Button

Entry = tuple[str, "str | BotMessage"]  # ("user", text) or ("bot", message), oldest first
AMOUNT = re.compile(r"-?[^\d\s-]{0,3}\d[\d,]*\.\d\d(?: [A-Z]{3})?")  # as presentation.money writes it
THUMBS = (("up", "Good reply"), ("down", "Bad reply"))
THUMB_ICON = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 11v9H4v-9zm0 8.2c2 .9 3.6 1.3 5.5 1.3h3.8c1 0 1.8-.6 2-1.6'
    'l1.2-5.6c.3-1.3-.7-2.3-2-2.3h-4.3l.7-3.9c.2-1.4-.6-2.4-1.6-2.6L7 11"/></svg>'
)


def thread_html(
    entries: Sequence[Entry],
    with_buttons: bool = True,
    thumbs: Mapping[int, str] | None = None,
    turns_before: int = 0,
) -> str:
    """A whole conversation, oldest message first; quick replies stand under the last message only.

    With `thumbs` (what was pressed, by turn) each turn's reply can be rated once it is complete. `turns_before` counts
    the shopper's messages that came before the entries.
    """
    turn, parts = turns_before, []
    for place, (_, said) in enumerate(entries):
        if isinstance(said, BotMessage):
            following = entries[place + 1][1] if place + 1 < len(entries) else "" if with_buttons else said
            parts.append(bot_html(said))
            if thumbs is not None and turn > 0 and not isinstance(following, BotMessage):
                parts.append(thumbs_html(turn, thumbs.get(turn)))
        else:
            turn += 1
            parts.append(user_html(words_of(said, entries[:place])))
    last = entries[-1][1] if entries else None
    if with_buttons and isinstance(last, BotMessage) and last.buttons:
        parts.append(buttons_html(last.buttons))
    return "".join(parts)


def words_of(said: str, before: Sequence[Entry]) -> str:
    """What the shopper wrote; for a pressed button its words, which may be those of a quick reply shown before."""
    if not said.startswith("/"):
        return said
    for _, message in reversed(before):
        for button in message.buttons if isinstance(message, BotMessage) else ():
            if button.payload == said:
                return button.title
    return title_of(said)


def user_html(text: str) -> str:
    """The shopper's own words; for a clicked button its title."""
    return f'<div class="turn user"><div class="bubble" dir="auto">{said_by("You")}{escape(text)}</div></div>'


def bot_html(message: BotMessage) -> str:
    """One message of the assistant: its text and, below it, its cards."""
    text = escape(message.text)
    bubble = f'<div class="bubble" dir="auto">{said_by("Assistant")}{text}</div>' if message.text else ""
    return f'<div class="turn bot">{bubble}{cards_html(message.cards)}</div>'


def said_by(who: str) -> str:
    """For screen readers, which see no sides. Its own `dir` keeps it from deciding the bubble's."""
    return f'<span class="unseen" dir="ltr">{who}: </span>'


def writing_html(text: str, message_id: str) -> str:
    """The message now being written: its words so far, or three dots before the first of them.

    `message_id` is the shopper's, by which chat.js knows that it has arrived."""
    inside = escape(text) if text else '<span class="dots" role="img" aria-label="typing"><i></i><i></i><i></i></span>'
    return f'<div class="turn bot" data-to="{escape(message_id)}"><div class="bubble" dir="auto">{inside}</div></div>'


def finished_html(event: str) -> str:
    """Nothing to see: it tells chat.js that its event has been answered."""
    return f'<span class="finished" data-event="{escape(event)}"></span>'


def failure_html(reason: str, event: str, message_id: str = "") -> str:
    """A turn that broke: why, and buttons that send the same message once more (chat.js keeps its id) or drop it."""
    return (
        f'<div class="turn bot failed" data-event="{escape(event)}" data-to="{escape(message_id)}">'
        f'<div class="bubble" dir="auto">{escape(reason)} '
        '<button type="button" class="again">Try again</button> '
        '<button type="button" class="again" data-does="discard">Leave it</button></div></div>'
    )


def buttons_html(buttons: Iterable[Button]) -> str:
    """Quick replies, in a row that wraps."""
    inside = "".join(button_html("quick", button.title, button.payload, button.title) for button in buttons)
    return f'<div class="quicks" role="group" aria-label="Quick replies">{inside}</div>'


def thumbs_html(turn: int, pressed: str | None) -> str:
    """Two thumbs under a reply; pressing the one that is pressed takes it back."""
    inside = "".join(
        f'<button type="button" class="thumb {thumb}" data-thumb="{thumb}" aria-label="{label}" '
        f'aria-pressed="{"true" if thumb == pressed else "false"}">{THUMB_ICON}</button>'
        for thumb, label in THUMBS
    )
    group = 'role="group" aria-label="Rate this reply" aria-live="off"'
    return f'<div class="thumbs" {group} data-turn="{turn}">{inside}</div>'


def cards_html(cards: Sequence[Mapping[str, Any]]) -> str:
    """Product cards in a row that scrolls sideways, order cards one below the other, then tables."""
    products = [product_html(card) for card in cards if card.get("kind") == "product"]
    orders = [order_html(card) for card in cards if card.get("kind") == "order"]
    html = ""
    if products:
        lone = " lone" if len(products) == 1 else ""
        html += (
            f'<ul class="products{lone}" aria-label="Products" aria-live="off" tabindex="0">{"".join(products)}</ul>'
        )
    if orders:
        html += f'<ul class="orders" aria-label="Orders" aria-live="off">{"".join(orders)}</ul>'
    return html + "".join(table_html(card) for card in cards if card.get("kind") == "table")


def table_html(card: Mapping[str, Any]) -> str:
    """A comparison, an invoice, a cart: a row for each thing, with a value for each column."""
    title = escape(str(card.get("title") or ""))
    heads = "".join(f'<th scope="col" dir="auto">{escape(str(column))}</th>' for column in card.get("columns") or ())
    head = f"<thead><tr><td></td>{heads}</tr></thead>" if heads else ""
    rows = "".join(table_row_html(row) for row in card.get("rows") or ()) + buying_row_html(card)
    return (
        f'<div class="card table"><div class="head">{title}</div>'
        f'<div class="wide" role="region" aria-label="{title or "Table"}" aria-live="off" tabindex="0">'
        f"<table>{head}<tbody>{rows}</tbody></table></div></div>"
    )


def buying_row_html(card: Mapping[str, Any]) -> str:
    """Below each product that is compared a button: into the cart, or to others like it where it is sold out."""
    in_stock = card.get("in_stock") or ()
    buttons = (
        "".join(
            f"<td>{buying_button(str(name), can)}</td>" for name, can in zip(card["columns"], in_stock, strict=True)
        )
        if in_stock
        else ""
    )
    return f'<tr class="buying"><th scope="row"><span class="unseen">Buy</span></th>{buttons}</tr>' if buttons else ""


def table_row_html(row: Mapping[str, Any]) -> str:
    """Amounts that stand alone in their rows stand below one another, at the end of the line."""
    told = [str(value) for value in row.get("values") or ()]
    amount = ' class="amount"' if len(told) == 1 and AMOUNT.fullmatch(told[0]) else ""
    values = "".join(f'<td dir="auto"{amount}>{escape(value)}</td>' for value in told)
    total = ' class="sum"' if amount and row["name"] == "Total" else ""
    return f'<tr{total}><th scope="row" dir="auto">{escape(str(row["name"]))}</th>{values}</tr>'
