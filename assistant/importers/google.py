"""A Google Merchant feed, as TSV or as XML: the items of one item_group_id are a product, and each of them one variant.

Color, size, material and pattern are options where they vary within the group, and attributes elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from assistant.importers.decoding import BrokenFeed, encoding_of, open_feed
from assistant.importers.feeds import VARIANT_COLUMNS, Feed, FeedLine, FeedVariant, Row
from assistant.importers.fields import Fields, Reading, audience, sale_or_price
from assistant.importers.google_xml import read_items
from assistant.importers.report import LEFT_OUT, ROW_SKIPPED
from assistant.importers.tables import open_table

FEATURES = ("color", "size", "material", "pattern")
ATTRIBUTES = {  # columns, and what a shopper would call them
    "product_weight": "weight", "product_length": "length", "product_width": "width", "product_height": "height",
    "energy_efficiency_class": "energy class", "size_type": "size type",
}  # fmt: skip
USUAL_CONDITION = "new"  # not worth saying
COLUMNS = {  # of the store's products, and where each comes from
    "brand": ("brand",),
    "category": ("product_type", "google_product_category"),
    "department": ("product_type", "google_product_category"),
    "audience": ("gender", "age_group"),
    "description": ("description",),
    "attributes": (*FEATURES, *ATTRIBUTES, "condition"),
}
NEEDED = ("id", "title", "price")
SALE, SALE_DATES = "sale_price", "sale_price_effective_date"


def open_google(path: Path, reading: Reading) -> Feed:
    """TSV or XML, told apart by the first character. Raises BrokenFeed."""
    if _is_xml(path):
        rows = read_items(path, reading.report)
        return Feed(frozenset({*COLUMNS, "name"}), VARIANT_COLUMNS, _lines(Fields(row, reading) for row in rows))
    table = open_table(path, reading.report)
    present = {_attribute(column) for column in table.columns}
    missing = [column for column in NEEDED if column not in present]
    if missing:
        raise BrokenFeed(
            f"{path} is not a feed for Google Merchant: its first row has no column {', '.join(missing)}. "
            "Use `aisle import csv` with a column map for a table with columns of its own."
        )
    columns = {column for column, sources in COLUMNS.items() if present.intersection(sources)} | {"name"}
    stock = {"stock"} if "quantity" in present else set()
    named = (
        Row(row.number, {_attribute(column): cell for column, cell in row.cells.items() if cell}) for row in table.rows
    )
    return Feed(frozenset(columns), VARIANT_COLUMNS | stock, _lines(Fields(row, reading) for row in named))


def _is_xml(path: Path) -> bool:
    with open_feed(path, encoding_of(path)) as file:
        return file.read(1_000).lstrip().startswith("<")


def _attribute(column: str) -> str:
    """The attribute's name: headers may write "item group id" or "g:id"."""
    return column.removeprefix("g:").replace(" ", "_")


def _lines(rows: Iterator[Fields]) -> Iterator[FeedLine | None]:
    for fields in rows:
        id, group = fields.id("id"), fields.id("item_group_id")
        if id is None:
            fields.bad("id", fields.raw("title"), "the row has no id", ROW_SKIPPED)
            yield None
            continue
        variant = _variant(fields, id)
        if variant is None:
            yield fields.broken(group or id)
            continue
        yield FeedLine(
            row=fields.row.number,
            product_id=group or id,
            said=_said(fields),
            attributes=_attributes(fields),
            variant=variant,
        )


def _said(fields: Fields) -> dict[str, object]:
    path = fields.path("product_type") or fields.path("google_product_category")
    said: dict[str, object | None] = {
        "name": fields.text("title"),
        "brand": fields.text("brand"),
        "category": path[-1] if path else None,
        "department": path[0] if len(path) > 1 else None,
        "audience": audience(fields.raw("gender"), fields.raw("age_group")),
        "description": fields.description("description"),
    }
    return {column: value for column, value in said.items() if value is not None}


def _attributes(fields: Fields) -> dict[str, str]:
    found = {name: value for column, name in ATTRIBUTES.items() if (value := fields.value(column))}
    condition = fields.value("condition")
    if condition and condition.lower() != USUAL_CONDITION:
        found["condition"] = condition
    return found


def _variant(fields: Fields, id: str) -> FeedVariant | None:
    price = fields.price("price")
    if price is None:
        if not fields.raw("price"):
            fields.bad("price", id, "the row has no price", ROW_SKIPPED)
        return None
    if _sale_is_on(fields):
        price = sale_or_price(price, fields.price(SALE, currency=price.currency, done=LEFT_OUT), fields, SALE)
    return FeedVariant(
        id=id,
        features={name: value for name in FEATURES if (value := fields.text(name))},
        price_cents=price.cents,
        currency=price.currency,
        stock=fields.stock("quantity"),
        available=fields.truth("availability") is not False,
    )


def _sale_is_on(fields: Fields) -> bool:
    """Always, where no dates are given: "2026-06-01T00:00-0700/2026-06-30T23:59-0700"."""
    dates = fields.raw(SALE_DATES)
    if not dates or not fields.raw(SALE):
        return True
    start, _, end = dates.partition("/")
    try:
        return _moment(start, fields) <= fields.reading.now <= _moment(end, fields)
    except ValueError:
        fields.bad(SALE_DATES, dates, "is not two dates with a slash between them", "sale price left out")
        return False


def _moment(text: str, fields: Fields) -> datetime:
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=fields.reading.now.tzinfo)
