"""Orders: what was bought, where it went, what was paid and paid back.

`payments` is the ledger: money that moved, either way. `refunds` is the promise: how much is owed back, why, and
which ledger row kept it: "approved" with a row means that the money is on its way. An order keeps copies of the
address, names, options and prices, so that a change of the catalogue or of the customer leaves it as it was.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.ext.orderinglist import ordering_list
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assistant.store.base import Base, now, one_of
from assistant.store.catalogue import Variant
from assistant.store.customers import Customer, PaymentMethod

ORDER_STATUSES = (
    "pending",
    "pending (item modified)",
    "processed",
    "shipped",
    "delivered",
    "cancelled",
    "exchange requested",
    "return requested",
    "returned",
)
TRANSACTION_TYPES = ("payment", "refund")
SHIPPING_CENTS = "shipping_cents"  # in Order.extras: what sending it costs, of an order that was bought in the chat
REFUND_STATUSES = ("requested", "approved", "paid", "refused")


class Order(Base):
    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(one_of("status", ORDER_STATUSES), name="status"),
        Index("ix_orders_customer_id_position", "customer_id", "position"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)  # with its mark: "#W2378156"
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    position: Mapped[int] = mapped_column(default=0)  # among the customer's orders, oldest first; dates may be missing
    status: Mapped[str] = mapped_column(index=True)  # one of ORDER_STATUSES
    version: Mapped[int] = mapped_column(default=0, server_default="0")  # how often the order desk has changed it
    placed_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    currency: Mapped[str] = mapped_column(default="USD")
    shipping_address: Mapped[dict[str, str]]  # as Address.snapshot gives it
    extras: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what an imported order had beyond these columns

    customer: Mapped[Customer] = relationship(back_populates="orders")
    items: Mapped[list[OrderItem]] = relationship(
        back_populates="order",
        order_by="OrderItem.position, OrderItem.id",
        collection_class=ordering_list("position"),
        cascade="all, delete-orphan",
    )
    shipments: Mapped[list[Shipment]] = relationship(
        back_populates="order",
        order_by="Shipment.position, Shipment.id",
        collection_class=ordering_list("position"),
        cascade="all, delete-orphan",
    )
    payments: Mapped[list[Payment]] = relationship(
        back_populates="order",
        order_by="Payment.position, Payment.id",
        collection_class=ordering_list("position"),
        cascade="all, delete-orphan",
    )
    refunds: Mapped[list[Refund]] = relationship(
        back_populates="order", order_by="Refund.id", cascade="all, delete-orphan"
    )

    @property
    def total_cents(self) -> int:
        """What its items and sending them cost."""
        items = sum(item.quantity * item.price_cents for item in self.items)
        return items + int((self.extras or {}).get(SHIPPING_CENTS) or 0)


class OrderItem(Base):
    __tablename__ = "order_items"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("price_cents >= 0", name="price"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    variant_id: Mapped[str] = mapped_column(ForeignKey("variants.id"), index=True)
    name: Mapped[str]
    options: Mapped[dict[str, str]] = mapped_column(default=dict)
    quantity: Mapped[int] = mapped_column(default=1)
    price_cents: Mapped[int]  # of one

    order: Mapped[Order] = relationship(back_populates="items")
    variant: Mapped[Variant] = relationship()


class Shipment(Base):
    __tablename__ = "shipments"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    carrier: Mapped[str | None]
    tracking_ids: Mapped[list[str]] = mapped_column(default=list)
    variant_ids: Mapped[list[str]] = mapped_column(default=list)  # what is in the parcel
    eta: Mapped[date | None]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]

    order: Mapped[Order] = relationship(back_populates="shipments")


class Payment(Base):
    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint(one_of("transaction_type", TRANSACTION_TYPES), name="transaction_type"),
        CheckConstraint("amount_cents >= 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    transaction_type: Mapped[str]  # "payment" from the customer, "refund" to the customer
    amount_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(default="USD")
    payment_method_id: Mapped[str] = mapped_column(ForeignKey("payment_methods.id"), index=True)
    paid_at: Mapped[datetime | None]  # of a refund: when it arrived

    order: Mapped[Order] = relationship(back_populates="payments")
    payment_method: Mapped[PaymentMethod] = relationship()


class Refund(Base):
    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint(one_of("status", REFUND_STATUSES), name="status"),
        CheckConstraint("amount_cents >= 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    payment_method_id: Mapped[str] = mapped_column(ForeignKey("payment_methods.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(  # set once it is sent
        ForeignKey("payments.id", ondelete="SET NULL"), index=True
    )
    amount_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(default="USD")
    reason: Mapped[str]
    status: Mapped[str] = mapped_column(default="requested")  # one of REFUND_STATUSES
    requested_at: Mapped[datetime] = mapped_column(default=now)

    order: Mapped[Order] = relationship(back_populates="refunds")
    payment_method: Mapped[PaymentMethod] = relationship()
    payment: Mapped[Payment | None] = relationship()
