"""Conversations through interpreter and manager, without a model: commands in, the names of the responses out."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialogues.interpret import Interpreter
from dialogues.manager import NO, YES, Manager
from dialogues.payloads import read_payload
from dialogues.tracker import Frame, stack_event
from intents.catalogue import load_catalogue
from intents.commands import Command
from tests.dialogues.conftest import MIA, THRESHOLDS, Chat

TRACK = "track_order()"
CATALOGUE = load_catalogue()


def test_asks_who_the_shopper_is_before_showing_an_order(chat):
    assert chat.says('track_order(order_id="W1")') == ["utter_ask_identity"]
    assert chat.says(f'inform(email="{MIA}")') == ["utter_identified", "status of W1"]
    assert chat.says('track_order(order_id="W2")') == ["status of W2"]


def test_a_wrong_answer_is_asked_for_again(mia):
    assert mia.says(TRACK) == ["utter_ask_order_id"]
    assert mia.says('inform(order_id="W9")') == ["utter_order_not_found"]
    assert mia.says('inform(order_id="W1")') == ["status of W1"]


def test_a_digression_is_answered_and_the_task_goes_on(mia):
    mia.says(TRACK)
    assert mia.says('ask_policy(topic="returns")') == ["policy on returns", "utter_resume", "utter_ask_order_id"]
    assert mia.says('inform(order_id="W1")') == ["status of W1"]


def test_an_answer_and_a_new_request_in_one_message_are_both_done(mia):
    mia.says(TRACK)
    said = mia.says('inform(order_id="W1"); ask_policy(topic="returns")')
    assert sorted(said) == ["policy on returns", "status of W1"]
    assert mia.tasks == []


def test_two_requests_in_one_message_run_in_the_order_said(chat):
    assert chat.says('search_products(query="desk"); ask_policy(topic="returns"); thank()') == [
        "utter_products_found",
        "policy on returns",
        "utter_thanks",
    ]


def test_a_request_that_must_wait_for_an_answer_holds_up_the_next(chat):
    assert chat.says('track_order(order_id="W1"); ask_policy(topic="returns")') == ["utter_ask_identity"]
    assert chat.says(f'inform(email="{MIA}")') == ["utter_identified", "status of W1", "policy on returns"]


def test_a_value_can_be_corrected_while_the_task_waits(chat):
    chat.says('track_order(order_id="W1")')
    assert chat.says('inform(order_id="W2")') == ["utter_ask_identity"]
    assert chat.says(f'inform(email="{MIA}")') == ["utter_identified", "status of W2"]


def test_the_same_request_again_does_not_start_the_task_twice(mia):
    mia.says(TRACK)
    assert mia.says(TRACK) == ["utter_ask_order_id"]
    assert mia.tasks == ["track_order"]
    assert mia.says('track_order(order_id="W2")') == ["status of W2"]


def test_never_mind_drops_the_task(mia):
    mia.says(TRACK)
    assert mia.says("stop()") == ["utter_stopped"]
    assert mia.says("stop()") == ["utter_nothing_to_stop"]


def test_the_second_no_in_a_row_to_a_question_for_a_value_drops_the_task(mia):
    mia.says(TRACK)
    assert mia.says("deny()") == ["utter_ask_order_id"]
    assert mia.says("deny()") == ["utter_stopped"]
    assert mia.tasks == []


def test_yes_to_a_question_for_a_value_is_asked_again(mia):
    mia.says(TRACK)
    assert mia.says("affirm()") == ["utter_ask_order_id"]


def test_yes_and_no_to_nothing_are_taken_kindly(chat):
    assert chat.says("affirm()") == ["utter_affirm_nothing"]
    assert chat.says("deny()") == ["utter_declined"]


def test_what_is_not_done_yet_is_said_and_a_person_is_offered(small_shop):
    assert small_shop.says('cancel_order(order_id="W1")') == ["utter_unsupported"]
    assert small_shop.said[0].buttons == (YES, NO)
    assert small_shop.says("affirm()") == ["utter_handoff"]
    small_shop.says('cancel_order(order_id="W1")')
    assert small_shop.says("deny()") == ["utter_declined"]
    assert small_shop.tasks == []


def test_an_offer_that_the_shopper_passes_over_is_not_made_again(small_shop):
    small_shop.says("checkout()")
    assert small_shop.says('search_products(query="desk")') == ["utter_products_found"]
    assert small_shop.tasks == []


def test_what_is_offered_in_the_middle_of_a_task_leaves_the_task_there(small_shop):
    small_shop.says(f'identify(email="{MIA}")')
    small_shop.says(TRACK)
    assert small_shop.says("checkout()") == ["utter_unsupported"]
    assert small_shop.says('inform(order_id="W1")') == ["status of W1"]
    assert small_shop.tasks == []


def test_a_product_on_screen_can_be_picked(chat):
    chat.says('search_products(query="desk")')
    assert chat.says("select(position=2)") == ["details of 2"]
    assert chat.says('select(item="Oak")') == ["details of ['Oak']"]


def test_an_order_on_screen_can_be_picked(mia):
    assert mia.says("list_orders()") == ["utter_orders"]
    assert mia.says("select(position=2)") == ["details of W2"]
    mia.says(TRACK)
    assert mia.says("select(position=1)") == ["status of W1"]


def test_picking_from_nothing_is_not_understood(chat):
    assert chat.says("select(position=2)") == ["utter_rephrase"]


def test_a_shopper_may_say_who_she_is_unasked(mia):
    assert mia.says(f'identify(email="{MIA}")') == ["utter_identified"]


def test_who_the_shopper_is_can_come_with_the_request(chat):
    said = chat.says(f'track_order(order_id="W1"); identify(email="{MIA}")')
    assert said == ["utter_identified", "status of W1"]


def test_an_order_id_said_to_identify_oneself_is_about_that_order(mia):
    assert mia.says('identify(order_id="W1")') == ["status of W1"]


def test_a_value_that_nobody_asked_for_starts_what_it_must_be_about(mia):
    assert mia.says('inform(order_id="W1")') == ["status of W1"]
    assert mia.says('inform(topic="returns")') == ["policy on returns"]
    assert mia.says('inform(color="red")') == ["utter_products_found"]
    assert mia.says('inform(comment="nice")') == ["utter_rephrase"]


@pytest.mark.parametrize("empty", ["inform()", "identify()", "select()"])
def test_an_answer_without_a_value_is_never_met_with_silence(chat, empty):
    assert chat.says(empty)
    chat.says(f'identify(email="{MIA}")')
    assert chat.says(empty)
    chat.says(TRACK)
    assert "utter_ask_order_id" in chat.says(empty)


def test_a_person_is_passed_to_whatever_was_under_way(mia):
    mia.says(TRACK)
    assert mia.says("human_handoff()") == ["utter_handoff"]
    assert mia.tasks == []


@pytest.mark.parametrize("commands", ["stop()", "deny()"])
@pytest.mark.parametrize(("answer", "then"), [("affirm()", "utter_stopped"), ("deny()", "utter_ask_order_id")])
def test_a_task_is_dropped_on_a_doubtful_word_only_after_asking(mia, commands, answer, then):
    mia.says("track_order()")
    mia.says("deny()")
    assert mia.says(commands, 0.7) == ["do you mean to drop the current task?"]
    assert "track_order" in mia.tasks
    assert mia.says(answer) == [then]


def test_a_task_is_dropped_at_once_on_a_clear_word(mia):
    mia.says("track_order()")
    assert mia.says("stop()", 0.95) == ["utter_stopped"]
    assert mia.tasks == []


def test_when_unsure_it_asks_back_and_a_yes_does_it(chat):
    assert chat.says('ask_policy(topic="returns")', 0.3) == ["do you mean to ask how the shop does things?"]
    assert chat.says("affirm()") == ["policy on returns"]
    assert chat.tasks == []


def test_a_no_to_what_was_asked_back_asks_to_say_it_another_way(chat):
    chat.says("track_order()", 0.3)
    assert chat.says("deny()") == ["utter_rephrase"]


def test_a_message_not_understood_at_all_is_offered_a_person_at_once(chat):
    assert chat.says("track_order()", 0.05) == ["utter_offer_person"]
    assert chat.says("affirm()") == ["utter_handoff"]


def test_the_second_message_in_a_row_not_understood_offers_a_person(chat):
    assert chat.says("inform()", 0.2) == ["utter_rephrase"]
    assert chat.says("inform()", 0.2) == ["utter_offer_person"]
    assert chat.says("affirm()") == ["utter_handoff"]


def test_a_no_in_between_does_not_count_as_understood(chat):
    chat.says("track_order()", 0.3)
    chat.says("deny()")
    assert chat.says("list_orders()", 0.3) == ["utter_offer_person"]


def test_a_message_that_is_understood_starts_the_count_anew(chat):
    chat.says("inform()", 0.2)
    chat.says("greet()")
    assert chat.says("inform()", 0.2) == ["utter_rephrase"]


def test_a_guess_that_the_shopper_passes_over_is_not_asked_again(chat):
    chat.says("track_order()", 0.3)
    assert chat.says('search_products(query="desk")') == ["utter_products_found"]
    assert chat.tasks == []


def test_asking_back_in_the_middle_of_a_task_comes_back_to_it(mia):
    mia.says(TRACK)
    assert mia.says('ask_policy(topic="returns")', 0.3) == ["do you mean to ask how the shop does things?"]
    assert mia.says("affirm()") == ["policy on returns", "utter_resume", "utter_ask_order_id"]
    assert mia.says('inform(order_id="W1")') == ["status of W1"]


def test_a_task_whose_flow_is_gone_since_is_dropped(chat):
    chat.apply([stack_event([Frame("old_flow", at=1, asked="size"), Frame("older_flow")])])
    assert chat.says('inform(topic="returns")') == ["policy on returns"]
    assert chat.tasks == []


def test_the_context_tells_the_recogniser_what_was_asked(mia):
    mia.says(TRACK)
    context = mia.interpreter.context(mia.tracker)
    assert (context.task, context.asked) == ("track_order", "order_id")


def test_small_talk_does_not_make_the_task_before_it_forgotten(chat):
    chat.says('search_products(query="desk")')
    chat.says("thank()")
    assert chat.interpreter.context(chat.tracker).task == "search_products"


def test_an_offer_is_read_as_the_hand_over_it_offers(small_shop):
    small_shop.says("checkout()")
    context = small_shop.interpreter.context(small_shop.tracker)
    assert (context.task, context.asked) == ("human_handoff", "confirm")


def test_a_yes_takes_up_what_the_reply_offered(chat):
    chat.says("complain()")
    assert chat.says("affirm()") == ["utter_handoff"]


COMMANDS = st.sampled_from(
    'greet() deny() affirm() stop() repeat() thank() human_handoff() checkout() inform() identify() select() '
    'out_of_scope() complain() list_orders() show_more() track_order() track_order(order_id="W1") order_details() '
    'inform(order_id="W2") inform(email="mia@example.com") inform(color="red") select(position=1) refine_search() '
    'search_products(query="desk") ask_policy(topic="returns") identify(name="Mia") product_details()'.split(" ")
).filter(bool)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.lists(COMMANDS, min_size=1, max_size=3).map("; ".join), st.sampled_from([0.9, 0.9, 0.2])),
        max_size=8,
    )
)
def test_every_message_gets_an_answer_and_every_conversation_comes_to_rest(flows, messages):
    chat = Chat(Interpreter(flows, CATALOGUE, THRESHOLDS, 0.8, {}), Manager(flows))
    for commands, confidence in messages:
        assert chat.says(commands, confidence), commands
        assert chat.tracker.top is None or chat.tracker.top.asked


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/affirm", Command("affirm")),
        ('/track_order{"order_id": "W1"}', Command("track_order", (("order_id", "W1"),))),
        ('/compare_products{"item": ["a", "b"]}', Command("compare_products", (("item", "a"), ("item", "b")))),
        ('/select{"position": 2}', Command("select", (("position", 2),))),
        ("affirm", None),
        ("/fly", None),
        ("/affirm{", None),
        ('/affirm{"mood": "good"}', None),
        ("/track_order[1]", None),
        ('/track_order{"order_id": 5}', None),
        ('/add_to_cart{"quantity": true}', None),
        ('/add_to_cart{"quantity": NaN}', None),
        ('/add_to_cart{"quantity": null}', None),
        ('/add_to_cart{"quantity": {"a": [1]}}', None),
    ],
)
def test_a_payload_skips_understanding_only_if_it_is_right(text, command):
    assert read_payload(text, CATALOGUE) == command


@given(st.text())
def test_no_text_breaks_the_reading_of_payloads(text):
    for payload in (text, f"/inform{text}", f"/inform{{{text}}}"):
        read_payload(payload, CATALOGUE)
