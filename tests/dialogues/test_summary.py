"""What staff read when a conversation is handed to them."""

from dialogues.flows import Flow
from dialogues.summary import summarise
from dialogues.tracker import Frame, slot_event, stack_event

FLOWS = {"return_items": Flow("return_items", "", frozenset(), (), title="the return")}


def user(text: str) -> dict:
    return {"event": "user", "text": text}


def test_says_who_what_was_done_what_is_open_and_the_last_words():
    events = [
        user("cancel it"),
        slot_event("customer_id", "mia_1"),
        slot_event("identified_by", "email"),
        {"event": "change", "change": {"kind": "cancel", "order_id": "#W1"}},
        user("and return the lamp of W2"),
        stack_event([Frame("return_items", 3, {"order": "#W2"}, "payment_method"), Frame("identify", called=True)]),
        user("oh come on. a person please"),
        stack_event([Frame("human_handoff")]),
    ]
    assert summarise(events, FLOWS) == [
        "Customer mia_1, identified by email.",
        "Done: cancel of #W1.",
        "Open: the return (order #W2); was asked for payment method.",
        '"cancel it"',
        '"and return the lamp of W2"',
        '"oh come on. a person please"',
    ]


def test_a_conversation_without_a_task_is_told_by_its_words():
    assert summarise([user("human")], {}) == ["Not identified.", '"human"']


def test_wrong_answers_to_who_are_you_are_counted():
    assert summarise([user("x"), slot_event("identity_attempts", 3)], {})[0] == "Not identified, after 3 wrong answers."
