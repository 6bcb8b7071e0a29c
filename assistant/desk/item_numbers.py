"""Numbers that are said as an order's and are those of items: one that was bought, or a variant wished instead.

    placed(wishes, "1421289881", bought={"1656367028"}, variants={"1421289881": "4896585277"})
    ->  the wishes, with that variant as the feature of the one that it must be about

Pure functions; `variants` gives the product of each variant of the catalogue that the shopper may have named.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from assistant.desk.passages import texts_of

NUMBER = re.compile(r"(?<![\w#])\d{8,}\b")  # of a product or a variant; an order's has its mark or is shorter

Wish = dict[str, Any]


def numbers_in(*texts: Any) -> list[str]:
    return list(dict.fromkeys(number for text in texts if text for number in NUMBER.findall(str(text))))


def placed(
    wishes: Sequence[Wish], number: str, about: int | None, bought: Collection[str], variants: Mapping[str, str]
) -> list[Wish] | None:
    """The wishes with the number where it belongs; None if it is of no item and of no variant."""
    if number in bought:
        return _named(wishes, number)
    if number in variants:
        return _into(wishes, number, variants[number], about, bought)
    return None


def _named(wishes: Sequence[Wish], number: str) -> list[Wish]:
    """The item's number names what the first wish is about that names nothing yet."""
    if any(number in str(wish.get("item") or "") for wish in wishes):
        return list(wishes)
    place = next((at for at, wish in enumerate(wishes) if not wish.get("item") and "line" not in wish), None)
    if place is None:
        return [*wishes, {"item": [number]}]
    return [*wishes[:place], {**wishes[place], "item": [number]}, *wishes[place + 1 :]]


def _into(wishes: Sequence[Wish], number: str, product: str, about: int | None, bought: Collection[str]) -> list[Wish]:
    """The variant wished is told to the wish asked about, or to the last; the item is one of its product."""
    wishes = list(wishes) or [{}]
    place = about if about is not None and about < len(wishes) else len(wishes) - 1
    wish = {**wishes[place], "feature": [*texts_of(wishes[place], "feature"), number]}
    wish.pop("variant", None)
    if not wish.get("item") and "line" not in wish and product in bought:
        wish["item"] = [product]
    return [*wishes[:place], wish, *wishes[place + 1 :]]
