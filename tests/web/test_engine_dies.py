"""The model engine dies or hangs in the middle of a reply: the shopper gets one whole, checked reply, once.

The real assistant over a real database behind the real application; only the engine is a script. The message is a
pressed button, so that the engine is asked for nothing but the wording.
"""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from scripted_assistant import ShopSettings
from starlette.testclient import TestClient

from assistant.actions.base import Shop
from assistant.assembly import assemble
from assistant.conversations import read_events
from assistant.settings import Settings
from assistant.store import Database
from assistant.turns import Assistant
from assistant.web.app import create_app
from assistant.web.chat import ChatPage, Sent
from assistant.web.places import Limits, Places
from assistant.web.turn_stream import TurnStream
from dialogues.responses import load_responses
from intents.engine import Completion, EngineError

LIMIT_S = 0.3
SHOP = "Harbour & Finch"
LINE = "Hi, you've reached {shop}. I can find products or look up an order."
FIRST_SENTENCE, WHOLE = f"Hi, you've reached {SHOP}.", LINE.format(shop=SHOP)
WRITTEN = {text.format(shop=SHOP) for text in load_responses()["utter_greet"].variations}
GREET = "/greet"
Client = tuple[TestClient, Assistant, "MortalEngine"]


class MortalEngine:
    """Writes LINE word by word; `fails` decides at each word, by its number, whether to raise or to hang."""

    name, model = "mortal", "script"

    def __init__(self) -> None:
        self.fails: Callable[[int], None] = lambda word: None
        self.let_go = threading.Event()

    def generate(self, prompts: Any, *, on_text: Any = None, **asked: Any) -> list[Completion]:
        for number, word in enumerate(LINE.split(" ")):
            self.fails(number)
            if on_text:
                on_text(word if number == 0 else f" {word}")
        return [Completion(LINE, (-0.1,), True)]

    def dies_at(self, word: int) -> None:
        def die(number: int) -> None:
            if number == word:
                raise EngineError("the process of the model is gone")

        self.fails = die

    def hangs_at(self, word: int) -> None:
        def hang(number: int) -> None:
            if number == word:
                self.let_go.wait(20)

        self.fails = hang


@pytest.fixture(scope="module")
def served(new_database: Callable[[str], Database]) -> Iterator[Client]:
    """One server for all tests of this file: each has a conversation of its own."""
    engine = MortalEngine()
    settings = Settings(index=False, adapter=None, reply_limit_s=LIMIT_S)
    assistant = assemble(settings, Shop(new_database("sqlite"), {}, 3), engine)
    assistant.writer = replace(assistant.writer, constants={"shop": SHOP})
    app = create_app(assistant, lambda product: None, ShopSettings(), SHOP)  # type: ignore[arg-type]
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client, assistant, engine


@pytest.fixture
def shop(served: Client) -> Iterator[Client]:
    """The server with a sound engine, and again sound afterwards."""
    _, assistant, engine = served
    engine.fails = lambda word: None
    engine.let_go.clear()
    yield served
    engine.let_go.set()
    limited: Any = assistant.writer.engine
    assert all(call.done.wait(10) for call in limited._abandoned)


def streamed(client: TestClient, sender: str, message_id: str) -> tuple[str, list[str]]:
    """The partial text that a client has on screen at the end, and the whole messages."""
    body = {"sender": sender, "message": GREET, "message_id": message_id}
    lines = client.post("/webhooks/rest/webhook?stream=partial", json=body).text.splitlines()
    entries = [json.loads(line) for line in lines]
    return "".join(one.get("partial", "") for one in entries), [one["text"] for one in entries if "text" in one]


def said(assistant: Assistant, sender: str) -> list[str]:
    """What the conversation keeps, the assistant's messages."""
    with assistant.database.reading() as session:
        return [event["text"] for event in read_events(session, sender) if event["event"] == "bot"]


def ways() -> list[Any]:
    """Before the first word, within the first sentence, within the second; by an error and by silence."""
    return [
        pytest.param(how, word, id=f"{how} at word {word}") for how in ("dies_at", "hangs_at") for word in (0, 2, 7)
    ]


@pytest.mark.parametrize(("how", "word"), ways())
def test_over_rest_the_shopper_gets_one_whole_reply_and_the_next_turn_works(shop: Client, how: str, word: int) -> None:
    client, assistant, engine = shop
    sender = uuid.uuid4().hex
    getattr(engine, how)(word)
    partial, messages = streamed(client, sender, "m1")
    expected = {FIRST_SENTENCE} if word > 4 else WRITTEN
    assert len(messages) == 1 and messages[0] in expected
    assert partial == messages[0]
    assert said(assistant, sender) == messages
    assert streamed(client, sender, "m1")[1] == messages, "the same message sent again gets the same reply"
    assert said(assistant, sender) == messages

    engine.fails = lambda number: None
    engine.let_go.set()
    assert streamed(client, sender, "m2") == (WHOLE, [WHOLE])
    assert said(assistant, sender) == [*messages, WHOLE]


@pytest.mark.parametrize(("how", "word"), ways())
def test_on_the_chat_page_what_is_being_written_never_stays_half_done(shop: Client, how: str, word: int) -> None:
    _, assistant, engine = shop
    sender = f"web-{uuid.uuid4().hex}"
    getattr(engine, how)(word)

    async def shown() -> list[tuple[Any, str, Any]]:
        page = ChatPage(assistant, TurnStream(assistant, Places(Limits(96, 3, 16))))
        return [update async for update in page.turn(sender, Sent(id="1" * 32, text=GREET))]

    updates = asyncio.run(shown())
    [reply] = said(assistant, sender)
    thread, live, _ = updates[-1]
    assert reply in (({FIRST_SENTENCE}) if word > 4 else WRITTEN)
    assert str(thread).count(_as_html(reply)) == 1
    assert FIRST_SENTENCE not in live and "Hi, you" not in live


def test_a_death_while_reading_asks_to_say_it_again_and_loses_nothing(shop: Client) -> None:
    client, assistant, engine = shop
    sender = uuid.uuid4().hex
    engine.dies_at(0)
    body = {"sender": sender, "message": "do you have boots?", "message_id": "m1"}
    [entry] = client.post("/webhooks/rest/webhook", json=body).json()
    assert said(assistant, sender) == [entry["text"]]
    assert assistant.tracker(sender).turn == 1
    engine.fails = lambda number: None
    assert streamed(client, sender, "m2") == (WHOLE, [WHOLE])


def _as_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("'", "&#x27;")
