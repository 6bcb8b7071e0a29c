"""Recommending in the demo shop: gifts, what goes with a product, what suits a shopper, and more of the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from small_shop import Outcome, Run, runner
from sqlalchemy import select

from assistant.actions.base import reader
from assistant.search.vectors import ProductVectors
from assistant.settings import Settings
from assistant.shop.builder import build_demo_shop
from assistant.store import Customer, Database, Product, refresh_vectors
from tests.read_shop import reader_with_memory


@pytest.fixture(scope="module")
def shop(new_database: Callable[[str], Database]) -> Database:
    database = new_database("sqlite")
    build_demo_shop(database, date(2026, 11, 3))
    refresh_vectors(database, reader_with_memory())
    return database


@pytest.fixture(scope="module")
def ask(shop: Database) -> Run:
    return runner(shop, ProductVectors(reader(Settings())))


def names(outcome: Outcome) -> list[str]:
    return [card["name"] for card in outcome.cards]


def test_a_gift_meets_the_wish_and_says_how(shop: Database, ask: Run) -> None:
    found = ask("action_recommend", recipient="my nephew", occasion="birthday", max_price=30)
    assert found.responses == ["utter_gift_ideas"]
    assert found.facts["query"] == "your nephew, birthday"
    with shop.reading() as session:
        for card in found.cards:
            product = session.get_one(Product, card["id"])
            assert any(one.in_stock and one.price_cents <= 3000 for one in product.variants)
            assert "under $30" in card["why"]
            assert ("for kids" in card["why"]) == (product.audience == "kids")
    assert len({card["category"] for card in found.cards}) == len(found.cards)


def test_there_is_more_of_it_each_with_its_reason(ask: Run) -> None:
    first = ask("action_recommend", recipient="my dad", max_price=60)
    more = ask("action_show_more", **first.slots)
    assert more.responses == ["utter_more_products"]
    assert not {*names(first)} & {*names(more)}
    assert all(card["why"] for card in more.cards)


def test_a_recommendation_can_be_narrowed(ask: Run) -> None:
    first = ask("action_recommend", recipient="my dad")
    cheaper = ask("action_refine_search", max_price=20, **first.slots)
    assert cheaper.slots["search"]["filters"] == {"recipient": "my dad", "max_price": 20.0}


def test_what_goes_with_the_one_on_screen(ask: Run) -> None:
    shown = ask("action_search_products", query="kettlebell").slots
    found = ask("action_recommend", item=["the halden forge one"], **shown)
    assert found.responses == ["utter_goes_with"]
    assert found.facts == {"product": "Halden Forge Kettlebell"}
    assert "Halden Forge Kettlebell" not in names(found)
    assert found.cards[0]["why"].startswith("bought with the Halden Forge Kettlebell in ")


def test_a_customer_is_told_why_and_a_stranger_gets_what_is_popular(shop: Database, ask: Run) -> None:
    with shop.reading() as session:
        mia = session.scalars(select(Customer.id).where(Customer.email == "mia.lindqvist@example.com")).one()
    known = ask("action_recommend", customer_id=mia, recipient="me")
    assert known.responses == ["utter_recommended"]
    assert all(card["why"].startswith("because you bought the ") for card in known.cards)
    stranger = ask("action_recommend")
    assert stranger.responses == ["utter_popular"]
    assert stranger.facts == {}


def test_what_is_popular_is_of_the_department_on_screen(ask: Run) -> None:
    shown = ask("action_search_products", query="blender").slots["shown"]
    found = ask("action_recommend", max_price=100, shown=shown)
    assert (found.responses, found.facts) == (["utter_popular"], {"department": "Kitchen"})


def test_no_budget_is_too_small_for_an_answer(ask: Run) -> None:
    assert ask("action_recommend", max_price=0).responses == ["utter_nothing_to_recommend"]
    assert ask("action_recommend", item=["unicorn saddle"]).responses == ["utter_item_not_found"]
