"""Products like one: others of its category, in stock, for the same people, those nearest in price first."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from assistant.store import Product

SIMILAR = "similar_to"  # in the slot `search`: the product to which the results are similar


def similar(session: Session, product: Product, most_cents: int | None = None) -> list[Product]:
    """Others of its category that can be bought, for the same people, the nearest in price first."""
    if not product.category:
        return []
    others = session.scalars(
        select(Product)
        .where(Product.category == product.category, Product.id != product.id)
        .options(selectinload(Product.variants))
    )
    price = _price(product)
    fitting = [
        one
        for one in others
        if one.audience == product.audience
        and any(variant.in_stock for variant in one.variants)
        and (most_cents is None or _price(one) <= most_cents)
    ]
    return sorted(fitting, key=lambda one: (abs(_price(one) - price), -(one.rating or 0), one.name))


def _price(product: Product) -> int:
    """Of the cheapest variant that can be bought; of the cheapest at all if none can."""
    counted = [variant for variant in product.variants if variant.in_stock] or product.variants
    return min((variant.price_cents for variant in counted), default=0)
