"""A cart holds what can be bought, and buying writes down what was shown, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from desk_shop import BLACK, BLUE, GIFT_CENTS, GONE, HOME, PROOF, RED, WOOL, balance, order, stock
from sqlalchemy import select

from assistant.desk import carts
from assistant.desk.carts import ADD, CHECKOUT, MOST_OF_ONE, REMOVE, apply, lines_of
from assistant.desk.proofs import Proof
from assistant.desk.shipping import shipping_cents
from assistant.desk.terms import Refused
from assistant.store import Cart, CartItem, Conversation, Customer, Database, Order, PaymentMethod, Variant, now
from assistant.store import Proof as ProofRow

ELSEWHERE = Proof("other", 3, "", "", "", "")


def put(shop: Database, variant: str, quantity: int = 1, customer: str | None = None, proof: Proof = PROOF) -> None:
    with shop.session() as session:
        apply(session, {"kind": ADD, "variant_id": variant, "quantity": quantity, "customer_id": customer}, proof)


def take(shop: Database, variant: str, quantity: int | None = None, proof: Proof = PROOF) -> None:
    with shop.session() as session:
        apply(session, {"kind": REMOVE, "variant_id": variant, "quantity": quantity}, proof)


def inside(shop: Database, conversation: str = "talk") -> list[tuple[str, int]]:
    with shop.reading() as session:
        return [(line.variant_id, line.quantity) for line in lines_of(session, conversation)]


def owner(shop: Database) -> str | None:
    with shop.reading() as session:
        return session.scalars(select(Cart.customer_id).where(Cart.conversation_id == "talk")).one()


def shown(shop: Database, method: str = "visa", order_id: str = "#W1234567") -> dict[str, Any]:
    """What Mia is asked to say yes to."""
    with shop.reading() as session:
        mia, paid_with = session.get_one(Customer, "mia"), session.get_one(PaymentMethod, method)
        return carts.checkout_change(mia, lines_of(session, "talk"), paid_with, order_id)


def buy(shop: Database, change: dict[str, Any]) -> None:
    with shop.session() as session:
        apply(session, change, PROOF)


def refused(work: Any, *given: Any, **parts: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        work(*given, **parts)
    return caught.value


def counts(shop: Database) -> tuple[int, int]:
    """Orders and proofs."""
    with shop.reading() as session:
        return session.query(Order).count(), session.query(ProofRow).count()


def test_each_conversation_has_a_cart_of_its_own(shop):
    with shop.session() as session:
        session.add(Conversation(id="other"))
    assert inside(shop) == []
    put(shop, BLUE, 2)
    put(shop, WOOL, proof=ELSEWHERE)
    put(shop, BLUE)
    put(shop, BLACK)
    assert inside(shop) == [(BLUE, 3), (BLACK, 1)]
    assert inside(shop, "other") == [(WOOL, 1)]
    assert refused(take, shop, BLUE, proof=ELSEWHERE).response == "utter_cart_moved"
    assert inside(shop) == [(BLUE, 3), (BLACK, 1)]


def test_a_cart_belongs_to_who_is_known_and_stays_theirs(shop):
    put(shop, BLUE)
    assert owner(shop) is None
    put(shop, BLUE, customer="mia")
    assert owner(shop) == "mia"
    put(shop, BLUE)
    assert owner(shop) == "mia"
    put(shop, BLUE, customer="noah")
    assert owner(shop) == "noah"


def test_what_is_in_the_cart_counts_against_the_stock(shop):
    put(shop, RED, 2)  # there are two
    short = refused(put, shop, RED)
    assert (short.response, short.facts) == ("utter_stock_short", {"item": "Mug (red)", "left": "2"})
    gone = refused(put, shop, GONE)
    assert (gone.response, gone.facts) == ("utter_variant_gone", {"item": "Lamp (green)"})
    assert refused(put, shop, "no-such-variant").response == "utter_cart_moved"
    assert inside(shop) == [(RED, 2)] and stock(shop, RED) == 2


def test_ninety_nine_of_one_are_the_most(shop):
    put(shop, WOOL, MOST_OF_ONE)  # nobody counts them
    many = refused(put, shop, WOOL)
    assert (many.response, many.facts) == ("utter_cart_too_many", {"item": "Rug", "most": "99"})
    assert many.facts["most"].receipt["from"] == [["the rules of the cart", [], []]]
    assert inside(shop) == [(WOOL, 99)]


def test_pieces_are_taken_out_until_none_is_left(shop):
    put(shop, BLACK)
    put(shop, BLUE, 3)
    take(shop, BLUE, 2)
    assert inside(shop) == [(BLACK, 1), (BLUE, 1)]
    take(shop, BLUE, 1)
    assert inside(shop) == [(BLACK, 1)]
    put(shop, BLUE, 2)
    take(shop, BLUE, 5)
    assert inside(shop) == [(BLACK, 1)]
    put(shop, BLUE, 2)
    take(shop, BLUE)
    assert inside(shop) == [(BLACK, 1)]
    assert refused(take, shop, BLUE).response == "utter_cart_moved"
    assert inside(shop) == [(BLACK, 1)]


def test_the_checkout_shows_every_line_its_price_the_address_and_the_shipping(shop):
    put(shop, BLUE, 2)
    put(shop, RED)
    assert shown(shop) == {
        "kind": CHECKOUT,
        "customer_id": "mia",
        "order_id": "#W1234567",
        "payment_method_id": "visa",
        "address": HOME,
        "lines": [
            {"variant_id": BLUE, "quantity": 2, "price_cents": 1_200},
            {"variant_id": RED, "quantity": 1, "price_cents": 1_450},
        ],
        "shipping_cents": 595,
    }
    with shop.reading() as session:
        lines = lines_of(session, "talk")
        assert carts.total_cents(lines) == 3_850
        assert carts.due_cents(shown(shop), lines) == 3_850 + 595
        assert carts.due_cents({}, lines) == carts.due_cents({"shipping_cents": None}, lines) == 3_850
        assert carts.total_cents([]) == 0


def test_who_has_no_address_is_shown_none_and_cannot_buy(shop):
    put(shop, BLUE)
    with shop.session() as session:
        session.get_one(Customer, "mia").addresses[0].is_default = False
    change = shown(shop)
    assert change["address"] is None and change["shipping_cents"] == 0
    assert refused(buy, shop, change).response == "utter_cart_moved"
    assert inside(shop) == [(BLUE, 1)]


def test_buying_writes_an_order_a_payment_and_a_proof(shop):
    with shop.session() as session:
        session.add(order("#W20", "pending", customer_id="mia", position=41))
        for key, currency in ((BLUE, "EUR"), (BLACK, "EUR")):
            session.get_one(Variant, key).currency = currency
    put(shop, BLUE, 2)
    put(shop, BLACK)
    change, begun = shown(shop), now()
    buy(shop, change)
    with shop.reading() as session:
        bought = session.get_one(Order, "#W1234567")
        assert (bought.customer_id, bought.status, bought.currency) == ("mia", "pending", "EUR")
        assert bought.position == 42 and begun <= bought.placed_at <= now()
        assert bought.shipping_address == HOME and bought.extras == {"shipping_cents": 0}
        assert [(one.variant_id, one.name, one.options, one.quantity, one.price_cents) for one in bought.items] == [
            (BLUE, "Mug", {"color": "blue"}, 2, 1_200),
            (BLACK, "Lamp", {"color": "black"}, 1, 9_999),
        ]
        (payment,) = bought.payments
        assert (payment.transaction_type, payment.amount_cents, payment.currency) == ("payment", 12_399, "EUR")
        proof = session.scalars(select(ProofRow)).one()
        assert (proof.conversation_id, proof.turn, proof.customer_id) == ("talk", 7, "mia")
        assert (proof.order_id, proof.change) == ("#W1234567", change)
        kept = (proof.identified_by, proof.state, proof.details, proof.yes)
        assert kept == (PROOF.identified_by, PROOF.state, PROOF.details, PROOF.yes)
    assert inside(shop) == [] and owner(shop) == "mia"
    assert (stock(shop, BLUE), stock(shop, BLACK)) == (8, None)


def test_the_first_order_of_a_customer_stands_first_and_pays_for_its_shipping(shop):
    with shop.session() as session:
        session.add(Customer(id="ida", email="ida@example.com", first_name="Ida", last_name="Berg"))
        session.get_one(PaymentMethod, "rich").customer_id = "ida"
    put(shop, BLUE)
    lines = [{"variant_id": BLUE, "quantity": 1, "price_cents": 1_200}]
    parts = {"customer_id": "ida", "payment_method_id": "rich", "address": HOME, "lines": lines}
    buy(shop, {"kind": CHECKOUT, "order_id": "#W50", "shipping_cents": 595, **parts})
    with shop.reading() as session:
        bought = session.get_one(Order, "#W50")
        assert bought.position == 0 and bought.extras == {"shipping_cents": 595}
        assert bought.payments[0].amount_cents == 1_795
    assert balance(shop, "rich") == 20_000 - 1_795


def test_a_gift_card_must_hold_the_shipping_too(shop):
    with shop.session() as session:
        session.get_one(Variant, BLUE).price_cents = GIFT_CENTS - 594
    put(shop, BLUE)
    short = refused(buy, shop, shown(shop, "gift"))
    assert (short.response, short.facts) == ("utter_gift_card_short", {"balance": "$50.00", "needed": "$50.01"})
    with shop.session() as session:
        session.get_one(Variant, BLUE).price_cents = GIFT_CENTS - 595
    buy(shop, shown(shop, "gift"))
    assert balance(shop) == 0


@pytest.mark.parametrize(
    "moved",
    [
        lambda session: setattr(session.get_one(Variant, BLUE), "price_cents", 1_100),
        lambda session: setattr(session.scalars(select(CartItem)).one(), "quantity", 1),
        lambda session: setattr(session.get_one(PaymentMethod, "visa"), "customer_id", "noah"),
        lambda session: session.delete(session.scalars(select(CartItem)).one()),
    ],
    ids=["another price", "another quantity", "somebody else's card", "an empty cart"],
)
def test_what_is_not_as_it_was_shown_is_not_bought(shop, moved):
    put(shop, BLUE, 2)
    change, before = shown(shop), counts(shop)
    with shop.session() as session:
        moved(session)
    assert refused(buy, shop, change).response == "utter_cart_moved"
    assert counts(shop) == before and stock(shop, BLUE) == 10


def test_neither_an_unknown_card_nor_an_empty_list_of_lines_buys_anything(shop):
    put(shop, BLUE, 2)
    assert refused(buy, shop, shown(shop) | {"payment_method_id": "no-such-card"}).response == "utter_cart_moved"
    take(shop, BLUE)
    assert refused(buy, shop, shown(shop)).response == "utter_cart_moved"


def test_what_was_sold_meanwhile_is_not_sold_again(shop):
    put(shop, RED, 2)
    change, before = shown(shop), counts(shop)
    with shop.session() as session:
        session.get_one(Variant, RED).stock = 1
    short = refused(buy, shop, change)
    assert (short.response, short.facts) == ("utter_stock_short", {"item": "Mug (red)", "left": "1"})
    assert counts(shop) == before and inside(shop) == [(RED, 2)] and stock(shop, RED) == 1


def test_an_order_id_is_of_the_shops_shape_and_nobody_has_it(shop, monkeypatch):
    with shop.session() as session:
        session.add(order("#W1000007", "pending", customer_id="mia", position=41))
    drawn = iter([7, 0, 8_999_999])
    below: list[int] = []

    def draw(limit: int) -> int:
        below.append(limit)
        return next(drawn)

    monkeypatch.setattr(carts.secrets, "randbelow", draw)
    with shop.reading() as session:
        assert carts.new_order_id(session) == "#W1000000"  # the first that was drawn is taken
        assert carts.new_order_id(session) == "#W9999999"
    assert below == [9_000_000] * 3


@pytest.mark.parametrize(
    ("country", "items", "cents"),
    [("USA", 0, 595), ("USA", 4_999, 595), ("USA", 5_000, 0), ("usa", 5_001, 0), ("Canada", 90_000, 1_995)],
)
def test_shipping_is_free_from_fifty_dollars_at_home_and_never_abroad(country, items, cents):
    assert shipping_cents(items, {"country": country}) == cents


@pytest.mark.parametrize("country", ["France", "Atlantis"])
def test_a_country_that_nothing_is_sent_to_is_named(country):
    named = refused(shipping_cents, 100, {"country": country})
    assert (named.response, named.facts) == ("utter_not_shipped_there", {"country": country})
    assert named.facts["country"].receipt["from"] == [["the address of the order", [], []]]
