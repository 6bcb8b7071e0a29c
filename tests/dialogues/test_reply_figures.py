"""What is measured of replies: facts that nobody gave, and how varied the words are."""

import pytest

from dialogues.reply_figures import untold, word_figures

NAMES = ["Trail Lantern", "Halden", "Grace"]
FACTS = {
    "order_id": "#W4821093",
    "status": "shipped",
    "eta": "Friday, March 6",
    "item": "Trail Lantern",
    "total": "$89.00",
}


def test_a_reply_that_tells_its_facts_and_no_others_is_clean():
    text = "Order #W4821093 with the Trail Lantern is shipped, due Friday, March 6. It came to $89.00."
    assert untold(text, FACTS, NAMES) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Order #W4821094 is shipped.", ["4821094"]),
        ("Order #W4821093 is delivered.", ["delivered"]),
        ("It is due on Saturday.", ["Saturday"]),
        ("It is due on May 6.", ["May 6"]),
        ("It came to \u20ac89.00.", ["\u20ac"]),
        ("It came to $89.", ["89"]),
        ("The trail lantern by Halden is yours, Grace.", ["Halden", "Grace"]),
        ("Say it with grace.", []),
    ],
)
def test_each_fact_that_nobody_gave_is_found(text, found):
    assert untold(text, FACTS, NAMES) == found


def test_what_a_fact_means_by_its_name_is_given_with_it():
    assert untold("Left out, as cancelled: 2.", {"left_out": "2"}, NAMES) == []
    assert untold("Left out, as cancelled: 2.", {"count": "2"}, NAMES) == ["cancelled"]


def test_words_are_counted_in_pairs_and_openings_within_a_conversation():
    figures = word_figures([["Order {order_id} is here.", "Order {order_id} is here.", "What else?"]])
    assert (figures.n, figures.different, figures.mean_words) == (3, 2 / 3, 10 / 3)
    assert figures.distinct_2 == 4 / 7
    assert figures.repeated_openings == 1 / 3
    assert word_figures([["Hi there."], ["Hi there."]]).repeated_openings == 0
