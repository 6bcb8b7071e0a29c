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
    found = facts("You want to return the lamp, and exchange the rug for a red one. Lastly, cancel order #W1234567.")
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
