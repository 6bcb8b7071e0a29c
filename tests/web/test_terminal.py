"""The conversation in a terminal: what is typed and what is printed."""

from __future__ import annotations

import io

import pytest
from scripted_assistant import BOOTS, ScriptedAssistant

from assistant.terminal import message_text, printable, run_terminal
from dialogues.messages import BotMessage


def talk(assistant: ScriptedAssistant, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    run_terminal(assistant, "terminal")  # type: ignore[arg-type]


def test_it_greets_answers_and_leaves_on_ctrl_d(
    assistant: ScriptedAssistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    talk(assistant, monkeypatch, "hello\n")
    printed = capsys.readouterr().out
    assert printed.startswith("Hello and welcome")
    assert "You said: hello" in printed


def test_a_number_presses_the_button_of_the_last_message(
    assistant: ScriptedAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk(assistant, monkeypatch, "1\n2\n7\n")
    assert [text for _, text, _ in assistant.said] == ["boots", '/refine_search{"price_direction": "cheaper"}', "7"]


def test_each_message_has_an_id_of_its_own(assistant: ScriptedAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    talk(assistant, monkeypatch, "hello\nhello\n")
    assert len({message_id for _, _, message_id in assistant.said}) == 2


def test_a_busy_conversation_is_said_and_the_talk_goes_on(
    assistant: ScriptedAssistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    talk(assistant, monkeypatch, "busy\nhello\n")
    printed = capsys.readouterr().out
    assert "Still answering" in printed
    assert "You said: hello" in printed


def test_cards_and_buttons_are_plain_lines(
    assistant: ScriptedAssistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    talk(assistant, monkeypatch, "boots\norder\nkeyboard\n")
    lines = capsys.readouterr().out.splitlines()
    assert "  * Tarnbeck Ridgeline Mid   $109.00   4.6/5 (312)   in stock" in lines
    assert "      size: 5, 6, 7, 8, 9" in lines
    assert "      clicky, white   $112.50   sold out" in lines
    assert "  [1] Show more" in lines
    assert "  * Order #W2378156: delivered, placed November 3, 2026" in lines
    assert "      2 x Linen cushion (blue, full size)   $24.00" in lines


def test_a_catalogue_cannot_drive_the_terminal() -> None:
    assert printable("a\x1b[2Jb\x07c\u00a0d\ne") == "a[2Jbc d\ne"
    hostile = BotMessage("\x1b]0;owned\x07", "utter_x", {}, cards=({**BOOTS[0], "name": "\x1b[31mred"},))
    assert "\x1b" not in message_text(hostile)
