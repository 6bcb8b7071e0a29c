"""The demo shop's pages: drawn from the store, whatever shop is in it, with everything escaped and nothing inline."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from assistant.assembly import load_voice
from assistant.importers.tau2 import import_tau2
from assistant.shop.builder import build_demo_shop
from assistant.store import Database, Product, Variant, reindex
from assistant.storefront.pages import storefront
from assistant.tokens import Tokens
from assistant.web.door import Door
from intents.catalogue import load_catalogue

TOKENS = Tokens("a secret that only this test knows, long enough")
TILE = re.compile(r'<li class="tile">.*?<span class="name">(.*?)</span>.*?<span class="price">(.*?)</span>', re.DOTALL)
BOOT = "Tarnbeck Ridgeline Mid"


def front_of(database: Database) -> TestClient:
    app = FastAPI()
    app.add_middleware(Door)
    app.include_router(storefront(database, None, TOKENS, load_voice(), "with_consent"))
    return TestClient(app, base_url="http://127.0.0.1")


@pytest.fixture(scope="module")
def shop(new_database: Callable[[str], Database]) -> Database:
    database = new_database("sqlite")
    build_demo_shop(database, date(2026, 11, 3))
    return database


@pytest.fixture(scope="module")
def shared_front(shop: Database) -> Iterator[TestClient]:
    with front_of(shop) as client:
        yield client


@pytest.fixture
def front(shared_front: TestClient) -> TestClient:
    """Nobody is signed in."""
    shared_front.cookies.clear()
    return shared_front


def tiles(page: str) -> list[tuple[str, str]]:
    return [(unescape(name), price) for name, price in TILE.findall(page)]


def product_id(database: Database, name: str) -> str:
    with database.reading() as session:
        return session.scalars(select(Product.id).where(Product.name == name)).one()


def test_home_leads_to_every_department_and_shows_what_is_popular(front: TestClient) -> None:
    page = front.get("/").text
    addresses = set(re.findall(r'href="(/departments/[a-z-]+)"', page))
    assert len(addresses) == 10
    assert all(front.get(address).status_code == 200 for address in addresses)
    assert len(tiles(page)) == 8


def test_a_department_is_read_page_by_page_without_a_gap(shop: Database, front: TestClient) -> None:
    first, second = (front.get(f"/departments/footwear?page={number}").text for number in (1, 2))
    assert "Page 1 of 2" in first and "page=2" in first
    with shop.reading() as session:
        names = session.scalars(select(Product.name).where(Product.department == "Footwear")).all()
    assert sorted(name for name, _ in tiles(first) + tiles(second)) == sorted(names)
    assert tiles(front.get("/departments/footwear?page=999").text) == tiles(second)


def test_a_department_is_sorted_by_price_and_narrowed_to_a_kind(front: TestClient) -> None:
    page = front.get("/departments/footwear?sort=price_asc&kind=hiking boots").text
    prices = [float(price.split("$")[1].replace(",", "")) for _, price in tiles(page)]
    assert len(prices) > 3 and prices == sorted(prices)
    assert re.findall(r'aria-current="true">(.*?)</a>', page) == ["hiking boots"]


def test_a_product_page_says_what_the_row_says(shop: Database, front: TestClient) -> None:
    page = unescape(front.get(f"/products/{product_id(shop, BOOT)}").text)
    for said in ("$109.00", "A sealed membrane", "Rated 4.6 out of 5 by 312 shoppers", "sealed membrane", "slate"):
        assert said in page
    assert f'data-product="{product_id(shop, BOOT)}"' in page
    versions = json.loads(re.search(r'data-versions="(\[.*?\])"', page, re.DOTALL)[1])
    with shop.reading() as session:
        variants = session.get_one(Product, product_id(shop, BOOT)).variants
        assert [version["options"] for version in versions] == [variant.options for variant in variants]
        assert [version["in_stock"] for version in versions] == [variant.in_stock for variant in variants]


def test_what_a_version_sends_is_a_command_of_the_catalogue(shop: Database, front: TestClient) -> None:
    from dialogues.payloads import read_payload

    page = unescape(front.get(f"/products/{product_id(shop, BOOT)}").text)
    version = json.loads(re.search(r'data-versions="(\[.*?\])"', page, re.DOTALL)[1])[0]
    command = read_payload(version["payload"], load_catalogue())
    assert command is not None and command.intent == "add_to_cart"
    assert dict(command.slots) == {"item": BOOT, **version["options"]}


@pytest.mark.parametrize(
    ("words", "low", "high", "said"),
    [
        ("hiking boots under 100", 0, 100, "at most $100.00"),
        ("hiking boots under a hundred dollars", 0, 100, "at most $100.00"),
        ("hiking boots between 90 and 120", 90, 120, "$90.00 to $120.00"),
        ("hiking boots over 110", 110, 1e9, "at least $110.00"),
    ],
)
def test_the_search_box_reads_a_price_as_the_chat_does(
    front: TestClient, words: str, low: float, high: float, said: str
) -> None:
    page = unescape(front.get("/search", params={"q": words}).text)
    total = int(re.search(r'<p class="note">(\d+) products?, ' + re.escape(said), page)[1])
    prices = [float(price.split("$")[1].replace(",", "")) for _, price in tiles(page)][:total]
    assert prices and all(price <= high for price in prices)
    assert low == 0 or max(prices) >= low


def test_search_finds_and_keeps_to_a_price(front: TestClient) -> None:
    found = tiles(front.get("/search", params={"q": "waterproof hiking boots under $120"}).text)
    assert found and all(float(price.split("$")[1]) <= 120 for _, price in found)
    nothing = front.get("/search", params={"q": "zzzz qqqq"}).text
    assert "Nothing here fits" in nothing or "There is nothing" in nothing
    assert front.get("/search", params={"q": " "}, follow_redirects=False).headers["location"] == "/products"


@pytest.mark.parametrize(
    "address", ["/departments/none", "/products/none", "/products/../../etc/passwd", "/static/x.py"]
)
def test_what_is_not_there_says_so_on_a_page(front: TestClient, address: str) -> None:
    answer = front.get(address)
    assert answer.status_code == 404


@pytest.mark.parametrize("address", ["/?page=x", "/products?page=0", "/products?page=99999999999999999999&sort=';--"])
def test_odd_parameters_do_no_harm(front: TestClient, address: str) -> None:
    assert front.get(address).status_code in (200, 422)


def test_pages_hold_no_inline_script_or_style_and_name_no_other_host(shop: Database, front: TestClient) -> None:
    for address in ("/", "/products", f"/products/{product_id(shop, BOOT)}", "/search?q=boots", "/departments/none"):
        answer = front.get(address)
        assert "'unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)|javascript:|https?://", answer.text)


def test_a_hostile_catalogue_stays_text(database: Database) -> None:
    evil = """<script>alert(1)</script>"'&{{7*7}}"""
    with database.session() as session:
        variant = Variant(id="v", options={evil: evil}, price_cents=100, stock=3)
        session.add(
            Product(
                id="a/b ?#", name=evil, brand=evil, category=evil, department=evil, description=evil,
                attributes={evil: evil}, variants=[variant],
            )
        )  # fmt: skip
        session.flush()
        reindex(session)
    with front_of(database) as client:
        addresses = ("/", "/products/a/b%20%3F%23", "/departments/script-alert-1-script-7-7?sort=price_desc")
        pages = [client.get(address).text for address in addresses]
        pages.append(client.get("/search", params={"q": evil}).text)
    for page in pages:
        assert "alert(1)" in page and "<script>alert" not in page and "{{7*7}}" in unescape(page)


def test_a_shop_without_departments_has_its_pages_too(own_sqlite: Database, shared_data: Path, tmp_path: Path) -> None:
    tau2 = json.loads((shared_data / "tau2_retail" / "db.json").read_text("utf-8"))
    products_alone = tmp_path / "db.json"
    products_alone.write_text(json.dumps({**tau2, "users": {}, "orders": {}}), "utf-8")
    import_tau2(own_sqlite, products_alone)
    with front_of(own_sqlite) as client:
        home, everything = client.get("/"), client.get("/products?page=3&sort=price_desc")
        assert "50 things" in home.text and len(tiles(home.text)) == 8
        assert len(tiles(everything.text)) == 2  # of 50
        keyboards = client.get("/search?q=mechanical keyboard").text
        assert "Mechanical Keyboard" in dict(tiles(keyboards))
        address = re.search(r'<a href="(/products/[^"]+)"', keyboards)[1]
        assert "clicky" in client.get(address).text
        assert "Sign in" not in home.text, "its customers are not the demo's"
        assert client.post("/sign-in", data={"customer": "yusuf_rossi_9620"}).status_code == 403


def test_a_visitor_may_be_a_demo_customer_and_stop_being_one(front: TestClient) -> None:
    assert "data-token" not in front.get("/").text
    assert front.get("/shopper-token").json() == {"token": None}
    page = front.post("/sign-in", data={"customer": "mia_lindqvist"}).text
    assert "You are Mia Lindqvist." in page
    handed_on = re.search(r'data-token="([^"]+)"', page)[1]
    assert TOKENS.subject_of(handed_on) == "mia_lindqvist"
    assert TOKENS.subject_of(front.get("/shopper-token").json()["token"]) == "mia_lindqvist"
    assert "data-token" not in front.post("/sign-out").text


def test_nobody_else_can_be_chosen_and_no_other_site_can_choose(front: TestClient) -> None:
    assert front.post("/sign-in", data={"customer": "nobody"}).status_code == 403
    foreign = {"origin": "https://evil.example"}
    assert front.post("/sign-in", data={"customer": "mia_lindqvist"}, headers=foreign).status_code == 403
    assert front.post("/sign-out", headers=foreign).status_code == 403
    for cookie in ("nonsense", TOKENS.sign("mia_lindqvist"), Tokens("x" * 40).sign("mia_lindqvist", "aisle demo shop")):
        front.cookies.set("aisle_demo_shopper", cookie)
        assert "data-token" not in front.get("/").text


@pytest.mark.parametrize(
    ("takes", "packed"), [("gzip, br", True), ("br, gzip;q=0.5", True), ("identity", False), ("gzip;q=0, br", False)]
)
def test_a_file_of_the_pages_is_sent_packed_to_those_who_take_it(front: TestClient, takes: str, packed: bool) -> None:
    answer = front.get("/static/shop.css", headers={"accept-encoding": takes})
    assert answer.headers.get("content-encoding") == ("gzip" if packed else None)
    assert answer.headers["vary"] == "Accept-Encoding" and answer.headers["content-type"].startswith("text/css")
    assert answer.text.startswith("/* The demo shop.")
