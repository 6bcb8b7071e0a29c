"""What shoppers looked at, where they allowed that it is remembered: one row each time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from assistant.store.base import Base, now, one_of

INTEREST_KINDS = ("view", "click", "cart")  # told about in words, by pressing a button, put into the cart


class ProductEvent(Base):
    """A shopper's interest in a product. It goes with the conversation, the customer or the product."""

    __tablename__ = "product_events"
    __table_args__ = (
        CheckConstraint(one_of("kind", INTEREST_KINDS), name="kind"),
        Index("ix_product_events_customer_id_at", "customer_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # one of INTEREST_KINDS
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=now)
