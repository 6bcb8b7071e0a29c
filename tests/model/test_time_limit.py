"""An engine that hangs costs its caller the time limit, once; what it writes later reaches nobody."""

from __future__ import annotations

import threading

import pytest

from assistant.engines.time_limit import TimeLimitedEngine
from intents.engine import Completion, EngineError

LIMIT_S = 0.05


class Slow:
    """Writes "a b", the b only once it is let go; breaks then where told to."""

    name, model = "slow", "script"

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.let_go = threading.Event()
        self.gave_up = threading.Event()
        self.ahead: list[str] = []

    def generate(self, prompts, *, grammar=None, max_tokens=64, temperature=0.0, on_text=None):
        try:
            if on_text and on_text("a "):
                return [Completion("a", (), True)]
            assert self.let_go.wait(10)
            if self.error:
                raise self.error
            if on_text:
                on_text("b")
        except EngineError:
            self.gave_up.set()
            raise
        return [Completion("a b", (-0.1,), True)]


@pytest.fixture
def slow():
    engine = Slow()
    yield engine
    engine.let_go.set()


def test_an_answer_in_time_is_passed_on_with_its_pieces(slow):
    slow.let_go.set()
    pieces: list[str] = []
    engine = TimeLimitedEngine(slow, 5)
    assert engine.generate(["hi"], on_text=pieces.append)[0].text == "a b"
    assert (pieces, engine.name, engine.model) == (["a ", "b"], "slow", "script")


def test_a_reader_who_has_enough_is_heard(slow):
    slow.let_go.set()
    assert TimeLimitedEngine(slow, 5).generate(["hi"], on_text=lambda piece: True)[0].text == "a"


def test_it_reads_ahead_where_the_engine_does(slow):
    TimeLimitedEngine(slow, 5).read_ahead("a beginning")  # this one does not
    slow.read_ahead = slow.ahead.append
    TimeLimitedEngine(slow, 5).read_ahead("a beginning")
    assert slow.ahead == ["a beginning"]


def test_an_error_of_the_engine_or_of_the_listener_comes_through(slow):
    slow.error, _ = EngineError("the model is gone"), slow.let_go.set()
    with pytest.raises(EngineError, match="the model is gone"):
        TimeLimitedEngine(slow, 5).generate(["hi"])

    def hang_up(piece):
        raise ConnectionError("the browser went away")

    with pytest.raises(ConnectionError):
        TimeLimitedEngine(slow, 5).generate(["hi"], on_text=hang_up)


def test_past_the_limit_the_caller_goes_on_and_hears_no_more(slow):
    pieces: list[str] = []
    with pytest.raises(EngineError, match=r"within 0\.05 s"):
        TimeLimitedEngine(slow, LIMIT_S).generate(["hi"], on_text=pieces.append)
    slow.let_go.set()
    assert slow.gave_up.wait(10)
    assert pieces == ["a "]


def test_a_stuck_engine_refuses_at_once_until_it_comes_back(slow, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("assistant.engines.time_limit.time.monotonic", lambda: clock[0])
    engine = TimeLimitedEngine(slow, LIMIT_S)
    with pytest.raises(EngineError, match="did not answer"):
        engine.generate(["hi"])
    assert not engine.is_stuck
    clock[0] = 3 * LIMIT_S
    with pytest.raises(EngineError, match="stuck with an earlier call"):
        engine.generate(["hi"])
    [call] = engine._abandoned
    slow.let_go.set()
    assert call.done.wait(10)
    engine.limit_s = 5
    assert engine.generate(["hi"])[0].text == "a b"
