"""The retail database of tau2-bench (`db.json`): its shape, and reading a file of it or saying what is wrong with it.

Start at `read_tau2`. Amounts are read as Decimal and become cents; no float is involved.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError, model_validator

MAX_CENTS = 2**31 - 1  # an SQL INTEGER

Problem = tuple[tuple[str | int, ...], str]  # where, as a path of keys and indexes, and what


class BrokenFile(ValueError):
    """The file cannot be imported. The message names the file, the line or key at fault, and what is wrong there."""


def _cents(amount: object) -> int:
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise ValueError(f"an amount of money is a number like 12.50, not {amount!r}")
    value = Decimal(amount)
    if abs(value) > MAX_CENTS // 100:
        raise ValueError(f"the amount {amount} is out of range")
    rounded = value.quantize(Decimal("0.01"))
    if rounded != value:
        raise ValueError(f"the amount {amount} is not in whole cents")
    return int(rounded * 100)


def _positive_cents(amount: object) -> int:
    cents = _cents(amount)
    if cents < 0:
        raise ValueError(f"the amount {amount} is below zero")
    return cents


Cents = Annotated[int, BeforeValidator(_positive_cents)]
SignedCents = Annotated[int, BeforeValidator(_cents)]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]  # PostgreSQL stores no NUL
Id = Annotated[str, StringConstraints(pattern=r"^[^\x00]+$")]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Variant(Shape):
    item_id: Id
    options: dict[Text, Text]
    available: bool
    price: Cents


class Product(Shape):
    name: Text
    product_id: Id
    variants: dict[Id, Variant]


class Name(Shape):
    first_name: Text
    last_name: Text


class Address(Shape):
    address1: Text
    address2: Text
    city: Text
    country: Text
    state: Text
    zip: Text


class PaymentMethod(Shape):
    source: Literal["gift_card", "credit_card", "paypal"]
    id: Id
    brand: Text | None = None
    last_four: Text | None = None
    balance: Cents | None = None

    @model_validator(mode="after")
    def _has_what_its_source_needs(self) -> PaymentMethod:
        needed = {"gift_card": {"balance"}, "credit_card": {"brand", "last_four"}, "paypal": set()}[self.source]
        given = {field for field in ("brand", "last_four", "balance") if getattr(self, field) is not None}
        if given != needed:
            raise ValueError(f"a {self.source} has {sorted(needed) or 'no details'}, not {sorted(given) or 'none'}")
        return self


class User(Shape):
    user_id: Id
    name: Name
    address: Address
    email: Id
    payment_methods: dict[Id, PaymentMethod]
    orders: list[Id]


class Item(Shape):
    name: Text
    product_id: Id
    item_id: Id
    price: Cents
    options: dict[Text, Text]


class Fulfillment(Shape):
    tracking_id: list[Text]
    item_ids: list[Id]


class Transaction(Shape):
    transaction_type: Literal["payment", "refund"]
    amount: Cents
    payment_method_id: Id


class Order(Shape):
    """The optional fields appear once a customer has cancelled, returned or exchanged; unknown ones are kept."""

    model_config = ConfigDict(extra="allow")

    order_id: Id
    user_id: Id
    address: Address
    items: list[Item]
    status: Literal[
        "pending",
        "pending (item modified)",
        "processed",
        "delivered",
        "cancelled",
        "exchange requested",
        "return requested",
    ]
    fulfillments: list[Fulfillment]
    payment_history: list[Transaction]
    cancel_reason: Text | None = None
    exchange_items: list[Id] | None = None
    exchange_new_items: list[Id] | None = None
    exchange_payment_method_id: Id | None = None
    exchange_price_difference: SignedCents | None = None
    return_items: list[Id] | None = None
    return_payment_method_id: Id | None = None


class Shop(Shape):
    products: dict[Id, Product]
    users: dict[Id, User]
    orders: dict[Id, Order]


def read_tau2(path: Path) -> Shop:
    """The file's content, every reference in it checked. Raises BrokenFile."""
    try:
        shop = Shop.model_validate(_load(path))
    except ValidationError as error:
        problems: list[Problem] = [(detail["loc"], detail["msg"]) for detail in error.errors()]
        raise _broken(path, problems) from None
    problems = [*_wrong_in_products(shop), *_wrong_in_users(shop), *_wrong_in_orders(shop)]
    if problems:
        raise _broken(path, problems)
    return shop


def _load(path: Path) -> Any:
    try:
        return json.loads(
            path.read_text(encoding="utf-8"),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_refuse_twice,
        )
    except OSError as error:
        raise BrokenFile(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise BrokenFile(f"{path} is not UTF-8 text: byte {error.start} is out of place.") from None
    except json.JSONDecodeError as error:
        raise BrokenFile(f"{path} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except RecursionError:
        raise BrokenFile(f"{path} is nested too deep to be a tau2 database.") from None
    except _BadJson as error:
        raise BrokenFile(f"{path}: {error}") from None


class _BadJson(ValueError):
    pass


def _refuse_constant(constant: str) -> float:
    raise _BadJson(f"{constant} is not a number that JSON has.")


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _BadJson(f"the key {twice!r} stands twice in one object; one of the two would be lost.")
    return found


def _broken(path: Path, problems: list[Problem]) -> BrokenFile:
    where, what = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return BrokenFile(f"{path}: {key_path(where)}: {what}{more}")


def key_path(where: tuple[str | int, ...]) -> str:
    """("orders", "#W1", "items", 0, "price") as "orders.#W1.items[0].price"."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in where)
    return text.removeprefix(".") or "the whole file"


def _wrong_in_products(shop: Shop) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for key, product in shop.products.items():
        if product.product_id != key:
            yield ("products", key, "product_id"), f"{product.product_id} stands under the key {key}"
        for variant_key, variant in product.variants.items():
            where = ("products", key, "variants", variant_key, "item_id")
            if variant.item_id != variant_key:
                yield where, f"{variant.item_id} stands under the key {variant_key}"
            if variant_key in owners:
                yield where, f"product {owners[variant_key]} has a variant {variant_key} too"
            owners[variant_key] = key


def _wrong_in_users(shop: Shop) -> Iterator[Problem]:
    by_email: dict[str, str] = {}
    by_payment_method: dict[str, str] = {}
    for key, user in shop.users.items():
        if user.user_id != key:
            yield ("users", key, "user_id"), f"{user.user_id} stands under the key {key}"
        email = user.email.strip().lower()
        if by_email.setdefault(email, key) != key:
            yield ("users", key, "email"), f"{email} is the address of {by_email[email]} too"
        for method_key, method in user.payment_methods.items():
            where = ("users", key, "payment_methods", method_key, "id")
            if method.id != method_key:
                yield where, f"{method.id} stands under the key {method_key}"
            if by_payment_method.setdefault(method_key, key) != key:
                yield where, f"{by_payment_method[method_key]} has it too"
        for index, order_id in enumerate(user.orders):
            order = shop.orders.get(order_id)
            if order is None or order.user_id != key or order_id in user.orders[:index]:
                wrong = "there is no order" if order is None else "another customer's, or listed twice:"
                yield ("users", key, "orders", index), f"{wrong} {order_id}"


def _wrong_in_orders(shop: Shop) -> Iterator[Problem]:
    for key, order in shop.orders.items():
        here = ("orders", key)
        if order.order_id != key:
            yield (*here, "order_id"), f"{order.order_id} stands under the key {key}"
        user = shop.users.get(order.user_id)
        if user is None:
            yield (*here, "user_id"), f"there is no user {order.user_id}"
            continue
        if key not in user.orders:
            yield (*here, "user_id"), f"user {order.user_id} does not list this order"
        for index, item in enumerate(order.items):
            product = shop.products.get(item.product_id)
            if product is None:
                yield (*here, "items", index, "product_id"), f"there is no product {item.product_id}"
            elif item.item_id not in product.variants:
                yield (*here, "items", index, "item_id"), f"product {item.product_id} has no variant {item.item_id}"
        ordered = {item.item_id for item in order.items}
        for index, fulfillment in enumerate(order.fulfillments):
            if not ordered.issuperset(fulfillment.item_ids):
                missing = next(item_id for item_id in fulfillment.item_ids if item_id not in ordered)
                yield (*here, "fulfillments", index, "item_ids"), f"the order holds no item {missing}"
        for index, transaction in enumerate(order.payment_history):
            if transaction.payment_method_id not in user.payment_methods:
                wrong = f"user {order.user_id} has no payment method {transaction.payment_method_id}"
                yield (*here, "payment_history", index, "payment_method_id"), wrong
