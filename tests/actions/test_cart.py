"""The cart and buying what is in it: led by commands, with every change made in the database."""

from __future__ import annotations

import pytest
from desk_talk import DeskTalk
from ruamel.yaml import YAML
from small_shop import fill
from sqlalchemy import select

from assistant.desk import Refused, apply_event, carts
from assistant.desk.shipping import POLICIES
from assistant.presentation import money
from assistant.store import Cart, Customer, Database, Order, PaymentMethod, Product, Variant, reindex
from assistant.store import Proof as ProofRow
from dialogues.payloads import read_payload
from dialogues.tracker import slot_event
from intents.catalogue import load_catalogue

MUGS = {  # color, size: cents, stock
    ("blue", "S"): (1000, 5),
    ("blue", "L"): (1250, 2),
    ("black", "S"): (1000, 0),
    ("black", "L"): (1250, 9),
}


@pytest.fixture
def shop(database: Database) -> Database:
    """The small shop and a mug in two colors and sizes; the small black one is sold out."""
    fill(database)
    with database.session() as session:
        mug = Product(id="Mug", name="Harbor Mug", category="mugs")
        mug.variants = [
            Variant(id=f"{color}{size}", options={"color": color, "size": size}, price_cents=cents, stock=stock)
            for (color, size), (cents, stock) in MUGS.items()
        ]
        session.add(mug)
        session.flush()
        reindex(session)
    return database


@pytest.fixture
def talk(shop: Database) -> DeskTalk:
    """With a stranger: a cart needs no account."""
    talk = DeskTalk(shop, "mia")
    unknown = [slot_event(name, None) for name in ("customer_id", "identified_by")]
    talk.tracker = talk.tracker.apply_all(unknown)
    return talk


def inside(shop: Database) -> dict[str, int]:
    with shop.reading() as session:
        return {line.variant_id: line.quantity for line in carts.lines_of(session, "talk")}


def test_what_has_one_version_goes_into_the_cart_at_once(talk: DeskTalk, shop: Database) -> None:
    assert talk.says('add_to_cart(item="kettle")') == ["utter_added_to_cart", "utter_cart"]
    assert inside(shop) == {"Kettle": 1}
    assert talk.says_now[1].facts == {"count": "1", "total": "$89.00"}
    assert talk.says_now[1].cards[0]["rows"] == [
        {"name": "Kettle", "values": ["$89.00"]},
        {"name": "Total", "values": ["$89.00"]},
    ]


def test_a_button_that_names_a_variant_adds_and_removes_just_that_one(talk: DeskTalk, shop: Database) -> None:
    with shop.session() as session:
        for name in ("Harbor Mug Tall", "Harbor Mug (Gift)"):  # names that hold the other's, and look like a variant's
            session.add(Product(id=name, name=name, variants=[Variant(id=name, options={}, price_cents=900)]))
        reindex(session)
    for item in ("Harbor Mug (blue, size L)", "Harbor Mug (blue, size S)", "Harbor Mug (Gift)"):
        said = talk.says(f'add_to_cart(item="{item}")', f'/add_to_cart{{"item": "{item}"}}')
        assert said == ["utter_added_to_cart", "utter_cart"]
    assert inside(shop) == {"blueL": 1, "blueS": 1, "Harbor Mug (Gift)": 1}
    payload = '/remove_from_cart{"item": "Harbor Mug (blue, size L)"}'
    assert talk.says('remove_from_cart(item="Harbor Mug (blue, size L)")', payload)[0] == "utter_removed_from_cart"
    assert inside(shop) == {"blueS": 1, "Harbor Mug (Gift)": 1}


def test_the_drawers_plus_and_minus_change_one_line_within_the_stock(talk: DeskTalk, shop: Database) -> None:
    def says(intent: str, item: str, quantity: int) -> str:
        payload = f'/{intent}{{"item":"{item}","quantity":{quantity}}}'
        command = read_payload(payload, load_catalogue())
        assert command is not None
        return talk.says(str(command), payload)[0]

    small, large = (f"Harbor Mug (blue, size {size})" for size in "SL")
    says("add_to_cart", small, 1)
    says("add_to_cart", large, 1)
    assert says("add_to_cart", small, 3) == "utter_added_to_cart"
    assert says("add_to_cart", large, 2) == "utter_stock_short"
    assert says("remove_from_cart", small, 2) == "utter_removed_from_cart"
    assert inside(shop) == {"blueS": 2, "blueL": 1}


def test_the_option_is_asked_for_where_several_versions_fit(talk: DeskTalk, shop: Database) -> None:
    assert talk.says('add_to_cart(item="mug")') == ["utter_ask_option"]
    assert talk.says_now[0].facts == {"product": "Harbor Mug", "option": "color", "values": "blue and black"}
    assert [one.payload for one in talk.says_now[0].buttons] == [
        '/inform{"color": "blue"}',
        '/inform{"color": "black"}',
    ]
    assert talk.says('inform(color="blue")', "the blue one") == ["utter_ask_option"]
    assert talk.says_now[0].facts["option"] == "size"
    assert talk.says('inform(size="L")', "L please") == ["utter_added_to_cart", "utter_cart"]
    assert inside(shop) == {"blueL": 1}


@pytest.mark.parametrize(
    ("commands", "lines"),
    [
        ('add_to_cart(item="mug", color="blue", size="S", quantity=3)', {"blueS": 3}),
        ('add_to_cart(item="blue mug", size="L")', {"blueL": 1}),
        ('add_to_cart(item="mug", color="black")', {"blackL": 1}),
        ('add_to_cart(item="kettle", item="rug")', {"Kettle": 1, "Rug": 1}),
    ],
)
def test_color_size_and_quantity_are_taken_from_the_request(
    talk: DeskTalk, shop: Database, commands: str, lines: dict[str, int]
) -> None:
    talk.says(commands)
    assert inside(shop) == lines


def test_a_question_in_between_takes_nothing_out(talk: DeskTalk, shop: Database) -> None:
    """The only thing in the cart is not what was named, and is not taken for it when the task goes on."""
    talk.says('add_to_cart(item="kettle")')
    assert talk.says('remove_from_cart(item="sofa")', "remove the sofa") == ["utter_not_in_cart"]
    said = talk.says('ask_policy(topic="shipping_cost")', "how much is shipping")
    assert said[1:] == ["utter_resume_task", "utter_ask_cart_item"] and inside(shop) == {"Kettle": 1}
    assert "utter_removed_from_cart" in talk.says('inform(item="kettle")', "the kettle") and inside(shop) == {}
    talk.says('add_to_cart(item="kettle")')
    assert "utter_removed_from_cart" in talk.says("remove_from_cart()", "take it out again") and inside(shop) == {}


def test_so_many_altogether_are_not_so_many_more(talk: DeskTalk, shop: Database) -> None:
    mug = 'add_to_cart(item="mug", color="blue", size="S", quantity={})'
    talk.says(mug.format(1), "a small blue mug please")
    assert talk.says(mug.format(3), "actually make it 3") == ["utter_added_to_cart", "utter_cart"]
    assert inside(shop) == {"blueS": 3}
    assert talk.says(mug.format(2), "no, make that two") == ["utter_cart"]
    assert inside(shop) == {"blueS": 2}
    assert talk.says(mug.format(2), "make it 2") == ["utter_cart"]
    assert inside(shop) == {"blueS": 2}
    talk.says(mug.format(2), "two more of them")
    assert inside(shop) == {"blueS": 4}


def test_a_version_that_is_not_to_be_had_is_said_and_the_others_are_offered(talk: DeskTalk, shop: Database) -> None:
    said = talk.says('add_to_cart(item="mug", color="black", size="S")')
    assert said == ["utter_option_sold_out", "utter_ask_option"]
    assert talk.says_now[0].facts["option"] == "black, S"
    assert talk.says('inform(color="red")', "red then") == ["utter_option_sold_out", "utter_ask_option"]
    assert talk.says('inform(color="black")', "black") == ["utter_added_to_cart", "utter_cart"]
    assert inside(shop) == {"blackL": 1}


def test_a_color_that_a_product_never_has_is_not_put_in_silently(talk: DeskTalk, shop: Database) -> None:
    assert talk.says('add_to_cart(item="keyboard", color="pink")') == ["utter_option_sold_out", "utter_ask_option"]
    assert inside(shop) == {}


def test_more_than_there_are_is_refused_with_how_many_there_are(talk: DeskTalk, shop: Database) -> None:
    talk.says('add_to_cart(item="mug", color="blue", size="L", quantity=2)')
    assert talk.says('add_to_cart(item="mug", color="blue", size="L")') == ["utter_stock_short"]
    assert talk.says_now[0].facts == {"item": "Harbor Mug (blue, size L)", "left": "2"}
    assert inside(shop) == {"blueL": 2}


def test_what_is_not_found_is_asked_for_again(talk: DeskTalk, shop: Database) -> None:
    assert talk.says('add_to_cart(item="spaceship")') == ["utter_item_not_found"]
    assert talk.says('inform(item="the lamp")') == ["utter_added_to_cart", "utter_cart"]
    assert inside(shop) == {"Lamp": 1}


def test_things_are_taken_out_by_name_piece_by_piece_or_all_together(talk: DeskTalk, shop: Database) -> None:
    talk.says('add_to_cart(item="mug", color="blue", size="S", quantity=3)')
    talk.says('add_to_cart(item="mug", color="black")')
    talk.says('add_to_cart(item="kettle")')
    assert talk.says('remove_from_cart(item="mug")') == ["utter_ask_cart_item"]
    assert talk.says('inform(item="blue one")') == ["utter_removed_from_cart", "utter_cart"]
    assert inside(shop) == {"blackL": 1, "Kettle": 1}
    talk.says('add_to_cart(item="mug", color="blue", size="S", quantity=3)')
    talk.says('remove_from_cart(item="blue mug", quantity=2)')
    assert inside(shop) == {"blackL": 1, "Kettle": 1, "blueS": 1}
    assert talk.says('remove_from_cart(item="sofa")') == ["utter_not_in_cart"]
    assert talk.says('inform(item="the kettle")')[0] == "utter_removed_from_cart"
    assert talk.says('remove_from_cart(item="everything")') == ["utter_removed_from_cart", "utter_cart_empty"]
    assert talk.says('remove_from_cart(item="it")') == ["utter_cart_empty"]


def test_an_empty_cart_is_said_to_be_and_not_bought(talk: DeskTalk) -> None:
    assert talk.says("view_cart()") == ["utter_cart_empty"]
    assert talk.says("checkout()") == ["utter_cart_empty"]
    assert talk.tracker.stack == ()


def bought(talk: DeskTalk) -> list[str]:
    """From a full cart to the question, for Mia, who pays with her card."""
    talk.says('add_to_cart(item="mug", color="blue", size="L", quantity=2)')
    assert talk.says("checkout()") == ["utter_ask_identity"]
    assert talk.says('inform(email="mia@example.com")') == ["utter_identified", "utter_ask_payment_method"]
    return talk.says('inform(payment_method="my visa")')


def test_buying_makes_the_order_takes_the_stock_and_empties_the_cart(talk: DeskTalk, shop: Database) -> None:
    assert bought(talk) == ["utter_confirm_checkout"]
    assert talk.says_now[0].facts == {
        "items": "2 x Harbor Mug (blue, size L) at $25.00, plus $5.95 for shipping",
        "total": "$30.95",
        "address": "1 Elm, Denver, CO 19122-0042, USA",
        "method": "your Visa card ending in 4821",
    }
    assert [row["name"] for row in talk.says_now[0].cards[0]["rows"]][-2:] == ["Shipping", "Total"]
    assert talk.says("affirm()", "yes please") == ["utter_order_placed_now"]
    assert talk.facts["total"] == "$30.95"
    order_id = talk.says_now[0].facts["order_id"]
    with shop.reading() as session:
        order = session.get_one(Order, order_id)
        assert (order.customer_id, order.status, order.total_cents) == ("mia", "pending", 3095)
        assert order.shipping_address["address1"] == "1 Elm"
        assert [(item.variant_id, item.quantity, item.price_cents) for item in order.items] == [("blueL", 2, 1250)]
        (payment,) = order.payments
        assert (payment.transaction_type, payment.amount_cents, payment.payment_method_id) == (
            "payment",
            3095,
            "visa_mia",
        )
        assert session.get_one(Variant, "blueL").stock == 0
        proof = session.scalars(select(ProofRow)).one()
        assert (proof.order_id, proof.customer_id, proof.yes) == (order_id, "mia", "yes please")
        assert session.scalars(select(Cart)).one().customer_id == "mia"
    assert inside(shop) == {}
    assert talk.says("track_order()") == ["utter_order_status"]
    assert talk.says_now[0].facts["order_id"] == order_id


def test_a_no_orders_nothing_and_keeps_the_cart(talk: DeskTalk, shop: Database) -> None:
    bought(talk)
    assert talk.says("deny()") == ["utter_cart_kept"]
    assert inside(shop) == {"blueL": 2}
    with shop.reading() as session:
        assert len(session.get_one(Customer, "mia").orders) == 4


def test_a_gift_card_must_cover_it_all_and_is_spent(talk: DeskTalk, shop: Database) -> None:
    bought(talk)
    assert talk.says('inform(payment_method="my gift card")') == ["utter_gift_card_short"]
    with shop.session() as session:
        session.get_one(PaymentMethod, "gift_mia").balance_cents = 3096
    assert talk.says("checkout()") == ["utter_ask_payment_method"]
    assert talk.says('inform(payment_method="gift card")') == ["utter_confirm_checkout"]
    assert talk.says("affirm()") == ["utter_order_placed_now"]
    with shop.reading() as session:
        assert session.get_one(PaymentMethod, "gift_mia").balance_cents == 1


def test_a_price_that_moved_since_it_was_shown_stops_the_order(talk: DeskTalk, shop: Database) -> None:
    bought(talk)
    with shop.session() as session:
        session.get_one(Variant, "blueL").price_cents = 9999
    assert talk.says("affirm()") == ["utter_cart_moved"]
    assert inside(shop) == {"blueL": 2}


def test_what_somebody_else_bought_meanwhile_is_not_sold_again(talk: DeskTalk, shop: Database) -> None:
    bought(talk)
    with shop.session() as session:
        session.get_one(Variant, "blueL").stock = 1
    assert talk.says("affirm()") == ["utter_stock_short"]
    with shop.session() as session, pytest.raises(Refused):
        plan = {"kind": carts.CHECKOUT, "customer_id": "mia", "order_id": "#W9999999", "address": {"zip": "1"},
                "payment_method_id": "visa_mia",
                "lines": [{"variant_id": "blueL", "quantity": 2, "price_cents": 1250}]}  # fmt: skip
        apply_event(session, {"change": plan, "identified_by": "", "state": "", "details": "", "yes": ""}, "talk", 9)


def test_a_cart_may_be_begun_by_the_first_message_of_a_conversation(shop: Database) -> None:
    add = {"kind": carts.ADD, "variant_id": "Kettle", "quantity": 1, "customer_id": None}
    with shop.session() as session:
        apply_event(session, {"change": add, "identified_by": "", "state": "", "details": "", "yes": ""}, "new", 1)
        assert [line.variant_id for line in carts.lines_of(session, "new")] == ["Kettle"]


def test_nobody_pays_with_a_method_of_somebody_else(shop: Database, talk: DeskTalk) -> None:
    bought(talk)
    plan = {**talk.tracker.all_slots()["plan"], "payment_method_id": "visa_jose", "order_id": "#W9999999"}
    with shop.session() as session, pytest.raises(Refused, match="utter_cart_moved"):
        apply_event(session, {"change": plan, "identified_by": "", "state": "", "details": "", "yes": ""}, "talk", 9)


@pytest.mark.parametrize(
    ("quantity", "country", "cents"), [(1, "USA", 595), (3, "USA", 595), (5, "USA", 0), (5, "Canada", 1995)]
)
def test_shipping_costs_what_the_policy_says(
    talk: DeskTalk, shop: Database, quantity: int, country: str, cents: int
) -> None:
    live_in(shop, country)
    talk.says(f'add_to_cart(item="mug", color="blue", size="S", quantity={quantity})')
    talk.says('identify(email="mia@example.com"); checkout(); inform(payment_method="visa")')
    assert talk.facts["total"] == money(quantity * 1000 + cents)
    assert ("with free shipping" in talk.facts["items"]) == (cents == 0)


def test_where_the_shop_does_not_ship_to_nothing_is_sold(talk: DeskTalk, shop: Database) -> None:
    live_in(shop, "United Kingdom")
    talk.says('add_to_cart(item="kettle")')
    said = talk.says('identify(email="mia@example.com"); checkout(); inform(payment_method="visa")')
    assert said == ["utter_identified", "utter_not_shipped_there"]
    assert talk.tracker.stack == () and inside(shop) == {"Kettle": 1}


def live_in(shop: Database, country: str) -> None:
    with shop.session() as session:
        session.get_one(Customer, "mia").default_address.country = country


def test_the_shipping_policy_states_the_rates_that_are_charged() -> None:
    for entry in YAML(typ="safe").load(POLICIES.read_text("utf-8")).values():
        for dollars in entry.get("rates", {}).values():
            assert f"${dollars:.2f}".removesuffix(".00") in entry["text"]
