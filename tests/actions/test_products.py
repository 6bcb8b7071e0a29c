"""Conversations about products: find, narrow, page, ask. In the demo shop, on each kind of database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from small_shop import Outcome, runner

from assistant.actions.results import said_back
from assistant.search.dropped import without_dropped
from assistant.shop.builder import build_demo_shop
from assistant.store import Database


@dataclass
class Shopper:
    """Runs actions and keeps the slots they set, as a conversation does."""

    run: Callable[..., Outcome]
    slots: dict[str, Any] = field(default_factory=dict)

    def __call__(self, action: str, **said: Any) -> Outcome:
        outcome = self.run(f"action_{action}", **{**self.slots, **said})
        self.slots |= outcome.slots
        return outcome

    @property
    def screen(self) -> list[str]:
        return [one["name"] for one in self.slots["shown"]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demo_shop(request: pytest.FixtureRequest, new_database: Callable[[str], Database]) -> Database:
    shop = new_database(request.param)
    build_demo_shop(shop, date(2026, 11, 3))
    return shop


SAID: dict[str, Any] = {"facts": {}, "cards": [], "buttons": [], "written_by": "written", "wording": ""}


@pytest.fixture
def shopper(demo_shop: Database) -> Shopper:
    return Shopper(runner(demo_shop))


def card_names(outcome: Outcome) -> list[str]:
    return [card["name"] for card in outcome.cards if card["kind"] == "product"]


def test_what_there_is_none_of_is_said_with_its_colour(shopper: Shopper) -> None:
    """There are boots under $150, and brown ones."""
    found = shopper("search_products", query="waterproof hiking boots", color="brown", max_price=100)
    assert found.responses == ["utter_nearest_products"]
    assert found.facts == {"condition": "under $100", "query": "brown waterproof hiking boots"}
    in_color = shopper("search_products", query="waterproof hiking boots", color="lilac")
    assert in_color.responses == ["utter_nearest_products"]
    assert (in_color.facts["query"], "lilac" in in_color.facts["condition"]) == ("waterproof hiking boots", True)


def test_a_search_shows_at_most_four_and_says_how_many_there_are(shopper: Shopper) -> None:
    found = shopper("search_products", query="hiking boots")
    assert found.responses == ["utter_products_found"]
    assert found.facts == {"count": "14", "query": "hiking boots"}
    assert card_names(found) == shopper.screen
    assert len(found.cards) == 4
    assert found.cards[0]["price"].startswith("$")


def test_more_of_the_same_until_there_is_no_more(shopper: Shopper) -> None:
    shopper("search_products", query="hiking boots")
    seen = list(shopper.screen)
    for left in (4, 4, 2):
        more = shopper("show_more")
        assert (more.responses, more.facts, len(more.cards)) == (
            ["utter_more_products"],
            {"query": "hiking boots"},
            left,
        )
        seen += shopper.screen
    assert len(set(seen)) == 14
    assert shopper("show_more").responses == ["utter_no_more_products"]
    assert shopper.screen == seen[-2:]


def test_a_single_match_is_what_it_means(shopper: Shopper) -> None:
    found = shopper("search_products", query="4k monitor")
    assert found.responses == ["utter_one_product_found"]
    answered = shopper("product_details", attribute="refresh rate", item=["it"])
    assert answered.facts["product"] == found.cards[0]["name"]


def test_narrowing_keeps_what_was_asked_before(shopper: Shopper) -> None:
    shopper("search_products", query="hiking boots")
    shopper("refine_search", feature=["waterproof"], recipient="women")
    found = shopper("refine_search", max_price=120)
    assert set(card_names(found)) == {"Tarnbeck Ridgeline Mid", "Tarnbeck Becka Low-Cuff", "Fenwater Heron Mid"}
    plum = shopper("refine_search", color="plum")
    assert card_names(plum) == ["Tarnbeck Ridgeline Mid"]
    assert all(line["options"].startswith("plum, size ") for line in plum.cards[0]["variants"])
    rust = shopper("refine_search", color="rust")
    assert card_names(rust) == ["Tarnbeck Becka Low-Cuff"]


def test_the_message_goes_with_a_search_until_it_is_refined(shopper: Shopper) -> None:
    shopper("search_products", message="Hiking boots for wet days, please", query="hiking boots")
    assert shopper.slots["search"]["filters"] == {"query": "hiking boots", "said": "Hiking boots for wet days, please"}
    seen = shopper.screen
    shopper("show_more", message="more")
    assert not set(seen) & set(shopper.screen)
    assert shopper.slots["search"]["filters"]["said"] == "Hiking boots for wet days, please"
    shopper("refine_search", message="under 120", max_price=120)
    assert shopper.slots["search"]["filters"] == {"query": "hiking boots", "max_price": 120.0}


def test_cheaper_means_cheaper_than_all_on_screen(shopper: Shopper) -> None:
    shopper("search_products", query="hiking boots", sort="price_desc")
    found = shopper("refine_search", price_direction="cheaper")
    assert found.responses == ["utter_products_found"]
    assert max(float(card["price"].strip("from $")) for card in found.cards) < 149
    dearer = shopper("refine_search", price_direction="pricier", sort="price_asc")
    assert dearer.responses[0] in ("utter_products_found", "utter_nearest_products")


def test_cheaper_lifts_the_lower_of_two_prices(shopper: Shopper) -> None:
    shopper("search_products", query="lamp", min_price=50, max_price=200)
    shopper("refine_search", price_direction="cheaper")
    assert "min_price" not in shopper.slots["search"]["filters"]


def test_nothing_cheaper_is_said_with_the_bound(shopper: Shopper) -> None:
    shopper("search_products", query="hiking boots", sort="price_asc")
    found = shopper("refine_search", price_direction="cheaper")
    assert found.responses == ["utter_nearest_products"]
    assert found.facts == {"condition": "under $49", "query": "hiking boots"}
    assert "max_price" not in shopper.slots["search"]["filters"]


def test_another_thing_replaces_the_one_before(shopper: Shopper) -> None:
    shopper("search_products", query="hiking boots", max_price=100)
    found = shopper("refine_search", query="kettles")
    assert {card["category"] for card in found.cards} == {"kettles"}


@pytest.mark.parametrize(
    "said",
    [
        {"color": "any"},
        {"color": "any colour"},
        {"feature": ["any color is fine"]},
        {"feature": "color doesn't matter"},
    ],
)
def test_a_condition_lifted_in_words_counts_no_longer(shopper: Shopper, said: dict[str, Any]) -> None:
    everything = shopper("search_products", query="hiking boots").facts["count"]
    narrowed = shopper("search_products", query="hiking boots", color="plum").facts.get("count", "1")
    assert int(narrowed) < int(everything)
    assert shopper("refine_search", **said).facts["count"] == everything
    assert "color" not in shopper.slots["search"]["filters"]


def test_a_condition_that_is_none_filters_nothing(shopper: Shopper) -> None:
    found = shopper("search_products", query="hiking boots", brand="whatever brand", color="any")
    assert found.facts == {"count": "14", "query": "hiking boots"}


def test_only_the_condition_that_is_named_is_lifted() -> None:
    asked = {"feature": ["any brand", "waterproof"], "color": "teal", "size": "9"}
    assert without_dropped(asked) == ({"feature": ["waterproof"], "color": "teal", "size": "9"}, {"brand"})
    assert without_dropped({"color": "colour", "size": "9"}) == ({"size": "9"}, {"color"})
    assert without_dropped({"query": "any boots"}) == ({"query": "any boots"}, frozenset())


def test_back_to_the_list_from_one_product_shows_the_results_again(shopper: Shopper) -> None:
    shopper("search_products", query="hiking boots")
    shopper("show_more")
    screen = shopper.screen
    told = shopper("product_details", item=["the second one"])
    looked_at = [{"event": "bot", "text": "It is.", "data": {**SAID, "response": told.responses[0]}}]
    again = shopper.run("action_repeat", "back to the whole list", looked_at, **shopper.slots)
    assert (again.responses, card_names(again)) == (["utter_results_again"], screen)
    assert shopper.run("action_repeat", "say that again", looked_at, **shopper.slots).responses == ["utter_repeat"]


def test_there_is_more_of_what_was_recommended(shopper: Shopper) -> None:
    first = shopper("search_products", category="hiking boots", max_price=200)
    more = shopper("show_more")
    assert more.responses == ["utter_more_products"]
    assert not {*card_names(first)} & {*card_names(more)}


def test_there_is_nothing_to_change_before_a_search(shopper: Shopper) -> None:
    for action in ("refine_search", "show_more", "search_products"):
        assert shopper(action).responses == ["utter_nothing_to_refine"]


def test_nothing_found_leaves_nothing_on_screen(shopper: Shopper) -> None:
    found = shopper("search_products", query="toothpaste " + "x" * 100)
    assert found.responses == ["utter_no_products"]
    assert found.facts == {"query": "toothpaste"}
    assert shopper.screen == []


@pytest.mark.parametrize(
    ("item", "place"),
    [("second one", 2), ("the 3rd", 3), ("last one", 4), ("first", 1), ("number two", 2), ("#4", 4), ("3", 3)],
)
def test_a_product_is_meant_by_its_place(shopper: Shopper, item: str, place: int) -> None:
    shopper("search_products", query="hiking boots")
    told = shopper("product_details", item=[item])
    assert told.responses == ["utter_product_details"]
    assert told.facts["product"] == shopper.screen[place - 1] == card_names(told)[0]


@pytest.mark.parametrize("meant", [{"item": ["the seventh one"]}, {"item": ["no. 6"]}, {"position": 9}])
def test_a_place_where_nothing_stands_is_asked_back_with_what_does(shopper: Shopper, meant: dict) -> None:
    shopper("search_products", query="hiking boots")
    told = shopper("product_details", **meant)
    assert (told.responses, [button["title"] for button in told.messages[0]["buttons"]]) == (
        ["utter_ask_item"],
        shopper.screen,
    )
    shopper("search_products", query="4k monitor")
    told = shopper("product_details", **meant)
    assert (told.responses, told.messages[0]["buttons"]) == (["utter_ask_item"], []), (
        "it may not be the one that is there"
    )


def test_it_is_what_was_talked_about_last(shopper: Shopper) -> None:
    shopper("search_products", query="waterproof hiking boots", recipient="women", max_price=120)
    told = shopper("product_details", item=["the becka"], attribute="weight")
    assert (told.responses, told.facts["value"]) == (["utter_product_attribute"], "420 g per boot")
    told = shopper("product_details", item=["it"], attribute="waterproof")
    assert told.facts["value"] == "yes, waxed upper and membrane"
    told = shopper("product_details", item=["the cheapest one"])
    assert told.facts == {
        "product": "Tarnbeck Becka Low-Cuff",
        "price": "$89.00",
        "rating": "4.3 out of 5",
        "stock": "in stock",
    }
    assert shopper("product_details", position=1).facts["product"] == shopper.screen[0]


def test_more_about_a_product_is_all_that_its_listing_says(shopper: Shopper) -> None:
    details = shopper("product_details", item=["Tarnbeck Ridgeline Mid"]).cards[1]
    rows = {row["name"]: row["values"][0] for row in details["rows"]}
    assert rows["weight"] == "480 g per boot"
    assert rows["description"].startswith("Our best-selling women's boot")


def test_it_asks_what_is_meant_by_it_when_nothing_was_talked_about(shopper: Shopper) -> None:
    assert shopper("product_details", item=["it"]).responses == ["utter_ask_item"]
    assert shopper("product_details", item=["that"]).responses == ["utter_ask_item"]


def test_a_person_is_said_back_as_theirs(shopper: Shopper) -> None:
    assert shopper("search_products", recipient="my niece", max_price=30).facts["query"] == "your niece"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("something to keep my coffee hot", "things to keep your coffee hot"),
        ("for the kitchen", "the kitchen"),
        ("boots for my dad", "boots for your dad"),
    ],
)
def test_a_search_is_said_back_as_a_thing(asked: str, said: str) -> None:
    assert said_back({"query": asked}) == said


def test_a_shade_is_found_by_the_color_it_is_of(shopper: Shopper) -> None:
    found = shopper("search_products", query="sweater", recipient="women", color="sky blue")
    assert found.responses == ["utter_one_product_found"]
    stock = shopper("check_stock", item=["it"], color="sky blue")
    assert stock.facts["value"] == "in stock"


def test_a_product_is_named_without_a_search(shopper: Shopper) -> None:
    told = shopper("product_details", item=["Tarnbeck Ridgeline Mid"], attribute="made of")
    assert told.facts == {
        "product": "Tarnbeck Ridgeline Mid",
        "attribute": "material",
        "value": "nubuck leather and mesh",
    }
    assert shopper.screen == ["Tarnbeck Ridgeline Mid"]


def test_it_asks_which_when_several_fit(shopper: Shopper) -> None:
    shopper("search_products", query="hiking boots")
    asked = shopper("product_details", item=["it"], attribute="weight")
    assert asked.responses == ["utter_ask_item"]
    assert [button["title"] for button in asked.messages[0]["buttons"]] == shopper.screen
    assert asked.messages[0]["buttons"][0]["payload"].startswith('/product_details{"item": ')
    assert shopper("product_details").responses == ["utter_ask_item"]


def test_what_is_nowhere_is_said_to_be_not_found(shopper: Shopper) -> None:
    missing = shopper("product_details", item=["the flux capacitor"])
    assert (missing.responses, missing.facts) == (["utter_item_not_found"], {"item": "the flux capacitor"})


def test_a_question_about_stock_is_answered_for_what_was_asked(shopper: Shopper) -> None:
    shopper("search_products", query="hiking boots")
    several = shopper("check_stock", color="tartan")
    assert [one["payload"] for one in several.messages[0]["buttons"]] == [
        f'/check_stock{{"item": "{name}", "color": "tartan"}}' for name in shopper.screen
    ]
    asked = shopper("check_stock", item=["first one"], color="tartan")
    assert asked.responses == ["utter_product_attribute"]
    assert asked.facts["attribute"] == "color"
    assert card_names(asked) == shopper.screen[:1]
