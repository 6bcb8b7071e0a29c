"""Build the demo shop in an empty database:   build_demo_shop(database, date.today())

The data files are read and validated whole before anything is written, and all is written in one transaction, so a
build either happens or does not. The same day gives the same rows, down to the tracking numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assistant.shop.catalogue import ShopProduct, load_catalogue
from assistant.shop.customers import CustomerEntry, PaymentWay, load_customers
from assistant.shop.data_files import DATA
from assistant.shop.orders import LineEntry, OrderEntry, RefundEntry, ShipmentEntry, load_orders
from assistant.store import (
    Address,
    Customer,
    Database,
    Order,
    OrderItem,
    Payment,
    PaymentMethod,
    Product,
    Refund,
    Shipment,
    Variant,
    reindex,
)

SHOP_NAME = "Harbour & Finch"


class ShopNotEmpty(RuntimeError):
    """The database holds another shop, which the demo shop would mix with."""


@dataclass(frozen=True)
class ShopReport:
    """What the shop holds after a build; `built` is False when the demo shop was there already."""

    built: bool
    departments: int
    products: int
    variants: int
    customers: int
    orders: int

    def __str__(self) -> str:
        return (
            f"{SHOP_NAME} {'is built' if self.built else 'is there already'}: {self.products} products "
            f"({self.variants} variants) in {self.departments} departments, {self.customers} customers, "
            f"{self.orders} orders."
        )


def build_demo_shop(database: Database, today: date) -> ShopReport:
    """Write the demo shop, its orders dated relative to `today`; leave it alone when it is there already.

    Raises ShopDataError when a data file does not hold and ShopNotEmpty when the database holds another shop."""
    catalogue = load_catalogue(DATA)
    customers = load_customers(DATA)
    orders = load_orders(DATA, catalogue, customers)
    with database.session() as session:
        built = _is_empty(session)
        if built:
            _write(session, catalogue, customers, orders, today)
        else:
            _refuse_other_shop(session, catalogue)
        return _report(session, built)


def _is_empty(session: Session) -> bool:
    return not any(session.scalar(select(model.id).limit(1)) for model in (Product, Customer, Order))


def _refuse_other_shop(session: Session, catalogue: Sequence[ShopProduct]) -> None:
    there = set(session.scalars(select(Product.id)))
    missing = [product.entry.name for product in catalogue if product.id not in there]
    if missing:
        raise ShopNotEmpty(
            f"The database already holds a shop with {len(there)} products, in which {len(missing)} of the demo shop's "
            f"are missing ({missing[0]} first). Set AISLE_DATABASE_URL to an empty database for the demo shop."
        )


def _write(
    session: Session,
    catalogue: Sequence[ShopProduct],
    customers: Sequence[CustomerEntry],
    orders: Sequence[OrderEntry],
    today: date,
) -> None:
    """Add every row. Rows that others point at are flushed first, because PostgreSQL checks each at once."""
    session.add_all(_product(product) for product in catalogue)
    people = {customer.email: _customer(customer, today) for customer in customers}
    session.add_all(people.values())
    session.flush()
    products = {product.entry.name: product for product in catalogue}
    entries = {customer.email: customer for customer in customers}
    rows = [
        _OrderRows(order, products, entries[order.customer].pays_with(order.pays), today).order(people[order.customer])
        for order in orders
    ]
    # Two orders of one day are told apart by the hour, which only the rows have.
    for row, order in sorted(zip(rows, orders, strict=True), key=lambda pair: (pair[0].placed_at, pair[0].id)):
        people[order.customer].orders.append(row)
    reindex(session)


def _report(session: Session, built: bool) -> ShopReport:
    def count(model: type[Product | Variant | Customer | Order]) -> int:
        return session.scalar(select(func.count()).select_from(model)) or 0

    return ShopReport(
        built=built,
        departments=session.scalar(select(func.count(Product.department.distinct()))) or 0,
        products=count(Product),
        variants=count(Variant),
        customers=count(Customer),
        orders=count(Order),
    )


def _product(product: ShopProduct) -> Product:
    entry = product.entry
    return Product(
        id=product.id,
        name=entry.name,
        brand=entry.brand,
        category=entry.category,
        department=product.department,
        audience=entry.audience,
        description=entry.description,
        attributes=dict(entry.attributes),
        tags=list(entry.tags),
        rating=entry.rating,
        rating_count=entry.ratings,
        variants=[
            Variant(
                id=variant.id,
                sku=variant.sku,
                options=dict(variant.options),
                price_cents=variant.price_cents,
                stock=variant.stock,
            )
            for variant in product.variants
        ],
    )


def _customer(entry: CustomerEntry, today: date) -> Customer:
    return Customer(
        id=entry.id,
        email=entry.email,
        first_name=entry.first_name,
        last_name=entry.last_name,
        loyalty_points=entry.points,
        joined_at=_moment(today, entry.since_days, entry.email),
        addresses=[
            Address(
                is_default=True,
                address1=entry.address,
                address2=entry.unit,
                city=entry.city,
                state=entry.state,
                zip=entry.zip,
                country=entry.country,
            )
        ],
        payment_methods=[_payment_method(way) for way in entry.payment_ways],
    )


def _payment_method(way: PaymentWay) -> PaymentMethod:
    return PaymentMethod(
        id=way.id, source=way.source, brand=way.brand, last_four=way.last_four, balance_cents=way.balance_cents
    )


@dataclass(frozen=True)
class _OrderRows:
    """The rows of one order: the plan's days become dates, its names become variants, its total becomes payments."""

    plan: OrderEntry
    products: Mapping[str, ShopProduct]
    way: PaymentWay
    today: date

    def order(self, customer: Customer) -> Order:
        address = customer.default_address
        assert address is not None, "every demo customer is written with an address"
        items = self._items()
        total_cents = sum(item.quantity * item.price_cents for item in items)
        order = Order(
            id=self.plan.id,
            status=self.plan.status,
            placed_at=self._moment(self.plan.placed, "placed"),
            cancel_reason=self.plan.cancel_reason,
            shipping_address=address.snapshot(),
            items=items,
            shipments=[self._shipment(number, parcel) for number, parcel in enumerate(self.plan.shipments, start=1)],
            payments=[self._payment("payment", total_cents, self.plan.placed)],
        )
        if self.plan.refund is not None:
            self._pay_back(order, self.plan.refund)
        return order

    def _items(self) -> list[OrderItem]:
        items = []
        for line in self.plan.items:
            variant = self.products[line.product].variant(line.options)
            items.append(
                OrderItem(
                    variant_id=variant.id,
                    name=line.product,
                    options=dict(variant.options),
                    quantity=line.quantity,
                    price_cents=variant.price_cents,
                )
            )
        return items

    def _shipment(self, number: int, parcel: ShipmentEntry) -> Shipment:
        return Shipment(
            carrier=parcel.carrier,
            tracking_ids=[f"{_hash(f'{self.plan.id} parcel {number}') % 10**12:012}"],
            variant_ids=[self.products[line.product].variant(line.options).id for line in self._lines(parcel.products)],
            eta=self.today + timedelta(days=parcel.eta),
            shipped_at=None if parcel.shipped is None else self._moment(parcel.shipped, f"shipped {number}"),
            delivered_at=None if parcel.delivered is None else self._moment(parcel.delivered, f"delivered {number}"),
        )

    def _pay_back(self, order: Order, refund: RefundEntry) -> None:
        prices = {item.name: item.quantity * item.price_cents for item in order.items}
        cents = sum(prices[line.product] for line in self._lines(refund.products))
        payment = None if refund.paid is None else self._payment("refund", cents, refund.paid)
        if payment is not None:
            order.payments.append(payment)
        order.refunds.append(
            Refund(
                payment_method_id=self.way.id,
                payment=payment,
                amount_cents=cents,
                reason=refund.reason,
                status=refund.status,
                requested_at=self._moment(refund.requested, "refund requested"),
            )
        )

    def _payment(self, transaction_type: str, cents: int, days_ago: int) -> Payment:
        return Payment(
            transaction_type=transaction_type,
            amount_cents=cents,
            payment_method_id=self.way.id,
            paid_at=self._moment(days_ago, "placed" if transaction_type == "payment" else "refund paid"),
        )

    def _lines(self, names: Iterable[str]) -> list[LineEntry]:
        wanted = set(names)
        return [line for line in self.plan.items if not wanted or line.product in wanted]

    def _moment(self, days_ago: int, what: str) -> datetime:
        return _moment(self.today, days_ago, f"{self.plan.id} {what}")


def _moment(today: date, days_ago: int, key: str) -> datetime:
    """A time of that day, fixed by the key: in waking hours, or just past midnight today, which is never to come."""
    minutes = 1 if days_ago == 0 else 8 * 60 + _hash(key) % (13 * 60)
    return datetime.combine(today - timedelta(days=days_ago), time(), UTC) + timedelta(minutes=minutes)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
