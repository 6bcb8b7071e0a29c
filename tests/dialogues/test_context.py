"""What the recogniser is told of the conversation, what is said when a task goes on, and when one is sure enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialogues.interpret import ASK_BACK, LONGEST_BOT, OFFER_PERSON, REPHRASE, SHOWN_FROM
from dialogues.messages import BotMessage, Say
from dialogues.tracker import Frame, slot_event
from intents.commands import parse_commands
from intents.context import Context

SHOWN = [{"kind": "product", "id": "p1", "name": "Oak chair"}, {"kind": "order", "id": "W1", "name": "order #W1"}]


def said(*texts: str) -> tuple[BotMessage, ...]:
    return tuple(BotMessage(text, "utter_any") for text in texts)


def test_the_context_of_a_new_conversation_is_empty(chat):
    assert chat.interpreter.context(chat.tracker) == Context(None, None, None, ())


def test_the_context_has_the_last_replies_the_names_on_screen_and_the_task_that_asks(mia):
    mia.says("track_order()")
    mia.apply([slot_event("shown", SHOWN)])
    tracker = replace(mia.tracker, said=said("Here are two.", "Which one?"))
    expected = Context("Here are two. Which one?", "track_order", "order_id", ("Oak chair", "order #W1"))
    assert mia.interpreter.context(tracker) == expected


def test_of_a_long_reply_the_end_is_told_where_the_question_stands(chat):
    tracker = replace(chat.tracker, said=said("x" * LONGEST_BOT, "Which one?"))
    told = chat.interpreter.context(tracker).bot
    assert told is not None and len(told) == LONGEST_BOT and told.endswith("x Which one?")


def test_with_nothing_open_the_last_task_that_did_something_is_told(chat):
    chat.says('search_products(query="chair")')
    chat.says("thank()")
    assert chat.tracker.stack == () and chat.tracker.tasks[-1] != "search_products"
    context = chat.interpreter.context(replace(chat.tracker, said=said("You're welcome.")))
    assert context == Context("You're welcome.", "search_products", None, ("Oak chair", "Elm chair"))


def test_what_an_offer_asks_is_told_as_the_intent_that_it_offers(chat):
    chat.says("out_of_scope()", confidence=0.05)
    assert chat.tasks == [OFFER_PERSON]
    assert chat.interpreter.context(chat.tracker).task == "human_handoff"


def test_a_task_that_goes_on_is_named_with_where_its_name_stands(chat):
    frames = [Frame("return_items"), Frame("identify", called=True)]
    title = chat.manager.flows["return_items"].title
    resumed = chat.manager.resume(frames)
    assert resumed == Say("utter_resume_task", {"task": title}, receipts=resumed.receipts) and title
    assert resumed.receipts == {"task": {"from": [["flows", ["return_items"], []]]}}


@pytest.mark.parametrize("frame", [Frame("deleted_since"), Frame("identify", called=True)])
def test_a_task_without_a_name_goes_on_all_the_same(chat, frame):
    assert chat.manager.resume([frame]) == Say("utter_resume")


def test_what_is_shown_before_it_is_done_needs_less_certainty(mia):
    assert mia.says('cancel_order(order_id="W1")', confidence=SHOWN_FROM) != ["do you mean to cancel an order?"]
    assert mia.tasks[:1] == ["cancel_order"]
    mia.says("stop()")
    mia.says('cancel_order(order_id="W1")', confidence=SHOWN_FROM - 0.01)
    assert mia.tasks[-1:] == [ASK_BACK]


def test_who_somebody_is_may_stand_beside_what_is_shown_first(mia):
    mia.says('identify(email="mia@example.com"); cancel_order(order_id="W1")', confidence=SHOWN_FROM)
    assert "cancel_order" in mia.tasks
    mia.says("stop()")
    mia.says('identify(email="mia@example.com"); search_products(query="chair")', confidence=SHOWN_FROM)
    assert mia.tasks[-1:] in ([ASK_BACK], [REPHRASE], [OFFER_PERSON])


def test_a_no_to_a_guess_counts_on_and_any_other_answer_begins_anew(chat):
    chat.says('search_products(query="chair")', confidence=0.3)
    assert chat.tracker.slots["failures"] == 1 and chat.tasks == [ASK_BACK]
    chat.says("deny()")
    assert chat.tracker.slots["failures"] == 1
    chat.says("greet()")
    assert chat.tracker.slots["failures"] == 0
    chat.apply([slot_event("failures", 1)])
    chat.says("deny()")  # to nothing that was asked
    assert chat.tracker.slots["failures"] == 0


@pytest.mark.parametrize("guess", ['inform(item="chair")', "out_of_scope()"])
def test_what_makes_no_sense_as_a_guess_is_asked_again_in_other_words(chat, guess):
    chat.says(guess, confidence=0.3)
    assert chat.tasks == [REPHRASE] or chat.tracker.tasks[-1] == REPHRASE


def test_commands_that_the_shop_does_not_serve_are_no_guess(small_shop):
    small_shop.says("checkout()", confidence=0.3)
    assert parse_commands("checkout()")[0].intent not in small_shop.interpreter.flows
    assert small_shop.tracker.tasks[-1] == REPHRASE


def test_whoever_is_exactly_as_sure_as_needed_is_sure_enough(chat, mia):
    limits = chat.interpreter.thresholds
    chat.says('search_products(query="chair")', confidence=limits.hand_over_below)
    assert chat.tasks == [ASK_BACK], "not yet offered a person"
    chat.says("stop()")
    chat.says('search_products(query="chair")', confidence=limits.ask_back_below)
    assert ASK_BACK not in chat.tasks and chat.tracker.tasks[-1] == "search_products"
    mia.says("track_order()")
    mia.says("stop()", confidence=mia.interpreter.drop_below)
    assert mia.tasks == []
