"""The demo shop's customers, read from customers.yml, with the ways each one pays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from assistant.shop.data_files import Entry, ShopDataError, Text, only_keys, read_entry, read_yaml

CARD = re.compile(r"([a-z]+) (\d{4})")
GIFT_CARD = re.compile(r"gift card (\d+\.\d\d)")


@dataclass(frozen=True)
class PaymentWay:
    """One way to pay. `label` is how orders.yml refers to it: "visa 4821", "gift card", "paypal"."""

    id: str
    label: str
    source: str  # gift_card, credit_card or paypal, as the store has them
    brand: str | None = None
    last_four: str | None = None
    balance_cents: int | None = None


class CustomerEntry(Entry):
    name: str = Field(pattern=r"\S \S")
    email: str = Field(pattern=r"^[a-z.]+@example\.(com|org)$")
    address: str
    unit: str = ""
    city: str
    state: str
    zip: Text
    country: str = "USA"
    pays: list[Text] = Field(min_length=1, max_length=3)
    points: NonNegativeInt
    since_days: PositiveInt

    @model_validator(mode="after")
    def _know_how_they_pay(self) -> CustomerEntry:
        labels = [way.label for way in self.payment_ways]
        if len(set(labels)) < len(labels):
            raise ValueError(f"pays lists the same way twice: {self.pays}")
        return self

    @property
    def id(self) -> str:
        """`mia_lindqvist`: the mailbox is unique, and stays when a name is spelt better."""
        return self.email.partition("@")[0].replace(".", "_")

    @property
    def first_name(self) -> str:
        return self.name.rpartition(" ")[0]

    @property
    def last_name(self) -> str:
        return self.name.rpartition(" ")[2]

    @property
    def payment_ways(self) -> tuple[PaymentWay, ...]:
        return tuple(_payment_way(self.id, text) for text in self.pays)

    def pays_with(self, label: str) -> PaymentWay:
        """The way to pay of that label. Raises ShopDataError when this customer has none such."""
        found = next((way for way in self.payment_ways if way.label == label), None)
        if found is None:
            labels = ", ".join(way.label for way in self.payment_ways)
            raise ShopDataError(f"{self.email} does not pay by {label!r}, only by {labels}.")
        return found


def _payment_way(customer_id: str, text: str) -> PaymentWay:
    if text == "paypal":
        return PaymentWay(f"paypal_{customer_id}", "paypal", "paypal")
    if gift_card := GIFT_CARD.fullmatch(text):
        cents = int(Decimal(gift_card[1]) * 100)
        return PaymentWay(f"gift_card_{customer_id}", "gift card", "gift_card", balance_cents=cents)
    if card := CARD.fullmatch(text):
        return PaymentWay(f"credit_card_{customer_id}_{card[2]}", text, "credit_card", brand=card[1], last_four=card[2])
    raise ValueError(f'{text!r} is not a way to pay; write "visa 1234", "paypal" or "gift card 25.00"')


def load_customers(folder: Path) -> tuple[CustomerEntry, ...]:
    """The customers of customers.yml in `folder`, as written. Raises ShopDataError."""
    path = folder / "customers.yml"
    content = read_yaml(path)
    only_keys(content, {"customers"}, path.name)
    customers = tuple(
        read_entry(CustomerEntry, raw, f"{path.name}, customer number {number}")
        for number, raw in enumerate(content["customers"] or [], start=1)
    )
    ids = [customer.id for customer in customers]
    if len(set(ids)) < len(ids):
        raise ShopDataError(f"{path.name} has two customers with the same mailbox: {sorted(ids)}.")
    return customers
