"""A customer with things to send back and to swap, and a talk about them."""

from __future__ import annotations

from typing import Any

from desk_talk import DeskTalk
from small_shop import order, person

from assistant.store import Customer, Database, Order, OrderItem, Payment, Product, Variant
from dialogues.payloads import read_payload
from intents.catalogue import load_catalogue


class SwapTalk(DeskTalk):
    """A talk with Liv, in a shop that holds nothing but what she bought."""

    def __init__(self, database: Database) -> None:
        products, customer = liv()
        with database.session() as session:
            session.add_all([*products, customer])
        super().__init__(database, "liv")

    def __call__(self, commands: str, words: str = "") -> list[str]:
        return self.says(commands, words)

    def press(self, title: str) -> list[str]:
        """Press the button of the last message that begins so."""
        payload = next(one.payload for one in self.says_now[-1].buttons if one.title.startswith(title))
        return self.says(str(read_payload(payload, load_catalogue())), payload)

    def order(self, order_id: str) -> Order:
        with self.database.reading() as session:
            found = session.get_one(Order, order_id)
            _ = [item.variant_id for item in found.items], [paid.amount_cents for paid in found.payments]
            return found


def liv() -> tuple[list[Product], Customer]:
    """A delivered order of five things, two of them mugs, and a pending one of a keyboard and a lamp."""
    keyboard = _product(
        "Keyboard",
        (("linear", "white", 10000), ("clicky", "white", 11250), ("clicky", "RGB", 12000), ("tactile", "RGB", 9000)),
        ("switch", "backlight"),
        gone=("tactile", "RGB"),
    )
    lamp = _product("Desk Lamp", (("black", 4000), ("white", 4000), ("blue", 3500)), ("color",), gone=("blue",))
    mug = _product("Mug", (("red", 1200), ("green", 1300), ("navy", 1200)), ("color",))
    bottle = _product("Water Bottle", (("500 ml", 1999), ("1000 ml", 2501)), ("capacity",))
    customer = person("liv", "Liv", "Berg", "80204")
    customer.payment_methods[1].balance_cents = 500
    came = [("Keyboard", 0), ("Desk Lamp", 0), ("Mug", 0), ("Mug", 1), ("Water Bottle", 0)]
    by_name = {product.name: product for product in (keyboard, lamp, mug, bottle)}
    customer.orders += [
        _order("#W4000001", "delivered", [by_name[name].variants[at] for name, at in came]),
        _order("#W4000002", "pending", [keyboard.variants[0], lamp.variants[0]]),
    ]
    return [keyboard, lamp, mug, bottle], customer


def _product(name: str, rows: Any, options: tuple[str, ...], gone: tuple[str, ...] = ()) -> Product:
    variants = [
        Variant(
            id=f"{name} {' '.join(values)}",
            options=dict(zip(options, values, strict=True)),
            price_cents=cents,
            available=values != gone,
        )
        for *some, cents in rows
        for values in [tuple(some)]
    ]
    return Product(id=f"product {name}", name=name, category=name.lower(), variants=variants)


def _order(key: str, status: str, variants: list[Variant]) -> Order:
    total = sum(variant.price_cents for variant in variants)
    paid = [Payment(transaction_type="payment", amount_cents=total, payment_method_id="visa_liv")]
    made = order(key, status, [], 3, payments=paid)
    made.items += [
        OrderItem(
            variant=variant,
            name=variant.id.removesuffix(" " + " ".join(variant.options.values())),
            options=variant.options,
            price_cents=variant.price_cents,
        )
        for variant in variants
    ]
    return made
