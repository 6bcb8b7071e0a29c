"""A process takes on what it can answer: more is refused at once, and no client has all the places."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
from scripted_assistant import SHOP, ScriptedAssistant, ShopSettings, serving

from assistant.assembly import load_voice
from assistant.web.app import create_app
from assistant.web.chat import ChatPage, Sent
from assistant.web.places import Limits, Places, Stopping, TooBusy, TooManyOfOne
from assistant.web.turn_stream import TurnStream

WEBHOOK = "/webhooks/rest/webhook"
GREEDY, OTHER = "198.51.100.7", "203.0.113.9"


class SlowAssistant(ScriptedAssistant):
    """Answers when the test lets it."""

    def forget(self) -> None:
        super().forget()
        self.open = threading.Event()

    def handle(self, *asked, **more):
        assert self.open.wait(30), "the test never let the turns end"
        return super().handle(*asked, **more)


@pytest.fixture
def slow() -> Iterator[tuple[SlowAssistant, Places, str]]:
    """A server with six places, of which one address may have four and a conversation two."""
    assistant = SlowAssistant()
    limits = replace(ShopSettings(), most_turns=6, most_turns_of_conversation=2, most_turns_of_address=4)
    app = create_app(assistant, lambda product: None, limits, SHOP)  # type: ignore[arg-type]
    with serving(app) as address:
        try:
            yield assistant, app.state.places, address
        finally:
            assistant.open.set()


def post(address: str, sender: str, came_from: str, path: str = WEBHOOK) -> httpx.Response:
    """A request through a proxy, which says where it came from."""
    body = {"sender": sender, "message": "hello"}
    return httpx.post(address + path, json=body, headers={"X-Forwarded-For": came_from}, timeout=60)


def wait_for(places: Places, count: int) -> None:
    deadline = time.monotonic() + 20
    while places.count != count:
        assert time.monotonic() < deadline, f"{places.count} turns, not {count}"
        time.sleep(0.01)


@pytest.mark.parametrize("path", [WEBHOOK, f"{WEBHOOK}?stream=true"])
def test_one_greedy_address_leaves_places_to_others_and_then_all_are_taken(slow, path: str) -> None:
    assistant, places, address = slow
    with ThreadPoolExecutor(12) as clients:
        greedy = [clients.submit(post, address, f"greedy-{number}", GREEDY) for number in range(4)]
        wait_for(places, 4)
        refused = post(address, "greedy-5", GREEDY, path)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
        assert "4 messages of this address" in refused.json()["reason"]
        others = [clients.submit(post, address, f"other-{number}", OTHER) for number in range(2)]
        wait_for(places, 6)
        refused = post(address, "other-3", OTHER, path)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        assert refused.json()["reason"].startswith("Too many shoppers write at this moment.")
        assistant.open.set()
        assert {answer.result().status_code for answer in (*greedy, *others)} == {200}
    assert post(address, "greedy-6", GREEDY, path).status_code == 200, "it recovers"
    assert 'aisle_turns_total{outcome="shed"} 2.0' in httpx.get(f"{address}/metrics").text
    assert len(assistant.said) == 7, "of a refused message nothing has happened"


def test_one_conversation_has_few_messages_under_way(slow) -> None:
    assistant, places, address = slow
    with ThreadPoolExecutor(2) as clients:
        first = [clients.submit(post, address, "mia", place) for place in (GREEDY, OTHER)]
        wait_for(places, 2)
        refused = post(address, "mia", "192.0.2.1")
        assert (refused.status_code, "2 messages of this conversation" in refused.text) == (429, True)
        assistant.open.set()
        assert {answer.result().status_code for answer in first} == {200}


def test_reading_a_message_takes_a_place_too(slow) -> None:
    _, places, address = slow
    leave = [places.take(None, None) for _ in range(6)]
    refused = httpx.post(f"{address}/model/parse", json={"text": "boots"})
    assert refused.status_code == 503
    for one in leave:
        one()
    assert httpx.post(f"{address}/model/parse", json={"text": "boots"}).status_code == 200
    wait_for(places, 0)


def test_a_server_that_is_being_stopped_says_so_and_is_not_ready(slow) -> None:
    assistant, places, address = slow
    with ThreadPoolExecutor(1) as clients:
        under_way = clients.submit(post, address, "mia", OTHER)
        wait_for(places, 1)
        places.stop()
        refused = post(address, "yusuf", OTHER)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        assert "This server is being stopped" in refused.json()["reason"]
        assert httpx.get(f"{address}/health/ready").json() == {"status": "stopping"}
        assert httpx.get(f"{address}/health/live").status_code == httpx.get(f"{address}/health").status_code == 200
        assert not places.wait_until_empty(0.01)
        assistant.open.set()
        assert under_way.result().status_code == 200
    assert places.wait_until_empty(10)


def test_the_chat_says_in_words_that_it_is_too_busy() -> None:
    assistant = ScriptedAssistant()
    page = ChatPage(assistant, TurnStream(assistant, Places(Limits(0, 1, 1))))  # type: ignore[arg-type]

    class Event:
        _data = {  # noqa: RUF012 - read once
            "event": "e" * 32,
            "conversation": f"web-{'0' * 32}",
            "sent": {"id": "1" * 32, "text": "hello"},
        }

    async def shown() -> list:
        return [update async for update in page.show(Event())]

    last = asyncio.run(shown())[-1][1]
    assert load_voice().busy.split(",")[0] in re.sub("&#x27;", "'", last)
    assert 'class="again"' in last, "it can be sent again"
    assert Sent(id="1" * 32, text="hello").id in last
    assert assistant.said == []


@pytest.mark.parametrize("address", [None, "127.0.0.1", "::1", "testclient"])
def test_addresses_of_this_machine_are_not_counted(address: str | None) -> None:
    """A proxy in front that does not say where a request came from would make all shoppers one."""
    places = Places(Limits(all=3, of_conversation=1, of_address=1))
    for number in range(3):
        places.take(f"c{number}", address)
    with pytest.raises(TooBusy):
        places.take("c4", address)


def test_places_are_free_again_when_a_turn_has_ended_however_it_ended() -> None:
    places = Places(Limits(all=5, of_conversation=1, of_address=None))
    leave = places.take("mia", GREEDY)
    with pytest.raises(TooManyOfOne):
        places.take("mia", OTHER)
    leave()
    places.take("mia", OTHER)()
    broken = TurnStream(ScriptedAssistant(), places)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="machine room"):
        asyncio.run(broken.answer("mia", "explode", None))
    assert places.count == 0
    places.stop()
    with pytest.raises(Stopping):
        places.take("mia", None)
