"""What search reads of each product: a `SearchEntry`, and a row of the full-text index `product_search`.

An entry is small and numbered, so that thousands are looked at in milliseconds; its number is that of the row in the
index. It has the product's lowest and highest price, so that whoever asks for a price need not read the variants of
what is far from it. In the index a word weighs by where it stands.

SQLite has an FTS5 table with a column per field; PostgreSQL a `tsvector` whose weights A to D are the same fields:
A name; B brand, category, department; C tags and details (audience, attributes, options); D description.
Words are stemmed as English by both, and are cut by us (`as_words`), without case and accents: SQLite would cut
"1.8 m" into three words and find 8 in it, PostgreSQL take "f/1.8" for a file and "7-8" for seven and minus eight.
Call `reindex`, or `reindex_products` for some, in the transaction that changed the catalogue; `reprice_products` where
only prices changed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from sqlalchemy import ForeignKey, bindparam, delete, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column, selectinload

from assistant.store.base import Base
from assistant.store.catalogue import Product, Variant
from assistant.texts import fold, raw_words

FIELDS = ("name", "brand", "category", "department", "tags", "details", "description")
BATCH = 1_000
FRESH = {"populate_existing": True}  # variants that were written beside their product are read as well

INSERT_SQLITE = text(
    f"INSERT INTO product_search (rowid, product_id, {', '.join(FIELDS)}) "
    f"VALUES (:number, :product_id, {', '.join(':' + field for field in FIELDS)})"
)
WEIGHTS = {
    "name": "A",
    "brand": "B",
    "category": "B",
    "department": "B",
    "tags": "C",
    "details": "C",
    "description": "D",
}
INSERT_POSTGRESQL = text(
    "INSERT INTO product_search (number, product_id, document) VALUES (:number, :product_id, "
    + " || ".join(f"setweight(to_tsvector('english', :{field}), '{WEIGHTS[field]}')" for field in FIELDS)
    + ")"
)


DELETE_SQLITE = text(
    "DELETE FROM product_search WHERE rowid IN (SELECT number FROM search_entries WHERE product_id IN :ids)"
).bindparams(bindparam("ids", expanding=True))
DELETE_POSTGRESQL = text("DELETE FROM product_search WHERE product_id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)


class SearchEntry(Base):
    """A product that is indexed anew gets a new number, so whoever has seen the highest one has seen them all."""

    __tablename__ = "search_entries"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads it once

    number: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), unique=True)
    name: Mapped[str]
    category: Mapped[str | None] = mapped_column(index=True)
    audience: Mapped[str | None]
    rating: Mapped[float | None]
    rating_count: Mapped[int]
    lowest_cents: Mapped[int | None]  # of all its variants, be they in stock or not; None where it has none
    highest_cents: Mapped[int | None]


def reindex(session: Session) -> int:
    """Build the index anew from the catalogue. Returns the number of products in it."""
    session.flush()
    session.execute(text("DELETE FROM product_search"))
    session.execute(delete(SearchEntry))
    ids = session.scalars(select(Product.id)).all()
    reindex_products(session, (), new=ids)
    return len(ids)


def reindex_products(session: Session, changed: Collection[str], new: Collection[str] = ()) -> None:
    """Bring the index up to date for these product ids only. `new` are those it does not hold yet."""
    session.flush()
    if changed:
        session.execute(DELETE_POSTGRESQL if _on_postgresql(session) else DELETE_SQLITE, {"ids": list(changed)})
        session.execute(delete(SearchEntry).where(SearchEntry.product_id.in_(changed)))
    ids = [*changed, *new]
    for start in range(0, len(ids), BATCH):
        wanted = select(Product).where(Product.id.in_(ids[start : start + BATCH]))
        products = session.scalars(wanted.options(selectinload(Product.variants)), execution_options=FRESH)
        _insert(session, products.all())


def reprice_products(session: Session, changed: Collection[str]) -> None:
    """Bring the price range of these products' entries up to date, where nothing that is read has changed."""
    session.flush()
    for product_id in changed:
        of_product = Variant.product_id == product_id
        lowest, highest = session.execute(
            select(func.min(Variant.price_cents), func.max(Variant.price_cents)).where(of_product)
        ).one()
        entry = update(SearchEntry).where(SearchEntry.product_id == product_id)
        session.execute(entry.values(lowest_cents=lowest, highest_cents=highest))


def fields(product: Product) -> dict[str, str]:
    """The texts that are indexed, by field."""
    details = [product.audience or ""]
    for name, value in product.attributes.items():
        details.append(f"{name} {value}")
    options = {f"{name} {value}" for variant in product.variants for name, value in variant.options.items()}
    said = {
        "name": product.name,
        "brand": product.brand or "",
        "category": product.category or "",
        "department": product.department or "",
        "tags": ", ".join(product.tags),
        "details": ", ".join([*details, *sorted(options)]),
        "description": product.description or "",
    }
    return {field: as_words(text) for field, text in said.items()}


def as_words(text: str) -> str:
    """Words as both databases read them, for the index and for what is looked up in it: letters and digits between
    spaces, with a letter for a number's point, "1.8" as "1p8"."""
    return " ".join(re.sub("[.,]", "p", word) for word in raw_words(fold(text)))


def _insert(session: Session, products: Sequence[Product]) -> None:
    entries = [_entry(product) for product in products]
    session.add_all(entries)
    session.flush()
    rows = [
        {"number": entry.number, "product_id": product.id, **fields(product)}
        for entry, product in zip(entries, products, strict=True)
    ]
    for entry in entries:
        session.expunge(entry)
    if rows:
        session.execute(INSERT_POSTGRESQL if _on_postgresql(session) else INSERT_SQLITE, rows)


def _entry(product: Product) -> SearchEntry:
    prices = [variant.price_cents for variant in product.variants]
    return SearchEntry(
        product_id=product.id,
        name=product.name,
        category=product.category,
        audience=product.audience,
        rating=product.rating,
        rating_count=product.rating_count,
        lowest_cents=min(prices, default=None),
        highest_cents=max(prices, default=None),
    )


def _on_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
