"""The example index: who votes for what, in which context; what is refused; that a saved index is the same one."""

import zlib
from dataclasses import replace

import numpy as np
import pytest

from intents.commands import Command
from intents.context import CONFIRM, Context
from intents.example_index import BadIndex, ExampleIndex, examples_hash
from intents.examples import Example

INTENTS = ("affirm", "greet", "track_order", "view_cart")
ASKED = Context(bot="Shall I cancel it?", task="cancel_order", asked=CONFIRM)
OTHER = Context(bot="Which colour?", task="add_to_cart", asked="color", shown=("a mug",))


def by_words(texts):
    """A small real embedding: words, hashed."""
    vectors = np.full((len(texts), 256), 1e-3, np.float32)
    for row, text in enumerate(texts):
        for word in text.lower().split():
            vectors[row, zlib.crc32(word.encode()) % 256] += 1
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def example(text, *intents, context=None):
    commands = tuple(Command(intent) for intent in intents)
    return Example(text, commands, context or Context(), "orders.yml:7")


EXAMPLES = [
    example("hello there", "greet"),
    example("good morning", "greet"),
    example("hi all is well", "greet"),
    example("ok", "greet"),
    example("ok", "affirm", context=ASKED),
    example("yes do", "affirm", context=ASKED),
    example("go ahead please", "affirm", context=ASKED),
    example("where is my parcel", "track_order"),
    example("has my parcel been sent", "track_order"),
    example("when does my order come", "track_order"),
    example("show me my cart", "view_cart"),
    example("what is in my cart", "view_cart"),
    example("where is my parcel and what is in my cart", "track_order", "view_cart"),
]


@pytest.fixture(scope="module")
def index():
    return ExampleIndex.fit(EXAMPLES, INTENTS, by_words)


def best(index, text, context=None):
    return index.intents[int(index.scores([(text, context or Context())])[0].argmax())]


def test_a_message_means_what_examples_like_it_mean(index):
    assert best(index, "my parcel where is it") == "track_order"
    assert best(index, "good morning all") == "greet"


def test_the_same_word_means_another_thing_after_a_question(index):
    assert best(index, "ok") == "greet"
    assert best(index, "ok", ASKED) == "affirm"
    assert best(index, "ok then", replace(ASKED, bot="May I cancel it?")) == "affirm"


def test_a_context_that_no_example_has_leaves_the_message_to_speak(index):
    assert best(index, "where is my parcel", OTHER) == "track_order"


def test_a_message_of_two_intents_shares_its_probability_between_them(index):
    scores = index.scores([("where is my parcel and what is in my cart", Context())])[0]
    assert {INTENTS[number] for number in np.argsort(-scores)[:2]} == {"track_order", "view_cart"}


def test_scores_are_probabilities_and_one_row_a_message(index):
    messages = [("hello", Context()), ("", OTHER), ("nothing of the kind 😀", ASKED)]
    scores = index.scores(messages)
    assert (scores.shape, scores.dtype) == ((3, 4), np.float32)
    assert np.isfinite(scores).all() and scores.min() >= 0
    assert scores.sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert scores[1] == pytest.approx(index.scores(messages[1:2])[0], abs=1e-5), "neighbours in a batch change nothing"
    assert index.scores([]).shape == (0, 4)


def test_a_saved_index_gives_the_same_scores(index, tmp_path):
    index.save(tmp_path / "index.npz")
    loaded = ExampleIndex.load(tmp_path / "index.npz", INTENTS, by_words)
    messages = [(one.text, one.context) for one in EXAMPLES]
    assert np.array_equal(loaded.scores(messages), index.scores(messages))
    assert loaded.data_hash == index.data_hash == examples_hash(EXAMPLES)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.npz", "index.vectors.npy"]


def test_another_fit_embeds_only_what_is_new(index, tmp_path):
    index.save(tmp_path / "index.npz")
    loaded = ExampleIndex.load(tmp_path / "index.npz", INTENTS, by_words)
    read = []

    def embed(texts):
        read.extend(texts)
        return by_words(texts)

    refitted = ExampleIndex.fit([*EXAMPLES[1:], example("ahoy", "greet")], INTENTS, embed, earlier=loaded)
    assert read == ["ahoy"]
    assert best(refitted, "ahoy") == "greet"
    assert "hello there" not in refitted.vectors, "what is no example any more is forgotten"


def test_the_hash_follows_what_counts_and_not_the_order():
    assert examples_hash(reversed(EXAMPLES)) == examples_hash(EXAMPLES)
    assert examples_hash([*EXAMPLES[:-1], replace(EXAMPLES[-1], context=ASKED)]) != examples_hash(EXAMPLES)
    assert examples_hash([*EXAMPLES[:-1], replace(EXAMPLES[-1], commands=())]) != examples_hash(EXAMPLES)
    assert examples_hash([*EXAMPLES[:-1], replace(EXAMPLES[-1], source="more.yml:1")]) == examples_hash(EXAMPLES)


def test_an_intent_without_examples_is_refused_by_name():
    with pytest.raises(BadIndex, match="No example means goodbye, thank: write some"):
        ExampleIndex.fit(EXAMPLES, (*INTENTS, "goodbye", "thank"), by_words)


def test_an_example_of_an_unknown_intent_is_refused_with_its_place():
    with pytest.raises(BadIndex, match=r"orders\.yml:7: 'show me my cart' means `view_cart`"):
        ExampleIndex.fit(EXAMPLES, INTENTS[:-1], by_words)


def test_an_index_for_another_catalogue_is_refused(index, tmp_path):
    index.save(tmp_path / "index.npz")
    with pytest.raises(BadIndex, match="another catalogue \\(view_cart gone; checkout new\\); fit it again"):
        ExampleIndex.load(tmp_path / "index.npz", (*INTENTS[:-1], "checkout"), by_words)
    with pytest.raises(BadIndex, match="another order"):
        ExampleIndex.load(tmp_path / "index.npz", INTENTS[::-1], by_words)


def test_an_index_of_another_embedding_is_refused(index, tmp_path):
    index.save(tmp_path / "index.npz")
    with pytest.raises(BadIndex, match="other embeddings"):
        ExampleIndex.load(tmp_path / "index.npz", INTENTS, lambda texts: by_words(texts)[:, ::-1])
    with pytest.raises(BadIndex, match="other embeddings"):
        ExampleIndex.load(tmp_path / "index.npz", INTENTS, lambda texts: by_words(texts)[:, :100])


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:-9])])
def test_an_index_without_all_its_vectors_is_refused(index, tmp_path, damage):
    index.save(tmp_path / "index.npz")
    damage(tmp_path / "index.vectors.npy")
    with pytest.raises(BadIndex, match="fit it again"):
        ExampleIndex.load(tmp_path / "index.npz", INTENTS, by_words)


@pytest.mark.parametrize("content", [None, b"", b"no index", "half"])
def test_a_file_that_is_no_index_is_refused_by_name(index, tmp_path, content):
    path = tmp_path / "index.npz"
    if content == "half":
        index.save(path)
        content = path.read_bytes()[:-2000]
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadIndex, match=r"Cannot read the example index .*index\.npz"):
        ExampleIndex.load(path, INTENTS, by_words)
