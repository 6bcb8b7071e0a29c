"""What the order desk speaks of: a change that a shopper wants, what it comes to, and why it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from assistant.store import Order, OrderItem, PaymentMethod, Variant

CANCEL, CHANGE_ITEMS, CHANGE_ADDRESS, CHANGE_PAYMENT = "cancel", "change_items", "change_address", "change_payment"
RETURN, EXCHANGE, DEFAULT_ADDRESS = "return", "exchange", "default_address"
KINDS = (CANCEL, CHANGE_ITEMS, CHANGE_ADDRESS, CHANGE_PAYMENT, RETURN, EXCHANGE, DEFAULT_ADDRESS)


@dataclass(frozen=True)
class Line:
    """So many of one item of an order, and the variant wanted instead."""

    item_id: int  # of an OrderItem
    quantity: int = 1
    variant_id: str | None = None


@dataclass(frozen=True)
class Change:
    """One change of an order, or of a customer's default address. What its kind has no use for is not set."""

    kind: str  # one of KINDS
    customer_id: str
    order_id: str | None = None
    version: int | None = None  # of the order, when its details were shown
    lines: tuple[Line, ...] = ()
    payment_method_id: str | None = None
    reason: str | None = None
    address: Mapping[str, str] | None = None  # all of ADDRESS_FIELDS

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is not a change that the order desk makes; it makes {', '.join(KINDS)}.")

    def to_json(self) -> dict[str, Any]:
        """For an event or a slot; `from_json` reads it."""
        return asdict(self) | {"lines": [asdict(line) for line in self.lines]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Change:
        return cls(**{**data, "lines": tuple(Line(**line) for line in data["lines"])})


@dataclass(frozen=True)
class QuotedLine:
    """One line of a change on the rows as they were when it was quoted."""

    item: OrderItem
    quantity: int
    variant: Variant | None  # wanted instead
    difference_cents: int  # what the new ones cost more, all together


@dataclass(frozen=True)
class Quote:
    """What a change comes to. Of charge and refund at most one is above zero, unless the payment method changes."""

    order: Order | None
    lines: tuple[QuotedLine, ...] = ()
    refund_cents: int = 0
    charge_cents: int = 0
    method: PaymentMethod | None = None  # that is charged, or gets the refund


class Refused(ValueError):
    """The rules do not allow the change: which response tells the shopper why, and its facts."""

    def __init__(self, response: str, facts: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{response} {dict(facts or {})}")
        self.response = response
        self.facts = dict(facts or {})
