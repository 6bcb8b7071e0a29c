"""A CSV of any shop, by a map from our fields to its columns; where its columns have our names, none is needed.

    product_id: Artikelgruppe      # rows with the same one are variants of one product
    id: Artikelnummer
    name: Bezeichnung
    price: Preis
    options: {color: Farbe, size: Größe}
    attributes: {waterproof: Wasserdicht}

A column that the map does not name is passed over, and a field that it does not name stays as it is in the store.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from assistant.importers.decoding import BrokenFeed
from assistant.importers.feeds import VARIANT_COLUMNS, Feed, FeedLine, FeedVariant, Shape
from assistant.importers.fields import Fields, Reading, sale_or_price, variant_id
from assistant.importers.prices import UnreadablePrice, read_currency
from assistant.importers.report import LEFT_OUT, ROW_SKIPPED
from assistant.importers.tables import column_name, open_table
from intents.yaml_files import BadYaml, read_plain_yaml

FEATURES = ("color", "colour", "size", "material")  # options where they vary, if the map does not speak of them
OPTION, ATTRIBUTE = "option:", "attribute:"  # begin such columns where there is no map
TEXTS = ("brand", "department", "audience")
OF_PRODUCTS = (*TEXTS, "name", "category", "description", "tags", "rating", "rating_count")


class BrokenColumnMap(ValueError):
    """The column map cannot be used. The message names the file, the key and what to write instead."""


class ColumnMap(Shape):
    """Our field -> their column. A field without a column is not touched in the store."""

    product_id: str | None = None  # without it every row is a product
    id: str | None = None  # of the variant; without it a variant is told apart by its options
    name: str
    price: str
    sale_price: str | None = None
    currency: str | None = None
    brand: str | None = None
    category: str | None = None  # may be a path, "Shoes > Boots"
    department: str | None = None
    audience: str | None = None
    description: str | None = None
    tags: str | None = None
    rating: str | None = None
    rating_count: str | None = None
    sku: str | None = None
    stock: str | None = None
    available: str | None = None
    options: dict[str, str] = Field(default={})
    attributes: dict[str, str] = Field(default={})

    def column(self, field: str) -> str:
        """Their column as rows are keyed by it, "" where there is none."""
        return column_name(getattr(self, field) or "")

    def used(self) -> list[str]:
        single = [name for field in ColumnMap.model_fields if isinstance(name := getattr(self, field), str)]
        return [*single, *self.options.values(), *self.attributes.values()]


def read_column_map(path: Path) -> ColumnMap:
    """Raises BrokenColumnMap."""
    try:
        return ColumnMap.model_validate(read_plain_yaml(path))
    except BadYaml as error:
        raise BrokenColumnMap(f"{path}, line {error.line}: {error}.") from None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'the whole'}: {one['msg']}" for one in error.errors())
        raise BrokenColumnMap(f"{path} is no column map: {faults}. docs/import.md has an example.") from None


def open_csv(path: Path, reading: Reading, columns: ColumnMap | None) -> Feed:
    """Raises BrokenFeed when a column of the map, or a needed one, is not in the file."""
    table = open_table(path, reading.report)
    own_names = columns is None
    columns = columns or _map_by_our_names(path, table.columns)
    missing = [name for name in columns.used() if column_name(name) not in table.columns]
    if missing or not (columns.product_id or columns.id):
        wanted = ", ".join(missing) or "product_id or id"
        raise BrokenFeed(f"{path} has no column {wanted}. Its columns are: {', '.join(filter(None, table.columns))}.")
    features = tuple(name for name in FEATURES if own_names and name in table.columns)
    stated = {field for field in OF_PRODUCTS if getattr(columns, field)}
    stated |= {"department"} if columns.category else set()
    stated |= {"attributes"} if columns.attributes or features else set()
    return Feed(
        frozenset(stated),
        VARIANT_COLUMNS | {field for field in ("sku", "stock") if getattr(columns, field)},
        _lines((Fields(row, reading) for row in table.rows), columns, features),
    )


def _map_by_our_names(path: Path, present: tuple[str, ...]) -> ColumnMap:
    named: dict[str, Any] = {field: field for field in ColumnMap.model_fields if field in present}
    missing = [field for field in ("name", "price") if field not in named]
    if missing:
        raise BrokenFeed(
            f"{path} has no column {' and '.join(missing)}. Say with --columns MAP.yml which of its columns is what "
            "(docs/import.md)."
        )
    for key, mark in (("options", OPTION), ("attributes", ATTRIBUTE)):
        named[key] = {name.removeprefix(mark).strip(): name for name in present if name.startswith(mark)}
    return ColumnMap.model_validate(named)


def _lines(rows: Iterator[Fields], columns: ColumnMap, features: tuple[str, ...]) -> Iterator[FeedLine | None]:
    for fields in rows:
        id = fields.id(columns.column("id"))
        product_id = fields.id(columns.column("product_id")) or id
        if product_id is None or (columns.id and id is None):
            field = "product_id" if product_id is None else "id"
            fields.bad(field, fields.raw(columns.column("name")), f"the row has no {field}", ROW_SKIPPED)
            yield fields.broken(product_id) if product_id is not None else None
            continue
        variant = _variant(fields, columns, features, product_id, id)
        if variant is None:
            yield fields.broken(product_id)
            continue
        attributes = {
            name: value for name, column in columns.attributes.items() if (value := fields.value(column_name(column)))
        }
        said = _said(fields, columns)
        yield FeedLine(row=fields.row.number, product_id=product_id, said=said, attributes=attributes, variant=variant)


def _said(fields: Fields, columns: ColumnMap) -> dict[str, object]:
    said: dict[str, object | None] = {field: fields.text(columns.column(field)) for field in ("name", *TEXTS)}
    path = fields.path(columns.column("category"))
    said["category"] = path[-1] if path else None
    if len(path) > 1 and said["department"] is None:
        said["department"] = path[0]
    said["description"] = fields.description(columns.column("description"))
    said["tags"] = fields.tags(columns.column("tags")) or None
    said["rating"] = fields.rating(columns.column("rating"))
    said["rating_count"] = fields.stock(columns.column("rating_count"))
    return {column: value for column, value in said.items() if value is not None}


def _variant(
    fields: Fields, columns: ColumnMap, features: tuple[str, ...], product_id: str, id: str | None
) -> FeedVariant | None:
    currency = _currency(fields, columns.column("currency"))
    price = fields.price(columns.column("price"), currency=currency) if currency else None
    if price is None:
        if not fields.raw(columns.column("price")):
            fields.bad("price", id or product_id, "the row has no price", ROW_SKIPPED)
        return None
    sale = columns.column("sale_price")
    price = sale_or_price(price, fields.price(sale, currency=price.currency, done=LEFT_OUT), fields, sale)
    options = {name: value for name, column in columns.options.items() if (value := fields.text(column_name(column)))}
    found = {name: value for name in features if (value := fields.text(name))}
    told_apart = [f"{name}={value}" for name, value in {**options, **found}.items()]
    return FeedVariant(
        id=id or variant_id(product_id, told_apart),
        sku=fields.id(columns.column("sku")),
        options=options,
        features=found,
        price_cents=price.cents,
        currency=price.currency,
        stock=fields.stock(columns.column("stock")),
        available=fields.truth(columns.column("available")) is not False,
    )


def _currency(fields: Fields, column: str) -> str | None:
    """Of the row's prices; None, and reported, for one that is not known."""
    raw = fields.raw(column)
    if not raw:
        return fields.reading.currency
    try:
        return read_currency(raw)
    except UnreadablePrice as error:
        fields.bad(column, raw, str(error), ROW_SKIPPED)
        return None
