"""Markup in every text that somebody may write: it is shown as it was typed, and nothing of it runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from hostile_shop import HERE, Hostile, Page, payload, sign_in
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from assistant.cart_panel import CartPanel, PanelLine
from assistant.review.clusters import Cluster
from assistant.staff.access import Staff
from assistant.web import cards, desk_html, figures, shell, studio_html
from assistant.web.desk_search import wanted_of
from assistant.web.export_links import export_links
from dialogues.messages import BotMessage, Button

MARK = "window.__hit"
DANGEROUS_TAGS = {"script", "iframe", "object", "embed", "base", "meta", "link"}
EVIL = payload("x")
STAFF = Staff(1, EVIL, "admin")
PRODUCT = {
    "kind": "product",
    "id": EVIL,
    "name": EVIL,
    "brand": EVIL,
    "category": EVIL,
    "price": EVIL,
    "rating": 4.0,
    "ratings": 2,
    "in_stock": True,
    "image": f"/media/{EVIL}",
    "options": {EVIL: [EVIL]},
    "why": EVIL,
    "variants": [
        {"options": EVIL, "price": EVIL, "in_stock": True},
        {"options": EVIL, "price": EVIL, "in_stock": False},
    ],
}
ORDER = {
    "kind": "order",
    "id": EVIL,
    "status": EVIL,
    "placed": EVIL,
    "total": EVIL,
    "eta": EVIL,
    "items": [{"name": EVIL, "options": EVIL, "quantity": EVIL, "price": EVIL}],
}
TABLE = {
    "kind": "table",
    "title": EVIL,
    "columns": [EVIL],
    "rows": [{"name": EVIL, "values": [EVIL]}],
    "in_stock": [True],
}


class Reader(HTMLParser):
    """What a browser would make of HTML: its tags, and every attribute that could run something."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.runs: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in DANGEROUS_TAGS:
            self.runs.append(f"<{tag}>")
        for name, value in attributes:
            address = (value or "").strip().lower()
            if name.startswith("on") or (
                name in ("href", "src", "action", "formaction")
                and address.startswith(("javascript:", "data:", "//", "http"))
            ):
                self.runs.append(f"{tag} {name}={value}")


def runs(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.runs


def built() -> Iterator[tuple[str, str]]:
    """Every builder of HTML that is given texts, called with nothing but payloads."""
    said = [
        ("user", EVIL),
        ("bot", BotMessage(EVIL, EVIL, cards=(PRODUCT, ORDER, TABLE), buttons=(Button(EVIL, EVIL),))),
    ]
    yield "thread", cards.thread_html(said, thumbs={1: EVIL})
    yield "writing", cards.writing_html(EVIL, EVIL)
    yield "failure", cards.failure_html(EVIL, EVIL, EVIL)
    yield "finished", cards.finished_html(EVIL)
    yield "header", shell.header_html(EVIL, by_mail=True)
    line = PanelLine(EVIL, EVIL, EVIL, 1, EVIL, f"/{EVIL}", True, 3)
    yield "cart", shell.panel_html(CartPanel((line,), 1, EVIL))
    yield "desk top", desk_html.top_html(EVIL, STAFF)
    yield "chips", desk_html.chip(EVIL)
    yield "pairs", desk_html.pairs_html({EVIL: EVIL, "deep": {EVIL: [EVIL]}})
    yield "stack", desk_html.stack_html((EVIL,))
    yield "exports", export_links(wanted_of(EVIL, "said", "all", EVIL, EVIL, EVIL, EVIL), STAFF)
    yield "clusters", figures.clusters_html([Cluster(EVIL, 2, (EVIL,))], 2)
    yield "warnings", studio_html.warnings_html([EVIL], EVIL) + studio_html.warnings_html([], EVIL)


@pytest.mark.parametrize(("builder", "html"), built(), ids=[name for name, _ in built()])
def test_no_builder_of_html_lets_markup_through(builder: str, html: str) -> None:
    assert "__hit" in html or builder == "finished", "the text is shown"
    assert runs(html) == []


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("<>\"'`&/=; \n\tabsrcipton:{}$\\\u202e\u0000"), max_size=40))
def test_no_text_breaks_out_of_a_bubble_a_button_or_an_attribute(text: str) -> None:
    said = [
        ("user", text),
        (
            "bot",
            BotMessage(
                text, "utter_x", cards=({**PRODUCT, "name": text, "image": text},), buttons=(Button(text, text),)
            ),
        ),
    ]
    plain = [
        (
            who,
            "x"
            if isinstance(one, str)
            else BotMessage(
                "x", "utter_x", cards=({**PRODUCT, "name": "x", "image": None},), buttons=(Button("x", "x"),)
            ),
        )
        for who, one in said
    ]
    assert runs(cards.thread_html(said)) == []
    assert tags(cards.thread_html(said)) <= tags(cards.thread_html(plain)) | {"img"}


def tags(html: str) -> set[str]:
    found: set[str] = set()
    reader = Reader()
    reader.handle_starttag = lambda tag, attributes: found.add(tag)  # type: ignore[method-assign]
    reader.feed(html)
    return found


# through the whole application


@pytest.mark.parametrize(
    "path", ["/", "/products", "/products/evil", "/departments/{slug}", "/search?q={evil}", "/search?q=mug"]
)
def test_the_shops_pages_show_names_as_they_are_written(browser: TestClient, path: str) -> None:
    shelf = browser.get("/").text.partition("/departments/")[2].partition('"')[0]
    page = browser.get(path.replace("{slug}", shelf), params={"q": EVIL} if "{evil}" in path else None)
    assert page.status_code == 200
    assert f'{MARK}="' not in page.text.replace("&#34;", "").replace("&quot;", ""), "the payload stands escaped alone"
    assert "script-src 'self';" in page.headers["content-security-policy"]


def test_the_picture_of_a_product_holds_no_script(browser: TestClient) -> None:
    picture = browser.get("/media/products/evil.svg")
    assert picture.status_code == 200 and "__hit" in picture.text
    assert runs(picture.text) == []
    assert "sandbox" in picture.headers["content-security-policy"]


def test_the_desk_shows_a_transcript_its_notes_and_its_queue_escaped(browser: TestClient) -> None:
    sign_in(browser, "ada")
    page = Page(browser, "/desk", "markup")
    told = page.event("load") + page.event("pick", data={"conversation": "victim"}) + page.event("unmask")
    assert "&lt;script&gt;window.__hit=" in told and told.count("__hit") > 6
    assert runs(told) == []
    assert runs(page.event("pick", data={"conversation": payload("nobody")})) == []
    assert runs(page.event("note", payload("a new note"))) == []
    assert runs(page.event("label", "<img src=x onerror=x>")) == []


def test_the_studio_shows_examples_and_the_inbox_escaped(browser: TestClient) -> None:
    sign_in(browser, "tess")
    page = Page(browser, "/studio", "markup")
    told = page.event("warn", None, EVIL, "greet", "", "", "", "", "") + page.event("try_it", EVIL, EVIL, "", "", "")
    told += page.event("search", EVIL, "", False) + "".join(page.html_of("look"))
    assert told.count("&lt;script&gt;window.__hit=") >= 1
    assert runs(told) == []


def test_what_was_typed_at_the_sign_in_comes_back_escaped(browser: TestClient) -> None:
    answer = browser.post("/login", data={"name": EVIL, "password": "x", "next": EVIL}, headers=HERE)
    assert (
        answer.status_code == 401 and runs(answer.text.replace('href="/', 'rel="/')) == ["<meta>"] * 3 + ["<link>"] * 2
    )
    assert runs(browser.get("/login", params={"next": EVIL}).text).count("<script>") == 0


def test_an_answer_in_json_is_never_taken_for_a_page(browser: TestClient) -> None:
    for answer in (
        browser.get("/media/products/" + EVIL.replace("/", "") + ".svg"),
        browser.post("/webhooks/rest/webhook", json={"sender": EVIL[:200], "message": EVIL}),
        browser.post("/model/parse", json={"text": EVIL}),
        browser.get(f"/{EVIL}"),
    ):
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_export_in_csv_begins_no_cell_with_a_formula(shop: Hostile, browser: TestClient) -> None:
    said = ['=HYPERLINK("http://evil")', "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3"]
    for number, message in enumerate(said):
        asked = {"sender": f"=cmd|' /C calc'!A{number}", "message": message}
        assert browser.post("/webhooks/rest/webhook", json=asked).status_code == 200
    sign_in(browser, "ada")
    rows = list(csv.reader(io.StringIO(browser.get("/desk/export?form=csv").text)))
    cells = [cell for row in rows for cell in row]
    assert {f"'{message}" for message in said} <= set(cells) and "'=cmd|' /C calc'!A0" in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
