"""The staff's pages over HTTP: who gets in, who does not, and what each may do there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from html import unescape
from typing import Any

import pytest
from desk_app import PASSWORD, bot, desk_app, said
from sqlalchemy import select
from starlette.testclient import TestClient

from assistant.conversations import append_turn
from assistant.store import AuditEntry, Database
from assistant.studio.inbox import open_items
from assistant.web.desk_layout import TIMERS, Layout

HERE = {"Origin": "http://127.0.0.1"}
COOKIE = "aisle_staff"


@pytest.fixture(scope="module")
def desk(
    new_database: Callable[[str], Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TestClient, Database]]:
    database, regressions = new_database("sqlite"), tmp_path_factory.mktemp("regressions")
    with TestClient(desk_app(database, regressions), base_url="http://127.0.0.1", follow_redirects=False) as client:
        yield client, database


@pytest.fixture
def browser(desk: tuple[TestClient, Database]) -> TestClient:
    desk[0].cookies.clear()
    return desk[0]


@pytest.fixture
def database(desk: tuple[TestClient, Database]) -> Database:
    return desk[1]


def sign_in(browser: TestClient, name: str, password: str = PASSWORD, **more: str) -> Any:
    return browser.post("/login", data={"name": name, "password": password, **more}, headers=HERE)


class Page:
    """The desk's events, sent as the page's own script sends them."""

    def __init__(self, browser: TestClient, path: str = "/desk") -> None:
        self.browser = browser
        self.path = path
        self.session = f"session{id(self)}"
        self.config = browser.get(f"{path}/config").json()

    def event(self, name: str, *values: Any, data: Any = None) -> str:
        """What comes back, as text."""
        return unescape(json.dumps(self.told(name, *values, data=data)))

    def told(self, name: str, *values: Any, data: Any = None) -> list[Any]:
        """The end of the event, and the warnings."""
        wanted = next(one for one in self.config["dependencies"] if one["api_name"] == name)
        filled = [*values, *[None] * (len(wanted["inputs"]) - len(values))]
        body = {"data": filled, "fn_index": wanted["id"], "session_hash": self.session, "event_data": data}
        joined = self.browser.post(f"{self.path}/gradio_api/queue/join", json=body, headers=HERE)
        assert joined.status_code == 200, joined.text
        told = self.browser.get(f"{self.path}/gradio_api/queue/data", params={"session_hash": self.session}).text
        lines = [json.loads(line.removeprefix("data: ")) for line in told.splitlines() if line.startswith("data: ")]
        ended = next(line for line in lines if line["msg"] == "process_completed")
        assert ended["success"], f"{name} has failed: {ended}"
        return [ended, *(line for line in lines if line["msg"] == "log")]

    def left_in(self, box: str, name: str, *values: Any, data: Any = None) -> Any:
        """What an event puts into one of the desk's boxes; an update without a value leaves it as it is."""
        place = [field.name for field in fields(Layout) if field.name not in TIMERS].index(box)
        return self.told(name, *values, data=data)[0]["output"]["data"][place]


def opened(browser: TestClient, name: str) -> Page:
    assert sign_in(browser, name).status_code == 303
    page = Page(browser)
    assert "turn-row" in page.event("pick", data={"conversation": "mia"})
    return page


@pytest.mark.parametrize("path", ["/desk", "/desk/", "/studio", "/studio/"])
def test_nobody_is_led_to_the_sign_in(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={path.rstrip('/')}/")


@pytest.mark.parametrize(
    "path", ["/desk/config", "/desk/gradio_api/info", "/desk/gradio_api/queue/data?session_hash=x", "/desk/theme.css"]
)
def test_nothing_behind_the_gate_is_for_nobody(browser: TestClient, path: str) -> None:
    assert browser.get(path).status_code == 401
    browser.cookies.set(COOKIE, "guessed")
    assert browser.get(path).status_code == 401


def test_a_shopper_with_a_conversation_of_their_own_gets_no_further(browser: TestClient) -> None:
    assert browser.post("/webhooks/rest/webhook", json={"sender": "mia", "message": "hi"}).status_code == 200
    assert browser.get("/desk/").status_code == 303
    body = {"data": [], "fn_index": 0, "session_hash": "x"}
    assert browser.post("/desk/gradio_api/queue/join", json=body, headers=HERE).status_code == 401


@pytest.mark.parametrize(
    ("name", "desk_is", "studio_is"), [("kim", 200, 403), ("tess", 200, 404), ("ada", 200, 404)]
)  # the desk alone is here: 404 is an open gate
def test_each_role_opens_its_own_pages(browser: TestClient, name: str, desk_is: int, studio_is: int) -> None:
    assert sign_in(browser, name).headers["location"] == "/desk/"
    assert browser.get("/desk/").status_code == desk_is
    assert browser.get("/studio/").status_code == studio_is


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(browser: TestClient) -> None:
    cookie = sign_in(browser, "kim").headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    over_https = TestClient(browser.app, base_url="https://127.0.0.1", follow_redirects=False)
    secure = over_https.post(
        "/login", data={"name": "kim", "password": PASSWORD}, headers={"Origin": "https://127.0.0.1"}
    )
    assert "Secure" in secure.headers["set-cookie"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", **HERE},
        {"Sec-Fetch-Site": "same-site", **HERE},
    ],
    ids=["neither", "another host", "null", "cross-site", "a sister site"],
)
def test_what_another_site_sends_is_refused(browser: TestClient, headers: dict[str, str]) -> None:
    fields = {"name": "kim", "password": PASSWORD}
    assert browser.post("/login", data=fields, headers=headers).status_code == 403
    sign_in(browser, "kim")
    assert browser.post("/logout", headers=headers).status_code == 403
    body = {"data": [], "fn_index": 0, "session_hash": "x"}
    assert browser.post("/desk/gradio_api/queue/join", json=body, headers=headers).status_code == 403
    assert browser.get("/desk/").status_code == 200


def test_a_wrong_password_is_said_on_the_page_and_opens_nothing(browser: TestClient) -> None:
    answer = sign_in(browser, '<script>x</script>"', "not this one")
    assert answer.status_code == 401
    assert "Name or password is wrong." in answer.text
    assert "<script>" not in answer.text
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        ("/desk/?conversation=mia", "/desk/?conversation=mia"),
        ("https://evil.example/desk", "/desk/"),
        ("//evil.example", "/desk/"),
        ("/desk/\\evil", "/desk/"),
        ("/desk/\r\nSet-Cookie: x=1", "/desk/"),
        ("", "/desk/"),
    ],
)
def test_one_is_led_back_to_pages_of_ours_only(browser: TestClient, wanted: str, target: str) -> None:
    assert sign_in(browser, "kim", next=wanted).headers["location"] == target


def test_signing_out_ends_the_session(browser: TestClient) -> None:
    sign_in(browser, "kim")
    token = browser.cookies[COOKIE]
    assert browser.post("/logout", headers=HERE).headers["location"] == "/login"
    browser.cookies.set(COOKIE, token)
    assert browser.get("/desk/").status_code == 303


def test_nobody_keeps_or_frames_the_desk(browser: TestClient) -> None:
    sign_in(browser, "kim")
    headers = browser.get("/desk/").headers
    assert (headers["cache-control"], headers["x-frame-options"]) == ("no-store", "DENY")
    assert browser.get("/login").headers["x-frame-options"] == "DENY"


def test_the_events_of_the_desk_are_not_an_api_and_nobody_uploads(browser: TestClient) -> None:
    sign_in(browser, "kim")
    assert browser.get("/desk/gradio_api/info").json()["named_endpoints"] == {}
    assert browser.post("/desk/gradio_api/upload", headers=HERE).status_code == 404
    assert browser.post("/desk/figures/gradio_api/upload", headers=HERE).status_code == 404


def test_an_agent_unmasks_and_it_is_logged(browser: TestClient, database: Database) -> None:
    page = opened(browser, "kim")
    assert "mia@example.com" not in page.event("pick", data={"conversation": "mia"})
    assert "mia@example.com" in page.event("unmask")
    with database.reading() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert last.staff is not None
        assert (last.action, last.subject, last.staff.name) == ("transcript.unmasked", "mia", "kim")


def test_a_trainer_reads_masked_marks_and_cannot_unmask_or_take_over(browser: TestClient) -> None:
    page = opened(browser, "tess")
    told = page.event("unmask")
    assert "does not allow" in told and "mia@example.com" not in told
    assert "does not allow" in page.event("take")
    assert "Ask for the order first" in page.event("note", "Ask for the order first")


def test_an_agent_takes_over_writes_and_gives_back(browser: TestClient) -> None:
    page = opened(browser, "kim")
    assert "kim answers" in page.event("take")
    assert "A draft for mia." in page.event("suggest", "mia")
    assert "Hello, I am Kim" in page.event("say", "Hello, I am Kim")
    assert "the assistant answers" in page.event("give_back")
    assert "A draft" not in page.event("suggest", "mia")


@pytest.mark.parametrize(
    ("event", "box", "typed"),
    [("say", "answer", "nobody has taken it over"), ("note", "note", "n" * 2001), ("label", "label", "l" * 41)],
)
def test_what_was_refused_stays_in_its_box_to_be_sent_again(
    browser: TestClient, event: str, box: str, typed: str
) -> None:
    page = opened(browser, "kim")
    assert page.left_in(box, event, typed) == {"__type__": "update"}
    page.event("take")
    assert page.left_in(box, event, "short") == ""
    page.event("give_back")


def test_words_begun_to_one_shopper_are_never_in_the_box_of_another(browser: TestClient) -> None:
    page, words = opened(browser, "kim"), "It goes to 12 Elm Street."
    assert page.left_in("draft", "pick", None, "", data={"conversation": "somebody"}) == ""
    page.event("pick", None, "", data={"conversation": "mia"})
    assert page.left_in("answer", "pick", None, words, data={"conversation": "somebody"}) == ""
    assert page.left_in("answer", "pick", None, "To you", data={"conversation": "mia"}) == words
    assert page.left_in("answer", "pick", None, words, data={"conversation": "mia"}) == {"__type__": "update"}
    assert page.left_in("answer", "pick", None, "", data={"conversation": "somebody"}) == "To you"


def test_an_agent_corrects_a_turn_in_two_clicks(browser: TestClient, database: Database) -> None:
    page = opened(browser, "kim")
    proposed = page.event("choose", data={"turn": 3, "intent": "return_items"})
    assert "return_items()" in proposed and "hm cancel it then" in proposed
    assert "does not stand in the message" in page.event("save", 'return_items(order_id="#W2378156")', 3)
    assert '<code class=\\"meant\\">return_items()' in page.event("save", "return_items()", 3)
    with database.reading() as session:
        assert [item.proposed for item in open_items(session)] == ["return_items()"]


def test_a_trainer_is_offered_no_correction_and_makes_none(browser: TestClient) -> None:
    page = opened(browser, "tess")
    assert "data-correct" not in page.event("pick", data={"conversation": "mia"})
    assert "does not allow" in page.event("choose", data={"turn": 3, "intent": "return_items"})


def test_the_figures_are_counted_and_masked_for_who_is_signed_in(browser: TestClient, database: Database) -> None:
    assert browser.get("/desk/figures/").headers["location"] == "/login?next=/desk/figures/"
    assert browser.get("/desk/figures/config").status_code == 401
    assert sign_in(browser, "tess", next="/desk/figures/").headers["location"] == "/desk/figures/"
    assert "Figures" in browser.get("/desk/figures/").text
    lost = [said("book a flight, ann@lee.example", "out_of_scope()", 0.9), bot("Sorry.", "utter_out_of_scope")]
    with database.session() as session:
        append_turn(session, "lost", 0, 1, lost, None)
    page = Page(browser, "/desk/figures")
    assert "<b>3</b><span>Conversations</span>" in page.event("load", 7)
    told = page.event("gather", 7)
    assert "book a flight, [e-mail]" in told and "ann@lee" not in told


def test_a_session_that_ended_does_nothing_more_on_an_open_page(browser: TestClient) -> None:
    page = opened(browser, "kim")
    browser.post("/logout", headers=HERE)
    body = {"data": [None, None], "fn_index": 1, "session_hash": page.session}
    assert browser.post("/desk/gradio_api/queue/join", json=body, headers=HERE).status_code == 401


def test_staff_download_what_is_listed(browser: TestClient) -> None:
    assert browser.get("/desk/export?form=csv").status_code == 401
    assert "/desk/export?form=csv" in opened(browser, "tess").event("search")
    answer = browser.get("/desk/export?form=csv&saved=low_confidence")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].startswith('attachment; filename="conversations-')
    assert "hm cancel it then" in answer.text and "mia@example.com" not in answer.text
    assert browser.get("/desk/export?form=csv&unmasked=1").status_code == 403
    assert browser.get("/desk/export?form=../../etc/passwd").status_code == 400
    sign_in(browser, "kim")
    assert "mia@example.com" in browser.get("/desk/export?form=openai&unmasked=1").text


def test_a_tracker_is_for_staff(browser: TestClient) -> None:
    assert browser.get("/conversations/mia/tracker").status_code == 401
    sign_in(browser, "tess")
    assert browser.get("/conversations/mia/tracker").json()["sender_id"] == "mia"
    assert browser.get("/conversations/mia/tracker?unmasked=true").status_code == 403
    assert browser.get("/conversations/nobody/tracker").status_code == 404
