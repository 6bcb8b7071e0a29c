"""How many of a cart's line: a number between a minus and a plus.

Pressing them changes the wished number at once; panels.js sends the difference as one message when the shopper has
stopped, so that five presses are one turn. The store decides: the panel is drawn anew from it.
"""

from __future__ import annotations

from html import escape

from assistant.cart_panel import PanelLine
from assistant.web.buttons import COUNTED_TITLES

STEPS = ((-1, "fewer", "\u2212", "One fewer"), (1, "more", "+", "One more"))


def quantity_html(line: PanelLine) -> str:
    """The group of three; a step that leads below one piece, or over what can be bought, cannot be pressed."""
    number = f'<output class="number" aria-label="Quantity: {escape(line.item)}">{line.quantity}</output>'
    fewer, more = (step_html(line, *step) for step in STEPS)
    return (
        f'<div class="amount" role="group" aria-label="How many: {escape(line.item)}" data-item="{escape(line.item)}" '
        f'data-quantity="{line.quantity}" data-most="{line.most}" data-adds="{title_for(line, "add_to_cart")}" '
        f'data-removes="{title_for(line, "remove_from_cart")}">{fewer}{number}{more}</div>'
    )


def step_html(line: PanelLine, by: int, css_class: str, sign: str, words: str) -> str:
    allowed = line.quantity > 1 if by < 0 else line.quantity < line.most
    off = "" if allowed else ' aria-disabled="true"'  # still focusable: the last press must not lose its place
    return (
        f'<button type="button" class="step {css_class}" data-step="{by}" '
        f'aria-label="{words}: {escape(line.item)}"{off}>{sign}</button>'
    )


def title_for(line: PanelLine, intent: str) -> str:
    """What the shopper is shown to have said, with {quantity} left open."""
    return escape(COUNTED_TITLES[intent].format(quantity="{quantity}", item=line.item))
