"""The cart as the page's drawer shows it: every number from the store, nothing counted in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.desk import carts
from assistant.desk.stock import variant_text
from assistant.presentation import money, options_text
from assistant.store import CartItem


@dataclass(frozen=True)
class PanelLine:
    item: str  # what it is called in the conversation: "Mug (blue)"
    name: str
    options: str
    quantity: int
    price: str  # of all its pieces
    image: str
    in_stock: bool  # so many can be bought now
    most: int = carts.MOST_OF_ONE  # pieces that can be bought now


@dataclass(frozen=True)
class CartPanel:
    """An empty one has no lines and no total."""

    lines: tuple[PanelLine, ...] = ()
    count: int = 0  # pieces
    total: str = ""  # of the items, without shipping


def cart_panel(lines: Sequence[CartItem]) -> CartPanel:
    if not lines:
        return CartPanel()
    total = money(carts.total_cents(list(lines)), lines[0].variant.currency)
    return CartPanel(tuple(panel_line(line) for line in lines), sum(line.quantity for line in lines), total)


def panel_line(line: CartItem) -> PanelLine:
    variant = line.variant
    left = carts.MOST_OF_ONE if variant.stock is None else min(variant.stock, carts.MOST_OF_ONE)
    return PanelLine(
        item=variant_text(variant),
        name=variant.product.name,
        options=options_text(variant.options),
        quantity=line.quantity,
        price=money(line.quantity * variant.price_cents, variant.currency),
        image=f"/media/products/{variant.product_id}.svg",
        in_stock=variant.in_stock and (variant.stock is None or variant.stock >= line.quantity),
        most=left if variant.in_stock else 0,
    )
