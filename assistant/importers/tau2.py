"""Import the retail database of tau2-bench into the store.

    report = import_tau2(database, Path("db.json"))

The file wins: what it holds is created or brought to its state, and what is the same already is not touched, so a
second import writes nothing. Customers, orders and products that the file does not name stay as they are.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant import store
from assistant.importers.sync import ImportReport, Row, sync, sync_parts
from assistant.importers.tau2_format import BrokenFile, Order, Shop, User, read_tau2

CURRENCY = "USD"
PRICE_DIFFERENCE = "exchange_price_difference"
PRICE_DIFFERENCE_CENTS = "exchange_price_difference_cents"  # as it is kept among an order's extras
EXTRA_FIELDS = (
    "exchange_items",
    "exchange_new_items",
    "exchange_payment_method_id",
    PRICE_DIFFERENCE,
    "return_items",
    "return_payment_method_id",
)


def import_tau2(database: store.Database, path: Path) -> ImportReport:
    """Import the file at `path`, in one transaction. Raises BrokenFile, and then nothing has been written."""
    shop = read_tau2(path)
    with database.session() as session:
        _refuse_taken_emails(session, shop, path)
        tables = {
            "products": sync(session, store.Product, ("id",), _products(shop)),
            "variants": sync(session, store.Variant, ("id",), _variants(shop)),
            "customers": sync(session, store.Customer, ("id",), _customers(shop)),
            "addresses": sync(session, store.Address, ("customer_id", "is_default"), _addresses(shop)),
            "payment_methods": sync(session, store.PaymentMethod, ("id",), _payment_methods(shop)),
            "orders": sync(session, store.Order, ("id",), _orders(shop)),
            "order_items": sync_parts(session, store.OrderItem, shop.orders, _order_items(shop)),
            "shipments": sync_parts(session, store.Shipment, shop.orders, _shipments(shop)),
            "payments": sync_parts(session, store.Payment, shop.orders, _payments(shop)),
        }
        if tables["products"].writes or tables["variants"].writes:
            store.reindex(session)
    return ImportReport(tables)


def _refuse_taken_emails(session: Session, shop: Shop, path: Path) -> None:
    owners = {email: id for email, id in session.execute(select(store.Customer.email, store.Customer.id))}
    for key, user in shop.users.items():
        owner = owners.get(store.normalise_email(user.email), key)
        if owner not in shop.users:
            raise BrokenFile(f"{path}: users.{key}.email: {user.email} belongs to customer {owner} in this database")


def _products(shop: Shop) -> list[Row]:
    return [{"id": product.product_id, "name": product.name} for product in shop.products.values()]


def _variants(shop: Shop) -> list[Row]:
    return [
        {
            "id": variant.item_id,
            "product_id": product.product_id,
            "position": position,
            "options": variant.options,
            "price_cents": variant.price,
            "currency": CURRENCY,
            "available": variant.available,
        }
        for product in shop.products.values()
        for position, variant in enumerate(product.variants.values())
    ]


def _customers(shop: Shop) -> list[Row]:
    return [
        {
            "id": user.user_id,
            "email": store.normalise_email(user.email),
            "first_name": user.name.first_name,
            "last_name": user.name.last_name,
        }
        for user in shop.users.values()
    ]


def _addresses(shop: Shop) -> list[Row]:
    return [
        {"customer_id": user.user_id, "is_default": True, **user.address.model_dump()} for user in shop.users.values()
    ]


def _payment_methods(shop: Shop) -> list[Row]:
    return [
        {
            "id": method.id,
            "customer_id": user.user_id,
            "position": position,
            "source": method.source,
            "brand": method.brand,
            "last_four": method.last_four,
            "balance_cents": method.balance,
            "currency": CURRENCY,
        }
        for user in shop.users.values()
        for position, method in enumerate(user.payment_methods.values())
    ]


def _orders(shop: Shop) -> list[Row]:
    return [_order_in(order, shop.users[order.user_id]) for order in shop.orders.values()]


def _order_in(order: Order, user: User) -> Row:
    return {
        "id": order.order_id,
        "customer_id": order.user_id,
        "position": user.orders.index(order.order_id),
        "status": order.status,
        "cancel_reason": order.cancel_reason,
        "currency": CURRENCY,
        "shipping_address": order.address.model_dump(),
        "extras": _extras(order),
    }


def _extras(order: Order) -> dict[str, Any]:
    extras = {name: getattr(order, name) for name in EXTRA_FIELDS if getattr(order, name) is not None}
    if PRICE_DIFFERENCE in extras:
        extras[PRICE_DIFFERENCE_CENTS] = extras.pop(PRICE_DIFFERENCE)
    return extras | {name: _plain(value) for name, value in (order.model_extra or {}).items()}


def _plain(value: Any) -> Any:
    """A value of an unknown field as a JSON column takes it: with floats where the reader made Decimals."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def _order_items(shop: Shop) -> list[Row]:
    return [
        {
            "order_id": order.order_id,
            "position": position,
            "variant_id": item.item_id,
            "name": item.name,
            "options": item.options,
            "quantity": 1,
            "price_cents": item.price,
        }
        for order in shop.orders.values()
        for position, item in enumerate(order.items)
    ]


def _shipments(shop: Shop) -> list[Row]:
    return [
        {
            "order_id": order.order_id,
            "position": position,
            "tracking_ids": fulfillment.tracking_id,
            "variant_ids": fulfillment.item_ids,
        }
        for order in shop.orders.values()
        for position, fulfillment in enumerate(order.fulfillments)
    ]


def _payments(shop: Shop) -> list[Row]:
    return [
        {
            "order_id": order.order_id,
            "position": position,
            "transaction_type": transaction.transaction_type,
            "amount_cents": transaction.amount,
            "currency": CURRENCY,
            "payment_method_id": transaction.payment_method_id,
        }
        for order in shop.orders.values()
        for position, transaction in enumerate(order.payment_history)
    ]
