"""The HTML of a product: picture, brand, name, rating, price, stock, what can be chosen and what can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from assistant.web.buttons import send_button

STARS = 5
OPTION_VALUES_SHOWN = 4


def product_html(card: Mapping[str, Any]) -> str:
    """A product card."""
    name = str(card["name"])
    stock = ("in", "In stock") if card.get("in_stock") else ("out", "Out of stock")
    return (
        f'<li class="card product">{picture_html(card.get("image"), name)}<div class="about">'
        f'<div class="brand" dir="auto">{escape(line_above(card))}</div>'
        f'<div class="name" dir="auto">{escape(name)}</div>{rating_html(card.get("rating"), card.get("ratings"))}'
        f'<div class="line"><span class="price">{escape(str(card["price"]))}</span>'
        f'<span class="stock {stock[0]}">{stock[1]}</span></div>{why_html(card.get("why"))}{choice_html(card)}'
        f'<div class="acts">{acts_html(card)}</div></div></li>'
    )


def acts_html(card: Mapping[str, Any]) -> str:
    """Put it into the cart, or see others where it is sold out; and learn more. By payload: no name is misread."""
    name, variants = str(card["name"]), card.get("variants") or ()
    if card.get("in_stock") and len(variants) > 1:
        first = ""  # each variant has its own button
    else:
        lone = variant_name(name, variants[0]) if variants and card.get("in_stock") else name
        first = buying_button(lone, card.get("in_stock"))
    return first + send_button("more", "Details", "product_details", item=name)


def buying_button(item: str, in_stock: object) -> str:
    if in_stock:
        return send_button("more main", "Add to cart", "add_to_cart", item=item)
    return send_button("more", "Similar ones", "find_similar", item=item)


def variant_name(name: str, variant: Mapping[str, Any]) -> str:
    """As assistant.desk.stock.variant_text writes it."""
    return f"{name} ({variant['options']})" if variant.get("options") else name


def why_html(why: object) -> str:
    """The line that says why a product was recommended, if it was."""
    return f'<p class="why" dir="auto">{escape(str(why))}</p>' if why else ""


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
    variants = card.get("variants") or ()
    if not variants:
        return options_html(card.get("options") or {})
    name = str(card["name"]) if len(variants) > 1 else None
    return f'<ul class="variants">{"".join(variant_html(variant, name) for variant in variants)}</ul>'


def variant_html(variant: Mapping[str, Any], product: str | None) -> str:
    """As in "clicky, RGB   $109.00   Add", the button only with `product`; what is sold out says so."""
    options = escape(str(variant.get("options") or "One version"))
    price = f'<span class="price">{escape(str(variant.get("price") or ""))}</span>'
    said = price if variant.get("in_stock") else '<span class="stock out">Sold out</span>'
    addable = product is not None and variant.get("in_stock")
    add = send_button("add", "Add", "add_to_cart", item=variant_name(str(product), variant)) if addable else ""
    return f'<li><span dir="auto">{options}</span>{said}{add}</li>'


def options_html(options: Mapping[str, Sequence[Any]]) -> str:
    """What can be chosen, a line each: "color  slate, plum"."""
    rows = []
    for option, values in options.items():
        shown = ", ".join(str(value) for value in values[:OPTION_VALUES_SHOWN])
        hidden = len(values) - OPTION_VALUES_SHOWN
        more = f" +{hidden}" if hidden > 0 else ""
        rows.append(f'<div dir="auto"><dt>{escape(str(option))}</dt><dd>{escape(shown)}{more}</dd></div>')
    return f'<dl class="options">{"".join(rows)}</dl>' if rows else ""
