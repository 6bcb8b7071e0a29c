"""The HTML of a conversation: bubbles, product and order cards, quick replies.

Start at `thread_html`. Every word that comes from a shopper, the model or the database passes through `html.escape`,
and a picture is shown only from this server, so nothing in a catalogue can run a script or call another host.
A clickable thing is a `<button class="quick">` with the message it sends in `data-payload` and what the shopper
sees of it in `data-title`; chat.js does the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from dialogues.messages import BotMessage, Button

Entry = tuple[str, "str | BotMessage"]  # ("user", text) or ("bot", message), oldest first
STARS = 5
OPTION_VALUES_SHOWN = 4
ORDER_TONES = {  # the colour of a status; anything else is neutral
    "delivered": "good",
    "shipped": "moving",
    "returned": "good",
    "pending": "waiting",
    "processed": "waiting",
    "return requested": "waiting",
    "exchange requested": "waiting",
    "cancelled": "ended",
}


def thread_html(entries: Sequence[Entry], with_buttons: bool = True) -> str:
    """A whole conversation, oldest message first; quick replies stand under the last message only."""
    titles: dict[str, str] = {}
    parts = []
    for _, said in entries:
        if isinstance(said, BotMessage):
            parts.append(bot_html(said))
            titles.update((button.payload, button.title) for button in offered(said))
        else:
            parts.append(user_html(titles.get(said, said)))
    last = entries[-1][1] if entries else None
    if with_buttons and isinstance(last, BotMessage) and last.buttons:
        parts.append(buttons_html(last.buttons))
    return "".join(parts)


def header_html(shop: str) -> str:
    """The top of the page: the shop's initials and name, who is speaking, and a way to begin anew."""
    initials = "".join(word[0] for word in shop.split() if word[0].isalnum())[:2].upper()
    return (
        f'<header><span class="logo" aria-hidden="true">{escape(initials)}</span>'
        f'<div class="who"><h1>{escape(shop)}</h1>'
        '<p><span class="dot" aria-hidden="true"></span>Online assistant</p></div>'
        '<button type="button" class="fresh" title="Start a new conversation">New chat</button></header>'
    )


def user_html(text: str) -> str:
    """The shopper's own words; for a clicked button its title."""
    return f'<div class="turn user"><div class="bubble">{said_by("You")}{escape(text)}</div></div>'


def bot_html(message: BotMessage) -> str:
    """One message of the assistant: its text and, below it, its cards."""
    bubble = f'<div class="bubble">{said_by("Assistant")}{escape(message.text)}</div>' if message.text else ""
    return f'<div class="turn bot">{bubble}{cards_html(message.cards)}</div>'


def said_by(who: str) -> str:
    """For screen readers, which do not see on which side a bubble stands."""
    return f'<span class="unseen">{who}: </span>'


def writing_html(text: str) -> str:
    """The message now being written: its words so far, or three dots before the first of them."""
    inside = escape(text) if text else '<span class="dots" aria-label="typing"><i></i><i></i><i></i></span>'
    return f'<div class="turn bot"><div class="bubble">{inside}</div></div>'


def finished_html(event: str) -> str:
    """Nothing to see: it tells chat.js that its event has been answered."""
    return f'<span class="finished" data-event="{escape(event)}"></span>'


def failure_html(reason: str, event: str) -> str:
    """A turn that broke: why, and a button that sends the same message once more (chat.js keeps its id)."""
    return (
        f'<div class="turn bot failed" data-event="{escape(event)}"><div class="bubble">{escape(reason)} '
        '<button type="button" class="again">Try again</button></div></div>'
    )


def buttons_html(buttons: Iterable[Button]) -> str:
    """Quick replies, in a row that wraps."""
    inside = "".join(button_html(button, "quick") for button in buttons)
    return f'<div class="quicks" role="group" aria-label="Quick replies">{inside}</div>'


def button_html(button: Button, css_class: str, label: str | None = None) -> str:
    """A button that sends `payload` and shows `title` as the shopper's words; `label` is what stands on it."""
    return (
        f'<button type="button" class="{css_class}" data-payload="{escape(button.payload)}" '
        f'data-title="{escape(button.title)}">{escape(label or button.title)}</button>'
    )


def cards_html(cards: Sequence[Mapping[str, Any]]) -> str:
    """Product cards in a row that scrolls sideways, order cards one below the other, then tables."""
    products = [product_html(card) for card in cards if card.get("kind") == "product"]
    orders = [order_html(card) for card in cards if card.get("kind") == "order"]
    html = ""
    if products:
        lone = " lone" if len(products) == 1 else ""
        html += f'<ul class="products{lone}" aria-label="Products" tabindex="0">{"".join(products)}</ul>'
    if orders:
        html += f'<ul class="orders" aria-label="Orders">{"".join(orders)}</ul>'
    return html + "".join(table_html(card) for card in cards if card.get("kind") == "table")


def product_html(card: Mapping[str, Any]) -> str:
    """A product card: picture, brand, name, rating, price, stock, what can be chosen, a button that asks for more."""
    name = str(card["name"])
    in_stock = bool(card.get("in_stock"))
    stock = ("in", "In stock") if in_stock else ("out", "Out of stock")
    return (
        f'<li class="card product">{picture_html(card.get("image"), name)}<div class="about">'
        f'<div class="brand">{escape(line_above(card))}</div>'
        f'<div class="name">{escape(name)}</div>{rating_html(card.get("rating"), card.get("ratings"))}'
        f'<div class="line"><span class="price">{escape(str(card["price"]))}</span>'
        f'<span class="stock {stock[0]}">{stock[1]}</span></div>{why_html(card.get("why"))}{choice_html(card)}'
        f"{button_html(details_button(card), 'more', 'Tell me more')}</div></li>"
    )


def why_html(why: object) -> str:
    """The line that says why a product was recommended, if it was."""
    return f'<p class="why">{escape(str(why))}</p>' if why else ""


def line_above(card: Mapping[str, Any]) -> str:
    """The brand, or the category where the name already begins with the brand."""
    brand, category = str(card.get("brand") or ""), str(card.get("category") or "")
    return category if not brand or str(card["name"]).startswith(brand) else brand


def picture_html(path: object, name: str) -> str:
    """The product's picture if it is one of this server's, else its initial on a plain ground."""
    if isinstance(path, str) and path.startswith("/") and not path.startswith(("//", "/\\")):
        return f'<div class="picture"><img src="{escape(path)}" alt="" loading="lazy" width="220" height="160"></div>'
    return f'<div class="picture none" aria-hidden="true">{escape(name[:1])}</div>'


def rating_html(rating: float | None, count: int | None) -> str:
    """Five stars filled to the rating; a screen reader hears "Rated 4.6 out of 5 by 312 shoppers"."""
    if rating is None:
        return ""
    heard = f"Rated {rating:g} out of {STARS}" + (f" by {count:,} shoppers" if count else "")
    number = f"{rating:.1f}" + (f" ({count:,})" if count else "")
    width = round(max(0.0, min(float(rating), STARS)) / STARS * 100)
    return (
        f'<div class="rating"><span class="stars" role="img" aria-label="{escape(heard)}">'
        f'<span class="filled" style="width:{width}%"></span></span>'
        f'<span class="count" aria-hidden="true">{escape(number)}</span></div>'
    )


def choice_html(card: Mapping[str, Any]) -> str:
    """The variants that were asked for, each with its price, or else all that can be chosen."""
    if not card.get("variants"):
        return options_html(card.get("options") or {})
    return f'<ul class="variants">{"".join(variant_html(variant) for variant in card["variants"])}</ul>'


def variant_html(variant: Mapping[str, Any]) -> str:
    """As in "clicky, RGB   $109.00"; one without stock says so in place of its price."""
    options = escape(str(variant.get("options") or "One version"))
    price = escape(str(variant.get("price") or ""))
    said = (
        f'<span class="price">{price}</span>' if variant.get("in_stock") else '<span class="stock out">Sold out</span>'
    )
    return f"<li><span>{options}</span>{said}</li>"


def options_html(options: Mapping[str, Sequence[Any]]) -> str:
    """What can be chosen, a line each: "color  slate, plum"."""
    rows = []
    for option, values in options.items():
        shown = ", ".join(str(value) for value in values[:OPTION_VALUES_SHOWN])
        hidden = len(values) - OPTION_VALUES_SHOWN
        more = f" +{hidden}" if hidden > 0 else ""
        rows.append(f"<div><dt>{escape(str(option))}</dt><dd>{escape(shown)}{more}</dd></div>")
    return f'<dl class="options">{"".join(rows)}</dl>' if rows else ""


def order_html(card: Mapping[str, Any]) -> str:
    """An order card: number, status, dates, items with their prices, total."""
    status = str(card.get("status") or "")
    tone = ORDER_TONES.get(status.lower(), "neutral")
    dates = [("Placed", card.get("placed")), ("Expected", card.get("eta"))]
    said = " · ".join(f"{label} {when}" for label, when in dates if when)
    total = escape(str(card.get("total") or ""))
    items = "".join(order_item_html(item) for item in card.get("items") or ())
    return (
        f'<li class="card order"><div class="head"><span class="number">Order {escape(str(card["id"]))}</span>'
        f'<span class="status {tone}">{escape(status)}</span></div>'
        f'<div class="dates">{escape(said)}</div><ul class="items">{items}</ul>'
        f'<div class="total"><span>Total</span><span class="price">{total}</span></div></li>'
    )


def order_item_html(item: Mapping[str, Any]) -> str:
    """One line of an order: "2 x Linen cushion, blue   $24.00"."""
    quantity = item.get("quantity") or 1
    count = f'<span class="quantity">{escape(str(quantity))} &times;</span> ' if quantity != 1 else ""
    chosen = f'<span class="chosen">{escape(str(item["options"]))}</span>' if item.get("options") else ""
    return (
        f'<li><span class="what">{count}{escape(str(item["name"]))}{chosen}</span>'
        f'<span class="price">{escape(str(item.get("price") or ""))}</span></li>'
    )


def table_html(card: Mapping[str, Any]) -> str:
    """A comparison, an invoice, a cart: a row for each thing, with a value for each column."""
    heads = "".join(f'<th scope="col">{escape(str(column))}</th>' for column in card.get("columns") or ())
    head = f"<thead><tr><td></td>{heads}</tr></thead>" if heads else ""
    rows = "".join(table_row_html(row) for row in card.get("rows") or ())
    return (
        f'<div class="card table"><div class="head">{escape(str(card.get("title") or ""))}</div>'
        f"<table>{head}<tbody>{rows}</tbody></table></div>"
    )


def table_row_html(row: Mapping[str, Any]) -> str:
    values = "".join(f"<td>{escape(str(value))}</td>" for value in row.get("values") or ())
    return f'<tr><th scope="row">{escape(str(row["name"]))}</th>{values}</tr>'


def details_button(card: Mapping[str, Any]) -> Button:
    """What "Tell me more" on a product card sends: a payload, so that no reading of the name can go wrong."""
    name = str(card["name"])
    payload = "/product_details" + json.dumps({"item": name}, ensure_ascii=False)
    return Button(title=f"Tell me more about {name}", payload=payload)


def offered(message: BotMessage) -> list[Button]:
    """Everything that can be clicked on a message: its quick replies and its product cards."""
    return [*message.buttons, *(details_button(card) for card in message.cards if card.get("kind") == "product")]
