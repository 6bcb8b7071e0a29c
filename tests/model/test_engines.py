"""The engines on the real base with one adapter: they agree, obey grammars and stream; serving needs no torch."""

import json
import subprocess
import sys
import threading
from importlib.util import find_spec

import pytest

from assistant.engines import open_engine
from assistant.settings import Settings
from dialogues.wording import Choice
from intents.catalogue import load_catalogue
from intents.commands import parse_commands
from intents.context import Context
from intents.engine import EngineError
from intents.grammar import command_grammar
from intents.prompts import understand_beginning, understand_prompt

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")

installed = pytest.mark.skipif(find_spec("xllamacpp") is None, reason="needs pip install 'aisle[llama-cpp]'")
SERVING = [pytest.param("llama_cpp", marks=installed), "openvino"]  # fixtures
ENGINES = [*SERVING, "transformers"]
LLAMA_CPP = pytest.param("llama.cpp", marks=installed)  # as the settings call it

QUESTIONS = [
    "What is the capital of France?",
    "Name the colour of grass in one word.",
    "What is two plus two?",
    "Say hello.",
]
ALIKE = """alarm balance bill_due bill_balance book_flight book_hotel calculator calendar calendar_update cancel
    card_declined change_name change_speed credit_limit credit_score date distance flight_status
    gas gas_type income insurance insurance_change interest_rate last_visit make_call maybe meal new_card order
    order_status pay_bill pin_change play_music reminder reminder_update report_lost_card reset roll_dice schedule
    shopping_list shopping_list_update spelling spending taxes text time timer timezone todo_list todo_list_update
    transfer translate travel_alert update_list user_name weather what_song yes""".split()


def prompt(question: str) -> str:
    return f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n"


@pytest.fixture(scope="module")
def weak_adapter(tmp_path_factory):
    """Small enough that the model still makes sense: near ties between tokens would blur the comparison."""
    import numpy as np
    from safetensors.numpy import load_file, save_file

    from tests.model.conftest import write_adapter

    folder = write_adapter(tmp_path_factory.mktemp("weak"))
    weights = load_file(folder / "adapter_model.safetensors")
    weak = {name: (weight * np.float16(0.3) if "lora_B" in name else weight) for name, weight in weights.items()}
    save_file(weak, folder / "adapter_model.safetensors")
    return folder


@pytest.fixture(scope="module")
def cache(base, tmp_path_factory):
    """A cache of its own for merged files."""
    return tmp_path_factory.mktemp("cache")


def opened(engine, base, adapter, cache):
    return open_engine(Settings(engine=engine, base=str(base), adapter=adapter, cache=cache))


@pytest.fixture(scope="module")
def llama_cpp(base, weak_adapter, cache):
    engine = opened("llama.cpp", base, weak_adapter, cache)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def openvino(base, weak_adapter, cache):
    engine = opened("openvino", base, weak_adapter, cache)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def transformers(base, weak_adapter, cache):
    return opened("transformers", base, weak_adapter, cache)


@pytest.fixture(scope="module")
def grammar():
    return command_grammar(load_catalogue())


@pytest.mark.parametrize("engine", SERVING)
def test_the_merged_file_says_what_base_and_adapter_say(request, engine, transformers):
    prompts = [prompt(question) for question in QUESTIONS]
    served = request.getfixturevalue(engine).generate(prompts, max_tokens=1)
    expected = transformers.generate(prompts, max_tokens=1)
    assert [one.text for one in served] == [one.text for one in expected]
    for one, other in zip(served, expected, strict=True):
        assert one.logprobs == pytest.approx(other.logprobs, abs=0.25)  # eight bits against float32


@pytest.mark.parametrize("engine", SERVING)
def test_the_same_answer_is_written_to_its_end(request, engine, transformers):
    both = request.getfixturevalue(engine), transformers
    served, expected = (one.generate([prompt(QUESTIONS[0])], max_tokens=24)[0] for one in both)
    assert "Paris" in served.text and served.finished
    assert (served.text, len(served.logprobs)) == (expected.text, len(expected.logprobs))


@pytest.mark.parametrize("engine", ENGINES)
def test_under_the_grammar_whatever_ends_can_be_parsed(request, engine, grammar):
    engine = request.getfixturevalue(engine)
    for written in engine.generate([prompt(question) for question in QUESTIONS[:2]], grammar=grammar, max_tokens=12):
        if written.finished:
            assert parse_commands(written.text)
        else:
            assert written.text.split("(")[0] in load_catalogue().intents


@pytest.mark.parametrize("engine", ENGINES)
def test_only_whole_names_of_many_that_are_alike_can_be_written(request, engine, tmp_path):
    """Of these in a row as alternatives, xgrammar let pass "pay_bill_type()" and "remindezone()"."""
    path = tmp_path / "catalogue.yml"
    path.write_text("slots: {}\nintents:\n" + "".join(f"  {name}: {{slots: []}}\n" for name in ALIKE), "utf-8")
    grammar = command_grammar(load_catalogue(path), most=1)
    prompts = [prompt(f"Say {name}") for name in ("pay_bill", "reminder", "spelling", "alarm", "timer", "gas", "what")]
    for temperature in (0.0, 3.0):
        written = request.getfixturevalue(engine).generate(
            prompts, grammar=grammar, max_tokens=16, temperature=temperature
        )
        assert {one.text.removesuffix("()") for one in written} <= set(ALIKE)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_grammar_leaves_log_probabilities_as_the_model_has_them(request, engine):
    """A forced answer must look as unlikely as it is: the recogniser takes its confidence from this."""
    engine = request.getfixturevalue(engine)
    forced = engine.generate([prompt(QUESTIONS[0])], grammar='root ::= "zebra"')[0]
    assert forced.text == "zebra" and forced.finished
    assert forced.logprobs[0] < -5


@pytest.mark.parametrize("engine", ENGINES)
def test_each_token_says_where_it_ends(request, engine):
    engine = request.getfixturevalue(engine)
    written = engine.generate([prompt(QUESTIONS[0])], grammar='root ::= "track_order(\\"7\\")"')[0]
    assert len(written.ends) == len(written.logprobs) and list(written.ends) == sorted(written.ends)
    assert written.ends[-1] == len(written.text)
    assert sum(written.logprobs) < written.logprob_until("(") <= written.logprobs[0]
    assert written.logprob_until("?") == pytest.approx(sum(written.logprobs))


@pytest.mark.parametrize("engine", ENGINES)
def test_streamed_pieces_join_to_the_text(request, engine):
    pieces = []
    written = request.getfixturevalue(engine).generate([prompt(QUESTIONS[0])], max_tokens=24, on_text=pieces.append)[0]
    assert len(pieces) > 3
    assert "".join(pieces) == written.text


def test_a_beginning_that_was_read_ahead_changes_no_answer(openvino):
    context = Context("Your order {order_id} is on its way. " * 3, "track_order", None, ("Oak Desk", "Elm Desk"))
    asked, beginning = understand_prompt("which desk?", context), understand_beginning(context)
    assert openvino.token_ids(asked)[: len(openvino.token_ids(beginning))] == openvino.token_ids(beginning)
    before = openvino.generate([asked], max_tokens=12)[0]
    for message in ("the other", "which desk?"):
        openvino.read_ahead(understand_beginning(Context(f"{message} {context.bot}")))
        openvino.read_ahead(beginning)
    after = openvino.generate([asked], max_tokens=12)[0]
    assert after.text == before.text and after.logprobs == pytest.approx(before.logprobs, abs=0.02)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_reader_who_has_enough_is_written_no_more(request, engine):
    engine, pieces = request.getfixturevalue(engine), []

    def take(piece):
        pieces.append(piece)
        return len("".join(pieces)) > 8

    written = engine.generate([prompt("Tell me a long story.")], max_tokens=40, on_text=take)[0]
    whole = engine.generate([prompt("Tell me a long story.")], max_tokens=40)[0]
    assert "".join(pieces) == written.text and len(written.text) > 8 and written.finished
    assert whole.text.startswith(written.text)
    assert len(written.ends) == len(written.logprobs) < 10 < len(whole.logprobs)


@pytest.mark.parametrize("engine", SERVING)
def test_the_beginning_of_a_wording_leads_to_the_wording_that_would_have_been_written(request, engine):
    """What a reply saves: the model chooses with the same tokens, and the rest is known."""
    engine = request.getfixturevalue(engine)
    texts = ("It is Paris, of course.", "It is Paris. Anything else?", "It's Lyon.", "I do not know {fact}, sorry.")
    choice = Choice(texts)
    written = "root ::= " + " | ".join(json.dumps(text) for text in texts)
    for question in (*QUESTIONS, "Are you sorry?", "Do you know {fact}?"):
        whole = engine.generate([prompt(question)], grammar=written)[0]
        begun = engine.generate([prompt(question)], grammar=choice.grammar)[0]
        assert choice.whole(begun.text) == whole.text and len(begun.logprobs) < len(whole.logprobs)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_text_cut_off_says_so(request, engine):
    written = request.getfixturevalue(engine).generate([prompt("Tell me a long story.")], max_tokens=5)[0]
    assert (written.finished, len(written.logprobs)) == (False, 5)


@pytest.mark.parametrize("engine", ENGINES)
def test_temperature_gives_other_texts(request, engine):
    engine = request.getfixturevalue(engine)
    texts = {engine.generate([prompt("Tell me a story.")], max_tokens=6, temperature=1.0)[0].text for _ in range(3)}
    assert len(texts) > 1


@pytest.mark.parametrize("engine", SERVING)
def test_many_threads_at_once_each_get_their_own_answer(request, engine):
    """Of four tokens, which the model is sure of: sums over a batch round otherwise, and a near tie ("The colour of
    grass in", "is") fell the other way once on a busy machine."""
    engine = request.getfixturevalue(engine)
    alone = [engine.generate([prompt(question)], max_tokens=4)[0].text for question in QUESTIONS]
    together = [""] * 12

    def ask(place):
        together[place] = engine.generate([prompt(QUESTIONS[place % 4])], max_tokens=4)[0].text

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone * 3


@pytest.mark.parametrize("engine", SERVING)
def test_a_caller_that_gives_up_leaves_the_engine_working(request, engine):
    engine = request.getfixturevalue(engine)

    def hang_up(_):
        raise ConnectionError("the browser went away")

    with pytest.raises(ConnectionError):
        engine.generate([prompt("Tell me a long story.")], on_text=hang_up)
    assert engine.generate([prompt(QUESTIONS[0])], max_tokens=24)[0].finished


@pytest.mark.parametrize("engine", ENGINES)
def test_a_grammar_that_cannot_be_read_is_an_error_and_the_next_call_works(request, engine):
    engine = request.getfixturevalue(engine)
    with pytest.raises(EngineError):
        engine.generate([prompt("hi")], grammar="root ::= nonsense(")
    assert engine.generate([prompt(QUESTIONS[0])], max_tokens=24)[0].finished


@pytest.mark.parametrize("engine", SERVING)
def test_a_prompt_beyond_the_context_is_refused(request, engine):
    with pytest.raises(EngineError, match="does not fit"):
        request.getfixturevalue(engine).generate(["x " * 9000])


@pytest.mark.parametrize("engine", [LLAMA_CPP, "openvino"])
def test_a_closed_engine_says_so(engine, base, cache, weak_adapter):
    engine = opened(engine, base, weak_adapter, cache)
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        engine.generate([prompt("hi")])


@pytest.mark.parametrize("engine", [LLAMA_CPP, "openvino", "transformers"])
def test_a_missing_adapter_says_how_to_get_one(engine, base, tmp_path):
    with pytest.raises(EngineError, match="aisle train"):
        opened(engine, base, tmp_path / "nothing", tmp_path)


def test_an_engine_that_is_not_installed_says_how_to_get_it(base, weak_adapter, cache, monkeypatch):
    monkeypatch.setitem(sys.modules, "assistant.engines.llama_cpp", None)
    with pytest.raises(EngineError, match=r"aisle\[llama-cpp\]"):
        opened("llama.cpp", base, weak_adapter, cache)


def test_a_missing_base_says_how_to_get_one(tmp_path):
    with pytest.raises(EngineError, match="aisle fetch"):
        open_engine(Settings(cache=tmp_path))


@pytest.mark.parametrize("engine", [LLAMA_CPP, "openvino"])
def test_serving_never_imports_torch(engine, base, cache, weak_adapter):
    code = (
        "import sys; from pathlib import Path\n"
        "from assistant.settings import Settings; from assistant.engines import open_engine\n"
        "engine, base, adapter, cache = sys.argv[1:]\n"
        "engine = open_engine(Settings(engine=engine, base=base, adapter=Path(adapter), cache=Path(cache)))\n"
        "engine.generate(['hello'], max_tokens=2)\n"
        "print([name for name in ('torch', 'transformers') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, engine, str(base), str(weak_adapter), str(cache)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"
