"""The widget in a real browser: on a foreign page under a strict policy, and on the demo shop's own pages.

Every test also asserts that the browser asked no host but this one, and that no policy was broken."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest
from scripted_assistant import PICTURE, SHOP, ScriptedAssistant, ShopSettings, serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from assistant.assembly import load_voice
from assistant.shop.builder import build_demo_shop
from assistant.store import Database
from assistant.storefront.pages import storefront
from assistant.tokens import Tokens
from assistant.visits import Visit
from assistant.web.app import create_app

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("No Chromium here: the widget is not tested in a browser.", allow_module_level=True)
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
PHONE = {"width": 320, "height": 640}
DESKTOP = {"width": 1100, "height": 760}
TOKENS = Tokens("a secret that only this test knows, long enough")
WATCH_SHIFTS = """
  window.shifted = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shifted += one.value; })
    .observe({ type: "layout-shift", buffered: true });
"""


class HostShop:
    """Another site that embeds the widget, under the policy that docs/widget.md gives."""

    def __init__(self) -> None:
        self.aisle = ""
        self.settings = ""  # more data- attributes of the script tag
        self.app = Starlette(routes=[Route("/{page:path}", self.page)])

    def page(self, request: Request) -> HTMLResponse:
        settings = f'data-shop="Wharf" data-color="#7a1f4b" {self.settings}'
        tag = f'<script src="{self.aisle}/widget.js" defer {settings}></script>'
        policy = (
            f"default-src 'none'; script-src {self.aisle}; frame-src {self.aisle}; img-src data:; "
            "require-trusted-types-for 'script'"
        )
        html = (
            '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Wharf</title>'
            f'<link rel="icon" href="data:,">{tag}<h1>Wharf</h1><p>{request.url.path}</p><a href="/next">next</a>'
        )
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})


class Visitor:
    """Somebody in front of a page with the widget."""

    def __init__(self, page: sync_api.Page) -> None:
        self.page = page
        self.chat = page.frame_locator("iframe")

    def opens(self) -> None:
        self.page.click(".bubble")
        self.waits()

    def waits(self) -> None:
        self.chat.locator("#aisle:not(.busy) .turn.bot .bubble").first.wait_for()

    def says(self, text: str) -> None:
        self.chat.locator("textarea").fill(text)
        self.chat.locator("textarea").press("Enter")
        self.hears(f"You said: {text}")

    def hears(self, words: str) -> None:
        self.chat.locator(f"#aisle-thread .bot .bubble:has-text('{words}')").first.wait_for()
        self.waits()

    def reads(self) -> list[str]:
        texts: list[str] = self.chat.locator("#aisle-thread .bubble").all_inner_texts()
        return [text.removeprefix("You: ").removeprefix("Assistant: ").strip() for text in texts]

    def sees_panel(self) -> bool:
        return self.page.locator(".panel:not(.closed)").count() == 1


@pytest.fixture(scope="module")
def demo(new_database: Callable[[str], Database]) -> Database:
    database = new_database("sqlite")
    build_demo_shop(database, date(2026, 11, 3))
    return database


@pytest.fixture(scope="module")
def places(demo: Database) -> Iterator[tuple[ScriptedAssistant, HostShop, str, str]]:
    """The assistant, the host shop, and the addresses of Aisle and of the host shop."""
    assistant, host = ScriptedAssistant(), HostShop()
    with serving(host.app) as host_address:
        front = storefront(demo, None, TOKENS, load_voice(), "with_consent")
        settings: Any = ShopSettings(embed_origins=(host_address,))
        app = create_app(assistant, lambda _: PICTURE, settings, SHOP, front)  # type: ignore[arg-type]
        with serving(app) as aisle:
            host.aisle = aisle
            yield assistant, host, aisle, host_address


@pytest.fixture
def assistant(places: tuple[ScriptedAssistant, HostShop, str, str]) -> ScriptedAssistant:
    places[0].forget()
    return places[0]


@pytest.fixture
def host(places: tuple[ScriptedAssistant, HostShop, str, str]) -> HostShop:
    places[1].settings = ""
    return places[1]


@pytest.fixture(scope="module")
def chromium() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def profile(chromium: sync_api.Browser) -> Iterator[Callable[..., sync_api.BrowserContext]]:
    """A browser profile; at the end, every address that it asked for and every complaint of a page is looked at."""
    asked: list[str] = []
    complaints: list[str] = []
    contexts = []

    def new(viewport: dict[str, int] = DESKTOP) -> sync_api.BrowserContext:
        context = chromium.new_context(viewport=viewport)
        contexts.append(context)
        context.set_default_timeout(60_000)  # a busy machine is slow, not wrong
        context.on("request", lambda request: asked.append(request.url))
        context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        return context

    yield new
    for context in contexts:
        context.close()
    assert {urlsplit(url).hostname for url in asked if url.startswith("http")} == {"127.0.0.1"}
    assert complaints == []


def visits(context: sync_api.BrowserContext, address: str) -> Visitor:
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("window.Aisle !== undefined")
    return Visitor(page)


def test_the_widget_works_on_a_foreign_page_under_a_strict_policy(
    places: tuple[ScriptedAssistant, HostShop, str, str],
    assistant: ScriptedAssistant,
    host: HostShop,
    profile: Callable[..., sync_api.BrowserContext],
) -> None:
    host.settings = f'data-token="{TOKENS.sign("mia")}" data-product="ridgeline" data-consent="true"'
    context = profile()
    context.add_init_script(WATCH_SHIFTS)
    visitor = visits(context, places[3])
    page = visitor.page
    assert page.locator("iframe").count() == 0, "nothing is loaded before it is wanted"
    assert page.locator("[data-token]").count() == 0
    assert page.locator(".bubble").get_attribute("aria-label") == "Chat with Wharf"
    visitor.opens()
    visitor.says("hello")
    (visit,) = assistant.visits.values()
    assert (TOKENS.subject_of(visit.token or ""), visit.product, visit.consent) == ("mia", "ridgeline", True)
    visitor.chat.get_by_label("Close the chat").click()
    page.wait_for_selector(".panel.closed", state="attached")
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.className") == "bubble"
    assert page.evaluate("window.shifted") == 0


def test_the_page_drives_the_widget_and_hears_of_it(
    places: tuple[ScriptedAssistant, HostShop, str, str],
    assistant: ScriptedAssistant,
    host: HostShop,
    profile: Callable[..., sync_api.BrowserContext],
) -> None:
    visitor = visits(profile(), places[3])
    page = visitor.page
    page.evaluate(
        "() => { window.heard = []; for (const name of ['open', 'close', 'ready', 'unread']) "
        "Aisle.on(name, (data) => heard.push(data === undefined ? name : `${name} ${data}`)); }"
    )
    page.evaluate("Aisle.send('boots', 'Show me boots'); Aisle.product('lamp')")
    visitor.hears("I found 12")
    assert visitor.reads()[1] == "Show me boots"
    assert page.evaluate("heard.slice(0, 2)") == ["open", "ready"]
    assistant.pause_s = 0.3
    page.evaluate("Aisle.send('one two three four five six')")
    visitor.chat.locator("#aisle-live .bubble:has-text('You said:')").wait_for()
    page.evaluate("Aisle.close()")
    page.wait_for_selector(".badge:text-is('1')")
    assert page.locator(".bubble").get_attribute("aria-label") == "Chat with Wharf, 1 new message"
    page.evaluate("window.postMessage({ aisle: 'unread', count: 7 }, '*')")  # not from the frame: it does not count
    page.evaluate("Aisle.open()")
    page.wait_for_selector(".badge", state="hidden")
    heard = page.evaluate("heard")
    assert "close" in heard and "unread 1" in heard and heard[-1] == "unread 0" and "unread 7" not in heard
    assert list(assistant.visits.values()) == [Visit(product="lamp")]


def test_the_conversation_goes_on_over_pages_and_reloads_and_in_two_tabs(
    places: tuple[ScriptedAssistant, HostShop, str, str],
    assistant: ScriptedAssistant,
    host: HostShop,
    profile: Callable[..., sync_api.BrowserContext],
) -> None:
    context = profile()
    first = visits(context, places[3])
    first.opens()
    first.says("before")
    first.page.click("a[href='/next']")
    first.hears("You said: before")
    assert first.sees_panel(), "it stays open from page to page"
    second = visits(context, f"{places[3]}/other")
    second.opens()
    second.hears("You said: before")
    second.says("from the other tab")
    first.hears("You said: from the other tab")
    first.says("and back")
    assert [text for _, text, _ in assistant.said] == ["before", "from the other tab", "and back"]
    assert len({sender for sender, _, _ in assistant.said}) == 1


def test_the_next_shopper_on_the_same_machine_begins_anew(
    places: tuple[ScriptedAssistant, HostShop, str, str],
    assistant: ScriptedAssistant,
    host: HostShop,
    profile: Callable[..., sync_api.BrowserContext],
) -> None:
    visitor = visits(profile(), places[3])
    visitor.opens()
    visitor.says("a stranger")
    visitor.page.evaluate("token => Aisle.identify(token)", TOKENS.sign("mia"))
    visitor.says("signed in")
    assert "a stranger" in visitor.reads()
    visitor.page.evaluate("Aisle.identify(null)")
    visitor.chat.locator("#aisle:not(.busy) #aisle-thread:not(:has-text('signed in'))").wait_for()
    visitor.says("somebody else")
    assert visitor.reads()[1:] == ["somebody else", "You said: somebody else"]
    senders = [sender for sender, _, _ in assistant.said]
    assert senders[0] == senders[1] != senders[2]


def test_a_site_that_was_not_named_cannot_frame_the_chat(
    places: tuple[ScriptedAssistant, HostShop, str, str],
    assistant: ScriptedAssistant,
    host: HostShop,
    chromium: sync_api.Browser,
) -> None:
    other = HostShop()
    other.aisle = places[2]
    with serving(other.app) as stranger:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(stranger)
        with page.expect_console_message(lambda said: "frame-ancestors" in said.text, timeout=60_000):
            page.evaluate("Aisle.open()")
        context.close()


def test_on_a_phone_the_chat_covers_the_page_and_nothing_hangs_over(
    places: tuple[ScriptedAssistant, HostShop, str, str],
    assistant: ScriptedAssistant,
    host: HostShop,
    profile: Callable[..., sync_api.BrowserContext],
) -> None:
    visitor = visits(profile(PHONE), places[3])
    visitor.opens()
    visitor.page.wait_for_timeout(200)
    assert visitor.page.locator(".panel").bounding_box() == {"x": 0, "y": 0, **PHONE}
    visitor.page.locator(".consent input").check()
    visitor.says("hello")
    assert [visit.consent for visit in assistant.visits.values()] == [True]
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    visitor.page.goto(f"{places[3]}/next")
    visitor.page.wait_for_selector(".bubble")
    assert not visitor.sees_panel(), "a new page is not covered"
    assert visitor.page.locator(".consent input").is_checked()


def test_a_visitor_of_the_demo_shop_signs_in_and_asks_about_the_open_page(
    places: tuple[ScriptedAssistant, HostShop, str, str],
    assistant: ScriptedAssistant,
    host: HostShop,
    profile: Callable[..., sync_api.BrowserContext],
) -> None:
    visitor = visits(profile(), places[2])
    page = visitor.page
    page.click("summary:has-text('Sign in')")
    page.click("button:text-is('Mia Lindqvist')")
    page.wait_for_selector("summary:has-text('Mia')")
    page.click(".menu a:text-is('Footwear')")
    page.click(".tile a:has(.name:text-is('Tarnbeck Ridgeline Mid'))")
    page.click(".chip:has(input[value='slate'])")
    page.click(".chip:has(input[value='8'])")
    page.click("button.buy")
    visitor.hears("You said: /add_to_cart")
    product = page.url.rsplit("/", 1)[1]
    (visit,) = assistant.visits.values()
    assert TOKENS.subject_of(visit.token or "") == "mia_lindqvist" and visit.product == product
    assert visitor.reads()[1] == "Add to cart: Tarnbeck Ridgeline Mid, slate, 8"
    assert assistant.said[-1][1] == '/add_to_cart{"item": "Tarnbeck Ridgeline Mid", "color": "slate", "size": "8"}'
