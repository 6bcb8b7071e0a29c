"""The loop around OpenVINO's pipeline loads the model again when it broke, and never leaves anybody waiting."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from assistant.engines import openvino
from assistant.engines.openvino import MOST_READ_AHEAD, OpenVinoEngine, _Loop, _Request, genai
from intents.engine import EngineError


class Pipeline:
    """Breaks at its first step, unless it is `sound`; then each request is refused, which ends it all the same."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error

    def get_tokenizer(self):
        return None

    def add_request(self, number, prompt, config):
        if self.error is None:
            raise RuntimeError("a sound pipeline was asked")
        return SimpleNamespace(cancel=lambda: None)

    def step(self):
        if self.error is not None:
            raise self.error


def loop_over(*pipelines: Pipeline | Exception) -> _Loop:
    """A loop that opens these one after the other; an exception stands for a load that fails."""
    left = list(pipelines)

    def open_next():
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    return _Loop(open_next)


def ask(loop: _Loop) -> str:
    """What goes wrong with one request."""
    request = _Request(1, "", None)
    loop.add([request])
    return str(request.news.get(timeout=10).error)


def test_a_pipeline_that_broke_is_loaded_again(caplog):
    loop = loop_over(Pipeline(RuntimeError("out of memory")), Pipeline(None))
    assert ask(loop) == "OpenVINO could not go on: out of memory"
    assert "a sound pipeline was asked" in ask(loop)
    assert "loaded again" in caplog.text
    loop.stop()


def test_a_load_that_fails_is_told_and_tried_again_at_the_next_request():
    gone = RuntimeError("the file is gone")
    loop = loop_over(Pipeline(RuntimeError("out of memory")), gone, gone, Pipeline(None))
    answers = [ask(loop) for _ in range(4)]
    assert answers[0] == "OpenVINO could not go on: out of memory"
    assert any("could not load the model again: the file is gone" in answer for answer in answers[1:3])
    assert "a sound pipeline was asked" in answers[-1]
    loop.stop()


class Reader(Pipeline):
    """Reads each prompt in one step."""

    def __init__(self) -> None:
        super().__init__(None)
        self.read: list[str] = []

    def add_request(self, number, prompt, config):
        self.read.append(prompt)
        return SimpleNamespace(get_status=lambda: genai.GenerationStatus.FINISHED, can_read=lambda: False)


def test_beginnings_are_read_when_nothing_else_is_asked_for_the_last_of_many(monkeypatch):
    monkeypatch.setattr(openvino, "READ_AHEAD_AFTER_S", 0.1)
    reader = Reader()
    loop = loop_over(reader)
    for number in range(MOST_READ_AHEAD + 2):
        loop.read_ahead(_Request(number, f"beginning {number}", None))
    request = _Request(100, "a message", None)
    loop.add([request])
    assert request.news.get(timeout=10).last and reader.read[0] == "a message"
    last = _Request(101, f"beginning {MOST_READ_AHEAD + 2}", None)
    loop.read_ahead(last)
    assert last.news.get(timeout=30).last
    assert reader.read[1:] == [f"beginning {number}" for number in range(3, MOST_READ_AHEAD + 3)]
    loop.stop()


def test_weights_that_left_the_cache_are_made_again_when_the_model_is_loaded_again(tmp_path, monkeypatch):
    gguf, made, opened = tmp_path / "merged.gguf", [], []

    def weights():
        if not gguf.exists():
            made.append(gguf.write_bytes(b"GGUF"))
        return gguf

    class WithTokenizer(Pipeline):
        def get_tokenizer(self):
            ids = SimpleNamespace(data=[[2]], shape=(1, 1))
            return SimpleNamespace(encode=lambda text, add_special_tokens: SimpleNamespace(input_ids=ids))

    def open_pipeline(path, threads):
        opened.append(path.read_bytes())
        return WithTokenizer(RuntimeError("out of memory") if len(opened) == 1 else None)

    monkeypatch.setattr("assistant.engines.openvino._open_pipeline", open_pipeline)
    engine = OpenVinoEngine(weights, "base", 1)
    assert (len(made), engine.weights_bytes) == (1, 4)
    gguf.unlink()  # three other versions were opened since
    for said in ("could not go on: out of memory", "a sound pipeline was asked"):
        with pytest.raises(EngineError, match=said):
            engine.generate(["hello"])
    assert len(made) == 2 and opened == [b"GGUF", b"GGUF"]
    engine.close()


def test_a_loop_that_is_stopped_while_it_cannot_load_ends():
    loop = loop_over(Pipeline(RuntimeError("out of memory")), RuntimeError("the file is gone"))
    ask(loop)
    loop.stop()
    with pytest.raises(EngineError, match="closed"):
        loop.add([])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_whatever_ends_the_thread_nobody_is_left_waiting():
    loop = loop_over(Pipeline(ZeroDivisionError()))
    assert ask(loop) == "The engine is closed."
    loop._thread.join(10)
    with pytest.raises(EngineError, match="closed"):
        loop.add([])
    assert threading.current_thread() is not loop._thread
