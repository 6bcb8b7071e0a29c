"""What every form of feed is turned into: a line for each row, and a product of all lines with one product id.

    rows of a file  ->  FeedLine (shopify.py, google.py, generic_csv.py)  ->  FeedProduct (`gather`)  ->  upsert.py

A feed is one file opened in one form. What it has no column for is not touched in the store.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from assistant.importers.report import Report


@dataclass(frozen=True)
class Row:
    number: int  # as a spreadsheet counts, the header being row 1; in XML the first item is 1
    cells: Mapping[str, str]  # by the column's name in small letters


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FeedVariant(Shape):
    """What one row offers for sale."""

    id: str
    sku: str | None = None
    options: dict[str, str] = {}  # in the feed's order
    features: dict[str, str] = {}  # color, size: options where they vary within the product, else attributes
    price_cents: int
    currency: str
    stock: int | None = None
    available: bool = True


class FeedLine(Shape):
    """What one row says of its product. Without a variant it sells nothing: a further picture, or it was broken."""

    row: int
    product_id: str
    said: dict[str, Any] = {}  # columns of the product that the row fills
    attributes: dict[str, str] = {}
    option_names: dict[str, str] = {}  # names for the keys of options, where they stand in another row
    variant: FeedVariant | None = None
    broken: bool = False  # it was to sell something that cannot be read
    hidden: bool = False  # the whole product is not for sale now


@dataclass(frozen=True)
class Feed:
    product_columns: frozenset[str]  # of the store's products, those that the feed has something for
    variant_columns: frozenset[str]
    lines: Iterator[FeedLine | None]  # None: a row that was skipped, and does not say of which product it is


@dataclass(frozen=True)
class FeedProduct:
    id: str
    columns: Mapping[str, Any]  # name, brand, …; None where the feed says nothing
    variants: Sequence[FeedVariant]  # at least one
    complete: bool  # no row of it was skipped, so a variant that is not here has gone from the feed


PRODUCT_TEXTS = ("brand", "category", "department", "audience", "description")
VARIANT_COLUMNS = frozenset({"options", "price_cents", "currency", "available"})  # that every form speaks of
TELLING_WORD = re.compile(r"\w{3,}")


def gather(lines: Sequence[FeedLine], report: Report) -> FeedProduct | None:
    """The product that these lines make, in the feed's order; None, and reported, if they make none."""
    first = lines[0]
    variants = [(line.row, line.variant) for line in lines if line.variant is not None]
    name = common_name([line.said["name"] for line in lines if line.said.get("name")])
    if not variants:
        if not any(line.broken for line in lines):
            report.add(first.row, "product", first.product_id, "has no row with a price", "product skipped")
        return None
    if not name:
        report.add(first.row, "name", first.product_id, "no row of the product has a name", "product skipped")
        return None
    option_names = _merged(line.option_names for line in lines)
    varying = _varying([variant for _, variant in variants])
    hidden = any(line.hidden for line in lines)
    settled = [(row, _settled(variant, option_names, varying, hidden)) for row, variant in variants]
    _report_twins(settled, report)
    attributes = _merged(line.attributes for line in lines)
    attributes |= _merged(_without(variant.features, varying) for _, variant in variants)
    said = _merged(line.said for line in lines)
    columns = {column: said.get(column) for column in PRODUCT_TEXTS}
    columns |= {"rating": said.get("rating"), "rating_count": said.get("rating_count", 0)}
    columns |= {"name": name, "attributes": attributes, "tags": said.get("tags", [])}
    complete = not any(line.broken for line in lines)
    return FeedProduct(first.product_id, columns, [variant for _, variant in settled], complete)


def common_name(names: Sequence[str]) -> str:
    """The words that all begin with ("Trail Boot" of "Trail Boot, plum" and "Trail Boot, moss"), else the first."""
    if not names:
        return ""
    words = [name.split() for name in names]
    shared: list[str] = []
    for column in zip(*words, strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    name = " ".join(shared).rstrip(" -,|/(:\u2013\u2014")
    return name if TELLING_WORD.search(name) else names[0]


def _merged(mappings: Any) -> dict[str, Any]:
    """All keys in order; of several values the first."""
    merged: dict[str, Any] = {}
    for mapping in mappings:
        for key, value in mapping.items():
            merged.setdefault(key, value)
    return merged


def _varying(variants: Sequence[FeedVariant]) -> list[str]:
    values: dict[str, set[str]] = {}
    for variant in variants:
        for name, value in variant.features.items():
            values.setdefault(name, set()).add(value)
    return [name for name, found in values.items() if len(found) > 1]


def _settled(variant: FeedVariant, names: Mapping[str, str], varying: Sequence[str], hidden: bool) -> FeedVariant:
    options = {names.get(key, key): value for key, value in variant.options.items()}
    options |= {name: variant.features[name] for name in varying if name in variant.features}
    return variant.model_copy(update={"options": options, "available": variant.available and not hidden})


def _without(features: Mapping[str, str], varying: Sequence[str]) -> dict[str, str]:
    return {name: value for name, value in features.items() if name not in varying}


def _report_twins(variants: Sequence[tuple[int, FeedVariant]], report: Report) -> None:
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    for row, variant in variants:
        options = tuple(sorted(variant.options.items()))
        if seen.setdefault(options, row) != row:
            said = ", ".join(f"{name} {value}" for name, value in options)
            wrong = f"has the options of row {seen[options]}, so a shopper cannot tell them apart"
            report.add(row, "options", said, wrong, "kept")
