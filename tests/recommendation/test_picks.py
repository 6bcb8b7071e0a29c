"""What is recommended can be bought, is new to the shopper, and the line of why is true of the rows."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assistant.recommendation import Interest, Pick, Wish, for_shopper, goes_with, interests_of, popular
from assistant.search.vectors import ProductVectors
from assistant.store import Customer, Database, Order, OrderItem, Product, Variant

DAPPLED = "mia.lindqvist@example.com"


def named(session: Session, name: str) -> Product:
    return session.scalars(select(Product).where(Product.name == name)).one()


def buyable(session: Session, picks: list[Pick], most_cents: int = 10**9) -> bool:
    products = [session.get_one(Product, pick.product_id) for pick in picks]
    return all(any(one.in_stock and one.price_cents <= most_cents for one in product.variants) for product in products)


def test_a_customer_is_shown_what_is_like_what_they_bought(shop: Database, vectors: ProductVectors) -> None:
    with shop.reading() as session:
        customer = session.scalars(select(Customer).where(Customer.email == DAPPLED)).one()
        interests = interests_of(session, "none", customer.id)
        bought = {one.product_id for one in interests}
        names = {session.get_one(Product, key).name for key in bought}
        picks = for_shopper(session, interests, vectors, Wish(), 6)
        assert len(picks) == 6
        assert not bought & {pick.product_id for pick in picks}
        assert buyable(session, picks)
        for pick in picks:
            reason = re.fullmatch("because you bought the (.+)", pick.why)
            assert reason and reason.group(1) in names


def test_the_weightiest_interest_leads(shop: Database, vectors: ProductVectors) -> None:
    with shop.reading() as session:
        keyboard, boots = (named(session, name).id for name in ("Kestavo Ledger 75 Keyboard", "Tarnbeck Ridgeline Mid"))
        for first, second, department in ((keyboard, boots, "Electronics"), (boots, keyboard, "Footwear")):
            interests = [Interest(first, "view", 1.0), Interest(second, "view", 0.1)]
            pick = for_shopper(session, interests, vectors, Wish(), 1)[0]
            assert session.get_one(Product, pick.product_id).department == department
            assert pick.why == f"because you looked at the {session.get_one(Product, first).name}"


def test_a_budget_holds_and_what_was_seen_is_left_out(shop: Database, vectors: ProductVectors) -> None:
    with shop.reading() as session:
        keyboard = named(session, "Kestavo Ledger 75 Keyboard")
        open_ended = for_shopper(session, [Interest(keyboard.id, "view", 1.0)], vectors, Wish(), 6)
        wish = Wish(3000, frozenset({open_ended[0].product_id}))
        for picks in (
            for_shopper(session, [Interest(keyboard.id, "view", 1.0)], vectors, wish, 6),
            goes_with(session, keyboard, wish, 6),
            popular(session, wish, 6),
        ):
            assert picks and buyable(session, picks, 3000)
            assert not wish.without & {pick.product_id for pick in picks}


def test_what_goes_with_a_product_was_bought_with_it_so_often(shop: Database, vectors: ProductVectors) -> None:
    with shop.reading() as session:
        product = named(session, "Halden Forge Kettlebell")
        picks = goes_with(session, product, Wish(), 8)
        assert product.id not in {pick.product_id for pick in picks}
        counted = [(pick, found) for pick in picks if (found := re.search(r"in (\d+) orders", pick.why))]
        assert counted
        for pick, found in counted:
            assert together(session, product.id, pick.product_id) == int(found.group(1)) >= 2
        for pick in picks[len(counted) :]:
            other = session.get_one(Product, pick.product_id)
            assert (other.department, other.category != product.category) == (product.department, True)
            assert pick.why.startswith(f"also in {product.department}")


def together(session: Session, one: str, other: str) -> int:
    """Orders that are not cancelled and hold both."""

    def holding(key: str) -> set[str]:
        lines = select(OrderItem.order_id).join(Variant).join(Order, Order.id == OrderItem.order_id)
        return set(session.scalars(lines.where(Variant.product_id == key, Order.status != "cancelled")))

    return len(holding(one) & holding(other))


@pytest.mark.parametrize("department", [None, "Kitchen"])
def test_what_is_popular_is_among_the_most_rated_and_varied(shop: Database, department: str | None) -> None:
    with shop.reading() as session:
        picks = popular(session, Wish(), 6, department)
        products = [session.get_one(Product, pick.product_id) for pick in picks]
        most = session.scalar(
            select(func.max(Product.rating_count)).where(Product.department == department if department else True)
        )
        assert products[0].rating_count == most
        assert len({product.category for product in products}) >= 5
        assert department is None or {product.department for product in products} == {department}
        assert all(
            f"rated {one.rating:g} by {one.rating_count:,} shoppers" in pick.why
            for one, pick in zip(products, picks, strict=True)
        )


def test_where_nothing_is_rated_what_was_ordered_is_popular(database: Database) -> None:
    with database.session() as session:
        for name in ("Lamp", "Rug"):
            session.add(Product(id=name, name=name, variants=[Variant(id=name, options={}, price_cents=900, stock=1)]))
        session.add(Customer(id="mia", email="mia@example.com", first_name="Mia", last_name="L"))
        bought = OrderItem(variant_id="Rug", name="Rug", price_cents=900)
        session.add(Order(id="#W1", customer_id="mia", status="delivered", shipping_address={}, items=[bought]))
    with database.reading() as session:
        assert [pick.product_id for pick in popular(session, Wish(), 4)] == ["Rug", "Lamp"]


def test_without_a_vector_nothing_is_guessed(shop: Database, vectors: ProductVectors) -> None:
    with shop.reading() as session:
        assert for_shopper(session, [Interest("gone", "view", 1.0)], vectors, Wish(), 4) == []
