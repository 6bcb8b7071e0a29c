"""The HTML around the conversation: the header with its menu, the cart drawer, the line to write in.

The menu is a popover and the drawer a <dialog>: opening, Escape, focus and what lies behind are the browser's work.
What a button does that sends no message is in its `data-does`, which chat.js reads.
"""

from __future__ import annotations

from html import escape
from typing import Any

from assistant.cart_panel import CartPanel, PanelLine
from assistant.web.buttons import button_html, payload_of, send_button, title_of
from assistant.web.product_cards import picture_html
from assistant.web.quantity import quantity_html

CLOSED_MOUNT: dict[str, Any] = {  # of each Gradio page: nothing is offered beside the page, and no error is shown
    "footer_links": [],
    "run_history": False,
    "show_error": False,
    "ssr_mode": False,
    "enable_monitoring": False,
    "pwa": False,
    "mcp_server": False,
}


def icon(path: str) -> str:
    return (
        '<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.9" '
        f'stroke-linecap="round" stroke-linejoin="round"><path d="{path}"/></svg>'
    )


CART_ICON = icon("M3 4h2.2l2.3 11.2h10.6L20.5 7H6M9 20.2h.01M17 20.2h.01")
MENU_ICON = icon("M12 5.5h.01M12 12h.01M12 18.5h.01")
SEND_ICON = icon("M5 12h13M12 5l7 7-7 7")
CLOSE_ICON = icon("M6 6l12 12M18 6L6 18")

THREAD = '<div role="log" aria-live="polite" aria-label="Conversation">${value}</div>'
LIVE = '<div aria-hidden="true">${value}</div>'
PENDING = '<div class="pending" role="group" aria-label="Waiting to be sent" hidden></div>'
PANEL = "<div hidden>${value}</div>"  # chat.js shows it in the drawer: a drawer drawn anew would close
COMPOSER = f"""
<div class="notice" role="status"><span></span> <button type="button" class="again" hidden>Try again</button>
  <button type="button" class="again" data-does="back" hidden>Go back to it</button>
  <button type="button" class="again" data-does="send-mail" hidden>Send it</button></div>
<form class="composer">
  <label class="unseen" for="aisle-message">Your message</label>
  <textarea id="aisle-message" rows="1" dir="auto" enterkeyhint="send" autocomplete="off"
    placeholder="Ask or search"></textarea>
  <button type="submit" aria-label="Send">{SEND_ICON}</button>
</form>
<dialog class="drawer" aria-labelledby="aisle-drawer-title">
  <div class="head"><h2 id="aisle-drawer-title" tabindex="-1">Your cart</h2>
    <button type="button" class="tool" data-does="close-cart" aria-label="Close the cart">{CLOSE_ICON}</button></div>
  <p class="told" role="status" dir="auto"></p>
  <div class="inside"></div>
</dialog>
"""


def header_html(shop: str, by_mail: bool = False) -> str:
    """The top of the page: the shop's initials and name, who is speaking, the cart and the menu."""
    initials = "".join(word[0] for word in shop.split() if word[0].isalnum())[:2].upper()
    return (
        f'<header><span class="logo" aria-hidden="true">{escape(initials)}</span>'
        f'<div class="who"><h1 dir="auto">{escape(shop)}</h1>'
        '<p><span class="dot" aria-hidden="true"></span>Online assistant</p></div>'
        '<button type="button" class="tool" data-does="open-cart" aria-haspopup="dialog" aria-label="Cart, empty">'
        f'{CART_ICON}<span class="badge" aria-hidden="true" hidden></span></button>'
        f'<button type="button" class="tool" popovertarget="aisle-menu" aria-label="Menu">{MENU_ICON}</button>'
        f"{menu_html(by_mail)}</header>"
    )


def menu_html(by_mail: bool) -> str:
    """`by_mail`: a copy of the chat can be sent to the shopper."""
    person = payload_of("human_handoff")
    mail = '<button type="button" class="item" data-does="ask-mail">Send me a copy by mail</button>' if by_mail else ""
    return (
        '<div id="aisle-menu" popover>'
        f"{button_html('item', 'Talk to a person', person, title_of(person))}"
        '<button type="button" class="item" data-does="copy">Download this chat</button>'
        f"{mail}"
        '<button type="button" class="item" data-does="private" aria-pressed="false">'
        "Don\u2019t learn from this chat</button>"
        '<button type="button" class="item" data-does="restart">New chat</button>'
        '<button type="button" class="item" data-does="back" hidden>Back to the earlier chat</button></div>'
    )


def panel_html(panel: CartPanel) -> str:
    """What is in the cart; each line can be taken out."""
    if not panel.lines:
        return '<div class="panel" data-count="0"><p class="none">Your cart is empty.</p></div>'
    lines = "".join(panel_line_html(line) for line in panel.lines)
    return (
        f'<div class="panel" data-count="{panel.count}"><ul class="lines">{lines}</ul>'
        f'<div class="total"><span>Total</span><span class="price">{escape(panel.total)}</span></div>'
        '<p class="small">Shipping is added when you check out.</p>'
        f"{send_button('more main', 'Check out', 'checkout')}</div>"
    )


def panel_line_html(line: PanelLine) -> str:
    chosen = f'<span class="chosen">{escape(line.options)}</span>' if line.options else ""
    gone = "" if line.in_stock else '<span class="stock out">No longer available in this number</span>'
    return (
        f'<li>{picture_html(line.image, line.name)}<div class="what" dir="auto">{escape(line.name)}{chosen}{gone}'
        f"{quantity_html(line)}</div>"
        f'<div class="end"><span class="price">{escape(line.price)}</span>'
        f"{send_button('remove', 'Remove', 'remove_from_cart', item=line.item)}</div></li>"
    )
