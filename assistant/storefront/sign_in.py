"""Be one of the demo shop's customers for a while: a stand-in for a real shop's sign-in, and only for the demo shop.

The customers are those that the demo shop's own file names; they are made up, and anybody may read that file. In any
other shop's database there is nobody to choose. The choice is a signed cookie; the widget gets a token as any host
shop would make it (assistant/tokens.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.shop.catalogue import load_catalogue
from assistant.shop.customers import load_customers
from assistant.shop.data_files import DATA
from assistant.store import Customer, Database, Product
from assistant.tokens import TokenRefused, Tokens

COOKIE = "aisle_demo_shopper"
COOKIE_AUDIENCE = "aisle demo shop"  # so that a widget's token is no cookie, nor the reverse
STAYS_S = 8 * 3600


@dataclass(frozen=True)
class Shopper:
    id: str
    name: str
    first_name: str


class SignIn:
    """Who may be chosen, and who was."""

    def __init__(self, database: Database, tokens: Tokens) -> None:
        self.tokens = tokens
        with database.reading() as session:
            may = tokens.secret is not None and is_demo_shop(session)
            self.shoppers = {one.id: one for one in demo_shoppers(session)} if may else {}

    def cookie_for(self, customer_id: str) -> str | None:
        """The cookie of a customer who may be chosen, else None."""
        if customer_id not in self.shoppers:
            return None
        return self.tokens.sign(customer_id, COOKIE_AUDIENCE, STAYS_S)

    def shopper_of(self, cookie: str | None) -> Shopper | None:
        if not cookie or self.tokens.secret is None:
            return None
        try:
            return self.shoppers.get(self.tokens.claims_of(cookie, COOKIE_AUDIENCE)["sub"])
        except TokenRefused:
            return None

    def token_for(self, shopper: Shopper | None) -> str | None:
        """What the shop hands to the widget."""
        return self.tokens.sign(shopper.id) if shopper else None


def is_demo_shop(session: Session) -> bool:
    """Whether every product in the database is the demo shop's."""
    there = set(session.scalars(select(Product.id)))
    return bool(there) and there == {product.id for product in load_catalogue(DATA)}


def demo_shoppers(session: Session) -> list[Shopper]:
    """Those of the demo shop's file who are in the database under the same e-mail, in the file's order."""
    listed = load_customers(DATA)
    rows = session.scalars(select(Customer).where(Customer.id.in_([one.id for one in listed])))
    there = {one.id: one for one in rows}
    return [
        Shopper(one.id, one.name, there[one.id].first_name)
        for one in listed
        if one.id in there and there[one.id].email == one.email
    ]
