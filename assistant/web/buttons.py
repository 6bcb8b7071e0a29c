"""Buttons that speak for the shopper: each sends a payload and is read as a sentence in the conversation.

    send_button("details", "Details", "product_details", item="Mug")
    title_of('/product_details{"item": "Mug"}')  ->  "Tell me more about Mug"

The buttons of cards, cart and menu belong to no message, so a page that is loaded again must tell their words from the
payload alone. The words of a message's own quick replies stand in the message.
"""

from __future__ import annotations

import json
from html import escape

TITLES = {
    "product_details": "Tell me more about {item}",
    "add_to_cart": "Add {item} to my cart",
    "find_similar": "Show me others like {item}",
    "compare_products": "Compare {item}",
    "remove_from_cart": "Take {item} out of my cart",
    "checkout": "Check out",
    "return_items": "I'd like to return something from order {order_id}",
    "cancel_order": "I'd like to cancel order {order_id}",
    "human_handoff": "I'd like to talk to a person",
}
COUNTED_TITLES = {  # of payloads that say how many
    "add_to_cart": "Add {quantity} more {item} to my cart",
    "remove_from_cart": "Take {quantity} {item} out of my cart",
}


def send_button(css_class: str, label: str, intent: str, **slots: str | list[str]) -> str:
    """A button of TITLES; a screen reader hears after its label what it is about."""
    payload = payload_of(intent, **slots)
    about = listing(next(iter(slots.values()), ""))
    return button_html(css_class, label, payload, title_of(payload), f"{label}: {about}" if about else "")


def button_html(css_class: str, label: str, payload: str, title: str, heard: str = "") -> str:
    """`title` is what the shopper sees of it in the conversation; `heard` is read aloud in place of the label."""
    name = f' aria-label="{escape(heard)}"' if heard else ""
    return (
        f'<button type="button" dir="auto" class="{css_class}" data-payload="{escape(payload)}" '
        f'data-title="{escape(title)}"{name}>{escape(label)}</button>'
    )


def payload_of(intent: str, **slots: str | list[str]) -> str:
    """In the form that dialogues.payloads reads."""
    return f"/{intent}{json.dumps(slots, ensure_ascii=False) if slots else ''}"


def title_of(said: str) -> str:
    """The words for a payload of TITLES; anything else as it is."""
    intent, brace, rest = said.removeprefix("/").partition("{")
    if not said.startswith("/") or intent not in TITLES:
        return said
    try:
        slots = json.loads(brace + rest) if brace else {}
        titles = COUNTED_TITLES if "quantity" in slots and intent in COUNTED_TITLES else TITLES
        return titles[intent].format_map({name: listing(value) for name, value in slots.items()})
    except (ValueError, KeyError, AttributeError, RecursionError):
        return said


def listing(value: object) -> str:
    return " and ".join(str(one) for one in value) if isinstance(value, list) else str(value)
