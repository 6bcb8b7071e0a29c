"""What a full feed does not list: it goes off sale, and is for sale again when it comes back. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from assistant.importers.spool import Spool
from assistant.store import Database, Variant

AT_ONCE = 500  # products in one transaction


@dataclass(frozen=True)
class Missing:
    """What became of the products that could be bought and are not in the feed."""

    taken_off: int  # products
    untold_rows: int  # of the feed, that do not say of which product they are: then nothing is taken off sale

    def __str__(self) -> str:
        if self.untold_rows:
            one = self.untold_rows == 1
            rows = "1 row does not say" if one else f"{self.untold_rows:,} rows do not say"
            return f"nothing taken off sale, since {rows} of which product"
        products = "1 product" if self.taken_off == 1 else f"{self.taken_off:,} products"
        return f"{products} not in the feed taken off sale"


def take_off_sale(database: Database, spool: Spool, untold_rows: int) -> Missing:
    """A product with a row in the feed is not missing, even where that row cannot be read."""
    if untold_rows:
        return Missing(0, untold_rows)
    with database.reading() as session:
        sold = session.scalars(select(Variant.product_id).where(Variant.available).distinct()).all()
    missing = [product_id for product_id in sold if not spool.has_product(product_id)]
    for start in range(0, len(missing), AT_ONCE):
        _withdraw(database, missing[start : start + AT_ONCE])
    return Missing(len(missing), 0)


def _withdraw(database: Database, product_ids: Sequence[str]) -> None:
    with database.session() as session:
        gone = update(Variant).where(Variant.product_id.in_(product_ids), Variant.available)
        session.execute(gone.values(available=False))
