"""The studio over HTTP: who gets in, and what each tab answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from studio_app import HERE, Page, sign_in, studio_app

from assistant.store import Database
from assistant.studio.inbox import open_items


@pytest.fixture(scope="module")
def studio(
    new_database: Callable[[str], Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TestClient, Path, Database]]:
    folder: Path = tmp_path_factory.mktemp("studio") / "examples"
    database = new_database("sqlite")
    app = studio_app(database, folder)
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as client:
        yield client, folder, database


@pytest.fixture
def browser(studio: tuple[TestClient, Path, Database]) -> TestClient:
    return studio[0]


@pytest.fixture
def page(browser: TestClient) -> Page:
    sign_in(browser, "tess")
    return Page(browser)


@pytest.mark.parametrize(("name", "status"), [("kim", 403), ("tess", 200), ("ada", 200)])
def test_an_agent_is_kept_out_of_every_path_of_the_studio(browser: TestClient, name: str, status: int) -> None:
    sign_in(browser, name)
    assert browser.get("/studio/").status_code == status
    assert browser.get("/studio/config").status_code == status
    body = {"data": [], "fn_index": 0, "session_hash": "x"}
    assert browser.post("/studio/gradio_api/queue/join", json=body, headers=HERE).status_code == status


def test_nobody_is_led_to_the_sign_in(browser: TestClient) -> None:
    browser.cookies.clear()
    answer = browser.get("/studio/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/studio/")
    assert browser.get("/studio/config").status_code == 401


def test_the_page_is_framed_by_nobody_and_kept_by_nobody(page: Page) -> None:
    headers = page.browser.get("/studio/").headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_a_message_is_tried_on_the_live_model_with_its_nearest_examples(page: Page) -> None:
    told = page.event("try_it", "where is my <b>parcel</b>", "", "", "", "")
    assert "track_order" in told and "80%" in told and "No candidate" in told
    assert "has my parcel left yet" in told
    assert "Write a message first" in page.event("try_it", "  ", "", "", "", "")


def test_examples_are_listed_searched_and_escaped(page: Page) -> None:
    assert "1-8 of 8" in page.event("open")
    found = page.event("search", "lamp", "", False)
    assert "i want to return the lamp" in found and "hello there" not in found
    assert "<mark title=" in page.event("search", "w2378156", "track_order", False)
    assert "No examples fit" in page.event("search", "", "", True)


def test_a_trainer_is_warned_while_typing(page: Page) -> None:
    def warned(message: str, intent: str, commands: str = "") -> str:
        return page.event("warn", None, message, intent, commands, "", "", "", "")

    assert "does not close" in warned("where is [it(order_id)", "track_order")
    assert "takes no slot" in warned("where is [it](sizzle)", "track_order")
    assert "nearly the same" in warned("hello there", "greet")
    assert "means greet()" in warned("good morning", "track_order")
    assert "made up in its place" in warned("write to [e-mail]", "", "greet()")
    assert "measured on" in warned(
        "hi my name is gwen pritchard zip 30309 id like to know when my order is coming", "greet"
    )
    assert "Nothing speaks against it" in warned("ahoy captain", "greet")


def test_a_saved_example_is_understood_at_once_and_undone_again(
    page: Page, studio: tuple[TestClient, Path, Database]
) -> None:
    said = "please bin that thing"
    assert "return_items" not in page.event("try_it", said, "", "", "", "").partition("Runners-up")[0]
    typed = [said, "return_items", "", "", "", "", ""]
    told = page.event("save", "", "", False, 0, None, *typed)
    assert "understood from now on" in told and "not yet trained" in told
    assert "please bin that thing" in (studio[1] / "studio.yml").read_text()
    assert "return_items" in page.event("try_it", said, "", "", "", "").partition("Runners-up")[0]
    save = told.partition('data-save=\\"')[2].partition("\\")[0]
    assert "undone" in page.event("undo", "", "", False, 0, data={"save": save})
    assert not (studio[1] / "studio.yml").exists()


def test_what_cannot_be_saved_says_why_and_keeps_what_was_typed(page: Page) -> None:
    told = page.event("save", "", "", False, 0, None, "hello there", "greet", "", "", "", "", "")
    assert "repeats greet.yml:6" in told
    assert "understood from now on" not in told


def test_a_message_from_the_inbox_becomes_an_example(page: Page, studio: tuple[TestClient, Path, Database]) -> None:
    assert "new." in page.event("look")
    with studio[2].reading() as session:
        item = next(one for one in open_items(session) if one.text == "hm cancel it then")
    assert (item.source, item.proposed) == ("uncertain", 'cancel_order(order_id="#W2378156")')
    refused = page.event("accept_by_key", data={"item": str(item.id)})
    assert "does not stand in the message" in refused
    page.event("choose_item", data={"item": str(item.id)})
    told = page.event("accept_edited", None, item.text, "cancel_order()")
    assert "understood from now on" in told
    assert "hm cancel it then" in (studio[1] / "studio.yml").read_text()
    assert "already" in page.event("dismiss_by_key", data={"item": str(item.id)})
    assert "0 new." in page.event("look")


def test_values_are_worked_out_beside_the_server(page: Page) -> None:
    told = page.event("value", "")
    for _ in range(200):
        if "worth less than nothing" in told:
            break
        told = page.event("show_values", "")
    assert "worth less than nothing" in told and 'class=\\"worth' in told
