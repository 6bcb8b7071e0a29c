"""The grounding checker: what people wrote passes, and nothing that states a fact outside a placeholder does."""

import sys
import time
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dialogues.checker import (
    COMMON,
    LONGEST_REPLY,
    PLAIN_MARKS,
    build_checker,
    common_words,
    kind_of,
    shape_problems,
    words_of,
)
from dialogues.claims import learn_licences, load_fact_words
from dialogues.responses import PLACEHOLDER, Response, fill, placeholders

GOOD = "Your order {order_id} is {status}."
EVERY = [chr(code) for code in range(sys.maxunicode + 1)]
MONEY = [char for char in EVERY if unicodedata.category(char) == "Sc"]
DIGITS = [char for char in EVERY if char.isdigit() or char.isnumeric()]
LOWERED = [
    char for char in EVERY if not char.isascii() and any(one.isascii() for one in char.lower())
]  # the Kelvin sign
FACT_WORDS = load_fact_words()
BRANDS = ["Trail Lantern", "Peak & Pine", "Halden", "Closest Match", "Fine"]
TWINS = dict(  # Latin letters and the Cyrillic ones that look like them
    zip(
        "aceiopsxyABCEHIKMOPTX",
        "\u0430\u0441\u0435\u0456\u043e\u0440\u0455\u0445\u0443\u0410\u0412\u0421\u0415\u041d\u0406\u041a\u041c\u041e\u0420\u0422\u0425",
        strict=True,
    )
)
STYLED = [
    "\uff41",
    "\U0001d41a",
    "\u24d0",
    "\u2170",
    "\u1d00",
    "\u200ba",
    "a\u0301",
    "\u2060a",
    "\u00ada",
    "\ufeffa",
    "\u202ea",
]
SMUGGLED = [
    *("$", "\u20ac9", "5%", "\u2116", "\u00bd", "\u2163", "\u2173", "\u0663", "\uff15", "#W1", "W12"),
    *("**sale**", "_free_", "`x`", "\n- ", "[us](x)", "<b>", "<br/>", "&nbsp;", "%s"),
    *("https://x.so", "www.shop.so", "see.so", "me@shop.so"),
    *("{shop}", "{{order_id}}", "{ status }", "{STATUS}", "{0}"),
]


@pytest.fixture(scope="module")
def checker(responses, reply_examples):
    return build_checker(responses.values(), reply_examples, BRANDS)


@pytest.fixture(scope="module")
def accepted(responses, reply_examples):
    """Every text that people wrote for the model's task: (response, names of the facts, text)."""
    written = [(one, one.facts, text) for one in responses.values() for text in one.variations]
    written += [(responses[one.response], frozenset(one.facts), one.reply) for one in reply_examples]
    return [one for one in written if "text" not in one[1]]  # {text} is said as it is, never by the model


@pytest.fixture(scope="module")
def problems(checker, responses):
    """Call it with a reply about an order's status."""
    facts = ("order_id", "status", "eta")
    return lambda text: checker.problems(text, responses["utter_order_status"], facts)


def test_every_written_variation_and_every_reply_example_passes_with_its_facts(checker, accepted):
    assert [
        (text, found) for response, facts, text in accepted if (found := checker.problems(text, response, facts))
    ] == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Your order {order_id} is {status}, for {shop}.", "placeholder: unknown {shop}"),
        ("Your order {order_id} is here.", "required {status} is missing"),
        ("Your order {order_id} is {status}, {status}.", "{status} stands twice"),
        ("Your order {order_id} is {status}", "does not end a sentence"),
        ("Your order {order_id} is {status}.\nGood.", "not one line"),
        ("Your order {order_id} is {status}.\u2028Good.", "`U+2028` outside a placeholder"),
        ("Your order {order_id} is {status}. " * 20, "not one line of 1 to 320 characters"),
        ("", "not one line"),
        ("Your order {order_id} is {status}. <b>Good</b>.", "`<` outside a placeholder"),
        ("Your order { order_id } is {order_id} {status}.", "`{` outside a placeholder"),
        ("Your order {order_id} is {status}, mate.", "word: `mate` is not one of the written replies"),
        ("Your order {order_id} is {status}, to\u200bday.", "`U+200B` outside a placeholder"),
        ("Your order {order_id} is {status}.5.", "digit: `5` outside a placeholder"),
        ("Your order {order_id}{status}.", "grown together"),
        ("Your order {order_id} {status}.", "claim: `{order_id} {status}`"),
        ("Your order -{order_id} is {status}.", "grown together"),
        ("Your order {order_id} is {status}, see shop.so.", "a web address"),
        ("Your order {order_id} isn't {status}.", "claim: `not {status}`"),
        ("Your order {order_id} is almost {status}.", "claim: `almost {status}`"),
        ("Your order {order_id} is {status} no more.", "claim: `{status} no`"),
        ("Your order {status} is {order_id}.", "claim: `order = {status}`"),
        ("Your order {order_id} is {status} and was sent.", "claim: `sent stated`"),
        ("Your order {order_id} is {status}, in one piece.", "claim: `one stated`"),
        ("Your order {order_id} is {status}. Two came.", "number: `two`"),
    ],
)
def test_a_bad_reply_is_told_why(problems, text, problem):
    assert any(problem in one for one in problems(text)), problems(text)


def test_one_may_be_a_pronoun(problems):
    assert problems(GOOD) == []
    for pronoun in ("Is it that one?", "One of our team can look.", "Which one do you mean?"):
        assert problems(f"{GOOD} {pronoun}") == [], pronoun


@given(data=st.data(), digit=st.sampled_from(DIGITS))
def test_no_digit_of_any_script_stands_anywhere_in_an_accepted_text(checker, accepted, data, digit):
    response, facts, text = data.draw(st.sampled_from(accepted))
    at = data.draw(st.integers(0, len(text)))
    assert checker.problems(text[:at] + digit + text[at:], response, facts)


@given(data=st.data())
def test_a_forbidden_token_at_any_place_of_an_accepted_text_makes_it_refused(checker, accepted, data):
    response, facts, text = data.draw(st.sampled_from(accepted))
    at = data.draw(st.integers(0, len(text)))
    names = [name for name in BRANDS if len(words_of(name)) > 1 or name == "Halden"]
    case = data.draw(st.sampled_from([str, str.upper, str.title]))
    word = st.sampled_from(sorted(FACT_WORDS.never) + names).map(lambda token: f" {case(token)} ")
    token = data.draw(word | st.sampled_from(SMUGGLED))
    assert checker.problems(text[:at] + token + text[at:], response, facts), token


@given(data=st.data())
def test_a_word_that_states_a_fact_is_refused_where_nobody_wrote_it_for_that_response(checker, accepted, data):
    response, facts, text = data.draw(st.sampled_from(accepted))
    licensed = {claim[0] for claim in checker.licences.by_response[response.name]}
    word = data.draw(st.sampled_from(sorted(FACT_WORDS.licensed - licensed - {"one"})))
    at = data.draw(st.integers(0, len(text)))
    assert checker.problems(f"{text[:at]} {word} {text[at:]}", response, facts)


@given(data=st.data())
def test_a_look_alike_of_any_letter_is_refused(checker, accepted, data):
    response, facts, text = data.draw(st.sampled_from(accepted))
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(STYLED)) if text[at] not in TWINS else TWINS[text[at]]
    assert checker.problems(text[:at] + other + text[at + 1 :], response, facts)


@pytest.mark.parametrize("char", LOWERED)
def test_a_letter_that_only_becomes_a_latin_one_in_lower_case_is_refused(problems, char):
    assert problems(f"Your order {{order_id}} is {{status}}. {char} {char}eep it.")


def test_no_sign_of_money_stands_outside_a_placeholder(problems):
    assert "$" in MONEY and "\u20b9" in MONEY
    assert [sign for sign in MONEY if not problems(f"Your order {{order_id}} is {{status}}, {sign}.")] == []


def test_a_word_may_stand_beside_the_fact_that_makes_it_true(checker, responses):
    details = responses["utter_order_details"]
    text = "Order {order_id} came to {total}, paid with {payment}."
    assert checker.problems(text, details, details.facts) == []
    assert checker.problems("Order {order_id} came to {total}, paid.", details, details.facts)


def test_what_is_only_asked_may_not_be_told_as_done(checker, responses):
    confirm = responses["utter_confirm_cancellation"]
    facts = ("orders", "reason")
    assert checker.problems("Shall I cancel {orders}? The reason would be {reason}.", confirm, facts) == []
    assert checker.problems("I cancelled {orders}. The reason would be {reason}.", confirm, facts)
    assert checker.problems("Done, I've called off {orders}, as {reason}.", confirm, facts)


@pytest.mark.parametrize("name", BRANDS[:4])
@pytest.mark.parametrize("case", [str, str.lower, str.upper])
def test_no_name_of_the_catalogue_stands_outside_a_placeholder(problems, name, case):
    assert problems(f"Your order {{order_id}} is {{status}}. The {case(name)} is good.")


def test_a_name_made_of_common_words_is_refused_as_a_name(problems):
    found = problems("Your order {order_id} is {status}. The closest match is here.")
    assert "name: `closest match`" in found


def test_a_brand_that_is_a_common_word_bars_it_only_where_it_is_written_as_a_name(problems):
    for harmless in ("Fine. Your order {order_id} is {status}.", "That's fine. Your order {order_id} is {status}."):
        assert problems(harmless) == []
    assert "name: `fine`" in problems("The Fine in your order {order_id} is {status}.")


def test_a_name_with_a_number_in_it_does_not_bar_its_common_words(responses, reply_examples):
    checker = build_checker(responses.values(), reply_examples, ["Order 2", "Your 5"])
    assert checker.problems(GOOD, responses["utter_order_status"], ("order_id", "status")) == []


def test_the_kind_of_a_problem_stands_before_its_first_colon():
    assert kind_of("digit: `at 10:30`") == "digit"


@given(st.text(st.characters(categories=["L"]), min_size=1))
def test_a_word_that_nobody_wrote_is_refused(problems, checker, word):
    assume(not checker.vocabulary["utter_order_status"].issuperset(words_of(word)))
    assert problems(f"Your order {{order_id}} is {{status}}, {word}.")


@given(st.text(max_size=120))
def test_what_passes_is_made_of_written_words_and_plain_punctuation(problems, checker, noise):
    text = f"Your order {{order_id}} is {{status}}. {noise}."
    if not problems(text):
        outside = PLACEHOLDER.sub(" ", text)
        assert checker.vocabulary["utter_order_status"].issuperset(words_of(outside))
        assert all((char.isascii() and char.isalpha()) or char in PLAIN_MARKS for char in outside)


@given(data=st.data())
def test_checking_twice_finds_the_same_and_filling_in_changes_nothing_but_the_facts(checker, accepted, data):
    response, facts, text = data.draw(st.sampled_from(accepted))
    values = {name: data.draw(st.text(max_size=12), label=name) for name in placeholders(text)}
    filled = fill(text, values)
    assert checker.problems(text, response, values.keys() | facts) == checker.problems(text, response, facts) == []
    between = PLACEHOLDER.split(text)  # text, name, text, name, ..., text
    assert filled == "".join(values[part] if place % 2 else part for place, part in enumerate(between))


@given(st.dictionaries(st.sampled_from(["order_id", "status"]), st.text(), min_size=2))
def test_facts_are_filled_in_once_as_they_are(facts):
    assert fill("{order_id} is {status}", facts) == facts["order_id"] + " is " + facts["status"]


@pytest.mark.parametrize(
    "noise", ["a " * 50_000, "{" * 50_000, "{order_id}" * 10_000, "one by " * 20_000, "not-" * 30_000]
)
def test_even_a_hundred_thousand_characters_are_refused_within_a_second(problems, noise):
    started = time.perf_counter()
    assert problems(noise)
    assert time.perf_counter() - started < 1


def test_what_may_be_told_as_done_may_be_asked_but_never_the_other_way_round():
    written = {"told": ["{order_id} was cancelled."], "asked": ["Shall it be cancelled?"]}
    learnt = learn_licences(written, load_fact_words()).by_response
    told = {claim: facts for claim, facts in learnt["told"].items() if claim[0] == "cancelled"}
    assert told == {("cancelled", "stated"): {"order_id"}, ("cancelled", "open"): {"order_id"}}
    assert [claim for claim in learnt["asked"] if claim[0] == "cancelled"] == [("cancelled", "open")]


def test_a_reply_may_be_as_long_as_the_longest_and_no_longer(problems):
    filler = LONGEST_REPLY - len(GOOD)
    assert not any("shape" in one for one in problems(GOOD + " " * filler))
    assert problems(GOOD + " " * (filler + 1)) == [f"shape: not one line of 1 to {LONGEST_REPLY} characters"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Good. ", []),
        ("Good\u2026", []),
        ('"Good"', []),
        ("Good", ["shape: does not end a sentence"]),
        ("Send a FAX", ["shape: does not end a sentence"]),
        (" ", ["shape: not one line of 1 to 320 characters"]),
        ("Good.\n", ["shape: not one line of 1 to 320 characters"]),
        ("At {total}{limit}.", ["placeholder: grown together with what stands beside it"]),
        ("See shop.so.", ["shape: a web address"]),
    ],
)
def test_the_shape_of_a_reply_is_named(text, found):
    assert list(shape_problems(text)) == found


@pytest.mark.parametrize(
    ("mark", "kind"), [("5", "digit"), ("\u00bd", "digit"), ("\u0663", "digit"), ("<", "mark"), ("\u20ac", "mark")]
)
def test_what_is_no_letter_is_named_a_digit_or_a_mark(problems, mark, kind):
    assert f"{kind}: `{mark}` outside a placeholder" in problems(f"{GOOD} {mark}.")


def small(*names, **written):
    """A checker of texts of its own, by response, and those responses."""
    nothing: frozenset[str] = frozenset()
    responses = {name: Response(name, nothing, nothing, tuple(texts)) for name, texts in written.items()}
    return build_checker(responses.values(), [], names), responses


def test_a_response_of_which_nothing_is_written_may_say_no_word():
    checker, _ = small(bye=["Good lamp."])
    assert checker.problems("Good lamp.", Response("new", frozenset(), frozenset(), ()), ()) == [
        "word: `good` is not one of the written replies",
        "word: `lamp` is not one of the written replies",
    ]


def test_what_is_always_denied_must_be_denied():
    checker, responses = small(sorry=["I found nothing here.", "There's no lamp here."], fine=["I found a lamp here."])
    denies = "claim: denies nothing, as every written text of this response does"
    assert denies in checker.problems("I found here.", responses["sorry"], ())
    assert denies not in checker.problems("I found nothing.", responses["sorry"], ())
    assert denies not in checker.problems("I found here.", responses["fine"], ())


def test_only_words_of_people_are_learnt_and_a_placeholder_is_none():
    checker, _ = small(here=["The {item}{count} is here."])
    assert checker.vocabulary["here"] == {"the", "is", "here"}
    assert checker.alphabet == set("Theishertmcoun")
    assert words_of("It\u2019s the dog's") == ["it's", "the", "dog's"]


def test_a_name_is_barred_if_its_words_are_known_and_it_has_no_number():
    written = ["The closest match is fine today.", "A two match."]
    checker, responses = small("Closest Match", "Fine", "Closest 2", "Lantern", "Closest Lantern", "  ", here=written)
    assert checker.names == {("closest", "match"), ("fine",)}
    assert checker.problems("The closest match is fine.", responses["here"], ()) == ["name: `closest match`"]
    assert checker.problems("Today the Fine match is here.", responses["here"], ())[-1] == "name: `fine`"
    assert checker.problems("The fine is the closest match.", responses["here"], ()) == ["name: `closest match`"]


def test_a_word_of_several_responses_is_everybodys():
    assert common_words([{"a", "b"}] * (COMMON - 1) + [{"a"}]) == {"a"}
    checker, responses = small(one=["A lamp."], two=["A lamp."], three=["A lamp."], four=["A rug."], five=["A rug."])
    assert checker.problems("A lamp.", responses["four"], ()) == []
    assert checker.problems("A rug.", responses["one"], ()) == ["word: `rug` is not one of the written replies"]
