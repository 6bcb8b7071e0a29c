"""Who may reach what: forged requests, roles, sessions, Gradio's own routes, paths that climb."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import pytest
from desk_app import PASSWORD, ROLES
from hostile_shop import HERE, Hostile, Page, sign_in
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from assistant.versions.opening import registry_of
from assistant.versions.registry import ABOUT, NoSuchVersion
from assistant.web.staff import PAGES

COOKIE = "aisle_staff"
FOREIGN: tuple[dict[str, str], ...] = (
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1.evil.example"},
    {"Origin": "http://evil.example/127.0.0.1"},
    {"Origin": "http://evil.example#127.0.0.1"},
    {"Origin": "http://127.0.0.1@evil.example"},
    {"Origin": "http://["},
    {"Sec-Fetch-Site": "cross-site", **HERE},
)
BY_COOKIE = {"/login", "/logout", "/sign-in", "/sign-out"}  # beside the pages behind the gate
BY_ID_ALONE = {  # whoever knows the conversation's id may: no cookie is read, so there is none to ride on
    *("/webhooks/rest/webhook", "/model/parse", "/chat/thumb", "/chat/private", "/chat/copy", "/chat/mail"),
}
SECRET_FILES = ("etc/passwd", "shop.db", "pyproject.toml", ".env")
CLIMBS = ("../" * 8, "..%2f" * 8, "%2e%2e/" * 8, "..\\" * 8, "....//" * 8, "/", "file:///", "%252e%252e%252f" * 8)


def routes_of(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """(method, path) of every route, those of Gradio's mounted applications too."""
    for route in routes:
        inside: Any = (
            getattr(route, "original_router", None) or getattr(route, "app", None)
            if not hasattr(route, "methods")
            else None
        )
        path = prefix + getattr(route, "path", "")
        if inside is not None and getattr(inside, "routes", None):
            yield from routes_of(inside.routes, path)
        else:
            yield from ((method, path) for method in sorted(getattr(route, "methods", None) or ()))


def filled(path: str) -> str:
    return path.replace("{api_name}", "unmask").replace("{", "").replace("}", "").replace(":path", "")


def changing(shop: Hostile) -> list[str]:
    """The paths of all routes that take more than a GET."""
    harmless = ("GET", "HEAD", "OPTIONS")
    return sorted({path for method, path in routes_of(shop.app.routes) if method not in harmless})


def guarded(path: str) -> bool:
    return any(path == page or path.startswith(f"{page}/") for page in PAGES)


# forged requests


def test_every_route_that_changes_something_is_known_here(shop: Hostile) -> None:
    others = {
        path
        for path in changing(shop)
        if not guarded(path) and not path.startswith(("/chat/gradio_api/", "/chat/login"))
    }
    assert others == BY_COOKIE | BY_ID_ALONE


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_no_other_site_changes_anything_with_the_cookie_of_an_admin(
    shop: Hostile, browser: TestClient, headers: dict[str, str]
) -> None:
    sign_in(browser, "ada")
    for path in changing(shop):
        if guarded(path) or path in BY_COOKIE:
            answer = browser.post(filled(path), data={"name": "kim", "customer": "x"}, headers=headers)
            assert answer.status_code in (403, 404), (path, answer.status_code)  # 404 is Gradio's, closed to all
    assert browser.get("/desk/").status_code == 200, "still signed in"


def test_a_foreign_page_reads_no_answer_of_the_channel(browser: TestClient) -> None:
    for path in BY_ID_ALONE:
        answer = browser.post(path, content=b"{}", headers={"Origin": "http://evil.example"})
        assert "access-control-allow-origin" not in answer.headers
        assert "access-control-allow-credentials" not in answer.headers


# sessions


def test_a_session_that_an_attacker_planted_is_not_the_one_that_signing_in_opens(browser: TestClient) -> None:
    browser.cookies.set(COOKIE, "planted")
    answer = browser.post("/login", data={"name": "kim", "password": PASSWORD}, headers=HERE)
    opened = answer.cookies[COOKIE]
    assert opened != "planted" and len(opened) >= 43
    browser.cookies.clear()
    browser.cookies.set(COOKIE, "planted")
    assert browser.get("/desk/").status_code == 303


def test_two_sessions_of_one_person_share_no_token_and_end_apart(browser: TestClient) -> None:
    first = sign_in(browser, "kim").cookies[COOKIE]
    second = sign_in(browser, "kim").cookies[COOKIE]
    assert first != second
    browser.post("/logout", headers=HERE)
    browser.cookies.clear()
    browser.cookies.set(COOKIE, first)
    assert browser.get("/desk/").status_code == 200


@pytest.mark.parametrize(
    "token", ["", "x", "a" * 4000, "../../x", "' OR 1=1 --", "\u00e9", '"; Path=/', "null", "0"], ids=repr
)
def test_no_token_that_was_made_up_opens_the_desk(browser: TestClient, token: str) -> None:
    headers = {"Cookie": f"{COOKIE}={token}".encode("latin-1")}
    assert browser.get("/desk/config", headers=headers).status_code == 401


def test_the_token_is_not_what_the_database_holds(shop: Hostile, browser: TestClient) -> None:
    token = sign_in(browser, "kim").cookies[COOKIE]
    with shop.database.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT token_hash FROM staff_sessions").scalars().all()
    assert kept and token not in kept
    browser.cookies.clear()
    browser.cookies.set(COOKIE, kept[0])
    assert browser.get("/desk/config").status_code == 401, "a stolen database opens no session"


# roles


@pytest.mark.parametrize("name", [None, *ROLES])
def test_no_role_reaches_more_of_any_page_than_its_own(shop: Hostile, browser: TestClient, name: str | None) -> None:
    browser.cookies.clear()
    if name:
        sign_in(browser, name)
    may = {None: (), "kim": ("/desk", "/conversations"), "tess": tuple(PAGES), "ada": tuple(PAGES)}[name]
    for method, path in {(method, path) for method, path in routes_of(shop.app.routes) if guarded(path)}:
        if any(path == page or path.startswith(f"{page}/") for page in may):
            continue
        answer = browser.request(method, filled(path), headers=HERE)
        assert answer.status_code in (303, 401, 403, 404), (method, path, answer.status_code)
        assert answer.status_code != 303 or answer.headers["location"].startswith("/login")


@pytest.mark.parametrize(
    "path",
    [
        "/desk//config",
        "//desk/config",
        "/desk/../desk/config",
        "/DESK/config",
        "/desk%2fconfig",
        "/chat/../desk/config",
        "/desk;/config",
        "/./desk/config",
        "/studio%2Fconfig",
    ],
)
def test_no_way_of_writing_a_path_goes_round_the_gate(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code in (303, 401, 404) and "dependencies" not in answer.text


def test_a_trainer_reads_nothing_personal_by_any_event_of_the_desk(shop: Hostile, browser: TestClient) -> None:
    sign_in(browser, "tess")
    page = Page(browser, "/desk", "tess")
    page.event("pick", data={"conversation": "victim"})
    for event in ("unmask", "take", "give_back", "resolve"):
        assert "does not allow this" in page.event(event, "victim", True)
    for event, values in (
        ("refresh", ("victim", True, 0)),
        ("flag", ("victim", True)),
        ("say", ("hello", "victim", True)),
    ):
        told = page.event(
            event, *values
        )  # the page's state is the server's: what is sent in its place counts for nothing
        assert "personal data shown" not in told
    for query in ("unmasked=true", "unmasked=1", "unmasked=yes&unmasked=true"):
        assert browser.get(f"/desk/export?form=jsonl&{query}").status_code == 403
        assert browser.get(f"/conversations/victim/tracker?{query}").status_code == 403


# Gradio's own routes


def test_gradio_takes_and_gives_no_file_and_calls_no_host(shop: Hostile, browser: TestClient) -> None:
    sign_in(browser, "ada")
    for page in ("/chat", "/desk", "/desk/figures", "/studio"):
        api = f"{page}/gradio_api"
        for path in (
            f"{api}/file=/etc/passwd",
            f"{api}/file=https://evil.example/x",
            f"{api}/file=HTTPS://evil.example/x",
            f"{api}/file=shop.db",
            f"{api}/file//etc/passwd",
            f"{api}/proxy=https://evil.hf.space/x",
            f"{api}/deep_link?session_hash=x",
            f"{api}/vibe-code",
        ):
            assert browser.get(path).status_code == 404, path
        for path in (
            "upload",
            "process_recording",
            "component_server",
            "call/unmask",
            "run/unmask",
            "api/unmask",
            "vibe-edit",
        ):
            answer = browser.post(f"{api}/{path}", files={"files": ("x.svg", b"<svg/>")}, headers=HERE)
            assert answer.status_code == 404, path
        assert browser.get(f"{api}/info").json()["named_endpoints"] == {}


@pytest.mark.parametrize("planted", [{"path": "/etc/passwd"}, {"path": "x", "url": "http://127.0.0.1:9/x"}], ids=str)
def test_a_value_that_poses_as_a_file_brings_no_file(browser: TestClient, planted: dict[str, str]) -> None:
    sign_in(browser, "ada")
    value = {**planted, "meta": {"_type": "gradio.FileData"}}
    told = Page(browser, "/desk", "file").event("search", value, "said", "all", "", "", "", "", "")
    assert "root:" not in told and "/tmp/gradio" not in told


# paths that climb


@pytest.mark.parametrize("climb", CLIMBS)
def test_no_path_climbs_out_of_its_folder(browser: TestClient, climb: str) -> None:
    sign_in(browser, "ada")
    for name in SECRET_FILES:
        for path in (
            f"/static/{climb}{name}",
            f"/media/products/{climb}{name}",
            f"/chat/static/{climb}{name}",
            f"/chat/assets/{climb}{name}",
            f"/chat/svelte/{climb}{name}",
            f"/studio/static/{climb}{name}",
            f"/conversations/{climb}{name}/tracker",
            f"/products/{climb}{name}",
        ):
            answer = browser.get(path)
            assert answer.status_code in (303, 400, 403, 404, 405), (path, answer.status_code)
        assert browser.get(f"/desk/export?form={quote(climb + name)}").status_code == 400


@pytest.mark.parametrize("name", ["../outside", "..", ".", "/etc", "v001/../../outside", "\x00", ""])
def test_a_version_of_the_model_is_named_and_never_a_path(shop: Hostile, name: str) -> None:
    outside = shop.folder / "outside"  # beside the folder of the versions, and all that a version needs to be one
    outside.mkdir(exist_ok=True)
    (outside / ABOUT).write_text('{"created_at": "2026-11-29", "created_by": "", "note": ""}', "utf-8")
    registry = registry_of(shop.settings)
    registry.root.mkdir(exist_ok=True)
    assert (registry.root / "../outside" / ABOUT).is_file(), "the path leads there"
    with pytest.raises(NoSuchVersion):
        registry.version(name)
    with pytest.raises(NoSuchVersion):
        registry.promote(name, "ada")


def test_what_leads_on_after_signing_in_stays_in_the_house(browser: TestClient) -> None:
    for wanted in (
        "//evil.example",
        "https:evil.example",
        "/\\evil.example",
        "/desk/\n/evil",
        "javascript:x",
        "/desk/../x",
    ):
        fields = {"name": "kim", "password": PASSWORD, "next": wanted}
        assert browser.post("/login", data=fields, headers=HERE).headers["location"] == "/desk/"


@pytest.mark.parametrize(
    "path", ["/media/products/a%00.svg", "/search?q=a%00", "/conversations/%00/tracker", "/desk/export?text=%00"]
)
def test_a_null_character_in_an_address_is_refused_before_any_database_sees_it(browser: TestClient, path: str) -> None:
    sign_in(browser, "ada")
    assert browser.get(path).status_code == 400
