"""Comparing products and finding others like one: in the demo shop, on each kind of database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from small_shop import Run, runner
from sqlalchemy import select

from assistant.actions.comparing import differences
from assistant.actions.likeness import similar
from assistant.shop.builder import build_demo_shop
from assistant.store import Database, Product


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def full_shop(request: pytest.FixtureRequest, new_database: Callable[[str], Database]) -> Database:
    shop = new_database(request.param)
    build_demo_shop(shop, date(2026, 11, 3))
    return shop


@pytest.fixture
def ask(full_shop: Database) -> Run:
    return runner(full_shop)


@pytest.fixture
def boots(full_shop: Database) -> list[dict[str, str]]:
    with full_shop.reading() as session:
        rows = session.scalars(select(Product).where(Product.category == "hiking boots").order_by(Product.name))
        return [{"kind": "product", "id": one.id, "name": one.name} for one in rows][:3]


def test_products_are_compared_by_what_differs(ask: Run, boots: list[dict[str, str]]) -> None:
    outcome = ask("action_compare_products", item=["first one", "third one"], shown=boots)
    assert outcome.responses == ["utter_comparison"]
    assert outcome.facts == {"products": f"the {boots[0]['name']} and the {boots[2]['name']}"}
    (card,) = outcome.cards
    assert card["columns"] == [boots[0]["name"], boots[2]["name"]]
    assert all(len(set(row["values"])) == 2 for row in card["rows"])
    assert "category" not in {row["name"] for row in card["rows"]}
    assert [one["name"] for one in outcome.slots["shown"]] == card["columns"]


@pytest.mark.parametrize(
    ("items", "message", "places"),
    [
        (None, "compare them", [0, 1, 2]),
        (["the first two"], "compare the first two", [0, 1]),
        (["last two"], "compare the last two", [1, 2]),
        (["these"], "which of these is lighter?", [0, 1, 2]),
    ],
)
def test_those_on_screen_may_be_meant_together(
    ask: Run, boots: list[dict[str, str]], items: list[str] | None, message: str, places: list[int]
) -> None:
    outcome = ask("action_compare_products", message, item=items, shown=boots)
    assert outcome.cards[0]["columns"] == [boots[place]["name"] for place in places]


@pytest.mark.parametrize("items", [["them"], None], ids=["them", "no name"])
def test_of_one_product_on_screen_it_is_said_that_it_is_the_only_one(
    ask: Run, boots: list[dict[str, str]], items: list[str] | None
) -> None:
    outcome = ask(
        "action_compare_products", "which is the cheapest?", item=items, attribute="cheapest", shown=boots[:1]
    )
    assert outcome.responses == ["utter_one_product_found"]
    assert [card["id"] for card in outcome.cards] == [boots[0]["id"]]
    assert (
        ask("action_compare_products", item=["it"], attribute="price", shown=boots[:1]).responses != outcome.responses
    )


def test_it_is_compared_with_what_was_talked_about(ask: Run, boots: list[dict[str, str]]) -> None:
    last = boots[1]["id"]
    outcome = ask("action_compare_products", item=["first one"], shown=boots, last_product_id=last)
    assert outcome.cards[0]["columns"] == [boots[0]["name"], boots[1]["name"]]


def test_the_attribute_asked_for_is_said(ask: Run, boots: list[dict[str, str]]) -> None:
    outcome = ask("action_compare_products", item=["first", "second"], attribute="price", shown=boots)
    assert outcome.responses == ["utter_comparison_attribute"]
    assert outcome.facts["attribute"] == "price"
    assert outcome.facts["values"].startswith(f"{boots[0]['name']}, $")


def test_one_product_alone_is_compared_with_nothing(ask: Run, boots: list[dict[str, str]]) -> None:
    assert ask("action_compare_products", item=["first"], shown=boots).responses == ["utter_ask_compare"]
    assert ask("action_compare_products", item=["spaceship", "it"], shown=boots).responses == ["utter_item_not_found"]


def test_two_of_the_same_listing_do_not_differ(ask: Run, full_shop: Database, boots: list[dict[str, str]]) -> None:
    with full_shop.reading() as session:
        boot = session.get_one(Product, boots[0]["id"])
        assert differences([boot, boot]) == []


def test_similar_products_are_of_the_category_and_nearest_in_price(ask: Run, boots: list[dict[str, str]]) -> None:
    outcome = ask("action_find_similar", item=["first one"], shown=boots)
    assert outcome.responses == ["utter_similar_products"]
    assert outcome.facts == {"product": boots[0]["name"]}
    assert {card["category"] for card in outcome.cards} == {"hiking boots"}
    assert boots[0]["id"] not in {card["id"] for card in outcome.cards}
    assert all(card["in_stock"] for card in outcome.cards)


def test_similar_products_keep_to_the_budget(ask: Run, full_shop: Database, boots: list[dict[str, str]]) -> None:
    with full_shop.reading() as session:
        all_of_them = similar(session, session.get_one(Product, boots[0]["id"]))
        prices = sorted(min(v.price_cents for v in one.variants if v.in_stock) for one in all_of_them)
    outcome = ask("action_find_similar", item=["first one"], max_price=prices[0] / 100, shown=boots)
    assert len(outcome.cards) == prices.count(prices[0])
    nothing = ask("action_find_similar", item=["first one"], max_price=1, shown=boots)
    assert (nothing.responses, nothing.facts["limit"]) == (["utter_no_similar_products"], "$1.00")


def test_more_goes_on_with_what_is_similar(ask: Run, full_shop: Database, boots: list[dict[str, str]]) -> None:
    with full_shop.reading() as session:
        names = [one.name for one in similar(session, session.get_one(Product, boots[0]["id"]))]
    slots = ask("action_find_similar", item=["first one"], shown=boots).slots
    seen = [one["name"] for one in slots["shown"]]
    while (more := ask("action_show_more", **slots)).responses == ["utter_more_products"]:
        slots = more.slots
        seen += [one["name"] for one in slots["shown"]]
    assert more.responses == ["utter_no_more_products"]
    assert seen == names and len(names) > 4
