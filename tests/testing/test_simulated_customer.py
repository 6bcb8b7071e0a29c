"""What the simulated customer answers, turn by turn; the assistant's side is told by responses and cards."""

from __future__ import annotations

import pytest

from assistant.testing.customer import Customer
from assistant.testing.facts import read_facts
from assistant.testing.talk import Exchange
from dialogues.messages import BotMessage, Button

LAMP = {"name": "Desk Lamp", "options": "white", "quantity": 1, "price": "$20.00"}
RUG = {"name": "Rug", "options": "red", "quantity": 1, "price": "$90.00"}


def order(number: str, status: str, *items: dict) -> dict:
    return {"kind": "order", "id": number, "status": status, "items": list(items)}


def answer(*responses: str, asked: str | None = None, identified: bool = True, text: str = "", **extras) -> Exchange:
    messages = [BotMessage(text, response) for response in responses[:-1]]
    messages += [BotMessage(text, responses[-1], **extras)] if responses else []
    return Exchange("", "", tuple(messages), asked, None, identified)


@pytest.fixture
def customer():
    def create(reason: str) -> Customer:
        return Customer(read_facts(reason, "You are Ada Byron in zip code 10115.", ""))

    return create


def test_it_asks_says_who_it_is_answers_and_confirms(customer):
    ada = customer("You want to return the lamp. You prefer PayPal for the refund.")
    assert ada.begins().words == "I want to return the lamp"
    assert ada.answers(answer("utter_ask_identity", asked="email", identified=False)).words == "Ada Byron, 10115"
    assert ada.answers(answer("utter_ask_order_id", asked="order_id")).words == "the one with the lamp"
    assert ada.answers(answer("utter_ask_refund_method", asked="payment_method")).words == "paypal"
    shown = answer(
        "utter_confirm_return", asked="confirm", text="The Desk Lamp goes back, money to your PayPal account?"
    )
    assert ada.answers(shown).words == "yes"
    assert ada.answers(answer("utter_return_requested")) is None


def test_it_puts_a_confirmation_right_before_it_says_yes(customer):
    ada = customer("You want to return the lamp and the rug. You prefer PayPal for the refund.")
    ada.begins()
    asked = answer("utter_confirm_return", asked="confirm", text="The Desk Lamp goes back, money to your gift card?")
    assert ada.answers(asked).words == "you forgot the rug"
    asked = answer("utter_confirm_return", asked="confirm", text="The Desk Lamp and the Rug, money to your gift card?")
    assert ada.answers(asked).words == "use my paypal please"


def test_it_changes_its_mind_at_the_confirmation_if_its_task_says_so(customer):
    ada = customer("You want to return the lamp and the rug. If the agent asks for confirmation, only return the rug.")
    ada.begins()
    both = answer("utter_confirm_return", asked="confirm", text="The Desk Lamp and the Rug?")
    assert ada.answers(both).words == "Only return the rug"
    assert ada.answers(answer("utter_confirm_return", asked="confirm", text="The Rug?")).words == "yes"


def test_it_picks_from_the_orders_and_buttons_on_its_screen(customer):
    ada = customer("You want to exchange the lamp for a black one.")
    ada.begins()
    cards = (order("#W1111111", "delivered", RUG), order("#W2222222", "delivered", LAMP))
    assert ada.answers(answer("utter_ask_order_id", asked="order_id", cards=cards)).words == "#W2222222"
    buttons = (Button("white, tall", '/select{"position": 1}'), Button("black, low", '/select{"position": 2}'))
    chosen = ada.answers(answer("utter_ask_variant", asked="feature", buttons=buttons))
    assert chosen.words == '/select{"position": 2}'


def test_it_asks_for_something_else_when_it_is_refused(customer):
    ada = customer("You want to change the lamp to a black one. If that is not possible, cancel the whole order.")
    ada.begins()
    assert ada.answers(answer("utter_order_changed_already")).words == "I want to cancel the whole order"


def test_it_says_it_another_way_twice_and_then_moves_on(customer):
    ada = customer("You want to return the lamp, and exchange the rug for a red one.")
    ada.begins()
    assert ada.answers(answer("utter_rephrase")).words == "I want to return the lamp"
    assert ada.answers(answer("utter_rephrase")) is not None
    assert ada.answers(answer("utter_rephrase")).words == "I want to exchange the rug for a red one"


def test_it_goes_through_all_its_pending_orders(customer):
    ada = customer("You want to cancel all pending orders.")
    assert ada.begins().words == "I want to cancel all pending orders"
    assert (
        ada.answers(answer("utter_cancellation_done", text="Order #W1111111 is gone.")).words == "show me all my orders"
    )
    cards = tuple(order(f"#W{digit * 7}", "pending", LAMP) for digit in "12")
    assert ada.answers(answer("utter_orders", cards=cards)).words == "cancel my order #W2222222"
    assert ada.answers(answer("utter_cancellation_done", text="Order #W2222222 is gone.")) is None


def test_it_names_the_order_that_its_request_is_about(customer):
    ada = customer("You want to return the lamp you received with the rug.")
    ada.begins()
    cards = (order("#W1111111", "delivered", LAMP), order("#W2222222", "delivered", LAMP, RUG))
    assert ada.answers(answer("utter_ask_order_id", asked="order_id", cards=cards)).words == "#W2222222"


def test_a_question_about_no_order_in_particular_is_about_the_last_one_dealt_with(customer):
    ada = customer("You want to return the rug. You want to know the total refund amount.")
    ada.begins()
    cards = (order("#W1111111", "delivered", LAMP), order("#W2222222", "delivered", RUG))
    ada.answers(answer("utter_ask_order_id", asked="order_id", cards=cards))
    ada.answers(answer("utter_return_requested", text="Order #W2222222 is up for return."))
    assert ada.answers(answer("utter_ask_order_id", asked="order_id", cards=cards)).words == "#W2222222"


def test_it_spells_out_what_is_like_something_in_another_order(customer):
    ada = customer("You want to exchange the lamp you received for the type that is in your pending order.")
    assert ada.begins().words == "show me all my orders"
    black = {**LAMP, "options": "black, tall"}
    cards = (order("#W1111111", "delivered", LAMP), order("#W2222222", "pending", black))
    said = ada.answers(answer("utter_orders", cards=cards))
    assert [str(one) for one in said.meant] == [
        'exchange_items(order_id="#W1111111", item="lamp", feature="black, tall")'
    ]


def test_it_goes_on_in_other_words_each_time(customer):
    ada = customer("You want to return the lamp, rug and mug.")
    ada.begins()
    asked = [answer("utter_item_not_in_order", "utter_ask_go_on_with_rest", asked="item", text=str(n)) for n in "12"]
    first, second = (ada.answers(one) for one in asked)
    assert first.words != second.words
    assert [str(one) for one in (*first.meant, *second.meant)] == ["affirm()", "affirm()"]


def test_it_cancels_no_whole_order_for_one_item_and_then_asks_for_something_else(customer):
    ada = customer("You want to just cancel the lamp. If that is not possible, return the rug.")
    ada.begins()
    shown = answer("utter_confirm_cancellation", asked="confirm", text="The Desk Lamp and the Rug, all cancelled?")
    assert [str(one) for one in ada.answers(shown).meant] == ["deny()"]
    assert ada.answers(answer("utter_nothing_changed")).words == "I want to return the rug"
