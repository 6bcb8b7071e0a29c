"""Examples saved since the training count at once: what is like them is read anew, all else as before."""

from __future__ import annotations

import numpy as np
import pytest
from test_example_index import ASKED, EXAMPLES, INTENTS, by_words, example
from test_recogniser import ScriptedEngine

from intents.catalogue import Catalogue, Intent
from intents.commands import Command
from intents.context import Context
from intents.example_index import BadIndex, ExampleIndex
from intents.fresh_examples import FreshIndex
from intents.recogniser import AS_A_TRAINER_SAYS, Recogniser

NONE = Context()
WASH = [example("how do i wash this jumper", "care"), example("can it go in the washing machine", "care")]
ALL = (*INTENTS, "care")


@pytest.fixture(scope="module")
def base() -> ExampleIndex:
    return ExampleIndex.fit(EXAMPLES, INTENTS, by_words)


@pytest.fixture(scope="module")
def fresh(base: ExampleIndex) -> FreshIndex:
    return FreshIndex.fit(base, WASH, ALL)


def best(index: FreshIndex | ExampleIndex, text: str, context: Context = NONE) -> str:
    return index.intents[int(index.scores([(text, context)])[0].argmax())]


def test_without_new_examples_nothing_changes(base: ExampleIndex) -> None:
    messages = [(one.text, one.context) for one in EXAMPLES]
    same = FreshIndex.fit(base, [])
    assert same.scores(messages) == pytest.approx(base.scores(messages), abs=1e-5)
    assert same.steer(messages)[1] == [None] * len(messages)
    assert same.scores([]).shape == (0, 4)


def test_a_new_intent_is_found_at_once_and_the_old_ones_stay(base: ExampleIndex, fresh: FreshIndex) -> None:
    assert best(fresh, "can i wash this jumper in the machine") == "care"
    assert [best(fresh, one.text, one.context) for one in EXAMPLES] == [
        best(base, one.text, one.context) for one in EXAMPLES
    ]


def test_it_comes_to_what_a_whole_fit_gives(base: ExampleIndex) -> None:
    new = [example("my parcel went to the wrong house", "greet"), example("cart please", "view_cart", context=ASKED)]
    whole = ExampleIndex.fit([*EXAMPLES, *new], INTENTS, by_words)
    fresh = FreshIndex.fit(base, new)
    messages = [(text, context) for text in ("my parcel", "wrong house", "ok", "cart") for context in (NONE, ASKED)]
    votes = [
        np.log(index.scores(messages)) / sharp for index, sharp in ((fresh, base.sharpness), (whole, whole.sharpness))
    ]
    moved = [one - one.mean(axis=1, keepdims=True) for one in votes]
    assert moved[0] == pytest.approx(moved[1], abs=0.08)  # the whole fit also moves the centre of all vectors


def test_an_example_that_is_gone_counts_no_longer(base: ExampleIndex) -> None:
    place = next(at for at, one in enumerate(EXAMPLES) if one.text == "ok" and one.context == NONE)
    rest = [one for at, one in enumerate(EXAMPLES) if at != place]
    without = FreshIndex.fit(base, [], gone=[place])
    relabelled = FreshIndex.fit(base, [example("ok", "affirm")], gone=[place])
    assert best(base, "ok") == "greet"
    assert best(relabelled, "ok") == "affirm"
    whole = ExampleIndex.fit(rest, INTENTS, by_words)
    assert best(without, "ok") == best(whole, "ok")


def test_the_context_counts(base: ExampleIndex) -> None:
    fresh = FreshIndex.fit(base, [example("the blue one", "view_cart", context=ASKED)])
    in_context, alone = fresh.scores([("the blue one please", ASKED), ("the blue one please", NONE)])[:, 3]
    assert in_context > alone


def test_the_nearest_examples_say_which_are_new(fresh: FreshIndex) -> None:
    first, second = fresh.nearest(("wash this jumper", NONE), 2)
    assert (first.text, first.is_fresh) == (WASH[0].text, True)
    assert first.likeness > second.likeness
    assert not fresh.nearest(("where is my parcel", NONE), 1)[0].is_fresh


def test_an_unknown_intent_is_refused(base: ExampleIndex) -> None:
    with pytest.raises(BadIndex, match="care"):
        FreshIndex.fit(base, WASH)


# with the model


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue({name: Intent(name, name, {}) for name in ALL})


def test_the_model_is_asked_to_read_it_as_the_new_intent(fresh: FreshIndex, catalogue: Catalogue) -> None:
    engine = ScriptedEngine("0.9 greet()", "0.001 care()")
    read = Recogniser(engine, catalogue, fresh).understand("can i wash this jumper in the machine", NONE)
    assert read.commands == (Command("care"),)
    assert engine.grammar.startswith('root ::= "care("')
    assert read.confidence == pytest.approx(float(fresh.scores([(read.text, NONE)])[0].max()))


def test_where_the_model_cannot_write_it_the_intent_stands_alone(fresh: FreshIndex, catalogue: Catalogue) -> None:
    engine = ScriptedEngine("0.9 greet()", "0.001 care(")
    read = Recogniser(engine, catalogue, fresh).understand("can i wash this jumper in the machine", NONE)
    assert read.commands == (Command("care"),)


def test_what_is_not_like_it_is_left_to_the_model(fresh: FreshIndex, catalogue: Catalogue) -> None:
    engine = ScriptedEngine("0.9 track_order()")
    read = Recogniser(engine, catalogue, fresh).understand("where is my parcel", NONE)
    assert (read.commands, read.confidence) == ((Command("track_order"),), pytest.approx(0.9))


@pytest.mark.parametrize(("as_new", "read_as"), [("0.2 view_cart()", "view_cart"), ("0.000001 view_cart()", "greet")])
def test_of_an_intent_that_the_model_knows_both_decide(
    base: ExampleIndex, catalogue: Catalogue, as_new: str, read_as: str
) -> None:
    fresh = FreshIndex.fit(base, [example("lob the basket over here", "view_cart")])
    message = "do lob the basket over here please"
    assert best(base, message) != best(fresh, message) == "view_cart"
    engine = ScriptedEngine("0.9 greet()", as_new)
    assert Recogniser(engine, catalogue, fresh).understand(message, NONE).commands == (Command(read_as),)
    assert engine.grammar.startswith('root ::= "view_cart("'), "it was proposed"


def test_what_a_trainer_wrote_word_for_word_is_read_as_they_say(base: ExampleIndex, catalogue: Catalogue) -> None:
    told = example("Bin it and ta", "view_cart", "greet", context=ASKED)
    recogniser = Recogniser(ScriptedEngine(*["affirm()"] * 4), catalogue, FreshIndex.fit(base, [told]))
    read = recogniser.understand("BIN it and ta", ASKED)
    assert (read.commands, read.confidence, read.model) == (told.commands, 1.0, AS_A_TRAINER_SAYS)
    elsewhere = recogniser.understand("BIN it and ta", NONE)
    assert elsewhere.model == "script", "in another context it may mean something else"


def test_the_index_may_change_while_messages_are_read(
    base: ExampleIndex, fresh: FreshIndex, catalogue: Catalogue
) -> None:
    now: list[FreshIndex | ExampleIndex] = [base]
    recogniser = Recogniser(ScriptedEngine("greet()", "greet()", "care()"), catalogue, lambda: now[0])
    text = "how do i wash this jumper of mine"
    assert recogniser.understand(text, NONE).commands == (Command("greet"),)
    now[0] = fresh
    assert recogniser.understand(text, NONE).commands == (Command("care"),)
