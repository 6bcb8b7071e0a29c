"""The HTML of an order: its status, how far it has come, its items and total, and what can be asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from assistant.web.buttons import send_button

WAY = ("Placed", "Packed", "Sent", "Delivered")
WAY_BACK = ("Delivered", "Return requested", "Returned")
PROGRESS: Mapping[str, tuple[tuple[str, ...], int]] = {  # the steps to show and how many of them are done
    "pending": (WAY, 1),
    "processed": (WAY, 2),
    "shipped": (WAY, 3),
    "delivered": (WAY, 4),
    "return requested": (WAY_BACK, 2),
    "returned": (WAY_BACK, 3),
    "exchange requested": (("Delivered", "Exchange requested"), 2),
    "cancelled": (("Placed", "Cancelled"), 2),
}
TONES = {  # the colour of a status; anything else is neutral
    "delivered": "good",
    "shipped": "moving",
    "returned": "good",
    "pending": "waiting",
    "processed": "waiting",
    "return requested": "waiting",
    "exchange requested": "waiting",
    "cancelled": "ended",
}
ASKS = {  # what the order desk allows in a status (docs/order_desk.md): label, intent
    "pending": ("Cancel this order", "cancel_order"),
    "delivered": ("Return something", "return_items"),
}


def order_html(card: Mapping[str, Any]) -> str:
    """An order card."""
    status = str(card.get("status") or "")
    tone = TONES.get(status.lower(), "neutral")
    dates = [("Placed", card.get("placed")), ("Expected", card.get("eta"))]
    said = " · ".join(f"{label} {when}" for label, when in dates if when)
    items = "".join(item_html(item) for item in card.get("items") or ())
    return (
        f'<li class="card order"><div class="head"><span class="number">Order {escape(str(card["id"]))}</span>'
        f'<span class="status {tone}">{escape(status)}</span></div>'
        f'<div class="dates">{escape(said)}</div>{progress_html(status.lower())}<ul class="items">{items}</ul>'
        f'<div class="total"><span>Total</span><span class="price">{escape(str(card.get("total") or ""))}</span></div>'
        f"{ask_html(status.lower(), str(card['id']))}</li>"
    )


def progress_html(status: str) -> str:
    """How far the order has come; nothing for a status that has no way to show."""
    steps, done = PROGRESS.get(status, ((), 0))
    ended = " ended" if status == "cancelled" else ""
    shown = "".join(step_html(step, place, done) for place, step in enumerate(steps, start=1))
    return f'<ol class="progress{ended}" aria-label="Progress">{shown}</ol>' if steps else ""


def step_html(step: str, place: int, done: int) -> str:
    heard = "" if place == done else ", done" if place < done else ", still to come"
    state = ' class="done now" aria-current="step"' if place == done else ' class="done"' if place < done else ""
    return f'<li{state}>{escape(step)}<span class="unseen">{heard}</span></li>'


def item_html(item: Mapping[str, Any]) -> str:
    """One line of an order: "2 x Linen cushion, blue   $24.00"."""
    quantity = item.get("quantity") or 1
    count = f'<span class="quantity">{escape(str(quantity))} &times;</span> ' if quantity != 1 else ""
    chosen = f'<span class="chosen">{escape(str(item["options"]))}</span>' if item.get("options") else ""
    return (
        f'<li><span class="what" dir="auto">{count}{escape(str(item["name"]))}{chosen}</span>'
        f'<span class="price">{escape(str(item.get("price") or ""))}</span></li>'
    )


def ask_html(status: str, order_id: str) -> str:
    if status not in ASKS:
        return ""
    label, intent = ASKS[status]
    return f'<div class="asks">{send_button("more", label, intent, order_id=order_id)}</div>'
