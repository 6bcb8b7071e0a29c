"""Reading the account: what is told, what stays hidden, and help with the account itself."""

from __future__ import annotations

import pytest
from small_shop import ACCOUNT_HELP, Run

from assistant.actions.account import HELP_TOPICS
from assistant.actions.base import open_shop
from assistant.settings import Settings
from assistant.store import Customer, Database, PaymentMethod


@pytest.fixture
def rich_mia(run: Run, database: Database) -> Run:
    with database.session() as session:
        mia = session.get_one(Customer, "mia")
        mia.loyalty_points = 1240
        mia.payment_methods[1].balance_cents = 4550
        mia.payment_methods.append(PaymentMethod(id="paypal_mia", source="paypal"))
    return run


@pytest.mark.parametrize(
    ("attribute", "response", "facts"),
    [
        ("gift_card_balance", "utter_gift_card_balance", {"balance": "$45.50"}),
        (
            "payment_methods",
            "utter_payment_methods",
            {"methods": "a Visa card ending in 4821, a gift card with $45.50 and PayPal"},
        ),
        ("address", "utter_default_address", {"address": "1 Elm, Denver, CO 19122-0042, USA"}),
        ("email", "utter_account_email", {"email": "m***@example.com"}),
        ("loyalty_points", "utter_loyalty_points", {"points": "1,240"}),
    ],
)
def test_each_part_of_the_account_is_read_from_the_store(
    rich_mia: Run, attribute: str, response: str, facts: dict[str, str]
) -> None:
    outcome = rich_mia("action_account_info", customer_id="mia", attribute=attribute)
    assert (outcome.responses, outcome.facts) == ([response], facts)


def test_the_whole_account_is_a_card_with_no_number_and_no_e_mail_in_full(rich_mia: Run) -> None:
    outcome = rich_mia("action_account_info", customer_id="mia")
    assert outcome.responses == ["utter_account"]
    shown = str(outcome.cards)
    assert "Mia O'Neill-Berg" in shown
    assert "mia@example.com" not in shown
    assert "gift_mia" not in shown


def test_several_gift_cards_are_added_up(rich_mia: Run, database: Database) -> None:
    with database.session() as session:
        mia = session.get_one(Customer, "mia")
        mia.payment_methods.append(PaymentMethod(id="gift_2", source="gift_card", balance_cents=1))
    outcome = rich_mia("action_account_info", customer_id="mia", attribute="gift_card_balance")
    assert outcome.facts == {"balance": "$45.51", "cards": "2"}


def test_what_an_account_does_not_have_is_said(run: Run, database: Database) -> None:
    with database.session() as session:
        noor = session.get_one(Customer, "noor")
        noor.addresses.clear()
        noor.payment_methods.clear()
    said = [
        run("action_account_info", customer_id="noor", attribute=one).responses
        for one in ("gift_card_balance", "payment_methods", "address")
    ]
    assert said == [["utter_no_gift_card"], ["utter_no_payment_methods"], ["utter_no_default_address"]]


def test_a_stranger_hears_nothing_of_an_account(run: Run) -> None:
    assert run("action_account_info", attribute="email").responses == ["utter_ask_identity"]
    assert run("action_account_info", attribute="email", customer_id="nobody").responses == ["utter_ask_identity"]


def test_help_is_given_word_for_word_and_its_topics_are_offered(run: Run) -> None:
    helped = run("action_account_help", topic="password")
    assert helped.messages[0]["text"] == ACCOUNT_HELP["password"]
    assert run("action_account_help", topic="delete").responses == ["utter_policy_unknown"]
    asked = run("action_account_help")
    assert [one["payload"] for one in asked.messages[0]["buttons"]] == ['/account_help{"topic": "password"}']


def test_every_topic_has_its_text_in_the_shipped_file(tmp_path) -> None:
    shop = open_shop(Settings(database_url=f"sqlite:///{tmp_path}/shop.db"))
    assert set(shop.account_help) == set(HELP_TOPICS)
    assert all(shop.account_help.values())
