"""Of 300 drawn requests every product found meets every condition; and the truth they are held against can tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from assistant.search import filters
from assistant.search.faithfulness import (
    Answer,
    Faithfulness,
    faithfulness,
    is_in_order,
    searched_by,
    searched_by_words,
)
from assistant.search.filter_requests import MOST_CONDITIONS, Request, draw_requests
from assistant.search.filter_truth import broken, stated
from assistant.search.listings import Listing, Offer, read_listings
from assistant.store import Database

BOOT = Listing(
    id="p1",
    name="Ridgeline Mid",
    brand="Tarnbeck",
    category="hiking boots",
    department="Footwear",
    audience="women",
    description="Light and quick to dry. It is not insulated.",
    attributes={"waterproof": "no, but quick drying", "material": "synthetic leather and mesh", "sole": "soft rubber"},
    tags=["trail"],
    rating=4.5,
    rating_count=10,
    offers=(Offer({"color": "plum", "size": "8"}, 9_900, True), Offer({"color": "moss", "size": "9"}, 8_900, False)),
)


def measured(shop: Database, n: int) -> Faithfulness:
    with shop.reading() as session:
        listings, searched = read_listings(session), searched_by(None)
        return faithfulness(listings, [(one, searched(session, one)) for one in draw_requests(listings, n, seed=7)])


def test_three_hundred_requests_are_met_to_the_letter(demo_shops: dict[str, Database]) -> None:
    found = measured(demo_shops["sqlite"], 300)
    assert found.whole.requests == 300
    assert found.whole.returned > 1_000
    assert [str(breach) for breach in found.breaches] == []
    assert found.whole.recall >= 0.999, [str(miss) for miss in found.misses]
    assert found.in_order[0] == found.in_order[1] > 0, found.out_of_order
    assert found.named == (30, 30)


def test_fewer_are_met_on_postgresql_and_in_another_shop(demo_shops: dict[str, Database], tau2_shop: Database) -> None:
    for shop in (demo_shops["postgresql"], tau2_shop):
        found = measured(shop, 60)
        assert [str(breach) for breach in found.breaches] == []
        assert found.whole.recall >= 0.999, [str(miss) for miss in found.misses]
        assert found.in_order[0] == found.in_order[1]


def test_the_plain_baseline_finds_what_holds_the_words(demo_shop: Database) -> None:
    request = Request("r", {"query": "hiking boots", "feature": ["waterproof"], "max_price": 90}, answered=True)
    with demo_shop.reading() as session:
        names = {one.id: one.name for one in read_listings(session)}
        found = [names[product_id] for product_id in searched_by_words(session, request).product_ids]
    assert 10 < len(found) <= 50 and "Boot" in found[0]


@pytest.mark.parametrize(
    ("name", "kind", "broken_test"),
    [
        ("colored", "color", lambda words, dialect: filters.text.holds(words, dialect)),
        ("_price", "price", lambda query: filters.Condition("", "price", variant=filters.Sql("v.price_cents > 0"))),
    ],
)
def test_a_search_that_forgets_a_condition_is_caught(
    demo_shops: dict[str, Database],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    kind: str,
    broken_test: Callable[..., Any],
) -> None:
    monkeypatch.setattr(filters, name, broken_test)
    found = measured(demo_shops["sqlite"], 60)
    assert found.breaches
    assert kind in {one for breach in found.breaches for one in breach.breaks}
    assert found.kinds[kind].satisfied < 1


def test_a_search_that_finds_nothing_has_no_recall(demo_shops: dict[str, Database]) -> None:
    def nothing(_session: Session, _request: Request) -> Answer:
        return Answer(())

    with demo_shops["sqlite"].reading() as session:
        listings = read_listings(session)
        asked = draw_requests(listings, 20, seed=7)
        found = faithfulness(listings, [(one, nothing(session, one)) for one in asked])
    assert (found.whole.recall, found.named) == (0, (0, 2))
    assert found.misses
    assert not found.breaches


def test_requests_are_the_same_for_the_same_seed_and_have_one_to_five_conditions(
    demo_shops: dict[str, Database],
) -> None:
    with demo_shops["sqlite"].reading() as session:
        listings = read_listings(session)
    requests = draw_requests(listings, 50, seed=3)
    assert requests == draw_requests(listings, 50, seed=3)
    assert requests != draw_requests(listings, 50, seed=4)
    for one in requests:
        asked = set(stated(one.slots)) - (set() if "in_stock" in one.slots else {"stock"})
        assert 1 <= len(asked) <= MOST_CONDITIONS
        assert one.answered == any(not broken(one.slots, listing) for listing in listings)


@pytest.mark.parametrize(
    ("slots", "breaks"),
    [
        ({"query": "boots", "color": "plum", "size": "8", "max_price": 99}, set()),
        ({"color": "plum", "size": "9"}, {"size"}),  # no variant has both; the one that can be bought is nearest
        ({"color": "moss"}, {"color"}),
        ({"query": "backpacks"}, {"thing"}),
        ({"material": "leather"}, {"material"}),
        ({"material": "mesh", "recipient": "my wife"}, set()),
        ({"recipient": "my dad", "min_rating": 4.5}, {"recipient"}),
        ({"feature": ["waterproof"]}, {"feature"}),
        ({"feature": ["soft sole"]}, set()),
        ({"feature": ["quick sole"]}, {"feature"}),
        ({"feature": ["insulated"]}, {"feature"}),
        ({"min_price": 100}, {"price"}),
        ({"brand": "Fenwater", "min_rating": 4.6}, {"brand", "rating"}),
    ],
)
def test_the_truth_reads_a_listing_as_a_person_does(slots: dict[str, Any], breaks: set[str]) -> None:
    assert broken(slots, BOOT) == breaks


def test_an_order_is_seen_to_be_wrong() -> None:
    listings = {str(cents): _priced(str(cents), cents) for cents in (100, 200)}
    request = Request("f1", {"max_price": 10, "sort": "price_asc"}, True)
    assert is_in_order(request, Answer(("100", "200")), listings)
    assert not is_in_order(request, Answer(("200", "100")), listings)


def _priced(name: str, cents: int) -> Listing:
    return Listing(name, name, "", "", "", "", "", {}, [], None, 0, (Offer({}, cents, True),))
