"""A message in another language is told from an English one, and answered kindly where it was not understood."""

from __future__ import annotations

import pytest

from dialogues.interpret import OTHER_LANGUAGE
from dialogues.language import is_foreign
from intents.commands import parse_commands


@pytest.mark.parametrize(
    "message",
    [
        "busco una tienda de campaña para dos personas",
        "ich suche ein zelt für zwei personen",
        "je cherche une tente pour deux personnes",
        "cerco una tenda",
        "waar is mijn bestelling",
        "szukam namiotu dla dwóch osób",
        "палатка",
        "テントはありますか",
        "hola",
    ],
)
def test_another_language_is_noticed(message: str) -> None:
    assert is_foreign(message)


@pytest.mark.parametrize(
    "message",
    ["", "where is my parcel?", "eau de parfum", "la roche posay", "i", "no", "W4821093", "🙂", "o", "mi band 7"],
)
def test_english_and_names_of_things_are_not_another_language(message: str) -> None:
    assert not is_foreign(message)


@pytest.mark.parametrize(
    ("message", "commands", "confidence", "kindly"),
    [
        ("busco una tienda", "out_of_scope()", 0.9, True),
        ("busco una tienda", "search_products(query=\"tienda\")", 0.01, True),
        ("busco una tienda", "search_products(query=\"tienda\")", 0.9, False),  # understood all the same
        ("busco una tienda", "greet(); out_of_scope()", 0.9, False),  # half of it was
        ("i want a tent", "out_of_scope()", 0.9, False),
    ],
)  # fmt: skip
def test_what_was_not_understood_in_another_language_is_answered_so(chat, message, commands, confidence, kindly):
    chat.apply([{"event": "user", "text": message}])
    chat.apply(chat.interpreter.interpret(chat.tracker, parse_commands(commands), confidence))
    assert (OTHER_LANGUAGE in chat.tasks) is kindly


def test_an_answer_may_be_in_any_language(mia):
    mia.says("track_order()")
    mia.apply([{"event": "user", "text": "busco una tienda"}])
    mia.apply(mia.interpreter.interpret(mia.tracker, parse_commands("out_of_scope()"), 0.9))
    assert OTHER_LANGUAGE not in mia.tasks


def test_a_search_in_another_language_is_answered_so_however_sure_the_reading(chat) -> None:
    """The rest of it may sound like anything to a recogniser of English."""
    chat.apply([{"event": "user", "text": "Ich suche einen Wasserkocher unter 60 Euro"}])
    chat.apply(chat.interpreter.interpret(chat.tracker, parse_commands('search_products(query="euro")'), 0.95))
    assert OTHER_LANGUAGE in chat.tasks


@pytest.mark.parametrize(
    "message", ["mas por favor", "yo yo yo wassup. size 12 jordans", "chk W7001982 chk W7001983 cancel W7001984"]
)
def test_a_word_that_is_said_again_and_again_is_not_plainly_foreign(message: str) -> None:
    assert not is_foreign(message, plainly=True)


def test_a_message_without_words_is_in_no_language(chat):
    chat.apply(chat.interpreter.interpret(chat.tracker, parse_commands("out_of_scope()"), 0.9))
    assert OTHER_LANGUAGE not in chat.tasks
