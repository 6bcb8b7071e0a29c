"""What the simulated customer finds in a task's prose; the tasks here are of our own making."""

from __future__ import annotations

import pytest

from assistant.testing.facts import read_facts
from assistant.testing.first_person import in_first_person
from assistant.testing.request_reading import read_requests
from assistant.testing.requests import Wish


def facts(reason: str, known: str = "You are Ada Byron in zip code 10115."):
    return read_facts(reason, known, "")


@pytest.mark.parametrize(
    ("known", "name", "zip_code", "emails"),
    [
        ("You are Ada Byron in zip code 10115.", "Ada Byron", "10115", ()),
        ("You are ada_byron_4211 living in zipcode 10115.", "Ada Byron", "10115", ()),
        ("You name is Ada Byron and your email is ada@example.com.", "Ada Byron", None, ("ada@example.com",)),
        (
            "You are ada_byron_42 (ada@example.com and a.b@example.com).",
            None,
            None,
            ("ada@example.com", "a.b@example.com"),
        ),
    ],
)
def test_who_the_customer_is(known, name, zip_code, emails):
    found = facts("You want to cancel your order.", known)
    assert (found.name, found.zip, found.emails) == (name, zip_code, emails)


def test_it_speaks_of_itself_in_the_first_person():
    said = in_first_person("You want to return your lamp and you'd like the agent to refund you")
    assert said == "I want to return my lamp and I would like you to refund me"


def test_a_request_for_each_thing_that_is_wanted():
    found = facts(
        "You want to return the lamp, and exchange the rug for a red one. And lastly, cancel order #W1234567."
    )
    assert [request.intent for request in found.requests] == ["return_items", "exchange_items", "cancel_order"]
    assert found.requests[0].items == ("lamp",)
    assert found.requests[1].wishes == (Wish("rug", "a red one"),)
    assert found.requests[2].order_ids == ("#W1234567",)


def test_several_items_of_one_request_have_their_own_wishes():
    (request,) = read_requests("You want to exchange the lamp for a brighter one and the rug for a red one")
    assert request.wishes == (Wish("lamp", "a brighter one"), Wish("rug", "a red one"))
    assert [str(one) for one in request.commands()] == [
        'exchange_items(item="lamp", feature="a brighter one")',
        'exchange_items(item="rug", feature="a red one")',
    ]


def test_what_is_said_only_when_asked_is_no_request():
    found = facts(
        "You want to return the two mugs. If the agent asks for confirmation, only return the blue mug. "
        "If asked for the reason, say you ordered it by mistake. You prefer PayPal for the refund."
    )
    assert len(found.requests) == 1
    assert found.at_confirmation is not None
    assert found.at_confirmation.requests[0].items == ("blue mug",)
    assert (found.reason, found.payments) == ("ordered by mistake", ("paypal",))


def test_what_to_ask_for_instead_hangs_on_its_request():
    (request,) = facts(
        "You want to change the shelf to a lower one. If it is not available, cancel the whole order."
    ).requests
    assert [other.intent for other in request.instead] == ["cancel_order"]


def test_it_is_what_was_mentioned_last():
    (request,) = facts("You received a laptop and you want to exchange it to one with 16GB.").requests
    assert request.wishes == (Wish("laptop", "one with 16GB"),)
    assert request.words == "I want to exchange the laptop to one with 16GB"


def test_options_in_braces_are_spelt_out():
    (request,) = facts("For #W1234567, exchange Mug {'color': 'blue'} to {'color': 'red', 'size': 'S'}").requests
    assert request.order_ids == ("#W1234567",)
    assert request.wishes == (Wish("Mug", "(color red, size S)"),)


def test_what_to_do_when_one_thing_after_the_other_cannot_be_had():
    (request,) = facts(
        "You wonder if the agent can help split the payment with a second card. If that is not possible, you ask "
        "whether you can just cancel that item. If that is not possible, you ask the agent to cancel the order."
    ).requests
    assert [str(command) for command in request.commands()] == ['ask_policy(topic="payment_methods")']
    assert [other.intent for other in request.instead] == ["cancel_order", "cancel_order"]
    assert [other.only_some for other in request.instead] == [True, False]


def test_either_of_two_things_is_the_one_preferred_first():
    (request,) = facts("You want to return or exchange the lamp (you prefer exchange for the same item).").requests
    assert (request.intent, request.wishes) == ("exchange_items", (Wish("lamp", "the same item"),))
    assert [(other.intent, other.items) for other in request.instead] == [("return_items", ("lamp",))]


def test_cancel_or_return_asks_for_both_and_an_aside_tells_of_what():
    found = facts(
        "You took up knitting and want to cancel or return everything associated with it. "
        "(It's just a yarn bowl and a lamp, but do not reveal it to the agent)."
    )
    assert [request.intent for request in found.requests] == ["cancel_order", "return_items"]
    assert {request.items for request in found.requests} == {("yarn bowl", "lamp")}


def test_an_exception_leaves_a_thing_out_of_what_was_asked_for():
    found = facts("You want to return all orders. Well, except the boots that you love.")
    assert found.requests[0].items == ("everything except the boots",)


def test_what_hangs_on_something_done_or_on_a_price():
    found = facts("You want to return the tablet. If tablet is returned, also cancel the charger you bought.")
    assert [(one.intent, one.after) for one in found.requests] == [
        ("return_items", None),
        ("cancel_order", "return_items"),
    ]
    found = facts(
        "You want to know what is the cheapest available desk lamp right now. If it is less than 50 dollars you want "
        "to exchange your current one to it. If not, you want to return your current one."
    )
    assert str(found.requests[0].commands()[0]) == 'search_products(query="desk lamp", sort="price_asc")'
    assert [(one.intent, one.bound) for one in found.requests[1:]] == [
        ("exchange_items", ("below", 50.0)),
        ("return_items", ("above", 50.0)),
    ]


def test_the_order_of_a_thing_is_told_by_what_came_with_it():
    (request,) = facts("You want to return the mug you received with the coffee maker.").requests
    assert (request.items, request.beside) == (("mug",), "coffee maker")


def test_more_items_of_the_same_order_are_one_request():
    (request,) = facts(
        "You want to exchange your rug for a red one. Lamp in the same order also needs to be exchanged, you want a "
        "taller one."
    ).requests
    assert request.wishes == (Wish("rug", "a red one"), Wish("Lamp", "a taller one"))


def test_it_asks_in_the_order_in_which_it_is_told_to_mention_things():
    found = facts(
        "You want to change your default address. You want to exchange the lamp for a black one. "
        "Make sure to first mention the exchange then the address."
    )
    assert [request.intent for request in found.requests] == ["exchange_items", "update_address"]


def test_an_aside_on_its_own_is_never_said():
    assert facts("You want to return the lamp. (You know that you want a lot).").requests[0].items == ("lamp",)
    assert len(facts("You want to return the lamp. (You know that you want to try).").requests) == 1
