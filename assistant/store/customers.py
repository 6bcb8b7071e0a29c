"""Customers, where they live and how they pay. Of a card we hold the brand and the last four digits only."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.ext.orderinglist import ordering_list
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from assistant.store.base import Base, one_of

if TYPE_CHECKING:
    from assistant.store.orders import Order

PAYMENT_SOURCES = ("gift_card", "credit_card", "paypal")


class Customer(Base):
    __tablename__ = "customers"
    __table_args__ = (Index("ix_customers_last_name_first_name", "last_name", "first_name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)  # as `normalise_email` gives it
    first_name: Mapped[str]
    last_name: Mapped[str]
    phone: Mapped[str | None]
    loyalty_points: Mapped[int] = mapped_column(default=0)
    joined_at: Mapped[datetime | None]
    remember_views: Mapped[bool | None]  # what they look at, for suggestions; None: never asked, and so no

    addresses: Mapped[list[Address]] = relationship(
        back_populates="customer", order_by="Address.id", cascade="all, delete-orphan"
    )
    payment_methods: Mapped[list[PaymentMethod]] = relationship(
        back_populates="customer",
        order_by="PaymentMethod.position, PaymentMethod.id",
        collection_class=ordering_list("position"),
        cascade="all, delete-orphan",
    )
    orders: Mapped[list[Order]] = relationship(
        back_populates="customer",
        order_by="Order.position, Order.id",
        collection_class=ordering_list("position"),
    )

    @validates("email")
    def _normalise_email(self, key: str, email: str) -> str:
        return normalise_email(email)

    @property
    def default_address(self) -> Address | None:
        return next((address for address in self.addresses if address.is_default), None)


class Address(Base):
    __tablename__ = "addresses"
    __table_args__ = (
        Index(
            "uq_addresses_default",
            "customer_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    is_default: Mapped[bool] = mapped_column(default=False)
    address1: Mapped[str]
    address2: Mapped[str] = mapped_column(default="")
    city: Mapped[str]
    state: Mapped[str]
    country: Mapped[str]
    zip: Mapped[str] = mapped_column(index=True)

    customer: Mapped[Customer] = relationship(back_populates="addresses")

    def snapshot(self) -> dict[str, str]:
        """The address as an order keeps it, whatever becomes of this row."""
        return {field: getattr(self, field) or "" for field in ADDRESS_FIELDS}


ADDRESS_FIELDS = ("address1", "address2", "city", "country", "state", "zip")


class PaymentMethod(Base):
    __tablename__ = "payment_methods"
    __table_args__ = (
        CheckConstraint(one_of("source", PAYMENT_SOURCES), name="source"),
        CheckConstraint("balance_cents >= 0", name="balance"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    source: Mapped[str]  # one of PAYMENT_SOURCES
    brand: Mapped[str | None]  # credit cards: "visa"
    last_four: Mapped[str | None]  # credit cards
    balance_cents: Mapped[int | None]  # gift cards
    currency: Mapped[str] = mapped_column(default="USD")

    customer: Mapped[Customer] = relationship(back_populates="payment_methods")


def normalise_email(email: str) -> str:
    """The one spelling under which an address is stored and looked up."""
    return email.strip().lower()
