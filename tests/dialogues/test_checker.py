"""The grounding checker: what people wrote passes, and nothing that states a fact outside a placeholder does."""

import sys
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dialogues.checker import (
    DATE_WORDS,
    LICENSED_BY,
    MONEY_WORDS,
    NUMBER_WORDS,
    PLAIN_MARKS,
    PROMISE_WORDS,
    STATUS_WORDS,
    build_checker,
    words_of,
)
from dialogues.responses import PLACEHOLDER, fill

GOOD = "Your order {order_id} is {status}."
EVERY = [chr(code) for code in range(sys.maxunicode + 1)]
MONEY = [char for char in EVERY if unicodedata.category(char) == "Sc"]
DIGITS = [char for char in EVERY if char.isdigit() or char.isnumeric()]
FACT_WORDS = sorted(NUMBER_WORDS | DATE_WORDS | STATUS_WORDS | PROMISE_WORDS | MONEY_WORDS)
BRANDS = ["Trail Lantern", "Peak & Pine", "Halden", "Closest Match"]


@pytest.fixture(scope="module")
def written(responses, reply_examples):
    return [text for one in responses.values() for text in one.variations] + [one.reply for one in reply_examples]


@pytest.fixture(scope="module")
def checker(written):
    return build_checker(written, BRANDS)


@pytest.fixture(scope="module")
def problems(checker, responses):
    """Call it with a reply about an order's status."""
    facts = ("order_id", "status", "eta")
    return lambda text: checker.problems(text, responses["utter_order_status"], facts)


def test_every_written_variation_passes_with_its_facts(checker, responses):
    for response in responses.values():
        for text in response.variations:
            if PLACEHOLDER.sub("", text).strip():  # {text} alone is said as it is, never by the model
                assert checker.problems(text, response, response.facts) == [], text


def test_every_reply_example_passes_with_its_facts(checker, responses, reply_examples):
    for one in reply_examples:
        assert checker.problems(one.reply, responses[one.response], one.facts) == [], one.reply


def test_a_good_reply_has_no_problems(problems):
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Your order {order_id} is {status}, for {shop}.", "unknown placeholder {shop}"),
        ("Your order {order_id} is here.", "required {status} is missing"),
        ("Your order {order_id} is {status}, {status}.", "{status} stands twice"),
        ("Your order {order_id} is {status}", "does not end a sentence"),
        ("Your order {order_id} is {status}.\nGood.", "not one line"),
        ("Your order {order_id} is {status}.\u2028Good.", "`U+2028` outside a placeholder"),
        ("Your order {order_id} is {status}. " * 20, "not one line of 1 to 320 characters"),
        ("", "not one line"),
        ("Your order {order_id} is {status}. <b>Good</b>.", "`<` outside a placeholder"),
        ("Your order { order_id } is {order_id} {status}.", "`{` outside a placeholder"),
        ("Your order {order_id} is {status}, mate.", "`mate` is not a word of the written replies"),
        ("Your order {order_id} is {status}, to\u200bday.", "`U+200B` outside a placeholder"),
    ],
)
def test_a_bad_reply_is_told_why(problems, text, problem):
    assert any(problem in one for one in problems(text)), problems(text)


@given(st.sampled_from(DIGITS), st.integers(0, len("Your order")))
def test_no_digit_of_any_script_stands_outside_a_placeholder(problems, digit, at):
    assert problems(GOOD[:at] + digit + GOOD[at:])


def test_no_sign_of_money_stands_outside_a_placeholder(problems):
    assert "$" in MONEY and "\u20b9" in MONEY
    assert [sign for sign in MONEY if not problems(f"Your order {{order_id}} is {{status}}, {sign}.")] == []


@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
@given(word=st.sampled_from(FACT_WORDS), mark=st.sampled_from(["", "'", '"', "-"]))
def test_no_word_that_states_a_fact_stands_outside_a_placeholder(problems, word, case, mark):
    assert problems(f"Your order {{order_id}} is {{status}}, {mark}{case(word)}{mark}.")


def test_a_word_may_stand_beside_the_fact_that_makes_it_true(checker, responses):
    assert "paid" in LICENSED_BY
    details = responses["utter_order_details"]
    text = "Order {order_id} came to {total}, paid by {payment}."
    assert checker.problems(text, details, details.facts) == []
    assert checker.problems("Order {order_id} came to {total}, paid.", details, details.facts)


@pytest.mark.parametrize("name", BRANDS)
@pytest.mark.parametrize("case", [str, str.lower, str.upper])
def test_no_name_of_the_catalogue_stands_outside_a_placeholder(problems, name, case):
    assert problems(f"Your order {{order_id}} is {{status}}. The {case(name)} is good.")


def test_a_name_made_of_common_words_is_refused_as_a_name(problems):
    found = problems("Your order {order_id} is {status}. The closest match is here.")
    assert found == ["the name `closest match`"]


def test_a_name_with_a_number_in_it_does_not_bar_its_common_words(written, responses):
    checker = build_checker(written, ["Order 2", "Your 5"])
    assert checker.problems(GOOD, responses["utter_order_status"], ("order_id", "status")) == []


@given(st.text(st.characters(categories=["L"]), min_size=1))
def test_a_word_that_nobody_wrote_is_refused(problems, checker, word):
    assume(not checker.vocabulary.issuperset(words_of(word)))
    assert problems(f"Your order {{order_id}} is {{status}}, {word}.")


@given(st.text(max_size=120))
def test_what_passes_is_made_of_written_words_and_plain_punctuation(problems, checker, noise):
    text = f"Your order {{order_id}} is {{status}}. {noise}."
    if not problems(text):
        outside = PLACEHOLDER.sub(" ", text)
        assert set(words_of(outside)) <= checker.vocabulary
        assert all(char.isalpha() or char in PLAIN_MARKS for char in outside)


@given(st.dictionaries(st.sampled_from(["order_id", "status"]), st.text(), min_size=2))
def test_facts_are_filled_in_once_as_they_are(facts):
    assert fill("{order_id} is {status}", facts) == facts["order_id"] + " is " + facts["status"]
