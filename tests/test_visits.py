"""What the page tells beside a message becomes slots: who is signed in, which product is open, the consent."""

from __future__ import annotations

import logging

import pytest
from rasa_sdk import Tracker as ActionTracker
from sqlalchemy.orm import Session

from assistant.actions.product_references import products_meant
from assistant.rasa_shapes import rasa_tracker
from assistant.recommendation.interests import REMEMBER
from assistant.review.privacy import PRIVATE
from assistant.store import Customer, Database, Product, Variant
from assistant.tokens import Tokens
from assistant.visits import BY_TOKEN, OPEN_PRODUCT, Visit, visit_events
from dialogues.tracker import Tracker, slot_event

TOKENS = Tokens("a secret that the host shop and Aisle share")


@pytest.fixture
def shop(own_sqlite: Database) -> Database:
    with own_sqlite.session() as session:
        for name in ("Lamp", "Rug", "Kettle"):
            session.add(Product(id=name, name=name, variants=[Variant(id=name, options={}, price_cents=900, stock=1)]))
        session.add(Customer(id="mia", email="mia@example.com", first_name="Mia", last_name="L"))
        session.add(Customer(id="otto", email="otto@example.com", first_name="Otto", last_name="L"))
    return own_sqlite


def told(session: Session, tracker: Tracker, visit: Visit) -> Tracker:
    return tracker.apply_all(visit_events(session, tracker, visit, TOKENS))


def test_a_signed_in_shopper_is_known_from_the_first_message(shop: Database) -> None:
    with shop.reading() as session:
        tracker = told(session, Tracker("c"), Visit(token=TOKENS.sign("mia")))
        assert visit_events(session, tracker, Visit(token=TOKENS.sign("mia")), TOKENS) == []
    known = {"customer_id": "mia", "first_name": "Mia", "identified_by": BY_TOKEN, "identity_attempts": None}
    assert tracker.slots == known


@pytest.mark.parametrize(
    "token",
    [
        Tokens("another secret that the host shop does not know").sign("mia"),
        TOKENS.sign("mia", seconds=-60),
        TOKENS.sign("mia", audience="another"),
        TOKENS.sign("nobody"),
        "no token",
    ],
)
def test_a_token_that_does_not_count_is_told_in_the_log_without_the_token(
    shop: Database, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    with shop.reading() as session, caplog.at_level(logging.WARNING):
        assert visit_events(session, Tracker("c"), Visit(token=token), TOKENS) == []
    assert "does not count" in caplog.text
    assert token not in caplog.text


def test_a_conversation_stays_with_the_customer_it_began_with(shop: Database, caplog: pytest.LogCaptureFixture) -> None:
    tracker = Tracker("c").apply(slot_event("customer_id", "otto"))
    with shop.reading() as session:
        assert told(session, tracker, Visit(token=TOKENS.sign("mia"))).slots == {"customer_id": "otto"}
    assert "another customer" in caplog.text


def test_this_one_is_the_product_whose_page_is_open(shop: Database) -> None:
    with shop.reading() as session:
        tracker = told(session, Tracker("c"), Visit(product="Rug"))
        meant = products_meant(session, _sdk(tracker), "this one")
        assert [product.id for product in meant] == ["Rug"]
        tracker = told(session, tracker, Visit(product="Lamp"))
        assert [product.id for product in products_meant(session, _sdk(tracker), "it")] == ["Lamp"]


def test_results_on_screen_stay_when_one_of_them_is_opened(shop: Database) -> None:
    shown = [{"kind": "product", "id": name, "name": name} for name in ("Lamp", "Rug")]
    tracker = Tracker("c").apply(slot_event("shown", shown))
    with shop.reading() as session:
        tracker = told(session, tracker, Visit(product="Rug"))
        assert tracker.slots["shown"] == shown and tracker.slots["last_product_id"] == "Rug"
        tracker = told(session, tracker, Visit(product="Kettle"))
        assert [one["id"] for one in tracker.slots["shown"]] == ["Kettle"]


def test_a_page_that_stays_open_does_not_take_the_talk_back(shop: Database) -> None:
    with shop.reading() as session:
        tracker = told(session, Tracker("c"), Visit(product="Rug"))
        tracker = tracker.apply(slot_event("last_product_id", "Lamp"))
        assert visit_events(session, tracker, Visit(product="Rug"), TOKENS) == []
        tracker = told(session, tracker, Visit(product=""))
        assert (tracker.slots[OPEN_PRODUCT], tracker.slots["last_product_id"]) == (None, "Lamp")
        assert told(session, tracker, Visit(product="Rug")).slots["last_product_id"] == "Rug"


@pytest.mark.parametrize("product", [None, "", "gone", "'; DROP TABLE products; --"])
def test_a_page_of_no_product_changes_nothing(shop: Database, product: str | None) -> None:
    with shop.reading() as session:
        assert visit_events(session, Tracker("c"), Visit(product=product), TOKENS) == []


def test_consent_is_kept_when_it_changes(shop: Database) -> None:
    with shop.reading() as session:
        tracker = told(session, Tracker("c"), Visit(consent=True))
        assert tracker.slots == {REMEMBER: True}
        assert visit_events(session, tracker, Visit(consent=True), TOKENS) == []
        assert visit_events(session, tracker, Visit(), TOKENS) == []


def _sdk(tracker: Tracker) -> ActionTracker:
    """The tracker as an action is given it."""
    return ActionTracker.from_dict(rasa_tracker(tracker))


def test_a_shopper_may_ask_to_keep_the_conversation_private_and_take_it_back(shop: Database) -> None:
    with shop.reading() as session:
        tracker = told(session, Tracker("c"), Visit(private=False))
        assert tracker.slots == {}
        tracker = told(session, tracker, Visit(private=True))
        assert tracker.slots == {PRIVATE: True}
        assert visit_events(session, tracker, Visit(), TOKENS) == visit_events(
            session, tracker, Visit(private=True), TOKENS
        )
        assert told(session, tracker, Visit(private=False)).slots == {PRIVATE: False}
