"""Stored markup in a real browser, without the policy that would stop scripts: nothing of it runs anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from desk_app import PASSWORD
from hostile_shop import hostile_app, payload
from serving import serving

from assistant.store import Database
from tests.browser import launched, sync_api

SHOP_PAGES = ("/", "/products", "/products/evil", "/search?q=mug", "/media/products/evil.svg")
CONTROL = "<img src=x onerror='window.__hit=1'>"


@pytest.fixture(scope="module")
def address(new_database: Callable[[str], Database], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(hostile_app(new_database("sqlite"), tmp_path_factory.mktemp("hostile")).app) as address:
        yield address


@pytest.fixture(scope="module")
def page() -> Iterator[sync_api.Page]:
    with launched() as browser:
        page = browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True).new_page()
        page.set_default_timeout(60_000)
        yield page


def hits(page: sync_api.Page) -> list[object]:
    return [found for frame in page.frames if (found := frame.evaluate("window.__hit"))]


def test_a_payload_that_is_not_escaped_would_be_seen(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/login")
    page.evaluate("html => { document.body.insertAdjacentHTML('beforeend', html) }", CONTROL)
    page.wait_for_function("window.__hit === 1")


@pytest.mark.parametrize("path", SHOP_PAGES)
def test_nothing_runs_on_a_page_of_the_shop(page: sync_api.Page, address: str, path: str) -> None:
    page.goto(f"{address}{path}")
    page.wait_for_load_state("load")
    assert "__hit" in page.content()
    assert hits(page) == []


def test_nothing_runs_in_the_chat(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/chat/")
    page.wait_for_selector("#aisle:not(.busy) .bubble")
    for typed in (payload("typed"), '/product_details{"item": "mug"}', '/search_products{"query": "mug"}'):
        page.fill("textarea", typed)
        page.press("textarea", "Enter")
        page.wait_for_selector("#aisle:not(.busy)")
    page.wait_for_selector(".card")
    assert hits(page) == []


def test_nothing_runs_at_the_desk_nor_in_the_studio(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/desk/?conversation=victim")
    page.fill("#name", "ada")
    page.fill("#password", PASSWORD)
    page.click("button")
    page.wait_for_selector(".turn-row")
    page.wait_for_selector(".notes")
    assert hits(page) == []
    page.goto(f"{address}/studio/")
    page.click("button[role=tab]:has-text('Inbox')")
    page.click("#inbox-look")
    page.wait_for_selector("#studio-inbox .example")
    assert hits(page) == []
