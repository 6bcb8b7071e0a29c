"""The demo shop's orders: the stories written in orders.yml, and as many others as it asks for, drawn with a seed.

Start at `load_orders`. An order here is a plan in days before the build; builder.py turns days into dates.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from assistant.shop.catalogue import ShopProduct
from assistant.shop.customers import CustomerEntry
from assistant.shop.data_files import Entry, ShopDataError, Text, only_keys, read_entry, read_yaml

SEED = 20
CARRIERS = ("Northline Express", "Gullwing Post", "Parcelo")
CANCEL_REASONS = ("no longer needed", "ordered by mistake")
RETURN_REASONS = ("too small", "too big", "not as expected", "changed my mind", "colour differs from the picture")
Status = Literal["pending", "processed", "shipped", "delivered", "cancelled", "returned"]


class LineEntry(Entry):
    product: str
    options: dict[str, Text] = Field(default={})
    quantity: PositiveInt = 1


class ShipmentEntry(Entry):
    carrier: str
    shipped: NonNegativeInt | None = None  # days ago
    eta: int  # days from now
    delivered: NonNegativeInt | None = None  # days ago
    products: list[str] = Field(default=[])  # what is in the parcel; empty for everything


class RefundEntry(Entry):
    reason: str
    status: Literal["requested", "approved", "paid"]
    requested: NonNegativeInt  # days ago
    paid: NonNegativeInt | None = None  # days ago
    products: list[str] = Field(default=[])  # what is paid back; empty for everything

    @model_validator(mode="after")
    def _paid_when_it_says_so(self) -> RefundEntry:
        if (self.status == "paid") != (self.paid is not None):
            raise ValueError("is `paid` exactly when it says how many days ago")
        return self


class OrderEntry(Entry):
    id: str = Field(pattern=r"^#W\d{7}$")
    shows: str = ""  # for stories: what the order is there for
    customer: str  # e-mail
    status: Status
    placed: NonNegativeInt  # days ago
    late: bool = False
    items: list[LineEntry] = Field(min_length=1, max_length=4)
    pays: str
    shipments: list[ShipmentEntry] = Field(default=[])
    refund: RefundEntry | None = None
    cancel_reason: str | None = None

    @model_validator(mode="after")
    def _agree_with_status(self) -> OrderEntry:
        sent = self.status in ("shipped", "delivered", "returned")
        if sent != any(shipment.shipped is not None for shipment in self.shipments):
            raise ValueError(f"is {self.status}, which its shipments contradict")
        if (self.status in ("cancelled", "returned")) != (self.refund is not None):
            raise ValueError(f"is {self.status}, which its refund (or the lack of one) contradicts")
        if (self.status == "cancelled") != (self.cancel_reason is not None):
            raise ValueError(f"is {self.status}, which its cancel_reason (or the lack of one) contradicts")
        due = [shipment.eta for shipment in self.shipments if shipment.delivered is None]
        if not self.late and any(eta < 0 for eta in due):
            raise ValueError("has a parcel due in the past; say `late: true` if that is meant")
        return self


def load_orders(
    folder: Path, catalogue: Sequence[ShopProduct], customers: Sequence[CustomerEntry]
) -> tuple[OrderEntry, ...]:
    """The stories and the drawn orders, oldest first. Raises ShopDataError when one names what is not there."""
    path = folder / "orders.yml"
    content = read_yaml(path)
    only_keys(content, {"stories", "others", "baskets"}, path.name)
    stories = [
        read_entry(OrderEntry, raw, f"{path.name}, story number {number}")
        for number, raw in enumerate(content["stories"], start=1)
    ]
    products = {product.entry.name: product for product in catalogue}
    people = {customer.email: customer for customer in customers}
    for story in stories:
        _check(story, products, people, f"{path.name}, {story.id}")
    for name in {name for basket in content["baskets"] for name in basket} - set(products):
        raise ShopDataError(f"{path.name}: a basket names {name!r}, which is not in the catalogue.")
    heroes = {story.customer for story in stories}
    draw = _Draw([customer for customer in customers if customer.email not in heroes], products, content["baskets"])
    others = [draw.order(status) for status, count in content["others"].items() for _ in range(count)]
    return tuple(sorted([*stories, *others], key=lambda order: (-order.placed, order.id)))


def _check(
    order: OrderEntry, products: Mapping[str, ShopProduct], people: Mapping[str, CustomerEntry], where: str
) -> None:
    """Refuse an order for a product, variant, customer or way to pay that does not exist."""
    if order.customer not in people:
        raise ShopDataError(f"{where}: there is no customer {order.customer}.")
    parcels = [name for shipment in order.shipments for name in shipment.products]
    refunded = order.refund.products if order.refund else []
    for name in {line.product for line in order.items} | set(parcels) | set(refunded):
        if name not in products:
            raise ShopDataError(f"{where}: there is no product {name!r}.")
    try:
        people[order.customer].pays_with(order.pays)
        for line in order.items:
            products[line.product].variant(line.options)
    except ShopDataError as error:
        raise ShopDataError(f"{where}: {error}") from None


class _Draw:
    """Draws orders that hang together: one basket each, in stock when bought, dates that fit the status.

    Customers take turns in a shuffled order, so everybody has some; one random source makes all builds alike.
    """

    def __init__(
        self, customers: Sequence[CustomerEntry], products: Mapping[str, ShopProduct], baskets: list[list[str]]
    ) -> None:
        self.random = random.Random(SEED)
        self.customers = self.random.sample(list(customers), len(customers))
        self.products = products
        self.baskets = baskets
        self.drawn = 0
        self.ids: set[str] = set()

    def order(self, status: Status) -> OrderEntry:
        customer = self.customers[self.drawn % len(self.customers)]
        self.drawn += 1
        # Twice the weight on the first way to pay: people have a habit.
        labels = [way.label for way in customer.payment_ways]
        fields = {
            "id": self._id(),
            "customer": customer.email,
            "status": status,
            "items": self._items(),
            "pays": self.random.choice([labels[0], *labels]),
            **getattr(self, f"_{status}")(),
        }
        return OrderEntry.model_validate(fields)

    def _id(self) -> str:
        while True:
            number = f"#W{self.random.randint(1_000_000, 9_999_999)}"
            if number not in self.ids:
                self.ids.add(number)
                return number

    def _items(self) -> list[dict[str, object]]:
        basket = self.random.choice(self.baskets)
        count = self.random.choices([1, 2, 3, 4], weights=[40, 35, 18, 7])[0]
        names = self.random.sample(basket, min(count, len(basket)))
        return [self._line(self.products[name]) for name in names]

    def _line(self, product: ShopProduct) -> dict[str, object]:
        variant = self.random.choice([variant for variant in product.variants if variant.stock] or product.variants)
        cheap = variant.price_cents < 5_000
        quantity = self.random.choices([1, 2, 3], weights=[80, 15, 5])[0] if cheap else 1
        return {"product": product.entry.name, "options": dict(variant.options), "quantity": quantity}

    def _pending(self) -> dict[str, object]:
        return {"placed": self.random.randint(0, 2)}

    def _processed(self) -> dict[str, object]:
        return {
            "placed": self.random.randint(1, 3),
            "shipments": [{"carrier": self._carrier(), "eta": self.random.randint(3, 6)}],
        }

    def _shipped(self) -> dict[str, object]:
        shipped = self.random.randint(1, 4)
        parcel = {"carrier": self._carrier(), "shipped": shipped, "eta": self.random.randint(1, 5 - shipped // 2)}
        return {"placed": shipped + self.random.randint(1, 3), "shipments": [parcel]}

    def _delivered(self) -> dict[str, object]:
        # Half of them within the thirty days in which they can be sent back.
        recent = self.random.random() < 0.5
        return self._received(self.random.randint(1, 28) if recent else self.random.randint(31, 170))

    def _cancelled(self) -> dict[str, object]:
        placed = self.random.randint(2, 120)
        cancelled = max(placed - self.random.randint(0, 2), 0)
        paid = max(cancelled - self.random.randint(0, 5), 0)
        reason = self.random.choice(CANCEL_REASONS)
        refund = {"reason": reason, "status": "paid", "requested": cancelled, "paid": paid}
        if cancelled <= 3:
            refund = {"reason": reason, "status": "approved", "requested": cancelled}
        return {"placed": placed, "cancel_reason": reason, "refund": refund}

    def _returned(self) -> dict[str, object]:
        received = self.random.randint(8, 80)
        requested = received - self.random.randint(2, 7)
        refund: dict[str, object] = {"reason": self.random.choice(RETURN_REASONS), "requested": requested}
        if requested <= 5:
            refund["status"] = self.random.choice(["requested", "approved"])
        else:
            refund |= {"status": "paid", "paid": requested - self.random.randint(3, 5)}
        return {**self._received(received), "refund": refund}

    def _received(self, delivered: int) -> dict[str, object]:
        shipped = delivered + self.random.randint(2, 5)
        parcel = {
            "carrier": self._carrier(),
            "shipped": shipped,
            "delivered": delivered,
            "eta": -delivered + self.random.choice([0, 0, 0, 1]),
        }
        return {"placed": shipped + self.random.randint(1, 2), "shipments": [parcel]}

    def _carrier(self) -> str:
        return self.random.choice(CARRIERS)
