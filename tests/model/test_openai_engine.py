"""The engine that asks a model server: what it sends, what it makes of the answers, and of a server that fails.

The server here is a small one of our own on a free port, since it is to fail in given ways; the last test asks a real
one, where there is one to start."""

import json
import math
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assistant.engines.gbnf import to_gbnf
from assistant.engines.openai import ModelServer, OpenAiEngine
from intents.catalogue import load_catalogue
from intents.engine import EngineError
from intents.grammar import command_grammar

TOKENS = ["greet", "()", "<|im_end|>"]
LOGPROBS = [math.log(0.9), -0.01, -0.02]
LEGACY = {"tokens": TOKENS, "token_logprobs": LOGPROBS}
AS_IN_CHAT = {"content": [{"token": token, "logprob": one} for token, one in zip(TOKENS, LOGPROBS, strict=True)]}


def answer(text="greet()", logprobs=LEGACY, reason="stop"):
    choice = {"index": 0, "text": text, "logprobs": logprobs, "finish_reason": reason}
    return {"id": "1", "object": "text_completion", "created": 0, "model": "shipped", "choices": [choice]}


def streamed(*parts):
    return b"".join(b"data: " + json.dumps(part).encode() + b"\n\n" for part in parts)


class ScriptedServer(ThreadingHTTPServer):
    """Gives each request the next of its answers, (status, body) or (None, seconds of silence); keeps the requests."""

    def __init__(self, *answers):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = list(answers)
        self.asked = []
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        self.over = threading.Event()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        status, body = self.server.answers.pop(0)
        if status is None:
            self.server.over.wait(body)
            return
        kind = "text/event-stream" if self.server.asked[-1]["stream"] else "application/json"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    def log_message(self, *_):
        """Silent."""


@pytest.fixture
def serve():
    """Call it with answers for a server that gives them."""
    running = []

    def start(*answers):
        running.append(ScriptedServer(*answers))
        threading.Thread(target=running[-1].serve_forever, args=(0.02,), daemon=True).start()
        return running[-1]

    yield start
    for server in running:
        server.over.set()
        server.shutdown()
        server.server_close()


def engine(server, grammar="vllm", timeout_s=5.0, retries=0):
    return OpenAiEngine(
        ModelServer(server if isinstance(server, str) else server.url, "shipped", None, grammar, timeout_s, retries)
    )


@pytest.mark.parametrize("logprobs", [LEGACY, AS_IN_CHAT], ids=["as OpenAI and vLLM", "as llama.cpp"])
def test_a_completion_has_its_text_its_log_probabilities_and_where_each_token_ends(serve, logprobs):
    (written,) = engine(serve((200, answer(" greet()\n", logprobs)))).generate(["hi"])
    assert (written.text, written.finished, written.logprobs) == ("greet()", True, tuple(LOGPROBS))
    assert written.ends == (5, 7, 7)
    assert written.logprob_until("(") == pytest.approx(LOGPROBS[0] + LOGPROBS[1])


def test_without_log_probabilities_there_is_the_text_alone(serve):
    (written,) = engine(serve((200, answer(logprobs=None)))).generate(["hi"])
    assert (written.text, written.logprobs, written.ends) == ("greet()", (), ())


def test_a_text_that_was_cut_off_says_so(serve):
    assert not engine(serve((200, answer(reason="length")))).generate(["hi"])[0].finished


def test_the_server_is_told_the_model_the_grammar_and_where_to_stop(serve):
    server = serve(*[(200, answer())] * 3)
    for dialect in ("vllm", "llama.cpp", None):
        engine(server, dialect).generate(["hi"], grammar='root ::= a_b\na_b ::= "x_y"', max_tokens=7, temperature=0.5)
    vllm, llama, bare = server.asked
    assert vllm["structured_outputs"] == {"grammar": 'root ::= a_b\na_b ::= "x_y"'}
    assert llama["grammar"] == 'root ::= a-b\na-b ::= "x_y"'
    assert {"grammar", "structured_outputs"}.isdisjoint(bare)
    for asked in server.asked:
        assert (asked["model"], asked["prompt"], asked["max_tokens"], asked["temperature"]) == ("shipped", "hi", 7, 0.5)
        assert asked["stop"] == ["<|im_end|>"]


def test_llama_cpp_gets_the_whole_grammar_with_names_that_it_can_read():
    grammar = command_grammar(load_catalogue())
    read = to_gbnf(grammar)
    names = [line.split(" ::= ")[0] for line in read.splitlines()]
    assert not any("_" in name for name in names) and len(set(names)) == len(names)
    literals = re.compile(r'"(?:[^"\\]|\\.)*"')
    assert literals.findall(read) == literals.findall(grammar) and '"rack_order("' in read


def test_every_prompt_of_a_batch_gets_its_own_answer(serve):
    server = serve(*[(200, answer())] * 20)
    assert len(engine(server).generate([f"prompt {number}" for number in range(20)])) == 20
    assert {asked["prompt"] for asked in server.asked} == {f"prompt {number}" for number in range(20)}


def test_pieces_are_passed_on_as_they_come_and_join_to_the_text(serve):
    parts = [
        answer("Hel", {"tokens": ["Hel"], "token_logprobs": [-0.1]}, None),
        answer("lo ", {"tokens": ["lo", " "], "token_logprobs": [-0.2, -0.3]}, None),
        answer("you", {"tokens": ["you"], "token_logprobs": [-0.4]}, "stop"),
        {**answer(), "choices": []},
    ]
    pieces = []
    (written,) = engine(serve((200, streamed(*parts)))).generate(["hi"], on_text=pieces.append)
    assert pieces == ["Hel", "lo", " you"] and written.text == "Hello you"
    assert (written.logprobs, written.finished) == ((-0.1, -0.2, -0.3, -0.4), True)


def test_a_reader_who_has_enough_ends_the_stream(serve):
    parts = [answer("Hel", {"tokens": ["Hel"], "token_logprobs": [-0.1]}, None), answer("lo", None, None)]
    (written,) = engine(serve((200, streamed(*parts)))).generate(["hi"], on_text=lambda piece: True)
    assert (written.text, written.logprobs, written.finished) == ("Hel", (-0.1,), True)


def test_a_request_that_fails_for_the_moment_is_sent_again(serve):
    server = serve((503, {"error": {"message": "loading"}}), (200, answer()))
    assert engine(server, retries=1).generate(["hi"])[0].text == "greet()"
    assert len(server.asked) == 2


def test_a_refusal_is_told_with_its_reason_and_what_to_do(serve):
    server = serve((404, {"error": {"message": "The model `shipped` does not exist."}}))
    with pytest.raises(EngineError, match=r"404.*does not exist.*AISLE_OPENAI_MODEL"):
        engine(server, retries=3).generate(["hi"])
    assert len(server.asked) == 1, "asking again would not help"


def test_a_server_that_is_not_ready_is_not_asked_for_its_models(serve):
    server = serve(*[(503, {"error": {"message": "Loading model"}})] * 2)
    with pytest.raises(EngineError, match=r"503.*Loading model") as raised:
        engine(server).generate(["hi"])
    assert "AISLE_OPENAI_MODEL" not in str(raised.value)


@pytest.mark.parametrize("body", [b"<html>502</html>", {"choices": []}, {"object": "error"}, b"[1, 2", b""])
def test_an_answer_that_is_no_completion_is_an_error(serve, body):
    with pytest.raises(EngineError, match=r"no completion|broke off"):
        engine(serve((200, body))).generate(["hi"])


def test_a_stream_that_breaks_off_is_an_error_and_what_came_was_passed_on(serve):
    pieces = []
    with pytest.raises(EngineError, match="broke off"):
        engine(serve((200, streamed(answer("Hel", None, None))))).generate(["hi"], on_text=pieces.append)
    assert pieces == ["Hel"]


def test_a_server_that_says_nothing_is_not_waited_for_and_the_next_calls_fail_at_once(serve):
    server = serve((None, 5.0), (200, answer()))
    asking = engine(server, timeout_s=0.2)
    started = time.monotonic()
    with pytest.raises(EngineError, match="No answer from the model server"):
        asking.generate(["hi"])
    assert time.monotonic() - started < 3
    with pytest.raises(EngineError, match="away a moment ago"):
        asking.generate(["hi"])
    assert len(server.asked) == 1
    asking._away_until = 0.0  # as if the time were over
    assert asking.generate(["hi"])[0].text == "greet()"


def test_where_no_server_listens_the_error_says_which_setting_to_look_at():
    with pytest.raises(EngineError, match="AISLE_OPENAI_URL"):
        engine("http://127.0.0.1:9/v1").generate(["hi"])


def test_a_caller_that_gives_up_is_not_taken_for_a_failing_server(serve):
    def hang_up(_):
        raise ConnectionError("the browser went away")

    asking = engine(serve((200, streamed(answer("Hel"))), (200, answer())))
    with pytest.raises(ConnectionError, match="browser"):
        asking.generate(["hi"], on_text=hang_up)
    assert asking.generate(["hi"])[0].text == "greet()"
