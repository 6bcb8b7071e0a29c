"""Bring the store to the state of a feed's products, a batch in each transaction; only what differs is written.

Products that are not in the feed are left alone here (missing.py). Nothing is deleted: orders, carts and conversations
refer to variants, so one that has gone from its product becomes unavailable, and is available again when it comes back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.importers.feeds import Feed, FeedProduct, FeedVariant
from assistant.importers.report import LEFT_OUT, ROW_SKIPPED, Report
from assistant.importers.spool import Spool
from assistant.importers.sync import change_row
from assistant.store import Product, Variant, reindex_products, reprice_products

AT_ONCE = 500  # values in one condition of SQL
SHOWN_IN_SEARCH = ("options", "product_id")  # of a variant, what the text index holds

Row = TypeVar("Row", Product, Variant)


@dataclass
class Counts:
    """What became of a feed, product by product; a product with a changed variant has changed."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    variants: int = 0
    gone: int = 0  # variants that have become unavailable


class Upsert:
    """Writes the batches of one feed, and counts."""

    def __init__(self, feed: Feed, spool: Spool, report: Report) -> None:
        self.counts = Counts()
        self._feed = feed
        self._spool = spool
        self._report = report

    def write(self, session: Session, products: Sequence[FeedProduct]) -> None:
        """Write one batch, and bring the text index up to date for what is new or reads differently."""
        batch = _Batch(session, products)
        self._free_skus(session, batch)
        new: set[str] = set()
        changed: set[str] = set()
        repriced: set[str] = set()
        for product in products:
            own = [variant for variant in product.variants if self._may_have(batch, product, variant)]
            if not own:
                continue  # each of its ids is reported
            written = self._product(session, batch, product, own)
            if written.reads_differently:
                (new if written.new else changed).add(product.id)
            elif written.repriced:
                repriced.add(product.id)
            changed |= written.lost_a_variant
            self._count(written)
        session.flush()
        reindex_products(session, changed=changed - new, new=new)
        reprice_products(session, repriced - changed)

    def _may_have(self, batch: _Batch, product: FeedProduct, variant: FeedVariant) -> bool:
        """A variant may move between products of the feed, and not come from another one."""
        row = batch.variants.get(variant.id)
        if row is None or row.product_id == product.id or self._spool.has_product(row.product_id):
            return True
        wrong = f"is the id of a variant of product {row.product_id}, which is not in this feed"
        self._report.add(self._spool.row_of(variant.id), "id", variant.id, wrong, ROW_SKIPPED)
        return False

    def _product(
        self, session: Session, batch: _Batch, product: FeedProduct, variants: Sequence[FeedVariant]
    ) -> _Written:
        written = _Written()
        values = {"id": product.id} | {name: product.columns[name] for name in self._feed.product_columns}
        row = batch.products.get(product.id)
        if row is None:
            session.add(Product(**values))
            written.new = written.reads_differently = True
        elif change_row(row, values):
            written.changed = written.reads_differently = True
        for position, variant in enumerate(variants):
            values = self._values(batch, variant) | {"product_id": product.id, "position": position}
            _write_variant(session, batch.variants.get(variant.id), variant.id, values, written)
        self.counts.variants += len(variants)
        if product.complete:
            self._withdraw(batch, product, written)
        return written

    def _values(self, batch: _Batch, variant: FeedVariant) -> dict[str, Any]:
        values = {name: getattr(variant, name) for name in self._feed.variant_columns}
        return values | ({"sku": None} if variant.sku in batch.taken_skus else {})

    def _withdraw(self, batch: _Batch, product: FeedProduct, written: _Written) -> None:
        here = {variant.id for variant in product.variants}
        for row in batch.of_product(product.id):
            if row.available and row.id not in here and not self._spool.has_variant(row.id):
                row.available = False
                written.changed = True
                self.counts.gone += 1

    def _free_skus(self, session: Session, batch: _Batch) -> None:
        """Take each SKU of the batch from whoever has it now, if that is a product of this feed; else report it."""
        if "sku" not in self._feed.variant_columns:
            return
        wanted = {variant.sku: variant.id for variant in batch.wanted if variant.sku}
        for holder in _found(session, Variant, Variant.sku, wanted):
            sku = holder.sku
            if sku is None or holder.id == wanted[sku]:
                continue
            if self._spool.has_product(holder.product_id):
                holder.sku = None
                continue
            batch.taken_skus.add(sku)
            row = self._spool.row_of(wanted[sku])
            self._report.add(row, "sku", sku, f"is the SKU of product {holder.product_id}, not in this feed", LEFT_OUT)
        session.flush()

    def _count(self, written: _Written) -> None:
        if written.new:
            self.counts.new += 1
        elif written.changed:
            self.counts.changed += 1
        else:
            self.counts.unchanged += 1


@dataclass
class _Written:
    """What was done for one product."""

    new: bool = False
    changed: bool = False  # the product or a variant of it
    reads_differently: bool = False  # to the text index
    repriced: bool = False  # a variant of it
    lost_a_variant: set[str] = field(default_factory=set)  # the products that a variant came from


class _Batch:
    """What the store has of a batch of products: they, their variants, and those that have the batch's variant ids."""

    def __init__(self, session: Session, products: Sequence[FeedProduct]) -> None:
        self.wanted = [variant for product in products for variant in product.variants]
        ids = [product.id for product in products]
        self.products = {row.id: row for row in _found(session, Product, Product.id, ids)}
        own = _found(session, Variant, Variant.product_id, self.products)
        claimed = _found(session, Variant, Variant.id, [variant.id for variant in self.wanted])
        self.variants = {row.id: row for rows in (own, claimed) for row in rows}
        self.taken_skus: set[str] = set()  # by products that are not in the feed
        self._by_product: dict[str, list[Variant]] = {}
        for row in self.variants.values():
            self._by_product.setdefault(row.product_id, []).append(row)

    def of_product(self, product_id: str) -> list[Variant]:
        return self._by_product.get(product_id, [])


def _write_variant(session: Session, row: Variant | None, id: str, values: dict[str, Any], written: _Written) -> None:
    if row is None:
        session.add(Variant(id=id, **values))
        written.changed = written.reads_differently = True
        return
    before, price = {name: getattr(row, name) for name in SHOWN_IN_SEARCH}, row.price_cents
    if not change_row(row, values):
        return
    written.changed = True
    written.repriced |= price != row.price_cents
    if before != {name: values[name] for name in SHOWN_IN_SEARCH}:
        written.reads_differently = True
    if before["product_id"] != row.product_id:
        written.lost_a_variant.add(before["product_id"])


def _found(session: Session, model: type[Row], column: Any, values: Collection[Any]) -> Iterator[Row]:
    """The rows whose column has one of these values."""
    listed = list(values)
    for start in range(0, len(listed), AT_ONCE):
        yield from session.scalars(select(model).where(column.in_(listed[start : start + AT_ONCE]))).all()
