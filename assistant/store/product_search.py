"""The full-text index of the catalogue: one row per product in `product_search`, weighted by where a word stands.

SQLite has an FTS5 table with a column per field; PostgreSQL a `tsvector` whose weights A to D are the same fields:
A name; B brand, category, department; C tags and details (audience, attributes, options); D description.
Words are stemmed as English by both, and stand there without case and accents (only SQLite would fold
them by itself). Call `reindex`, or `reindex_products` for some, in the transaction that changed the catalogue.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session, selectinload

from assistant.store.catalogue import Product
from assistant.texts import fold

FIELDS = ("name", "brand", "category", "department", "tags", "details", "description")
BATCH = 1_000
FRESH = {"populate_existing": True}  # variants that were written beside their product are read as well

INSERT_SQLITE = text(
    f"INSERT INTO product_search (product_id, {', '.join(FIELDS)}) "
    f"VALUES (:product_id, {', '.join(':' + field for field in FIELDS)})"
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
    "INSERT INTO product_search (product_id, document) VALUES (:product_id, "
    + " || ".join(f"setweight(to_tsvector('english', :{field}), '{WEIGHTS[field]}')" for field in FIELDS)
    + ")"
)


DELETE = text("DELETE FROM product_search WHERE product_id IN :ids").bindparams(bindparam("ids", expanding=True))


def reindex(session: Session) -> int:
    """Build the index anew from the catalogue. Returns the number of products in it."""
    session.flush()
    session.execute(text("DELETE FROM product_search"))
    products = session.scalars(
        select(Product).options(selectinload(Product.variants)).execution_options(yield_per=BATCH)
    )
    count = 0
    for batch in products.partitions():
        _insert(session, batch)
        count += len(batch)
    return count


def reindex_products(session: Session, changed: Collection[str], new: Collection[str] = ()) -> None:
    """Bring the index up to date for these product ids only. `new` are those it does not hold yet: SQLite's index has
    no key, so each call with `changed` ids reads it through once."""
    session.flush()
    if changed:
        session.execute(DELETE, {"ids": list(changed)})
    ids = [*changed, *new]
    for start in range(0, len(ids), BATCH):
        wanted = select(Product).where(Product.id.in_(ids[start : start + BATCH]))
        _insert(session, session.scalars(wanted.options(selectinload(Product.variants)), execution_options=FRESH))


def _insert(session: Session, products: Iterable[Product]) -> None:
    rows = [fields(product) for product in products]
    if rows:
        session.execute(INSERT_POSTGRESQL if session.get_bind().dialect.name == "postgresql" else INSERT_SQLITE, rows)


def fields(product: Product) -> dict[str, str]:
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
    return {"product_id": product.id, **{field: fold(text) for field, text in said.items()}}
