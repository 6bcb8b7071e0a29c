"""One request for things of several orders: parted, said, and done order by order, each with its own yes."""

from __future__ import annotations

import pytest
from desk_talk import DeskTalk
from small_shop import order, person
from swap_shop import SwapTalk

from assistant.store import Customer, Database, Order, Payment, Product, Variant


@pytest.fixture
def bo(database: Database) -> DeskTalk:
    names = ("Skateboard", "Garden Hose", "Backpack", "Pet Bed", "Tent")
    with database.session() as session:
        session.add_all([_product(name) for name in names])
        session.add(_bo())
    return DeskTalk(database, "bo")


def _product(name: str) -> Product:
    variants = [Variant(id=f"{name} {c}", options={"color": c}, price_cents=1000, stock=5) for c in ("red", "blue")]
    return Product(id=name, name=name, category=name.lower(), variants=variants)


def _bo() -> Customer:
    found = person("bo", "Bo", "Lund", "80209")
    held = {
        "#W5000001": ("delivered", ["Skateboard", "Garden Hose"]),
        "#W5000002": ("delivered", ["Backpack"]),
        "#W5000003": ("delivered", ["Pet Bed", "Tent"]),
        "#W5000004": ("pending", ["Backpack", "Tent"]),
    }
    for days, (key, (status, names)) in enumerate(held.items()):
        paid = [Payment(transaction_type="payment", amount_cents=2000, payment_method_id="visa_bo")]
        made = order(key, status, [], days, payments=paid)
        made.items += [item for name in names for item in order("x", status, [f"{name} red"], 0).items]
        for item, name in zip(made.items, names, strict=True):
            item.name, item.options, item.price_cents = name, {"color": "red"}, 1000
        found.orders.append(made)
    return found


def status(talk: DeskTalk, order_id: str) -> str:
    with talk.database.reading() as session:
        return session.get_one(Order, order_id).status


@pytest.mark.parametrize(
    "items",
    [
        'item="skateboard", item="hose", item="backpack", item="bed"',
        'item="the skateboard, the hose, the backpack and the bed"',
    ],
)
def test_a_return_of_things_of_three_orders_is_three_returns(bo: DeskTalk, items: str) -> None:
    request = f'return_items({items}, payment_method="visa")'
    said = bo.says(request, "return the skateboard, the hose, the backpack and the bed, back to my visa")
    assert said == ["utter_in_several_orders", "utter_confirm_return"]
    told = bo.says_now[0].facts["orders"].replace("the ", "")
    assert told == "skateboard and hose (#W5000001), then backpack (#W5000002), then bed (#W5000003)"
    assert bo.facts["order_id"] == "#W5000001"
    assert bo.facts["refund"] == "$20.00"
    assert bo.says("affirm()") == ["utter_return_requested", "utter_next_order", "utter_confirm_return"]
    assert (bo.facts["order_id"], bo.facts["refund"]) == ("#W5000002", "$10.00")
    assert bo.says("deny()") == ["utter_nothing_changed", "utter_next_order", "utter_confirm_return"]
    assert bo.facts["items"] == "the Pet Bed (red) for $10.00"
    assert bo.says("affirm()") == ["utter_return_requested"]
    assert bo.tracker.stack == ()
    assert [status(bo, f"#W500000{one}") for one in (1, 2, 3, 4)] == [
        "return requested",
        "delivered",
        "return requested",
        "pending",
    ]


def test_a_change_prefers_orders_that_have_not_left(bo: DeskTalk) -> None:
    said = bo.says(
        'change_order_items(item="backpack", color="blue", item="tent")', "change the backpack and the tent to blue"
    )
    assert "utter_in_several_orders" not in said


def test_exchanges_keep_their_own_wishes(bo: DeskTalk) -> None:
    said = bo.says(
        'exchange_items(item="skateboard", color="blue"); exchange_items(item="bed", color="blue")',
        "swap the skateboard for a blue one and the bed for a blue one",
    )
    assert said == ["utter_in_several_orders", "utter_confirm_exchange"]
    assert bo.facts["order_id"] == "#W5000001"
    assert bo.says("affirm()") == ["utter_exchange_requested", "utter_next_order", "utter_confirm_exchange"]
    assert (bo.facts["order_id"], bo.facts["changes"]) == ("#W5000003", "Pet Bed (red) for blue: same price")


def test_stop_drops_the_whole_request(bo: DeskTalk) -> None:
    bo.says('return_items(item="skateboard", item="bed", payment_method="visa")', "return the skateboard and the bed")
    assert bo.says("stop()") == ["utter_stopped"]
    assert bo.tracker.stack == ()


def test_a_question_that_was_interrupted_is_taken_up_after_the_last_order(bo: DeskTalk) -> None:
    bo.says("get_invoice()")
    bo.says('return_items(item="skateboard", item="bed", payment_method="visa")', "return the skateboard and the bed")
    bo.says("affirm()")
    said = bo.says("affirm()")
    assert said[:2] == ["utter_return_requested", "utter_resume_task"]


def test_things_of_one_order_are_not_parted(database: Database) -> None:
    talk = SwapTalk(database)
    said = talk('exchange_items(item="lamp", color="white", item="keyboard")', "swap the lamp and the keyboard")
    assert "utter_in_several_orders" not in said


def test_it_is_the_item_whose_problem_was_told(bo: DeskTalk) -> None:
    bo.says('report_problem(item="tent", order_id="W5000003", problem="damaged")', "the tent of W5000003 is damaged")
    assert bo.says('return_items(payment_method="visa")', "I want to return it, to my visa") == ["utter_confirm_return"]
    assert bo.facts["items"] == "the Tent (red) for $10.00"


@pytest.mark.parametrize("words", ["return the whole order", "return everything"])
def test_everything_is_not_just_the_item_last_told_of(bo: DeskTalk, words: str) -> None:
    bo.says('report_problem(item="tent", order_id="W5000003", problem="damaged")', "the tent of W5000003 is damaged")
    bo.says('return_items(payment_method="visa")', f"{words}, to my visa")
    assert bo.facts["refund"] == "$20.00"
