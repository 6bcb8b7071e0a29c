"""What shoppers say in the middle of a change: they call it off, correct its reason, ask about the thing itself."""

from __future__ import annotations

import pytest
from desk_talk import DeskTalk
from small_shop import fill

from assistant.store import Database
from intents.commands import parse_commands


@pytest.fixture
def ada(database: Database) -> DeskTalk:
    fill(database)
    return DeskTalk(database, "ada")


CANCEL = 'cancel_order(order_id="W3000001")'


@pytest.mark.parametrize("words", ["dont cancel it", "no no. don't cancel.", "i do not want to cancel it"])
def test_what_is_called_off_stops_whatever_it_was_read_as(ada: DeskTalk, words: str) -> None:
    assert ada.says(CANCEL) == ["utter_ask_cancel_reason"]
    assert ada.says(f'inform(reason="{words}")', words) == ["utter_stopped"]
    assert ada.tracker.stack == ()


def test_what_is_called_off_is_not_asked_back_however_unsure_the_reading(ada: DeskTalk) -> None:
    ada.says(CANCEL)
    ada.tracker = ada.tracker.apply({"event": "user", "text": "dont cancel it", "parse_data": {}})
    events = ada.interpreter.interpret(ada.tracker, parse_commands('inform(reason="dont cancel it")'), 0.2)
    assert [frame.flow for frame in ada.tracker.apply_all(events).stack] == ["stop"]


def test_what_is_wanted_instead_goes_on(ada: DeskTalk) -> None:
    ada.says(CANCEL)
    said = ada.says('inform(reason="dont cancel"); search_products(query="kettle")', "dont cancel, find me a kettle")
    assert said[0] == "utter_stopped" and "utter_one_product_found" in said
    assert ada.tracker.stack == ()


@pytest.mark.parametrize(
    "words", ["why not cancel it", "i don't need it, cancel", "can i not cancel just one thing?", "cancel it"]
)
def test_other_words_with_a_not_call_nothing_off(ada: DeskTalk, words: str) -> None:
    ada.says(CANCEL)
    assert "utter_stopped" not in ada.says('inform(reason="no longer needed")', words)


def test_the_other_reason_corrects_the_one_said_back(ada: DeskTalk) -> None:
    ada.says(CANCEL)
    assert ada.says('inform(reason="found it cheaper")', "found it cheaper") == ["utter_confirm_cancellation"]
    assert ada.says_now[0].facts["reason"] == "no longer needed"
    for read in ("affirm()", "deny()", 'report_problem(problem="wrong_item")'):
        assert ada.says(read, "no!! the reason is ordered by mistake") == ["utter_confirm_cancellation"]
        assert ada.says_now[0].facts["reason"] == "ordered by mistake"
        assert ada.says("affirm()", "no, i no longer need it") == ["utter_confirm_cancellation"]
        assert ada.says_now[0].facts["reason"] == "no longer needed"
    assert ada.says("affirm()", "yes, i no longer need it") == ["utter_cancellation_done"]
