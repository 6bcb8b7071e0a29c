"""Who somebody is beside what they want, however both were mixed; and what is read a second time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from intents.beside_identity import wish_beside, with_identity_apart
from intents.catalogue import load_catalogue
from intents.commands import format_commands, parse_commands
from intents.context import Context
from intents.engine import Completion
from intents.mending import mend
from intents.order_words import with_order_words
from intents.recogniser import Recogniser
from intents.second_look import second_look

CATALOGUE = load_catalogue()
OFFERED = Context("Shall I bring in a colleague?", "human_handoff", "confirm", ())
CONFIRM = Context("Shall I go ahead?", "exchange_items", "confirm", ())


@pytest.mark.parametrize(
    ("message", "read", "meant"),
    [
        (
            "I want a refund for my boots, luis@example.com",
            'return_items(item="my boots", reason="luis@example.com")',
            'return_items(item="my boots"); identify(email="luis@example.com")',
        ),
        (
            "I want to return my mascara, my email is viktor.h@example.com",
            'return_items(item="my mascara", reason="my email is viktor.h@example.com")',
            'return_items(item="my mascara"); identify(email="viktor.h@example.com")',
        ),
        (
            "where is my order? clara.hoffmann@example.com",
            "track_order()",
            'track_order(); identify(email="clara.hoffmann@example.com")',
        ),
        (
            "where is my order? Viktor Halasz, 15213",
            'track_order(order_id="Viktor Halasz, 15213"); identify(name="Viktor Halasz", zip="15213")',
            'track_order(); identify(name="Viktor Halasz", zip="15213")',
        ),
        (
            "My name is Freya Lockhart EH9 1HN, order number 4533495",
            'identify(name="Freya Lockhart EH9 1HN", zip="4533495")',
            'identify(name="Freya Lockhart", zip="EH9 1HN", order_id="4533495")',
        ),
        (
            "too big, and the seller at ann@example.com was rude",
            'return_items(reason="too big"); identify(email="ann@example.com")',
            'return_items(reason="too big"); identify(email="ann@example.com")',
        ),
        ("mail the invoice to rahul@example.com", "get_invoice()", "get_invoice()"),
        ("open the account of j.baker@example.com", "out_of_scope()", "out_of_scope()"),
    ],
)
def test_an_email_or_a_name_in_another_slot_says_who_it_is(message: str, read: str, meant: str) -> None:
    assert format_commands(with_identity_apart(parse_commands(read), message)) == meant
    assert format_commands(mend(parse_commands(read), message, CATALOGUE)) == meant


@pytest.mark.parametrize(
    ("message", "read", "meant"),
    [
        ("which ones are still on the way?", 'list_orders(status="delivered")', 'list_orders(status="shipped")'),
        ("which of my orders arrive this week", 'list_orders(status="delivered")', "list_orders()"),
        ("what hasn't come yet", 'list_orders(status="delivered")', "list_orders()"),
        ("show me what already arrived", 'list_orders(status="delivered")', 'list_orders(status="delivered")'),
        ("anything on its way?", 'list_orders(status="pending")', 'list_orders(status="pending")'),
        ("what did I order on the 28th?", 'order_details(order_id="28")', "order_details()"),
        ("what was in 28", 'order_details(order_id="28")', 'order_details(order_id="28")'),
    ],
)
def test_what_is_said_of_orders_is_heard(message: str, read: str, meant: str) -> None:
    assert format_commands(with_order_words(parse_commands(read), message)) == meant


@pytest.mark.parametrize(
    ("message", "rest"),
    [
        ("want to send back my lamp. sam@example.org", "want to send back my lamp"),
        ("i want to return my mascara (viktor@example.com)", "i want to return my mascara"),
        ("i want my refund, mail is zofia@example.com", "i want my refund"),
        ("it's mia@example.com", None),
        ("before we start, my account's email is aoife@example.com", None),
        ("you can look it up by my email old.barnaby@example.org", None),
    ],
)
def test_the_wish_beside_an_email_is_found(message: str, rest: str | None) -> None:
    email = message.split()[-1].strip("()")
    assert wish_beside(parse_commands(f'identify(email="{email}")'), message) == rest


@pytest.mark.parametrize(
    ("message", "context", "read", "looks"),
    [
        ("do they run small?", CONFIRM, "affirm()", True),
        ("let me think", CONFIRM, "affirm()", False),
        ("yes please", CONFIRM, "affirm()", False),
        ("do they run small?", Context(), "affirm()", False),
        ("bit dear these", OFFERED, "affirm()", True),
        ("might as well", OFFERED, "affirm()", False),
        ("ok, a person then", OFFERED, "affirm()", False),
        ("do they run small?", CONFIRM, "deny()", False),
    ],
)
def test_a_yes_that_asks_is_read_again_out_of_its_context(message, context, read, looks) -> None:
    found = second_look(message, context, parse_commands(read))
    assert (found is not None) == looks
    if found:
        assert found == (message, Context())


class Scripted:
    """Answers each prompt by the first words that it holds."""

    name = model = "scripted"

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers
        self.prompts: list[str] = []

    def generate(self, prompts: Sequence[str], *, grammar=None, max_tokens=64, temperature=0.0, on_text=None):
        self.prompts += prompts
        return [self._one(prompt) for prompt in prompts]

    def _one(self, prompt: str) -> Completion:
        said = next(answer for words, answer in self.answers.items() if words in prompt)
        return Completion(said, (-0.01,) * 4, True)


def test_both_readings_are_joined_in_the_order_said() -> None:
    message = "want to send back my lamp. sam@example.org"
    engine = Scripted(
        {message: 'identify(email="sam@example.org")', "want to send back my lamp": 'return_items(item="my lamp")'}
    )
    found = Recogniser(engine, CATALOGUE).understand_all([("thanks", Context()), (message, Context())][1:])
    assert format_commands(found[0].commands) == 'return_items(item="my lamp"); identify(email="sam@example.org")'
    assert len(engine.prompts) == 2 and found[0].text == message


def test_a_second_reading_that_is_talk_changes_nothing() -> None:
    message = "i want you to know i'm sam@example.org"
    engine = Scripted({message: 'identify(email="sam@example.org")', "want you to know": "chitchat()"})
    found = Recogniser(engine, CATALOGUE).understand(message, Context())
    assert format_commands(found.commands) == 'identify(email="sam@example.org")'


def test_a_question_at_the_confirmation_is_answered_and_no_yes() -> None:
    engine = Scripted({"Shall I go ahead": "affirm()", "run small": 'product_details(attribute="run small")'})
    found = Recogniser(engine, CATALOGUE).understand("do they run small?", CONFIRM)
    assert format_commands(found.commands) == 'product_details(attribute="run small")'
