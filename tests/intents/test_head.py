"""The opinion of a taught encoder beside the example index: how both become one, and what an untaught intent keeps."""

from dataclasses import replace

import numpy as np
import pytest

from intents.commands import Command
from intents.context import Context
from intents.example_index import ExampleIndex
from intents.examples import Example
from intents.fresh_examples import FreshIndex
from intents.head import Head, as_text, example_key, pooled
from tests.intents.test_example_index import EXAMPLES, INTENTS, by_words

HELLO = ("hello", Context())


def one_hot(texts):
    """Whether a text says "parcel"."""
    return np.array([["parcel" in text, "parcel" not in text] for text in texts], np.float32)


def head(weights, intents=INTENTS, bias=None):
    weights = np.array(weights, np.float32)
    return Head(intents, weights, np.zeros(len(weights), np.float32) if bias is None else np.array(bias), one_hot)


@pytest.mark.parametrize(
    ("context", "text"),
    [
        (Context(), "no"),
        (Context(bot="Shall I?"), "no [SEP] Shall I?"),
        (Context("Which?", "add_to_cart", "color", ("a mug",)), "no [SEP] add to cart color shown [SEP] Which?"),
        (Context(shown=("a mug",)), "no [SEP] shown"),
    ],
)
def test_a_message_and_its_context_are_one_text(context, text):
    assert as_text(("no", context)) == text


def test_log_probabilities_are_of_all_intents_together():
    found = head([[3, 0], [0, 2], [1, 1], [-2, 5]]).logprobs([("my parcel", Context()), HELLO])
    assert np.allclose(np.exp(found).sum(axis=1), 1)
    assert np.allclose(found[0] - found[0, 0], np.array([3, 0, 1, -2]) - 3)
    assert np.isfinite(head([[9000, 0], [0, 0], [0, 0], [0, 0]]).logprobs([("parcel", Context())])).all()


def test_both_opinions_become_their_geometric_mean():
    chances = np.array([[0.1, 0.6, 0.1, 0.2]], np.float32)
    other = head(np.zeros((4, 2)), bias=np.log([0.7, 0.1, 0.1, 0.1]))
    wanted = np.sqrt(chances[0] * np.array([0.7, 0.1, 0.1, 0.1]))
    assert np.allclose(pooled(chances, INTENTS, other, other.logprobs([HELLO]))[0], wanted / wanted.sum(), atol=1e-6)
    assert pooled(chances, INTENTS, None, None) is chances
    none = np.zeros((0, 4), np.float32)
    assert pooled(none, INTENTS, other, none) is none


def test_intents_go_by_their_names_not_by_their_places():
    chances = np.full((1, 4), 0.25, np.float32)
    other = head(np.zeros((4, 2)), INTENTS[::-1], np.log([0.7, 0.1, 0.1, 0.1]))  # 0.7: the last of INTENTS
    assert pooled(chances, INTENTS, other, other.logprobs([HELLO]))[0].argmax() == 3


def test_of_an_untaught_intent_the_index_decides_alone():
    chances = np.array([[0.3, 0.2, 0.1, 0.4]], np.float32)
    other = head(np.zeros((3, 2)), INTENTS[:3], np.log([0.1, 0.8, 0.1]))
    found = pooled(chances, INTENTS, other, other.logprobs([HELLO]))[0]
    shares = np.sqrt([0.3 * 0.1, 0.2 * 0.8, 0.1 * 0.1])
    assert np.allclose(found, [*(0.6 * shares / shares.sum()), 0.4])


def test_an_index_heeds_its_head_and_a_saved_one_gets_it_back(tmp_path):
    parcels = head([[0, 0], [0, 0], [9, 0], [0, 0]])
    index = ExampleIndex.fit(EXAMPLES, INTENTS, by_words, head=parcels)
    bare = ExampleIndex.fit(EXAMPLES, INTENTS, by_words)
    message = [("hello my parcel", Context())]
    assert index.scores(message)[0, 2] > bare.scores(message)[0, 2]
    index.save(tmp_path / "index.npz")
    again = ExampleIndex.load(tmp_path / "index.npz", INTENTS, by_words, parcels)
    assert np.allclose(again.scores(message), index.scores(message), atol=1e-3)


def test_where_new_examples_lead_a_head_that_has_not_seen_them_is_not_asked():
    sure = head([[0, 9], [0, 0], [9, 0], [0, 0]])  # whatever has no parcel is a yes
    index = ExampleIndex.fit(EXAMPLES, INTENTS, by_words, head=sure)
    said = [("whats in the basket", Context())]
    assert INTENTS[index.scores(said)[0].argmax()] == "affirm"
    new = [Example(text, (Command("view_cart"),)) for text in ("what is in the basket", "whats in my basket")]
    fresh = FreshIndex.fit(index, new)
    assert fresh.intents[fresh.scores(said)[0].argmax()] == "view_cart"
    assert fresh.intents[fresh.scores([("good", Context())])[0].argmax()] == "affirm", "elsewhere it is"
    knowing = replace(sure, taught=frozenset(map(example_key, new)))
    fresh = FreshIndex.fit(replace(index, head=knowing), new)
    assert fresh.intents[fresh.scores(said)[0].argmax()] == "affirm", "and where it was taught them too"


def test_a_message_is_read_once():
    read = []

    def embed(texts):
        read.extend(texts)
        return one_hot(texts)

    counting = replace(head(np.zeros((4, 2))), embed=embed)
    index = ExampleIndex.fit(EXAMPLES, INTENTS, by_words, head=counting)
    new = [Example("wrap it", (Command("gift_wrap"),))]
    FreshIndex.fit(index, new, [*INTENTS, "gift_wrap"]).steer([HELLO])
    assert read == ["hello"]


def test_a_new_intent_of_a_few_examples_is_found_beside_a_head_that_does_not_know_it():
    sure = head([[0, 9], [0, 0], [9, 0], [0, 0]])  # of greeting, whatever has no parcel
    index = ExampleIndex.fit(EXAMPLES, INTENTS, by_words, head=sure)
    new = [Example(text, (Command("gift_wrap"),)) for text in ("wrap it as a gift", "gift wrap it", "wrap the gift")]
    fresh = FreshIndex.fit(index, new, [*INTENTS, "gift_wrap"])
    scores, steers = fresh.steer([("please wrap it as a gift", Context()), ("where is my parcel", Context())])
    assert fresh.intents[scores[0].argmax()] == "gift_wrap" and steers[0].intent == "gift_wrap"
    assert fresh.intents[scores[1].argmax()] == "track_order" and steers[1] is None
