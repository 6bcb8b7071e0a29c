"""A path through the studio in a real browser: mark a slot, save, try it at once, accept by one key, undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk_app import PASSWORD
from scripted_assistant import serving
from studio_app import studio_app

from assistant.store import Database
from tests.browser import launched, sync_api

SELECT = """([from, to]) => {
  const box = document.querySelector("#studio-message textarea");
  box.focus(); box.setSelectionRange(from, to);
}"""


@pytest.fixture(scope="module")
def served(
    new_database: Callable[[str], Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("studio") / "examples"
    with serving(studio_app(new_database("sqlite"), folder)) as address:
        yield address, folder


@pytest.fixture(scope="module")
def page(served: tuple[str, Path]) -> Iterator[sync_api.Page]:
    with launched() as browser:
        page = browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True).new_page()
        page.set_default_timeout(90_000)  # where many tests share two cores
        page.goto(f"{served[0]}/studio/")
        page.fill("#name", "tess")
        page.fill("#password", PASSWORD)
        page.click("button")
        page.wait_for_selector("#studio-examples .example")
        yield page


def choose(page: sync_api.Page, label: str, option: str) -> None:
    page.locator(f"input[aria-label='{label}']").locator("visible=true").click()
    page.locator(f"[role=option]:has-text('{option}')").first.click()


def test_a_trainer_teaches_and_it_is_understood_at_once(page: sync_api.Page, served: tuple[str, Path]) -> None:
    page.fill("#studio-message textarea", "any sign of W77 yet")
    choose(page, "Intent", "track_order")
    page.evaluate(SELECT, [12, 15])
    choose(page, "Mark the selected words as", "order_id")
    page.wait_for_function("document.querySelector('#studio-message textarea').value.includes('[W77](order_id)')")
    page.wait_for_selector("#studio-warnings .fine")
    page.click("#studio-save")
    page.wait_for_selector("#studio-warnings .fine:has-text('understood from now on')")
    assert "- any sign of [W77](order_id) yet" in (served[1] / "greet.yml").read_text()
    page.wait_for_selector("#studio-examples .chip:has-text('not yet trained')")
    page.click("button[role=tab]:has-text('Try it')")
    page.fill("#try-text textarea", "any sign of W77 yet")
    page.click("#try-read")
    page.wait_for_selector(".trials code:text-is('track_order')")


def test_one_key_accepts_a_message_from_the_inbox(page: sync_api.Page, served: tuple[str, Path]) -> None:
    page.click("button[role=tab]:has-text('Inbox')")
    page.click("#inbox-look")
    row = page.locator("#studio-inbox .example:has-text('hello there')").or_(
        page.locator("#studio-inbox .example:has-text('waterproof')")
    )
    row.first.wait_for()
    said = row.first.locator(".words").inner_text()
    row.first.click()
    row.first.press("a")
    page.wait_for_selector("#inbox-told .fine:has-text('understood from now on')")
    assert said in (served[1] / "studio.yml").read_text()


def test_the_studio_shuts_nobody_out(page: sync_api.Page) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install -e '.[dev]'").Axe()
    serious = []
    for tab in ("Valuation", "Inbox", "Try it", "Intents"):
        page.click(f"button[role=tab]:has-text('{tab}')")
        page.wait_for_selector(f"button[role=tab][aria-selected=true]:has-text('{tab}')")
        found = axe.run(page).response["violations"]
        serious += [
            (tab, one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")
        ]
    assert serious == []


def test_a_save_is_undone_from_the_history(page: sync_api.Page, served: tuple[str, Path]) -> None:
    page.click("button[role=tab]:has-text('Intents')")
    page.click("button:has-text('History')")
    page.locator("#studio-history button:has-text('Undo')").last.click()
    page.wait_for_selector("#studio-history .chip:has-text('undone')")
    assert "W77" not in (served[1] / "greet.yml").read_text()


def test_a_tab_is_chosen_once_what_it_shows_is_there(page: sync_api.Page, served: tuple[str, Path]) -> None:
    """What a first click brings would be lost, where the page's own answers come after it."""
    held: list[sync_api.Route] = []
    page.route("**/queue/data?*", lambda route: held.append(route))
    with page.expect_request("**/queue/data?*"):
        page.goto(f"{served[0]}/studio/")
    page.wait_for_selector("button[role=tab]:has-text('Try it'):enabled")  # it waits for nothing
    for tab in ("Inbox", "Valuation", "Models"):
        assert page.locator(f"button[role=tab]:has-text('{tab}')").is_disabled()
    for route in held:
        route.continue_()
    page.unroute("**/queue/data?*")
    page.click("button[role=tab]:has-text('Inbox')")
    page.click("#inbox-look")
    page.wait_for_selector("#inbox-told .fine:has-text('0 new')")
