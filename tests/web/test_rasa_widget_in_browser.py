"""A public Rasa widget, as npm has it, on a page of another site: it talks to the REST channel as it would to Rasa.

    npm install --prefix ~/.cache/aisle/npm --ignore-scripts @scalableminds/chatroom@0.12.0

Its licence is AGPL-3.0: it is not part of this repository, and without it these tests are skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import DESKTOP, Shopper, launched, opening
from scripted_assistant import PICTURE, SHOP, ScriptedAssistant, ShopSettings
from serving import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from assistant.web.app import create_app

WIDGET = Path("~/.cache/aisle/npm/node_modules/@scalableminds/chatroom/dist").expanduser()
if not (WIDGET / "Chatroom.js").is_file():
    pytest.skip(f"No Rasa widget in {WIDGET}: see the top of this file.", allow_module_level=True)
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Wharf</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/dist/Chatroom.css"><h1>Wharf</h1><div class="chat-container"></div>
<script src="/dist/Chatroom.js"></script>
<script>new Chatroom({ host: "%s", title: "Chat with Wharf", startMessage: "/greet",
  container: document.querySelector(".chat-container") }).openChat();</script>"""


@pytest.fixture(scope="module")
def places() -> Iterator[tuple[ScriptedAssistant, str, str]]:
    """The assistant, a host shop that may call it, and one that may not."""
    assistant, aisle = ScriptedAssistant(), ""

    def page(request: Request) -> HTMLResponse:
        return HTMLResponse(PAGE % aisle)

    def host() -> Starlette:
        return Starlette(routes=[Mount("/dist", StaticFiles(directory=WIDGET)), Route("/", page)])

    with serving(host()) as may, serving(host()) as may_not:  # type: ignore[arg-type]
        settings: Any = ShopSettings(rest_origins=(may,))
        with serving(create_app(assistant, lambda _: PICTURE, settings, SHOP)) as aisle:  # type: ignore[arg-type]
            yield assistant, may, may_not


@pytest.fixture
def browser() -> Iterator[Callable[..., Shopper]]:
    with launched() as chromium, opening(chromium) as open_page:
        yield open_page


def test_rasas_widget_shows_text_pictures_and_buttons_of_the_rest_channel(
    places: tuple[ScriptedAssistant, str, str], browser: Callable[..., Shopper]
) -> None:
    assistant, may, may_not = places
    page = browser(DESKTOP).page
    page.goto(may)
    page.wait_for_selector(".chat.left:has-text('You said: /greet')")
    page.fill(".chatroom input", "one boot")
    page.press(".chatroom input", "Enter")
    page.wait_for_selector(".chat.left:has-text('Here it is.')")
    page.wait_for_function("document.querySelector('.chat-img img')?.naturalWidth > 0")
    page.fill(".chatroom input", "sure")
    page.press(".chatroom input", "Enter")
    page.click(".chat-button:has-text('Yes')")
    page.wait_for_selector(".chat.left:has-text('You said: /affirm')")
    assert [text for _, text, _ in assistant.said] == ["/greet", "one boot", "sure", "/affirm"]
    assert len({sender for sender, _, _ in assistant.said}) == 1
    said = len(assistant.said)
    stranger = browser(DESKTOP).page
    with stranger.expect_console_message(lambda told: "CORS" in told.text, timeout=60_000):
        stranger.goto(may_not)
    assert len(assistant.said) == said, "a page that was not named is refused before its message is read"
