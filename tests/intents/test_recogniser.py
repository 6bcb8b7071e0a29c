"""The recogniser around a scripted model: what it writes is checked against the message, slot by slot."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.commands import Command, format_commands, parse_commands
from intents.confidence import Calibration
from intents.context import Context
from intents.engine import Completion, EngineError
from intents.fusion import Fusion
from intents.recogniser import INDEX_ALONE, NOT_UNDERSTOOD, Recogniser, confidence, whole_commands
from intents.said import said_as
from intents.tuning import Tuning


class ScriptedEngine:
    """Answers each prompt with the next line of a script; keeps the prompts and the grammar."""

    name, model = "scripted", "script"

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)
        self.grammars: list[str] = []

    def generate(self, prompts, *, grammar=None, max_tokens=64, temperature=0.0, on_text=None):
        self.prompts, self.grammar = prompts, grammar
        self.grammars.append(grammar)
        return [self.completion(self.lines.pop(0)) for _ in prompts]

    def completion(self, line: str) -> Completion:
        """A line, which may begin with the probability of its first token: `0.9 greet()`."""
        chance, _, text = line.partition(" ") if line[0].isdigit() else ("0.5", "", line)
        return Completion(text, (math.log(float(chance)),), True, (len(text),))


class ScriptedIndex:
    """Is of one opinion about every message."""

    intents = ("track_order", "order_details", "greet")

    def __init__(self, *chances: float) -> None:
        self.chances = chances

    def scores(self, messages):
        return np.array([self.chances] * len(messages))


class AheadEngine(ScriptedEngine):
    """Reads ahead."""

    def read_ahead(self, beginning: str) -> None:
        self.ahead = beginning


def test_what_is_known_of_the_next_prompt_is_read_ahead_where_the_engine_can(catalogue):
    context, engine = Context("Which one?", "track_order"), AheadEngine("greet()")
    Recogniser(engine, catalogue).read_ahead(context)
    Recogniser(engine, catalogue).understand("hi", context)
    assert engine.prompts[0].startswith(engine.ahead) and "Which one?" in engine.ahead
    Recogniser(ScriptedEngine(), catalogue).read_ahead(context)  # it cannot


class DeadEngine(ScriptedEngine):
    """Its server is away."""

    def generate(self, prompts, **options):
        raise EngineError("No answer from the model server.")


@pytest.mark.parametrize(("written", "meant"), [("fly_away()", "out_of_scope()"), ("fly_away(); greet()", "greet()")])
def test_a_command_that_the_catalogue_has_not_is_none(read, written, meant):
    """A model server that takes no grammar may write any."""
    assert read("hello", written) == meant


@pytest.fixture
def read(catalogue):
    """Call it with a message and what the model writes."""

    def understand(text: str, written: str) -> str:
        understood = Recogniser(ScriptedEngine(written), catalogue).understand(text, Context())
        return format_commands(understood.commands)

    return understand


@pytest.mark.parametrize(
    ("text", "written", "read_as"),
    [
        ("red tents", 'search_products(query="tents", color="red")', 'search_products(query="tents", color="red")'),
        ("RED  Tents", 'search_products(query="tents", color="red")', 'search_products(query="Tents", color="RED")'),
        ("red tents", 'search_products(query="tents", brand="Sony")', 'search_products(query="tents")'),
        ("a headfone pls", 'search_products(query="headphone")', 'search_products(query="headfone")'),
        ("take out the mugs", 'remove_from_cart(item="mug")', 'remove_from_cart(item="mugs")'),
        ("scarred but red", 'refine_search(color="red")', 'refine_search(color="red")'),
        ("size8 pls", 'refine_search(size="8")', 'refine_search(size="8")'),
        ("#W123 pls", 'track_order(order_id="W123")', 'track_order(order_id="W123")'),
        ("two of it", 'add_to_cart(item="it", item="it", quantity=2)', 'add_to_cart(item="it", quantity=2)'),
        ("in red not blue", 'refine_search(color="red", color="blue")', 'refine_search(color="red")'),
        ("wide or new", 'refine_search(feature="wide", feature="new")', 'refine_search(feature="wide", feature="new")'),
        ("Straße 5, in red", 'search_products(color="red")', 'search_products(color="red")'),
        ("İİİ in red now", 'search_products(color="red")', 'search_products(color="red")'),
        ("hi; and bye", "greet(); goodbye(); thank(); affirm()", "greet(); goodbye(); thank()"),
    ],
)  # fmt: skip
def test_a_slot_holds_the_shoppers_words_or_is_dropped(read, text, written, read_as):
    assert read(text, written) == read_as


def test_each_message_of_a_batch_gets_its_own_reading(catalogue):
    engine = ScriptedEngine("greet()", "thank()")
    readings = Recogniser(engine, catalogue).understand_all([("hi", Context()), ("ta", Context(task="greet"))])
    assert [one.commands for one in readings] == [(Command("greet"),), (Command("thank"),)]
    assert "task: greet" in engine.prompts[1] and engine.grammar.startswith("root ::= ")
    assert readings[0].confidence == pytest.approx(0.5) and readings[0].model == "script"


def test_an_unreadable_completion_is_not_understood(catalogue):
    understood = Recogniser(ScriptedEngine('search_products(query="re'), catalogue).understand("red", Context())
    assert (understood.commands, understood.confidence) == ((NOT_UNDERSTOOD,), 0.0)


def test_confidence_is_the_geometric_mean_of_the_token_probabilities():
    assert confidence(Completion("x", (math.log(0.9), math.log(0.4)), True)) == pytest.approx(0.6)
    assert confidence(Completion("x", (math.log(0.9),), False)) == 0.0
    assert confidence(Completion("", (), True)) == 0.0


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=3), st.data())
def test_of_a_completion_that_was_cut_off_the_whole_commands_are_kept(texts, data):
    commands = tuple(Command("inform", (("item", text),)) for text in texts)
    written = format_commands(commands)
    cut = data.draw(st.integers(0, len(written)))
    kept = whole_commands(written[:cut])
    assert kept == commands[: len(kept)]
    assert whole_commands(written) == parse_commands(written)


@given(st.text(), st.text())
def test_what_was_said_is_always_a_stretch_of_the_message(value, text):
    said = said_as(value, text)
    assert said is None or said in " ".join(text.split())


@given(st.text(), st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1), st.text())
def test_words_that_stand_in_the_message_are_found_whatever_stands_around_them(before, value, after):
    assert said_as(value, f"{before} {value} {after}") == value


def heeding(engine: ScriptedEngine, catalogue, *chances: float, calibration: Calibration | None = None) -> Recogniser:
    tuning = Tuning(Fusion(weight=0.5, objects_above=0.3), calibration)
    return Recogniser(engine, catalogue, ScriptedIndex(*chances), tuning)


def test_an_index_of_the_same_opinion_changes_nothing(catalogue):
    engine = ScriptedEngine("0.6 track_order()")
    understood = heeding(engine, catalogue, 0.9, 0.1, 0.0).understand("where is it", Context())
    assert understood.commands == (Command("track_order"),)
    assert len(engine.grammars) == 1


@pytest.mark.parametrize(
    ("second", "winner"), [("0.3 order_details()", "order_details"), ("0.01 order_details()", "track_order")]
)
def test_an_index_of_another_opinion_has_the_model_read_again_and_both_decide(catalogue, second, winner):
    engine = ScriptedEngine("0.6 track_order()", second)
    understood = heeding(engine, catalogue, 0.2, 0.8, 0.0).understand("how about my order", Context())
    assert understood.commands == (Command(winner),)
    assert engine.grammars[1].splitlines()[0] == 'root ::= "order_details(" i_order_details'
    assert understood.signals.index_agrees is (winner == "order_details")


def test_a_message_of_several_commands_is_read_again_as_several(catalogue):
    engine = ScriptedEngine("0.6 track_order(); greet()", "0.3 order_details(); greet()")
    understood = heeding(engine, catalogue, 0.1, 0.8, 0.1).understand("how about my order, hi", Context())
    assert understood.commands == (Command("order_details"), Command("greet"))
    assert engine.grammars[1].splitlines()[0] == 'root ::= "order_details(" i_order_details ("; " command){0,2}'


def test_an_index_that_is_not_sure_is_not_heeded(catalogue):
    engine = ScriptedEngine("0.6 track_order()")
    assert heeding(engine, catalogue, 0.25, 0.29, 0.2).understand("hm", Context()).commands == (Command("track_order"),)


def test_an_intent_read_second_is_no_objection(catalogue):
    engine = ScriptedEngine("track_order(); greet()")
    heeding(engine, catalogue, 0.1, 0.1, 0.8).understand("hi, where is it", Context())
    assert len(engine.grammars) == 1


def test_what_came_closest_is_told_beside_what_was_read(catalogue):
    engine = ScriptedEngine("0.6 track_order()", "0.3 order_details()")
    understood = heeding(engine, catalogue, 0.2, 0.7, 0.1).understand("how about my order", Context())
    (second, share), (third, less) = understood.runners_up
    assert (understood.commands[0].intent, second, third) == ("order_details", "track_order", "greet")
    assert 0 < less < share < 0.5


def test_without_an_index_there_are_no_runners_up(catalogue):
    assert Recogniser(ScriptedEngine("greet()"), catalogue).understand("hi", Context()).runners_up == ()


def test_a_calibration_makes_the_confidence(catalogue):
    engine = ScriptedEngine("0.9 track_order()")
    recogniser = heeding(engine, catalogue, 0.9, 0.1, 0.0, calibration=Calibration(0.0, {"intent_log_odds": 0.5}))
    assert recogniser.understand("where is it", Context()).confidence == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("text", "written", "read_as"),
    [
        ("Yara Ito, 75284", 'inform(zip="75284")', 'inform(name="Yara Ito", zip="75284")'),
        ("Yara Ito, 75284", 'inform(name="Ito", zip="75284")', 'inform(name="Yara Ito", zip="75284")'),
        ("Yara Ito, 75284", 'inform(email="Yara Ito", zip="75284")', 'inform(zip="75284", name="Yara Ito")'),
        ("call me Ito, zip 75284", 'inform(name="Ito", zip="75284")', 'inform(name="Ito", zip="75284")'),
    ],
)
def test_a_name_with_a_zip_is_taken_whole(read, text, written, read_as):
    assert read(text, written) == read_as


def test_without_the_model_the_index_reads_a_message_and_what_has_a_look_of_its_own(catalogue):
    recogniser = Recogniser(DeadEngine(), catalogue, ScriptedIndex(0.9, 0.08, 0.02))
    understood = recogniser.understand("where is my order #W4821093", Context())
    assert format_commands(understood.commands) == 'track_order(order_id="W4821093")'
    assert (understood.confidence, understood.model) == (0.9, INDEX_ALONE)


def test_without_the_model_and_without_an_index_nothing_is_read(catalogue):
    with pytest.raises(EngineError, match="No answer"):
        Recogniser(DeadEngine(), catalogue).understand("hi", Context())


def test_many_messages_are_not_read_by_the_index_alone(catalogue):
    """What is measured is the model and the index together."""
    with pytest.raises(EngineError):
        Recogniser(DeadEngine(), catalogue, ScriptedIndex(1.0, 0.0, 0.0)).understand_all([("hi", Context())])


def test_a_server_that_gives_no_log_probabilities_leaves_the_confidence_to_the_index(catalogue):
    class Mute(ScriptedEngine):
        def completion(self, line):
            return Completion(line, (), True)

    read = Recogniser(Mute("track_order()"), catalogue, ScriptedIndex(0.9, 0.08, 0.02)).understand("where?", Context())
    assert (read.commands[0].intent, read.confidence) == ("track_order", 0.9)
    assert Recogniser(Mute("track_order()"), catalogue).understand("where?", Context()).confidence == 0.0
