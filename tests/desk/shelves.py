"""Products whose variants stand on no shelf of a database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.store import Product, Variant


def product(name: str, rows: Mapping[str, Mapping[str, Any]]) -> list[Variant]:
    made = Product(id=name, name=name)
    made.variants = [
        Variant(
            id=id,
            product_id=name,
            options={option: str(value) for option, value in row["options"].items()},
            price_cents=round(row["price"] * 100),
            available=row["available"],
        )
        for id, row in rows.items()
    ]
    return made.variants
