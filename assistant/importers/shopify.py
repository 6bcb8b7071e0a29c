"""Shopify's product CSV: the rows of one Handle are a product, and each of them one variant or a further picture.

Both sets of column names are known, the classic ("Variant Price") and the newer ("Price").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from assistant.importers.decoding import BrokenFeed
from assistant.importers.feeds import VARIANT_COLUMNS, Feed, FeedLine, FeedVariant
from assistant.importers.fields import Fields, Reading, audience, variant_id
from assistant.importers.plain_text import one_line
from assistant.importers.report import ROW_SKIPPED
from assistant.importers.tables import open_table

HANDLE = ("handle", "url handle")
DESCRIPTION = ("body (html)", "description")
PUBLISHED = ("published", "published on online store")
CATEGORY = "product category"
PRICE = ("variant price", "price")
SKU = ("variant sku", "sku")
STOCK = ("variant inventory qty", "inventory quantity")
TRACKER = ("variant inventory tracker", "inventory tracker")
OVERSELL = ("variant inventory policy", "continue selling when out of stock")
GENDER, AGE_GROUP = "google shopping / gender", "google shopping / age group"
COLUMNS = {  # of the store's products, and where each comes from
    "brand": ("vendor",),
    "category": (CATEGORY, "type"),
    "department": (CATEGORY, "type"),
    "audience": (GENDER, AGE_GROUP),
    "description": DESCRIPTION,
    "tags": ("tags",),
}
OPTIONS = ("option1", "option2", "option3")
METAFIELD = re.compile(r"(?P<name>.+?) \(product\.metafields\.[^)]+\)")


def open_shopify(path: Path, reading: Reading) -> Feed:
    """Raises BrokenFeed when the columns are not Shopify's."""
    table = open_table(path, reading.report)
    present = set(table.columns)
    if not present.intersection(HANDLE) or not present.intersection(PRICE):
        raise BrokenFeed(
            f"{path} is not a product CSV of Shopify: it has no column Handle or no Variant Price. Export the products "
            "in Shopify's admin, or use `aisle import csv` with a column map."
        )
    metafields = {column: one_line(found["name"]) for column in table.columns if (found := METAFIELD.fullmatch(column))}
    columns = {column for column, sources in COLUMNS.items() if present.intersection(sources)} | {"name"}
    of_variants = {"sku": SKU, "stock": STOCK}
    return Feed(
        frozenset(columns | ({"attributes"} if metafields else set())),
        VARIANT_COLUMNS | {column for column, sources in of_variants.items() if present.intersection(sources)},
        _lines((Fields(row, reading) for row in table.rows), metafields),
    )


def _lines(rows: Iterator[Fields], metafields: dict[str, str]) -> Iterator[FeedLine | None]:
    for fields in rows:
        handle = fields.id(*HANDLE)
        if handle is None:
            fields.bad("handle", fields.raw("title"), "the row has no Handle", ROW_SKIPPED)
            yield None
            continue
        broken, variant = False, None
        if _sells(fields):
            variant = _variant(fields, handle)
            broken = variant is None
        yield FeedLine(
            row=fields.row.number,
            product_id=handle,
            said=_said(fields),
            attributes={name: value for column, name in metafields.items() if (value := fields.value(column))},
            option_names=_option_names(fields),
            variant=variant,
            broken=broken,
            hidden=_hidden(fields),
        )


def _sells(fields: Fields) -> bool:
    """A row with only a picture sells nothing."""
    return bool(fields.raw(*PRICE, *SKU, "title", *(f"{option} value" for option in OPTIONS)))


def _said(fields: Fields) -> dict[str, object]:
    path, kind = fields.path(CATEGORY), fields.path("type")
    said: dict[str, object | None] = {
        "name": fields.text("title"),
        "brand": fields.text("vendor"),
        "category": next(reversed(kind or path), None),
        "department": next((parts[0] for parts in (path, kind) if len(parts) > 1), None),
        "audience": audience(fields.raw(GENDER), fields.raw(AGE_GROUP)),
        "description": fields.description(*DESCRIPTION),
        "tags": fields.tags("tags") or None,
    }
    return {column: value for column, value in said.items() if value is not None}


def _option_names(fields: Fields) -> dict[str, str]:
    """They stand in the product's first row only."""
    names = ((option, fields.text(f"{option} name")) for option in OPTIONS)
    return {option: name.lower() for option, name in names if name}


def _variant(fields: Fields, handle: str) -> FeedVariant | None:
    price = fields.price(*PRICE)
    if price is None:
        if not fields.raw(*PRICE):
            fields.bad("variant price", fields.raw(*SKU), "the row has no price", ROW_SKIPPED)
        return None
    options = {option: value for option in OPTIONS if (value := fields.text(f"{option} value"))}
    if list(options.values()) == ["Default Title"]:
        options = {}
    return FeedVariant(
        id=variant_id(handle, [f"{option}={value}" for option, value in options.items()]),
        sku=fields.id(*SKU),
        options=options,
        price_cents=price.cents,
        currency=price.currency,
        stock=_stock(fields),
    )


def _stock(fields: Fields) -> int | None:
    """None where Shopify does not count, or sells on at zero."""
    counted = bool(fields.raw(*TRACKER)) or not any(column in fields.row.cells for column in TRACKER)
    if not counted or fields.truth(*OVERSELL):
        return None
    return fields.stock(*STOCK)


def _hidden(fields: Fields) -> bool:
    """Neither published nor active; the columns are filled in the first row of a product only."""
    return fields.truth(*PUBLISHED) is False or fields.truth("status") is False
