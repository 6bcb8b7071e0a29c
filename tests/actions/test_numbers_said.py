"""Numbers that are said for an order: of an item bought, of a variant wished, mistyped."""

from __future__ import annotations

import pytest
from desk_talk import DeskTalk
from small_shop import order, person

from assistant.store import Customer, Database, OrderItem, Payment, Product, Variant


@pytest.fixture
def cy(database: Database) -> DeskTalk:
    """A delivered order of a jigsaw and one pending of a lamp; variants have numbers."""
    with database.session() as session:
        session.add_all([_product("1808611083", "Jigsaw", 4068), _product("6817146515", "Lamp", 7624)])
        session.add(_cy())
    return DeskTalk(database, "cy")


def _product(key: str, name: str, start: int) -> Product:
    variants = [
        Variant(id=f"{start + n}771820", options={"color": c}, price_cents=1000, stock=5)
        for n, c in enumerate(("red", "blue"))
    ]
    return Product(id=key, name=name, category=name.lower(), variants=variants)


def _cy() -> Customer:
    found = person("cy", "Cy", "Holm", "80210")
    for key, status, variant, name in (
        ("#W6000001", "delivered", "4068771820", "Jigsaw"),
        ("#W6123450", "pending", "7624771820", "Lamp"),
    ):
        paid = [Payment(transaction_type="payment", amount_cents=1000, payment_method_id="visa_cy")]
        made = order(key, status, [], 2, payments=paid)
        made.items.append(OrderItem(variant_id=variant, name=name, price_cents=1000, options={"color": "red"}))
        found.orders.append(made)
    return found


@pytest.mark.parametrize(
    "commands",
    [
        'inform(order_id="7624771820"); change_order_items(order_id="7625771820")',
        'change_order_items(order_id="7625771820")',
        'change_order_items(order_id="7624771820")',
        'change_order_items(item="7624771820", feature="7625771820")',
    ],
)
def test_an_item_number_and_a_variants_are_no_orders(cy: DeskTalk, commands: str) -> None:
    assert cy.says(commands, "change item ID 7624771820 to item ID 7625771820") == ["utter_confirm_item_change"]
    assert (cy.facts["order_id"], cy.facts["changes"]) == ("#W6123450", "Lamp (red) for blue: same price")


def test_a_variants_number_answers_the_question_into_which(cy: DeskTalk) -> None:
    cy.says('change_order_items(order_id="W6123450", item="lamp")', "change the lamp of W6123450")
    assert cy.says('inform(order_id="7625771820")', "7625771820") == ["utter_confirm_item_change"]


def test_an_items_number_finds_its_order(cy: DeskTalk) -> None:
    assert cy.says('track_order(order_id="4068771820")') == ["utter_order_status"]
    assert cy.facts["order_id"] == "#W6000001"
    assert cy.says('return_items(order_id="4068771820", payment_method="visa")', "return 4068771820, visa") == [
        "utter_confirm_return"
    ]


@pytest.mark.parametrize("typed", ["W6123459", "#W6132450", "6123451"])
def test_a_mistyped_number_is_asked_back_with_the_one_that_is_meant(cy: DeskTalk, typed: str) -> None:
    assert cy.says(f'cancel_order(order_id="{typed}", reason="no longer needed")') == ["utter_did_you_mean_order"]
    assert (cy.facts["meant"], cy.buttons) == ("#W6123450", ["Yes", "No"])
    assert cy.says("affirm()", "yes that one") == ["utter_confirm_cancellation"]
    assert cy.facts["orders"].startswith("order #W6123450")


def test_a_no_to_the_order_that_was_meant_lets_them_pick(cy: DeskTalk) -> None:
    cy.says('get_invoice(order_id="W6123459")')
    assert cy.says("deny()", "no") == ["utter_pick_order"]
    assert cy.says('get_invoice(order_id="W9999999")') == ["utter_order_not_found"]
