"""Products and their variants: a variant is what can be bought, a product is what is talked about."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, and_, or_
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.ext.orderinglist import ordering_list
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assistant.store.base import Base


class Product(Base):
    __tablename__ = "products"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    brand: Mapped[str | None] = mapped_column(index=True)
    category: Mapped[str | None] = mapped_column(index=True)
    department: Mapped[str | None] = mapped_column(index=True)
    audience: Mapped[str | None]  # "women", "kids", "dogs"; None where it does not matter
    description: Mapped[str | None]
    attributes: Mapped[dict[str, str]] = mapped_column(default=dict)  # "waterproof": "yes, to 10,000 mm"
    tags: Mapped[list[str]] = mapped_column(default=list)
    rating: Mapped[float | None]  # 0..5
    rating_count: Mapped[int] = mapped_column(default=0)

    variants: Mapped[list[Variant]] = relationship(
        back_populates="product",
        order_by="Variant.position, Variant.id",
        collection_class=ordering_list("position"),
        cascade="all, delete-orphan",
    )


class Variant(Base):
    __tablename__ = "variants"
    __table_args__ = (
        CheckConstraint("price_cents >= 0", name="price"),
        CheckConstraint("stock >= 0", name="stock"),
        # All that a search without options asks of variants, so that it need not read their rows.
        Index("ix_variants_buyable", "product_id", "available", "stock", "price_cents"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(default=0)  # among the product's variants, as the shop lists them
    sku: Mapped[str | None] = mapped_column(unique=True)
    options: Mapped[dict[str, str]] = mapped_column(default=dict)  # in the order in which they are read out
    price_cents: Mapped[int] = mapped_column(index=True)
    currency: Mapped[str] = mapped_column(default="USD")
    stock: Mapped[int | None]  # None: the shop does not count it
    available: Mapped[bool] = mapped_column(default=True)

    product: Mapped[Product] = relationship(back_populates="variants")

    @hybrid_property
    def in_stock(self) -> bool:
        """Whether it can be bought now; works on a row and in a query."""
        return self.available and self.stock != 0

    @in_stock.inplace.expression
    @classmethod
    def _in_stock(cls) -> ColumnElement[bool]:
        return and_(cls.available, or_(cls.stock.is_(None), cls.stock > 0))
