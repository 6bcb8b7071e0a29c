"""axe-core on the shop's pages and the desk in a real browser: names, roles, contrast, focus, regions; light and dark.

The chat page is looked at in test_chat_in_browser.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from browser import DESKTOP, PHONE, Shopper, launched, opening, sync_api
from desk_app import PASSWORD, desk_app
from scripted_assistant import PICTURE, SHOP, ScriptedAssistant, ShopSettings
from serving import serving
from sqlalchemy import select

from assistant.assembly import load_voice
from assistant.shop.builder import build_demo_shop
from assistant.store import Database, Product
from assistant.storefront.pages import storefront
from assistant.tokens import Tokens
from assistant.web.app import create_app

TOKENS = Tokens("a secret that only this test knows, long enough")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install -e '.[dev]'").Axe()
LOOKS = pytest.mark.parametrize(("viewport", "scheme"), [(PHONE, "dark"), (DESKTOP, "light")], ids=["dark", "light"])


@pytest.fixture(scope="module")
def front(new_database: Callable[[str], Database]) -> Iterator[tuple[str, str]]:
    """The shop's address and the id of a product with several versions."""
    database = new_database("sqlite")
    build_demo_shop(database, date(2026, 11, 3))
    with database.reading() as session:
        boot = session.scalars(select(Product.id).where(Product.name == "Tarnbeck Ridgeline Mid")).one()
    pages = storefront(database, None, TOKENS, load_voice(), "with_consent")
    settings: Any = ShopSettings()
    with serving(create_app(ScriptedAssistant(), lambda _: PICTURE, settings, SHOP, pages)) as address:  # type: ignore[arg-type]
        yield address, boot


@pytest.fixture(scope="module")
def desk(new_database: Callable[[str], Database]) -> Iterator[str]:
    with serving(desk_app(new_database("sqlite"))) as address:
        yield address


@pytest.fixture(scope="module")
def open_page() -> Iterator[Callable[..., Shopper]]:
    with launched() as chromium, opening(chromium) as open_page:
        yield open_page


def barriers(page: sync_api.Page) -> str:
    """What axe-core finds, in words; nothing where it finds nothing."""
    found = axe.run(page)
    return found.generate_report() if found.violations_count else ""


@LOOKS
def test_the_shops_pages_shut_nobody_out(
    front: tuple[str, str], open_page: Callable[..., Shopper], viewport: dict[str, int], scheme: str
) -> None:
    address, boot = front
    page = open_page(viewport, color_scheme=scheme, bypass_csp=True).page
    for path in ("/", "/departments/footwear", f"/products/{boot}", "/search?q=boots+under+50", "/departments/none"):
        page.goto(address + path)
        page.wait_for_selector(".bubble")
        assert barriers(page) == "", path
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"], path


@LOOKS
def test_the_desk_shuts_nobody_out(
    desk: str, open_page: Callable[..., Shopper], viewport: dict[str, int], scheme: str
) -> None:
    page = open_page(viewport, color_scheme=scheme, bypass_csp=True).page
    page.goto(f"{desk}/login")
    assert barriers(page) == "", "signing in"
    page.fill("#name", "kim")
    page.fill("#password", PASSWORD)
    page.click("button")
    page.wait_for_selector("#desk-rows .row")
    assert barriers(page) == "", "the queue"
    page.click("#desk-rows .row:has-text('in a task')")
    page.wait_for_selector("#desk-transcript .turn-row")
    assert barriers(page) == "", "a conversation"
