"""The studio over HTTP: who gets in, and what each tab answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from studio_app import HERE, Page, sign_in, studio_app

from assistant.store import Database


@pytest.fixture(scope="module")
def browser(new_database: Callable[[str], Database], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("studio") / "examples"
    app = studio_app(new_database("sqlite"), folder)
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as client:
        yield client


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


def test_the_page_is_framed_by_nobody_and_kept_by_nobody(browser: TestClient) -> None:
    sign_in(browser, "tess")
    headers = browser.get("/studio/").headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_a_message_is_tried_on_the_live_model(browser: TestClient) -> None:
    sign_in(browser, "tess")
    told = Page(browser).event("try_it", "where is <b>it</b>", "", "", "", "")
    assert "track_order" in told and "80%" in told
    assert "No candidate" in told
    assert "Write a message first" in Page(browser).event("try_it", "  ", "", "", "", "")
