"""One path through the desk in a real browser: sign in, find, read, unmask, take over, write, give back, sign out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from desk_app import PASSWORD, desk_app
from scripted_assistant import serving

from assistant.conversations import staff_messages
from assistant.store import Database
from assistant.studio.inbox import open_items

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("No Chromium here: the desk is not tested in a browser.", allow_module_level=True)
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install -e '.[dev]'")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="module")
def served(
    new_database: Callable[[str], Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Database]]:
    database = new_database("sqlite")
    with serving(desk_app(database, tmp_path_factory.mktemp("regressions"))) as address:
        yield address, database


def test_an_agent_finds_reads_and_answers_a_conversation(served: tuple[str, Database]) -> None:
    address, database = served
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(60_000)  # where many tests share two cores
        page.goto(f"{address}/desk/?conversation=somebody")
        page.fill("#name", "kim")
        page.fill("#password", PASSWORD)
        page.click("button")
        page.wait_for_selector("h2:text-is('somebody')")  # where the address led before signing in
        page.click("#desk-saved label:has-text('Low confidence')")
        page.wait_for_function("document.querySelectorAll('#desk-rows .row').length == 1")
        page.click("#desk-rows .row")
        page.wait_for_selector("h2:text-is('mia')")
        assert page.locator("#desk-transcript .turn-row").count() == 3
        assert "mia@example.com" not in page.content()
        assert page.locator("code:has-text('cancel_order')").count() >= 1
        page.click("button:text-is('Show personal data')")
        page.wait_for_selector(".bubble:has-text('mia@example.com')")
        page.click("button:text-is('Take over')")
        page.wait_for_selector(".notice-line:has-text('taken over by kim')")
        page.fill("#desk-answering textarea", "Hello <b>Mia</b>, I am Kim.")
        page.click("button:text-is('Send')")
        page.wait_for_selector(".bubble:has-text('Hello <b>Mia</b>, I am Kim.')")
        page.click("button:has-text('Give back')")
        page.wait_for_selector(".notice-line:has-text('given back by kim')")
        page.click("button:text-is('Sign out')")
        page.wait_for_url("**/login")
        browser.close()
    with database.reading() as session:
        assert "Hello <b>Mia</b>, I am Kim." in [message.text for _, message in staff_messages(session, "mia")]


def test_an_agent_corrects_a_turn_and_reads_the_figures(served: tuple[str, Database], tmp_path: Path) -> None:
    address, database = served
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.set_default_timeout(90_000)
        page.goto(f"{address}/desk/?conversation=mia")
        page.fill("#name", "ada")
        page.fill("#password", PASSWORD)
        page.click("button")
        page.click("#turn-3 button.right:has-text('return_items')")
        page.wait_for_selector("#desk-correcting q:has-text('hm cancel it then')")
        sync_api.expect(page.locator("#desk-correcting textarea")).to_have_value("return_items()", timeout=90_000)
        assert barriers(page) == []
        page.screenshot(path=tmp_path / "correcting.png")
        page.click("button:text-is('Save as example and test')")
        page.wait_for_selector("#turn-3 code.meant:has-text('return_items()')")
        page.wait_for_selector("#desk-correcting", state="hidden")
        page.click("#desk-top nav a:text-is('Figures')")
        page.wait_for_selector("#figures-tiles b:text-is('2')")
        page.wait_for_selector("#figures-lost h2")
        page.wait_for_selector("#figures canvas, #figures svg.marks")
        assert barriers(page) == []
        page.screenshot(path=tmp_path / "figures.png", full_page=True)
        browser.close()
    with database.reading() as session:
        assert [item.proposed for item in open_items(session)] == ["return_items()"]


def barriers(page: Any) -> list[str]:
    """What axe calls serious or worse."""
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[node['html'][:160] for node in one['nodes']][:3]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
