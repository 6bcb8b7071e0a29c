"""A real browser for the tests: Debian's or the system's Chromium, driven by playwright. A module that imports this
one is skipped where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("No Chromium here: the chat page is not tested in a browser.", allow_module_level=True)
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
PHONE = {"width": 320, "height": 640}
DESKTOP = {"width": 1200, "height": 860}


class Shopper:
    """Somebody in front of the page."""

    def __init__(self, page: sync_api.Page) -> None:
        self.page = page
        self.chat: sync_api.Page | sync_api.Frame = page  # the widget's frame where it stands on another page

    def opens(self, address: str) -> None:
        self.page.goto(f"{address}/chat/")
        self.is_greeted()

    def opens_widget(self) -> None:
        """By its bubble in the corner."""
        self.page.click(".bubble")
        frame = self.page.wait_for_selector("iframe").content_frame()
        assert frame
        self.chat = frame
        self.is_greeted()

    def is_greeted(self) -> None:
        self.chat.wait_for_selector(".turn.bot .bubble")
        self.waits()

    def waits(self) -> None:
        self.chat.wait_for_selector("#aisle:not(.busy)")

    def types(self, text: str) -> None:
        self.chat.fill("textarea", text)
        self.chat.press("textarea", "Enter")

    def says(self, text: str) -> None:
        self.types(text)
        self.waits()

    def clicks(self, words: str) -> None:
        self.chat.click(f"button:text-is('{words}')")
        self.waits()

    def picks(self, words: str) -> None:
        """From the menu."""
        self.chat.click("[popovertarget='aisle-menu']")
        self.clicks(words)

    def reads(self) -> list[str]:
        """The bubbles from top to bottom, without what only screen readers hear."""
        texts: list[str] = self.chat.locator("#aisle .bubble").all_inner_texts()
        return [text.removeprefix("You: ").removeprefix("Assistant: ").strip() for text in texts]


@contextmanager
def launched() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opening(chromium: sync_api.Browser) -> Iterator[Callable[..., Shopper]]:
    """Opens a page in a fresh profile and, at the end, looks at every address that it asked for."""
    asked: list[str] = []
    contexts = []

    def open_page(viewport: dict[str, int] = DESKTOP, **more: Any) -> Shopper:
        context = chromium.new_context(viewport=viewport, reduced_motion="reduce", **more)
        contexts.append(context)
        context.set_default_timeout(60_000)  # a busy machine is slow, not wrong
        context.on("request", lambda request: asked.append(request.url))
        return Shopper(context.new_page())

    yield open_page
    for context in contexts:
        context.close()
    hosts = {urlsplit(url).hostname for url in asked if not url.startswith(("data:", "blob:", "about:"))}
    assert hosts == {"127.0.0.1"}
