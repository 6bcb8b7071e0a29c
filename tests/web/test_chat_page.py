"""The chat page as it is served: nothing in it leads to another host, and Gradio's side doors are shut."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from scripted_assistant import ScriptedAssistant
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from assistant.web.door import Door

ADDRESS = re.compile(r"(?:https?:)?//([a-z0-9.-]+\.[a-z]{2,}|\d+\.\d+\.\d+\.\d+)", re.IGNORECASE)
NO_HOST_ASKED = """
import socket
asked = []
connect, resolve = socket.socket.connect, socket.getaddrinfo
def watched_connect(self, address, *rest):
    asked.append(address)
    return connect(self, address, *rest)
def watched_resolve(host, *rest, **more):
    asked.append(host)
    return resolve(host, *rest, **more)
socket.socket.connect, socket.getaddrinfo = watched_connect, watched_resolve
from starlette.testclient import TestClient
from scripted_assistant import ScriptedAssistant, web_app
with TestClient(web_app(ScriptedAssistant()), base_url="http://127.0.0.1") as client:
    assert client.get("/chat/").status_code == 200
    assert client.post("/webhooks/rest/webhook", json={"sender": "mia", "message": "hi"}).status_code == 200
print([address for address in asked if "127.0.0.1" not in str(address) and "localhost" not in str(address)])
"""


def test_the_front_door_leads_to_the_chat(client: TestClient) -> None:
    assert client.get("/", follow_redirects=True).url.path == "/chat/"
    assert client.get("/chat", follow_redirects=True).status_code == 200


def test_the_page_names_no_other_host(client: TestClient) -> None:
    page = client.get("/chat/").text
    assert set(ADDRESS.findall(page)) == {"127.0.0.1"}
    assert '<link rel="icon" type="image/svg+xml" href="/favicon.svg">' in page
    assert client.get("/favicon.svg").status_code == 200


def test_the_browser_is_told_to_ask_no_other_host(client: TestClient) -> None:
    policy = client.get("/chat/").headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "http" not in policy


def test_only_the_chat_may_be_framed_and_only_by_the_sites_that_are_named() -> None:
    door = Door(PlainTextResponse("hello"), ["https://shop.example", "https://www.shop.example"])
    assert door.policy("/chat/").endswith(b"frame-ancestors 'self' https://shop.example https://www.shop.example")
    assert door.policy("/status").endswith(b"frame-ancestors 'self'")
    assert door.policy("/desk/").endswith(b"frame-ancestors 'none'")


def test_the_widget_is_small_and_makes_no_markup_out_of_text(client: TestClient) -> None:
    answer = client.get("/widget.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert len(answer.content) <= 15_000
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc", answer.text)
    assert ADDRESS.findall(answer.text.replace("http://www.w3.org/2000/svg", "")) == []


def test_the_server_asks_no_other_host_when_it_starts_and_answers() -> None:
    here = Path(__file__).parent
    code = f"import sys; sys.path[:0] = [{str(here)!r}, {str(here.parent)!r}]\n{NO_HOST_ASKED}"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "path",
    [
        "/chat/gradio_api/upload",
        "/chat/gradio_api/proxy=https://x.example/",
        "/chat/gradio_api/file=https://x.example/",
    ],
)
def test_nobody_can_upload_or_fetch_through_the_chat(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == client.post(path).status_code == 404


def test_the_events_of_the_page_are_not_an_api(client: TestClient) -> None:
    assert client.get("/chat/gradio_api/info").json()["named_endpoints"] == {}


CONVERSATION = "web-" + "0" * 32


def test_a_thumb_is_kept_and_what_is_no_rating_is_refused(client: TestClient, assistant: ScriptedAssistant) -> None:
    def press(**changes: object) -> int:
        return client.post(
            "/chat/thumb", json={"conversation": CONVERSATION, "turn": 1, "thumb": "down", **changes}
        ).status_code

    assert press() == 404
    assistant.handle(CONVERSATION, "hello", "m1")
    assert press() == 204
    assert assistant.thumbs(CONVERSATION) == {1: "down"}
    assert press(thumb=None) == 204
    assert assistant.thumbs(CONVERSATION) == {}
    wrong = ({"turn": 2**40}, {"turn": 0}, {"turn": "1"}, {"thumb": "sideways"}, {"conversation": "mia"}, {"more": 1})
    assert [press(**change) for change in wrong] == [400] * len(wrong)


def test_a_chat_is_kept_private_until_its_shopper_says_otherwise(
    client: TestClient, assistant: ScriptedAssistant
) -> None:
    def ask(**changes: object) -> int:
        return client.post("/chat/private", json={"conversation": CONVERSATION, "private": True, **changes}).status_code

    assert ask() == 404
    assistant.handle(CONVERSATION, "hello", "m1")
    assert (ask(), assistant.private) == (204, {CONVERSATION: True})
    assert (ask(private=False), assistant.private) == (204, {CONVERSATION: False})
    assert [ask(**change) for change in ({"private": "yes"}, {"private": None}, {"conversation": "mia"})] == [400] * 3


def test_a_copy_holds_all_that_was_said_as_plain_text(client: TestClient, assistant: ScriptedAssistant) -> None:
    for said in ("boots", '/product_details{"item": "<b>Mug</b>"}', "order", "html"):
        assistant.handle(CONVERSATION, said)
    copy = client.post("/chat/copy", json={"conversation": CONVERSATION})
    assert copy.headers["content-type"] == "text/plain; charset=utf-8"
    assert copy.headers["content-disposition"].startswith("attachment")
    assert copy.headers["x-content-type-options"] == "nosniff"
    for line in (
        "You: boots",
        "You: Tell me more about <b>Mug</b>",
        "  * Order #W2378156: delivered, placed November 3, 2026",
    ):
        assert line in copy.text.splitlines()
    assert client.post("/chat/copy", json={"conversation": "another-channels"}).status_code == 400
