"""What a shopper asks of the catalogue, out of the slots of a command."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

SORTS = ("price_asc", "price_desc", "rating", "newest", "popular")
TEXTS = ("query", "category", "brand", "color", "size", "material", "recipient", "occasion")
SLOTS = (*TEXTS, "feature", "min_price", "max_price", "min_rating", "sort", "in_stock")
SAID = "said"  # no slot of a command
REFUSABLE = ("color", "material", "brand")
HIGHEST_PRICE = 10_000_000  # a bound above it bounds nothing, and its cents would not fit the column
LONGEST_TEXT = 400


@dataclass(frozen=True)
class ProductQuery:
    query: str = ""
    category: str = ""
    brand: str = ""
    color: str = ""
    size: str = ""
    material: str = ""
    recipient: str = ""
    occasion: str = ""
    features: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()  # ("material", "leather"): what it must not be (refusals.py)
    min_cents: int | None = None
    max_cents: int | None = None
    min_rating: float | None = None  # of 5
    sort: str | None = None  # one of SORTS; None: best match first
    in_stock: bool | None = None  # True: only what can be bought now; False: sold-out variants count too
    said: str = ""  # the message it was read from: what is nearest in meaning to it comes first (mistyped.py)

    @classmethod
    def from_slots(cls, slots: Mapping[str, Any]) -> ProductQuery:
        """Values that make no sense (a negative price, an unknown sort) are left out; bounds that cross are swapped."""
        low, high = _cents(slots.get("min_price")), _cents(slots.get("max_price"))
        if low is not None and high is not None and low > high:
            low, high = high, low
        sort, in_stock = slots.get("sort"), slots.get("in_stock")
        return cls(
            **{name: _text(slots.get(name)) for name in TEXTS},
            features=tuple(filter(None, map(_text, _list(slots.get("feature"))))),
            refused=tuple(filter(None, map(_refusal, _list(slots.get("refused"))))),
            min_cents=low,
            max_cents=high,
            min_rating=_number(slots.get("min_rating")),
            sort=sort if sort in SORTS else None,
            in_stock={"yes": True, "no": False}.get(str(in_stock).lower()),
            said=_text(slots.get(SAID)),
        )

    def to_slots(self) -> dict[str, Any]:
        """The slots that give this query again; plain JSON, for a conversation to keep."""
        slots: dict[str, Any] = {name: getattr(self, name) for name in TEXTS}
        slots["feature"] = list(self.features)
        slots["refused"] = [list(one) for one in self.refused]
        slots["min_price"] = None if self.min_cents is None else self.min_cents / 100
        slots["max_price"] = None if self.max_cents is None else self.max_cents / 100
        slots |= {"min_rating": self.min_rating, "sort": self.sort}
        slots["in_stock"] = None if self.in_stock is None else "yes" if self.in_stock else "no"
        slots[SAID] = self.said
        return {name: value for name, value in slots.items() if value not in (None, "", [])}

    @property
    def says_something(self) -> bool:
        return replace(self, said="") != ProductQuery()


def _text(value: Any) -> str:
    """Text without what no database takes: control characters and halves of characters become spaces."""
    if not isinstance(value, str | int | float):
        return ""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in str(value)).split())[:LONGEST_TEXT]


def _refusal(value: Any) -> tuple[str, str] | None:
    slot, said = value if isinstance(value, list | tuple) and len(value) == 2 else ("", "")
    return (slot, _text(said)) if slot in REFUSABLE and _text(said) else None


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def _cents(value: Any) -> int | None:
    number = _number(value)
    return None if number is None or number > HIGHEST_PRICE else round(number * 100)


def _number(value: Any) -> float | None:
    """A number from 0 up, also when it was given as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None
