"""Write the store back in the shape of tau2-bench's `db.json`: the inverse of the import."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from assistant import store
from assistant.importers.tau2 import PRICE_DIFFERENCE, PRICE_DIFFERENCE_CENTS


def export_tau2(database: store.Database) -> dict[str, Any]:
    """The store in the shape of `db.json`. What that has no place for (brands, stock, dates) is left out."""
    with database.reading() as session:
        products = session.scalars(select(store.Product).options(selectinload(store.Product.variants)))
        return {
            "products": {product.id: _product_out(product) for product in products},
            "users": _users(session, select(store.Customer)),
            "orders": _orders(session, select(store.Order)),
        }


def export_some(database: store.Database, users: Collection[str], orders: Collection[str]) -> dict[str, Any]:
    """The same of these users and orders alone; what there is none of is left out."""
    with database.reading() as session:
        return {
            "users": _users(session, select(store.Customer).where(store.Customer.id.in_(users))),
            "orders": _orders(session, select(store.Order).where(store.Order.id.in_(orders))),
        }


def _users(session: Session, asked: Select[store.Customer]) -> dict[str, Any]:
    parts = (store.Customer.addresses, store.Customer.payment_methods, store.Customer.orders)
    customers = session.scalars(asked.options(*map(selectinload, parts)))
    return {customer.id: _user_out(customer) for customer in customers}


def _orders(session: Session, asked: Select[store.Order]) -> dict[str, Any]:
    orders = session.scalars(
        asked.options(
            selectinload(store.Order.items).joinedload(store.OrderItem.variant),
            selectinload(store.Order.shipments),
            selectinload(store.Order.payments),
        )
    )
    return {order.id: _order_out(order) for order in orders}


def _product_out(product: store.Product) -> dict[str, Any]:
    return {
        "name": product.name,
        "product_id": product.id,
        "variants": {variant.id: _variant_out(variant) for variant in product.variants},
    }


def _variant_out(variant: store.Variant) -> dict[str, Any]:
    return {
        "item_id": variant.id,
        "options": variant.options,
        "available": variant.in_stock,
        "price": _dollars(variant.price_cents),
    }


def _user_out(customer: store.Customer) -> dict[str, Any]:
    address = customer.default_address
    return {
        "user_id": customer.id,
        "name": {"first_name": customer.first_name, "last_name": customer.last_name},
        "address": address.snapshot() if address else None,
        "email": customer.email,
        "payment_methods": {method.id: _payment_method_out(method) for method in customer.payment_methods},
        "orders": [order.id for order in customer.orders],
    }


def _payment_method_out(method: store.PaymentMethod) -> dict[str, Any]:
    row: dict[str, Any] = {"source": method.source, "id": method.id}
    if method.source == "credit_card":
        row |= {"brand": method.brand, "last_four": method.last_four}
    if method.balance_cents is not None:
        row["balance"] = _dollars(method.balance_cents)
    return row


def _order_out(order: store.Order) -> dict[str, Any]:
    row: dict[str, Any] = {
        "order_id": order.id,
        "user_id": order.customer_id,
        "address": order.shipping_address,
        "items": [_item_out(item) for item in order.items for _ in range(item.quantity)],
        "status": order.status,
        "fulfillments": [
            {"tracking_id": shipment.tracking_ids, "item_ids": shipment.variant_ids} for shipment in order.shipments
        ],
        "payment_history": [_payment_out(payment) for payment in order.payments],
    }
    if order.cancel_reason is not None:
        row["cancel_reason"] = order.cancel_reason
    row |= order.extras
    if PRICE_DIFFERENCE_CENTS in row:
        row[PRICE_DIFFERENCE] = _dollars(row.pop(PRICE_DIFFERENCE_CENTS))
    return row


def _item_out(item: store.OrderItem) -> dict[str, Any]:
    return {
        "name": item.name,
        "product_id": item.variant.product_id,
        "item_id": item.variant_id,
        "price": _dollars(item.price_cents),
        "options": item.options,
    }


def _payment_out(payment: store.Payment) -> dict[str, Any]:
    return {
        "transaction_type": payment.transaction_type,
        "amount": _dollars(payment.amount_cents),
        "payment_method_id": payment.payment_method_id,
    }


def _dollars(cents: int) -> float:
    """The float nearest to the amount, which is the one that JSON's decimal text stands for."""
    return cents / 100
