"""Log lines say which conversation and turn they are of, and hold nothing personal, tracebacks neither."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from assistant.logs import about, set_up_logging

log = logging.getLogger("assistant.test")


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level


def broken(said: str) -> None:
    raise ValueError(f"cannot read {said}")


def logged(capsys: pytest.CaptureFixture[str]) -> list[str]:
    with about(conversation="web-1"), about(turn="m7"):
        log.info("wrote to %s", "mia@example.com")
        try:
            broken("4111 1111 1111 1111")
        except ValueError:
            log.exception("failed")
    log.info("and on")
    return capsys.readouterr().err.splitlines()


def test_as_json_each_line_is_an_object_with_its_conversation_and_turn(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("json")
    first, second, third = [json.loads(line) for line in logged(capsys)]
    assert first | {"at": ""} == {
        "at": "",
        "level": "INFO",
        "logger": "assistant.test",
        "message": "wrote to [e-mail]",
        "conversation": "web-1",
        "turn": "m7",
    }
    assert second["error"].endswith("ValueError: cannot read [card]")
    assert "broken(" in second["error"] and "4111" not in second["error"]
    assert (third["message"], "turn" in third) == ("and on", False)


def test_as_text_the_first_line_says_it(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("text")
    lines = logged(capsys)
    assert lines[0] == "INFO assistant.test: wrote to [e-mail] [conversation=web-1 turn=m7]"
    assert lines[1] == "ERROR assistant.test: failed [conversation=web-1 turn=m7]"
    assert lines[-2:] == ["ValueError: cannot read [card]", "INFO assistant.test: and on"]


def test_a_conversation_that_is_called_by_an_e_mail_is_masked_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("text", "json"):
        set_up_logging(form)
        with about(conversation="mia@example.com"):
            log.warning("slow")
        assert "mia@" not in capsys.readouterr().err
